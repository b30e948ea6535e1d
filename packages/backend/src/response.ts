/**
 * What an HTTP answer means for a batch, as far as the status alone tells. Every backend judges by
 * this table and adds only what its vendor's own body says. Pure: the clock is an argument.
 */
import type { DeliveryResult } from "./backend.ts";
import type { PostAnswer, PostFailure } from "./exchange.ts";

/** No server puts us off for longer than a day, by mistake or otherwise. */
const maxRetryAfterMs = 86_400_000;

/** The destination is busy or broken: the same request may succeed later. With every 5xx. */
const retryable = new Set([408, 425, 429]);

/**
 * The destination refuses us or the way we ask, whatever the data. With every 3xx: its answer to a
 * redirected POST would come from somebody we were not configured to talk to.
 */
const refusals = new Set([401, 402, 403, 404, 405, 406, 407, 410, 415, 421, 426, 431, 451]);

const meanings: Readonly<Record<number, string>> = {
  400: "it could not read the data",
  401: "it did not accept the credentials",
  402: "it asks for payment",
  403: "it did not allow this",
  404: "nothing is at this address",
  405: "the address takes no data",
  407: "it asks for proxy credentials",
  410: "the address is no longer in use",
  413: "the data is too large",
  415: "it does not take this format",
  422: "it found the data invalid",
  429: "too many requests",
};

/**
 * Reads a Retry-After header: whole seconds or an HTTP date (RFC 9110, 10.2.3), as milliseconds from
 * `nowMs`. Never negative, at most 24 h; undefined when absent or not understood.
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? "";
  const isDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/u.test(text);
  let waitMs = Number.NaN;
  if (/^-?\d+$/u.test(text)) waitMs = Number(text) * 1000;
  else if (isDate) waitMs = Date.parse(text) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, waitMs), maxRetryAfterMs);
}

/**
 * What the status of an answer means. Undefined for a 2xx: only the vendor's own body can say that
 * the data was taken.
 */
export function classifyStatus(answer: PostAnswer, nowMs: number = Date.now()): DeliveryResult | undefined {
  const { statusCode } = answer;
  if (statusCode >= 200 && statusCode <= 299) return undefined;

  if (statusCode >= 300 && statusCode <= 399) {
    return { status: "blocked", reason: `the server answered ${statusCode}: it redirects, and redirects are not followed` };
  }
  const meaning = meanings[statusCode];
  const reason = `the server answered ${statusCode}${meaning === undefined ? "" : `: ${meaning}`}`;
  if (refusals.has(statusCode)) return { status: "blocked", reason };
  if (statusCode >= 400 && statusCode <= 499 && !retryable.has(statusCode)) return { status: "rejected", reason };

  const afterMs = retryAfterMs(answer.headers["retry-after"], nowMs);
  return { status: "retry", reason, ...(afterMs !== undefined && { afterMs }) };
}

/** What an exchange without a complete answer means: the data is kept and tried again. */
export function classifyFailure(failure: PostFailure): DeliveryResult {
  return { status: "retry", reason: failure.reason };
}

/**
 * Tells whether a 2xx is a web page instead of the destination's answer, as a captive portal or a
 * filtering proxy gives it. The caller answers `retry`.
 */
export function isForeignPage(answer: PostAnswer): boolean {
  if (answer.statusCode < 200 || answer.statusCode > 299) return false;
  const contentType = answer.headers["content-type"] ?? "";
  return /^\s*(?:text\/html|application\/xhtml\+xml)\b/iu.test(contentType) || answer.body.trimStart().startsWith("<");
}
