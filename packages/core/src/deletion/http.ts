/** Asking over HTTP: one POST with the id, as GTB-76, acknowledged by a 2xx that is no web page. */
import {
  CandorError,
  classifyStatus,
  type DeletionRequestor,
  describeEndpoint,
  isForeignPage,
  parseEndpoint,
  userAgent,
} from "@candor/backend";
import { post } from "@candor/backend/post";

export interface HttpDeletionOptions {
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly insecure?: boolean;
}

/** Limit of the request; GTB's. */
const TIMEOUT_MS = 10_000;

/** @throws CandorError `ERR_CANDOR_CONFIG` for an endpoint that cannot be used. */
export function httpDeletionRequestor({ endpoint, headers, insecure }: HttpDeletionOptions): DeletionRequestor {
  const parsed = parseEndpoint(endpoint, { field: "deletion.endpoint", insecure: insecure === true });
  if (parsed.status === "invalid") throw new CandorError("ERR_CANDOR_CONFIG", parsed.problem);
  const { url } = parsed;
  return {
    name: "http",
    async requestDeletion({ machineId, userId, ...tool }, { signal }) {
      const answer = await post({
        url,
        headers: { "content-type": "application/json", "user-agent": userAgent(tool), ...headers },
        body: JSON.stringify({ machine_id: machineId, ...(userId === undefined ? {} : { user_id: userId }) }),
        timeoutMs: TIMEOUT_MS,
        signal,
      });
      if (answer.status === "failed") return { status: "failed", reason: answer.reason };
      const refusal = classifyStatus(answer);
      if (refusal) return { status: "failed", reason: `deletion request returned status ${answer.statusCode}` };
      if (isForeignPage(answer)) return { status: "failed", reason: "the answer was a web page, not a confirmation" };
      return { status: "sent", destination: describeEndpoint(url) };
    },
  };
}
