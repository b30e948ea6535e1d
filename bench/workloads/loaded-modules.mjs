/** Notes every module that a process resolves, in the file of BENCH_LOADED: `node --import loaded-modules.mjs …`. */
import { appendFileSync } from "node:fs";
import { register } from "node:module";

/** Runs in the thread of the loader, where this file is loaded once more. */
export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  appendFileSync(process.env.BENCH_LOADED, `${resolved.url}\n`);
  return resolved;
}

const { isMainThread } = await import("node:worker_threads");
if (isMainThread) register(import.meta.url);
