/**
 * The backend registry: turns a choice into a live backend. Only whoever delivers loads it; a command that merely
 * tracks never does.
 */
import { type Backend, type BackendContext, type BackendFactory, CandorError } from "@candor/backend";
import { fileBackend } from "@candor/backend-file";
import { isBuiltIn, locate, moduleOf } from "./backend-names.ts";
import { withHeaderValues } from "./header-sources.ts";
import { httpBackend } from "../backends/http.ts";
import { noopBackend } from "../backends/noop.ts";
import { stdoutBackend } from "../backends/stdout.ts";
import type { BackendLoader } from "../config/config.ts";
import { type BackendChoice, type Destination, isBackend, keyOfBackend, keyOfChoice, settingsOf } from "./destination.ts";

const BUILT_IN: Readonly<Record<string, BackendFactory<never>>> = {
  noop: noopBackend,
  stdout: stdoutBackend,
  http: httpBackend,
  file: fileBackend,
};

export interface RegistryContext extends BackendContext {
  readonly loaders: Readonly<Record<string, BackendLoader>>;
  /** File from whose place packages are looked up: the tool's main script. */
  readonly resolveFrom: string | undefined;
  /** Where the machine's policy says that backends lie which the tool does not bring. */
  readonly modules: Readonly<Record<string, string>>;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Builds the destination of a choice or a live backend.
 *
 * @throws CandorError `ERR_CANDOR_BACKEND_MISSING` when the package is not installed or is no backend,
 * `ERR_CANDOR_CONFIG` when its options are wrong.
 */
export async function createDestination(choice: BackendChoice | Backend, context: RegistryContext): Promise<Destination> {
  if (isBackend(choice)) {
    return { key: keyOfBackend(choice), settings: settingsOf(choice), description: describe(choice), backend: choice };
  }
  const factory = factoryIn(await load(choice.use, context), choice.use);
  const { use, ...options } = withHeaderValues(choice, context.environment);
  const backend = factory(options, context);
  if (!isBackend(backend)) throw new CandorError("ERR_CANDOR_BACKEND_MISSING", `backend.use: "${use}" did not make a backend`);
  return { key: keyOfChoice(choice), settings: settingsOf(choice), description: describe(backend), backend };
}

function describe({ name, destination }: Backend): string {
  return `${name} (${destination})`;
}

/** What stands for the place of a backend that could not be built. */
export const UNAVAILABLE = "unavailable";

/**
 * As `createDestination`, but a backend that cannot be built becomes a destination that says so. It keeps its place in a
 * fan-out: what the others acknowledge must not count as delivered to it.
 */
export async function openDestination(choice: BackendChoice | Backend, context: RegistryContext): Promise<Destination> {
  try {
    return await createDestination(choice, context);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    context.logger.debug("a telemetry backend cannot be used", { reason });
    const name = isBackend(choice) ? choice.name : choice.use;
    return {
      key: isBackend(choice) ? keyOfBackend(choice) : keyOfChoice(choice),
      settings: settingsOf(choice),
      description: `${name} (unavailable)`,
      backend: {
        name,
        destination: UNAVAILABLE,
        limits: { maxEvents: 1_000, maxBytes: 1024 * 1024 },
        send: () => Promise.resolve({ status: "blocked", reason }),
        probe: () => Promise.resolve({ status: "blocked", reason }),
        close: () => Promise.resolve(),
      },
    };
  }
}

async function load(use: string, { loaders, resolveFrom, modules }: RegistryContext): Promise<unknown> {
  if (Object.hasOwn(loaders, use)) return loaders[use]?.();
  if (isBuiltIn(use)) return BUILT_IN[use];
  const specifier = moduleOf(use);
  const provided = modules[use];
  // Without a script (a REPL) there is no place to look from but candor's own.
  const installed = resolveFrom === undefined ? (provided ? undefined : specifier) : locate(specifier, resolveFrom);
  const found = installed ?? (provided && locate(provided, provided));
  try {
    if (found) return await import(found);
  } catch (cause) {
    throw new CandorError("ERR_CANDOR_BACKEND_MISSING", `backend.use: "${use}" could not be loaded (${String(cause)})`, { cause });
  }
  throw new CandorError("ERR_CANDOR_BACKEND_MISSING", `backend.use: "${use}" is not installed; install it with: npm install ${specifier}`);
}

function factoryIn(module: unknown, use: string): BackendFactory {
  let candidate: unknown = module;
  // A CommonJS module imported from ESM carries its default export one level deeper.
  for (let depth = 0; depth < 3; depth++) {
    if (typeof candidate === "function") return candidate as BackendFactory;
    if (typeof candidate !== "object" || candidate === null) break;
    candidate = (candidate as { default?: unknown }).default;
  }
  throw new CandorError("ERR_CANDOR_BACKEND_MISSING", `backend.use: the module of "${use}" has no default export that makes a backend`);
}
