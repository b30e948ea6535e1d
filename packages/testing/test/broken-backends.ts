/**
 * Backends with one deliberate fault each, and the contract cases that must fail for it, no more and no
 * fewer. Each is the reference backend with one part replaced or one method wrapped.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Backend, eventToJson } from "@candor/backend";
import { type Answer, type Parts, referenceBackend, soundParts, type Target } from "./reference-backend.ts";

export interface BrokenBackend {
  /** What it does wrong, in the words of a sentence. */
  readonly fault: string;
  readonly build: (target: Target) => Backend;
  readonly caughtBy: readonly string[];
}

const redirectCases = [301, 302, 307, 308].map((status) => `answers blocked to redirect ${status} and does not follow it`);
const promptCases = ["settles promptly when aborted before any answer", "settles promptly when aborted amid an answer without end"];
const resetCases = ["before", "after"].map((when) => `answers retry to a connection reset ${when} the request was read`);
const credentialCase = "keeps its credential out of results, destination and logs";
const outputCase = "writes nothing to stdout, stderr or the console";
const closedCase = "answers retry and sends nothing after close";

export const brokenBackends: readonly BrokenBackend[] = [
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
  {
    fault: "throws instead of rejecting after close",
    build: (target) => {
      const sound = referenceBackend(target);
      let closed = false;
      return {
        ...sound,
        send(events, context) {
          if (closed) throw new Error("closed");
          return sound.send(events, context);
        },
        close() {
          closed = true;
          return sound.close();
        },
      };
    },
    caughtBy: [closedCase, "answers by a promise, never by a throw", outputCase],
  },
  {
    fault: "makes new ids for a batch it has sent before",
    build: (target) => {
      const seen = new Set<string>();
      return referenceBackend(target, {
        encode: (events) => JSON.stringify(events.map((event) => ({ ...eventToJson(event), id: seen.has(event.id) ? `${event.id}-again` : (seen.add(event.id), event.id) }))),
      });
    },
    caughtBy: ["sends the same ids when a batch is sent again"],
  },
  {
    fault: "changes the events",
    build: wrapped((sound) => ({
      async send(events, context) {
        for (const event of events) Object.defineProperty(event, "machineId", { value: "changed" });
        return sound.send(events, context);
      },
    })),
    caughtBy: ["leaves the events as they are"],
  },
  {
    fault: "posts empty batches",
    build: (target) => {
      const sound = referenceBackend(target);
      return {
        ...sound,
        async send(events, context) {
          if (events.length === 0 && !context.signal.aborted) await soundParts.post(target, target.url, "[]", context.signal);
          return sound.send(events, context);
        },
      };
    },
    caughtBy: ["accepts an empty batch without a request"],
  },
  {
    fault: "cuts large batches",
    build: withParts({ encode: (events) => soundParts.encode(events.slice(0, 100)) }),
    caughtBy: ["delivers a batch as large as its limits"],
  },
  {
    fault: "keeps the batch in a place shared by all sends",
    build: (target) => {
      let shared = "";
      return referenceBackend(target, {
        encode: (events) => (shared = soundParts.encode(events)),
        async post(to, url, _body, signal) {
          await Promise.resolve();
          return soundParts.post(to, url, shared, signal);
        },
      });
    },
    caughtBy: ["keeps concurrent sends apart"],
  },
  {
    fault: "sends one batch at a time",
    build: wrapped((sound) => {
      let last: Promise<unknown> = Promise.resolve();
      return {
        send(events, context) {
          const turn = last.then(() => sound.send(events, context));
          last = turn;
          return turn;
        },
      };
    }),
    caughtBy: ["lets no hanging send hold up another"],
  },
  {
    fault: "writes a file when it is built",
    build: (target) => {
      writeFileSync(join(target.context.dataDirectory, "cache"), "");
      return referenceBackend(target);
    },
    caughtBy: ["does nothing when it is built", "accepts an empty batch without a request", "sends nothing when the signal is already aborted"],
  },
  {
    fault: "quotes the answer in its reason",
    build: withParts({ classify: (answer, target) => ({ ...soundParts.classify(answer, target), reason: `answered ${answer.text}` }) }),
    caughtBy: ["answers accepted to the destination's own acknowledgement", credentialCase],
  },
  {
    fault: "logs its headers",
    build: withParts({
      post(target, url, body, signal) {
        target.context.logger.debug("posting", { headers: { "x-api-key": target.secret } });
        return soundParts.post(target, url, body, signal);
      },
    }),
    caughtBy: [credentialCase],
  },
  {
    fault: "shows its credential in the destination",
    build: wrapped((sound, { url, secret }) => ({ destination: `${url}?key=${secret}` })),
    caughtBy: [credentialCase],
  },
  {
    fault: "prints to stderr",
    build: withParts({
      onFault(error, target) {
        process.stderr.write("upload failed\n");
        return soundParts.onFault(error, target);
      },
    }),
    caughtBy: [outputCase],
  },
  {
    fault: "prints to the console",
    build: withParts({
      classify(answer, target) {
        // oxlint-disable-next-line no-console -- the fault under test
        if (answer.status === 503) console.warn("server busy");
        return soundParts.classify(answer, target);
      },
    }),
    caughtBy: [outputCase],
  },
  {
    fault: "sends after close",
    build: wrapped(() => ({ close: () => Promise.resolve() })),
    caughtBy: [closedCase],
  },
  {
    fault: "leaves a timer that only a second close ends",
    build: wrapped((sound) => {
      const timer = setInterval(() => undefined, 60_000);
      let closes = 0;
      return {
        close() {
          closes += 1;
          if (closes > 1) clearInterval(timer);
          return sound.close();
        },
      };
    }),
    caughtBy: ["leaves no timer behind after close"],
  },
  {
    fault: "changes its name",
    build: (target) => {
      let asked = 0;
      return Object.defineProperty({ ...referenceBackend(target) }, "name", { get: () => `reference-${(asked += 1)}` });
    },
    caughtBy: ["states a stable name, destination and limits"],
  },
];

function withParts(parts: Partial<Parts>): (target: Target) => Backend {
  return (target) => referenceBackend(target, parts);
}

function wrapped(change: (sound: Backend, target: Target) => Partial<Backend>): (target: Target) => Backend {
  return (target) => {
    const sound = referenceBackend(target);
    return { ...sound, ...change(sound, target) };
  };
}

async function postFollowingRedirects(target: Target, url: string, body: string, signal: AbortSignal): Promise<Answer> {
  const answer = await soundParts.post(target, url, body, signal);
  const { location } = answer.headers;
  if (answer.status < 300 || answer.status >= 400 || location === undefined) return answer;
  return soundParts.post(target, new URL(location, url).href, body, signal);
}
