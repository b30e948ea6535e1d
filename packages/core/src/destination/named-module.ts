/**
 * The named module: loads what a configuration names (a backend, a task) from where the tool is installed, from the tool's own loaders, or from
 * where the machine's policy says. Only whoever delivers loads anything.
 */
import { CandorError } from "@candor/backend";
import type { BackendLoader } from "../config/config.ts";
import { describeMissing, locate, moduleOf } from "./backend-names.ts";

/** Where modules are looked for. */
export interface ModulePlaces {
  readonly loaders: Readonly<Record<string, BackendLoader>>;
  /** File from whose place packages are looked up: the tool's main script. */
  readonly resolveFrom: string | undefined;
  /** Where the machine's policy says that backends lie which the tool does not bring. */
  readonly modules: Readonly<Record<string, string>>;
}

/** Loads the module behind `use`; `option` is the option that names it. @throws CandorError `ERR_CANDOR_BACKEND_MISSING`. */
export async function loadNamed(option: string, use: string, { loaders, resolveFrom, modules }: ModulePlaces): Promise<unknown> {
  if (Object.hasOwn(loaders, use)) return loaders[use]?.();
  const specifier = moduleOf(use);
  const provided = Object.hasOwn(modules, use) ? modules[use] : undefined;
  // Without a script (a REPL) there is no place to look from but candor's own.
  const installed = resolveFrom === undefined ? (provided ? undefined : specifier) : locate(specifier, resolveFrom);
  const found = installed ?? (provided && locate(provided, provided));
  try {
    if (found) return await import(found);
  } catch (cause) {
    throw new CandorError("ERR_CANDOR_BACKEND_MISSING", `${option}: "${use}" could not be loaded (${String(cause)})`, { cause });
  }
  throw new CandorError("ERR_CANDOR_BACKEND_MISSING", `${option}: ${describeMissing(use)}`);
}

/** The function that a module exports by default. @throws CandorError `ERR_CANDOR_BACKEND_MISSING` when there is none. */
export function defaultFunction(option: string, use: string, module: unknown): (...args: never[]) => unknown {
  let candidate: unknown = module;
  // A CommonJS module imported from ESM carries its default export one level deeper.
  for (let depth = 0; depth < 3; depth++) {
    if (typeof candidate === "function") return candidate as (...args: never[]) => unknown;
    if (typeof candidate !== "object" || candidate === null) break;
    candidate = (candidate as { default?: unknown }).default;
  }
  throw new CandorError("ERR_CANDOR_BACKEND_MISSING", `${option}: the module of "${use}" has no function as its default export`);
}
