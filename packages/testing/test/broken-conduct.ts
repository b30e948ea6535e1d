/** Backends that misbehave whatever the destination answers. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventToJson } from "@candor/backend";
import { type BrokenBackend, credentialCase, outputCase, withParts, wrapped } from "./broken-backend.ts";
import { referenceBackend, soundParts } from "./reference-backend.ts";

const closedCase = "answers retry and sends nothing after close";

export const brokenConduct: readonly BrokenBackend[] = [
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
    build: wrapped((_sound, { url, secret }) => ({ destination: `${url}?key=${secret}` })),
    caughtBy: [credentialCase],
  },
  {
    fault: "prints to stderr",
    build: withParts({
      onFault(error, target) {
        process.stderr.write("");
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
    fault: "leaves a timer behind",
    build: (target) => {
      const timer = setInterval(() => undefined, 60_000);
      target.afterwards.push(() => clearInterval(timer));
      return referenceBackend(target);
    },
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
