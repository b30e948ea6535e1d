/**
 * From a collector's answer to the outcome of a delivery. Pure. Only OTLP's own answer acknowledges:
 * 200, 202 or 204 with a JSON object or nothing as its body. The collector's words are never passed on,
 * because a server may quote the credential it was sent.
 */
import { classifyFailure, classifyStatus, type DeliveryResult, isForeignPage, isRecord, type PostAnswer, type PostResult } from "@candor/backend";

/** OTLP prescribes 200; collectors and gateways that queue also answer these. */
const acknowledgements = new Set([200, 202, 204]);

/** What a collector says of a request it took. */
type Acknowledgement = { readonly status: "read"; readonly rejectedCount: number } | { readonly status: "foreign"; readonly what: string };

/**
 * What `result` means for the batch with these ids.
 *
 * OTLP forbids to repeat a request that was taken in part, and says how many records were refused, not
 * which. So nobody is named, unless it was all of them.
 */
export function classify(result: PostResult, ids: readonly string[]): DeliveryResult {
  if (result.status === "failed") return classifyFailure(result);
  const verdict = classifyStatus(result);
  if (verdict !== undefined) return verdict;

  const acknowledgement = readAcknowledgement(result);
  if (acknowledgement.status === "foreign") {
    return { status: "retry", reason: `the server answered ${result.statusCode} with ${acknowledgement.what}, which is not a collector's acknowledgement` };
  }
  const { rejectedCount } = acknowledgement;
  if (rejectedCount === 0) return { status: "accepted" };
  const reason = `the collector refused ${rejectedCount} of ${ids.length} log records`;
  if (rejectedCount >= ids.length) return { status: "partial", rejected: ids.map((id) => ({ id, reason })) };
  return { status: "partial", rejected: [], unnamed: { count: rejectedCount, reason } };
}

function readAcknowledgement(answer: PostAnswer): Acknowledgement {
  if (!acknowledgements.has(answer.statusCode)) return foreign("a status that OTLP does not use");
  if (isForeignPage(answer)) return foreign("a web page");
  if (answer.body.trim() === "") return { status: "read", rejectedCount: 0 };
  let body: unknown;
  try {
    body = JSON.parse(answer.body);
  } catch {
    // Cut off or somebody else's: the data is kept and sent again.
    return foreign("a body that is not JSON");
  }
  if (!isRecord(body)) return foreign("a body that is not a JSON object");
  if (isError(body)) return foreign("an error");
  // Servers that print the message by its fields' own names break OTLP's rule; their refusals are refusals all the same.
  const partialSuccess = body["partialSuccess"] ?? body["partial_success"] ?? {};
  if (!isRecord(partialSuccess)) return foreign("an unreadable partialSuccess");
  const rejectedCount = readCount(partialSuccess["rejectedLogRecords"] ?? partialSuccess["rejected_log_records"] ?? 0);
  return rejectedCount === undefined ? foreign("an unreadable count of refused records") : { status: "read", rejectedCount };
}

/**
 * Whether a server, or what stands before it, answers an error with a good status: `google.rpc.Status`, which OTLP prescribes for
 * failures and whose codes of errors are 1 to 16, or a field called after errors that is not empty.
 */
function isError({ code, error, errors }: Readonly<Record<string, unknown>>): boolean {
  if (typeof code === "number" && code >= 1 && code <= 16) return true;
  return [error, errors].some((told) => (typeof told === "object" && told !== null ? Object.keys(told).length > 0 : Boolean(told)));
}

/** A 64-bit integer of JSON: a number, or its decimal digits as text. */
function readCount(value: unknown): number | undefined {
  const isDigits = typeof value === "string" && /^\d+$/u.test(value);
  const count = isDigits ? Number(value) : value;
  return typeof count === "number" && count >= 0 && (isDigits || Number.isInteger(count)) ? count : undefined;
}

function foreign(what: string): Acknowledgement {
  return { status: "foreign", what };
}
