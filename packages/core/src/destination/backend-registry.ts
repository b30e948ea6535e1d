/**
 * The backend registry: turns a choice into a live backend. Only whoever delivers loads it; a command that merely
 * tracks never does.
 */
import { type Backend, type BackendContext, type BackendFactory, CandorError } from "@candor/backend";
import { fileBackend } from "@candor/backend-file";
import { withSecrets } from "./secret-sources.ts";
import { httpBackend } from "../backends/http.ts";
import { noopBackend } from "../backends/noop.ts";
import { stdoutBackend } from "../backends/stdout.ts";
import { defaultFunction, loadNamed, type ModulePlaces } from "./named-module.ts";
import { type BackendChoice, type Destination, isBackend, keyOfBackend, keyOfChoice, settingsOf } from "./destination.ts";

const BUILT_IN: Readonly<Record<string, BackendFactory<never>>> = {
  noop: noopBackend,
  stdout: stdoutBackend,
  http: httpBackend,
  file: fileBackend,
};

export interface RegistryContext extends BackendContext, ModulePlaces {
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
  const factory = await factoryOf(choice.use, context);
  const { use, ...options } = withSecrets(choice, context.environment);
  const backend = factory(options, context);
  if (!isBackend(backend)) throw new CandorError("ERR_CANDOR_BACKEND_MISSING", `backend.use: "${use}" did not make a backend`);
  return { key: keyOfChoice(choice), settings: settingsOf(choice), description: describe(backend), backend };
}

/** The factory of a backend that core brings. */
export function builtInFactory(use: string): BackendFactory | undefined {
  return Object.hasOwn(BUILT_IN, use) ? (BUILT_IN[use] as BackendFactory) : undefined;
}

async function factoryOf(use: string, context: RegistryContext): Promise<BackendFactory> {
  // The author's own loader may stand in for a backend that core brings.
  const builtIn = Object.hasOwn(context.loaders, use) ? undefined : builtInFactory(use);
  return builtIn ?? (defaultFunction("backend.use", use, await loadNamed("backend.use", use, context)) as BackendFactory);
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
      description: `${name} (${UNAVAILABLE})`,
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
