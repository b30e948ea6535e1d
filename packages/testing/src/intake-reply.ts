/**
 * What a fake destination does with one request, and the playing of it on a real socket. A reply never
 * looks at the request; an intake that wants to picks the reply by a function.
 */
import type { IncomingHttpHeaders, ServerResponse } from "node:http";

/** A complete answer. */
export interface AnswerReply {
  readonly action: "answer";
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: empty. */
  readonly body?: string;
}

/** What the server does with one request that reached it. */
export type ServerReply =
  | AnswerReply
  /** Never answers; the connection stays open until the client or `close` ends it. */
  | { readonly action: "hang"; readonly onReached?: () => void }
  /** Resets the connection: with the request's body still unread, or after reading all of it. */
  | { readonly action: "reset"; readonly when: "before-body" | "after-body" }
  /** Answers the head, then one byte every 10 ms without end. */
  | { readonly action: "trickle"; readonly status?: number; readonly onReached?: () => void }
  /** Promises a longer body than it sends, then closes the connection. */
  | { readonly action: "truncate"; readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string };

/** `refuse`: nothing listens on the port any more. */
export type ScriptedReply = ServerReply | { readonly action: "refuse" };

/** One request as the intake saw it. */
export interface IntakeRequest {
  readonly method: string;
  /** Path with its query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** The bytes of the body as they came. */
  readonly rawBody: Buffer;
  /** The body as text, gunzipped where `content-encoding` says gzip. */
  readonly body: string;
  /** False when the body was not read to its end: the client went away, or the script reset early. */
  readonly complete: boolean;
}

const TRICKLE_INTERVAL_MS = 10;
/** How much a truncated answer promises beyond what it sends. */
const MISSING_BYTES = 100;

/** Plays `reply`; everything it leaves open ends with the response's socket. */
export function playReply(reply: ServerReply, response: ServerResponse): void {
  const socket = response.socket;
  response.setHeader("connection", "close");
  switch (reply.action) {
    case "answer":
      response.writeHead(reply.status, { ...reply.headers });
      response.end(reply.body ?? "");
      return;
    case "hang":
      reply.onReached?.();
      return;
    case "reset":
      socket?.resetAndDestroy();
      return;
    case "trickle": {
      response.writeHead(reply.status ?? 200, { "content-type": "application/json" });
      response.write(" ", () => reply.onReached?.());
      const drip = setInterval(() => response.write(" "), TRICKLE_INTERVAL_MS);
      response.on("close", () => clearInterval(drip));
      return;
    }
    case "truncate": {
      const length = Buffer.byteLength(reply.body) + MISSING_BYTES;
      response.writeHead(reply.status ?? 200, { "content-type": "application/json", ...reply.headers, "content-length": String(length) });
      response.write(reply.body, () => socket?.end());
    }
  }
}
