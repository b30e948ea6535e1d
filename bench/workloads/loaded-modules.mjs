/** Notes every module that a process resolves, in the file of BENCH_LOADED: `node --import loaded-modules.mjs …`. */
import { appendFileSync } from "node:fs";
import { createRequire, register } from "node:module";
import { pathToFileURL } from "node:url";

/** Runs in the thread of the loader, where this file is loaded once more. */
export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  appendFileSync(process.env.BENCH_LOADED, `${resolved.url}\n`);
  return resolved;
}

const { isMainThread } = await import("node:worker_threads");
if (isMainThread) {
  register(import.meta.url);
  // What was evaluated beside the loaders.
  const vm = process.getBuiltinModule("node:vm");
  vm.Script = class extends vm.Script {
    constructor(text, options) {
      super(text, options);
      if (options?.filename) appendFileSync(process.env.BENCH_LOADED, `${options.filename.startsWith("file:") ? options.filename : pathToFileURL(options.filename).href}\n`);
    }
  };
  // What was required instead of imported, at the very end: behind the listeners of the candidate.
  const noteRequired = () => {
    for (const file of Object.keys(createRequire(import.meta.url).cache)) appendFileSync(process.env.BENCH_LOADED, `${pathToFileURL(file).href}\n`);
  };
  process.once("beforeExit", () => process.on("exit", noteRequired));
}
