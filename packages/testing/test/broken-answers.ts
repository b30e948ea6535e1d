/** Backends that misread an answer or a fault of the wire. */
import { type BrokenBackend, credentialCase, outputCase, withParts, wrapped } from "./broken-backend.ts";
import { type Answer, soundParts, type Target } from "./reference-backend.ts";

const redirectCases = [301, 302, 307, 308].map((status) => `answers blocked to redirect ${status} and does not follow it`);
const promptCases = ["settles promptly when aborted before any answer", "settles promptly when aborted amid an answer without end"];
const resetCases = ["before", "after"].map((when) => `answers retry to a connection reset ${when} the request was read`);

export const brokenAnswers: readonly BrokenBackend[] = [
  {
    fault: "takes every status 200 for an acknowledgement",
    build: withParts({ classify: (answer, target) => (answer.status === 200 ? { status: "accepted" } : soundParts.classify(answer, target)) }),
    caughtBy: [
      "answers retry to an HTML page with status 200",
      "answers retry to an HTML page that calls itself JSON",
      "answers retry to malformed JSON with status 200",
    ],
  },
  {
    fault: "believes a reassuring body over the status",
    build: withParts({ classify: (answer, target) => soundParts.classify(answer.text.includes('"ok"') ? { ...answer, status: 200 } : answer, target) }),
    caughtBy: [
      ...[400, 413, 422].map((status) => `answers rejected to status ${status}`),
      ...[401, 403, 404].map((status) => `answers blocked to status ${status}`),
      ...[408, 425, 429, 500, 502, 503, 504].map((status) => `answers retry to status ${status}`),
    ],
  },
  {
    fault: "gives up the data for a bad credential",
    build: withParts({ classify: (answer, target) => soundParts.classify(answer.status === 401 ? { ...answer, status: 400 } : answer, target) }),
    caughtBy: ["answers blocked to status 401"],
  },
  {
    fault: "retries by itself",
    build: withParts({
      async post(target, url, body, signal) {
        const answer = await soundParts.post(target, url, body, signal);
        return answer.status === 500 ? soundParts.post(target, url, body, signal) : answer;
      },
    }),
    caughtBy: ["answers retry to status 500"],
  },
  { fault: "follows redirects", build: withParts({ post: postFollowingRedirects }), caughtBy: redirectCases },
  {
    fault: "does not read Retry-After",
    build: withParts({ classify: (answer, target) => soundParts.classify({ ...answer, headers: {} }, target) }),
    caughtBy: ["reads Retry-After in seconds", "reads Retry-After as a date"],
  },
  {
    fault: "passes a nonsensical Retry-After on",
    build: withParts({
      classify(answer, target) {
        const result = soundParts.classify(answer, target);
        const after = answer.headers["retry-after"];
        return result.status === "retry" && after === "soon" ? { ...result, afterMs: Number(after) } : result;
      },
    }),
    caughtBy: ["ignores a Retry-After it cannot read"],
  },
  {
    fault: "ignores the signal",
    build: wrapped((sound) => ({ send: (events) => sound.send(events, { signal: new AbortController().signal }) })),
    caughtBy: [...promptCases, "lets no hanging send hold up another", "sends nothing when the signal is already aborted"],
  },
  {
    fault: "takes the end of a broken connection for success",
    build: withParts({ onFault: () => ({ status: "accepted" }) }),
    caughtBy: [...resetCases, ...promptCases, "answers retry when nothing listens", "answers retry to a truncated answer", "lets no hanging send hold up another", "delivers again after a fault"],
  },
  {
    fault: "throws when the network fails",
    build: withParts({
      onFault(error) {
        throw error;
      },
    }),
    caughtBy: [
      ...resetCases,
      ...promptCases,
      "answers retry when nothing listens",
      "answers retry to a truncated answer",
      "lets no hanging send hold up another",
      "delivers again after a fault",
      credentialCase,
      outputCase,
    ],
  },
];

async function postFollowingRedirects(target: Target, url: string, body: string, signal: AbortSignal): Promise<Answer> {
  const answer = await soundParts.post(target, url, body, signal);
  const { location } = answer.headers;
  if (answer.status < 300 || answer.status >= 400 || location === undefined) return answer;
  return soundParts.post(target, new URL(location, url).href, body, signal);
}
