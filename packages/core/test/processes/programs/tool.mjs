/**
 * A command-line tool that does what its plan says and nothing else. The plan comes as JSON in TEST_PLAN:
 * `options` are the collector's (absent: the tool runs without candor), `steps` are done in order. The tool never ends
 * itself unless a step says so.
 */
import { createRequire } from "node:module";
import { imitateSignalExit } from "./signal-exit.mjs";

const { options, steps } = JSON.parse(process.env.TEST_PLAN ?? "{}");
delete process.env.TEST_PLAN;

let collector;
if (options) {
  const { createCollector } = await import("../../../dist/esm/index.js");
  collector = createCollector(options);
}

/** Each step by its name; an absent collector makes the steps of candor do nothing. */
const doers = {
  track: (name, properties) => collector?.track("tool.use", name, properties),
  trackMany: (name, count, bytes = 0) => {
    for (let index = 0; index < count; index++) collector?.track("tool.use", `${name} ${index}`, bytes > 0 ? { filler: filler(bytes) } : {});
  },
  trackEvery: (name, intervalMs) => {
    let index = 0;
    setInterval(() => collector?.track("tool.use", `${name} ${index++}`), intervalMs);
  },
  trackAtExit: (name) => process.on("exit", () => collector?.track("tool.use", name)),
  trackBeforeEnd: (name) => collector?.beforeEnd((end) => collector.track("tool.use", name, { kind: end.kind })),
  listen: () => collector?.beforeEnd(() => undefined),
  otherCopy: (name) => {
    if (!options) return;
    const copy = createRequire(import.meta.url)("../../../dist/cjs/index.js").createCollector(options);
    copy.track("tool.use", name);
  },
  flush: async (timeoutMs) => {
    const result = await collector?.flush({ timeoutMs });
    process.stdout.write(`${JSON.stringify(result)}\n`);
  },
  close: () => collector?.close(),
  counts: () => process.stdout.write(`${JSON.stringify(collector?.counts() ?? null)}\n`),
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
  hang: () => void setInterval(() => undefined, 1_000_000),
  /** One turn of the event loop. */
  pause: () => new Promise((resolve) => void setImmediate(resolve)),
  busy: () => {
    for (;;) Math.random();
  },
  waitForInput: () =>
    new Promise((resolve) => {
      process.stdin.once("data", resolve);
      process.stdin.once("end", resolve);
    }),
  exit: (code) => process.exit(code),
  exitCode: (code) => {
    process.exitCode = code;
  },
  throw: (message) =>
    setImmediate(() => {
      throw new Error(message);
    }),
  reject: (message) => void setImmediate(() => void Promise.reject(new Error(message))),
  handle: (signal, code) => process.on(signal, () => (code === undefined ? process.stdout.write(`kept ${signal}\n`) : process.exit(code))),
  handleOnce: (signal, code) => process.once(signal, () => process.exit(code)),
  signalExit: () => imitateSignalExit(),
  leaveDirectory: async (path) => {
    process.chdir(path);
    (await import("node:fs")).rmdirSync(path);
  },
};

function filler(bytes) {
  let text = "";
  while (text.length < bytes) text += `${Math.random().toString(36).slice(2)} `;
  return text.slice(0, bytes);
}

for (const [name, ...given] of steps) await doers[name](...given);
