/**
 * A small backend that keeps the contract, taken apart so that a test can break one part of it at a
 * time. It posts JSON arrays and takes `{"status":"ok"}` for an acknowledgement.
 */
import { type IncomingHttpHeaders, request } from "node:http";
import { type Backend, type BackendContext, type DeliveryResult, eventToJson, type TelemetryEvent } from "@candor/backend";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Target {
  readonly url: string;
  readonly secret: string;
  readonly context: BackendContext;
  /** Run when the case is over: what a broken backend left behind. */
  readonly afterwards: (() => void)[];
}

/** What a broken backend replaces. */
export interface Parts {
  encode(events: readonly TelemetryEvent[]): string;
  post(target: Target, url: string, body: string, signal: AbortSignal): Promise<Answer>;
  classify(answer: Answer, target: Target): DeliveryResult;
  onFault(error: unknown, target: Target): DeliveryResult;
}

export const soundParts: Parts = {
  encode: (events) => JSON.stringify(events.map(eventToJson)),
  post: ({ secret }, url, body, signal) =>
    new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", "x-api-key": secret };
      const outgoing = request(url, { method: "POST", headers, agent: false, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }));
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    }),
  classify({ status, headers, text }) {
    const reason = `status ${status}`;
    if (status === 200) return isAcknowledgement(text) ? { status: "accepted" } : { status: "retry", reason: "a foreign answer" };
    if ([400, 413, 422].includes(status)) return { status: "rejected", reason };
    if ([408, 425, 429].includes(status) || status >= 500) return { status: "retry", reason, ...retryAfter(headers["retry-after"]) };
    return { status: "blocked", reason };
  },
  onFault: (error) => ({ status: "retry", reason: `network: ${error instanceof Error && "code" in error ? String(error.code) : "fault"}` }),
};

export function referenceBackend(target: Target, replaced: Partial<Parts> = {}): Backend {
  const parts = { ...soundParts, ...replaced };
  let closed = false;
  return {
    name: "reference",
    destination: target.url,
    limits: { maxEvents: 1000, maxBytes: 1_048_576 },
    async send(events, { signal }) {
      if (closed) return { status: "retry", reason: "closed" };
      if (signal.aborted) return { status: "retry", reason: "aborted" };
      if (events.length === 0) return { status: "accepted" };
      try {
        return parts.classify(await parts.post(target, target.url, parts.encode(events), signal), target);
      } catch (error) {
        return parts.onFault(error, target);
      }
    },
    async close() {
      closed = true;
    },
  };
}

function isAcknowledgement(text: string): boolean {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === "object" && answer !== null && "status" in answer && answer.status === "ok";
  } catch {
    // Not JSON, so not the destination's own answer.
    return false;
  }
}

function retryAfter(value: string | undefined): { readonly afterMs?: number } {
  if (value === undefined) return {};
  if (/^\d+$/.test(value)) return { afterMs: Number(value) * 1000 };
  const afterMs = Date.parse(value) - Date.now();
  return /[a-z]{3}, /i.test(value) && Number.isFinite(afterMs) ? { afterMs: Math.max(0, afterMs) } : {};
}
