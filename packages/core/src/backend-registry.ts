/**
 * The backend registry: turns a choice into a live backend. Only whoever delivers loads it; a command that merely
 * tracks never does.
 */
import { type Backend, type BackendContext, type BackendFactory, CandorError } from "@candor/backend";
import type { BackendLoader } from "./config.ts";
import { type BackendChoice, type Destination, isBackend, keyOfBackend, keyOfChoice } from "./destination.ts";

/** Packages behind the short names that are not built in. */
export const BACKEND_PACKAGES: Readonly<Record<string, string>> = {
  otlp: "@candor/backend-otel",
  amplitude: "@candor/backend-amplitude",
  posthog: "@candor/backend-posthog",
  datadog: "@candor/backend-datadog",
};

const BUILT_IN: Readonly<Record<string, BackendLoader>> = {
  noop: () => import("./backends/noop.ts"),
  stdout: () => import("./backends/stdout.ts"),
  http: () => import("./backends/http.ts"),
  file: () => import("@candor/backend-file"),
};

/** Whether the name needs no package of its own. */
export function isBuiltIn(use: string): boolean {
  return Object.hasOwn(BUILT_IN, use);
}

export interface RegistryContext extends BackendContext {
  readonly loaders: Readonly<Record<string, BackendLoader>>;
  /** File from whose place packages are looked up: the tool's main script. */
  readonly resolveFrom: string | undefined;
}

/**
 * Builds the destination of a choice or a live backend.
 *
 * @throws CandorError `ERR_CANDOR_BACKEND_MISSING` when the package is not installed or is no backend,
 * `ERR_CANDOR_CONFIG` when its options are wrong.
 */
export async function createDestination(choice: BackendChoice | Backend, context: RegistryContext): Promise<Destination> {
  if (isBackend(choice)) {
    return { key: keyOfBackend(choice), description: `${choice.name} ${choice.destination}`, backend: choice };
  }
  const factory = factoryIn(await load(choice.use, context), choice.use);
  const { use, ...options } = choice;
  const backend = factory(options, context);
  if (!isBackend(backend)) throw new CandorError("ERR_CANDOR_BACKEND_MISSING", `backend.use: "${use}" did not make a backend`);
  return { key: keyOfChoice(choice), description: `${backend.name} ${backend.destination}`, backend };
}

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
      description: `${name} (unavailable)`,
      backend: {
        name,
        destination: "unavailable",
        limits: { maxEvents: 1_000, maxBytes: 1024 * 1024 },
        send: () => Promise.resolve({ status: "blocked", reason }),
        close: () => Promise.resolve(),
      },
    };
  }
}

async function load(use: string, { loaders, resolveFrom }: RegistryContext): Promise<unknown> {
  const loader = Object.hasOwn(loaders, use) ? loaders[use] : BUILT_IN[use];
  if (loader) return loader();
  const specifier = BACKEND_PACKAGES[use] ?? use;
  try {
    return await import(locate(specifier, resolveFrom));
  } catch (cause) {
    throw new CandorError(
      "ERR_CANDOR_BACKEND_MISSING",
      `backend.use: "${use}" could not be loaded; install it with: npm install ${specifier}`,
      { cause },
    );
  }
}

/** Where the tool would find the module; the bare specifier when only the loader itself can tell. */
export function locate(specifier: string, resolveFrom: string | undefined): string {
  if (resolveFrom === undefined || specifier.startsWith("file:")) return specifier;
  try {
    // Installed tools are started through a symbolic link in a bin directory; packages lie beside the file it points to.
    const script = process.getBuiltinModule("node:fs").realpathSync(resolveFrom);
    const path = process.getBuiltinModule("node:module").createRequire(script).resolve(specifier);
    return process.getBuiltinModule("node:url").pathToFileURL(path).href;
  } catch {
    // A package for ESM only, or one that sits beside candor instead of the tool: the plain import decides.
    return specifier;
  }
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
