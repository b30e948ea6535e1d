/**
 * The backend check: builds each backend that the author chose once, as the uploader will, and says what its factory has against the
 * options. A factory reads its options and does nothing else, so nothing is sent and nothing is opened. What is found on a user's machine
 * only, secrets and certificates, is not asked for; a package that cannot be loaded at once is left alone.
 */
import { type BackendContext, type BackendFactory, checkTlsFiles, isCandorError, isRecord, silentLogger } from "@candor/backend";
import { createInstallation } from "../collector/installation.ts";
import { isLocalOnly } from "../consent/consent.ts";
import { isOurs, isPath, locate, moduleOf } from "../destination/backend-names.ts";
import { builtInFactory } from "../destination/backend-registry.ts";
import { type BackendChoice, isBackend } from "../destination/destination.ts";
import { defaultFunction } from "../destination/named-module.ts";
import { isConfigured } from "../destination/routing.ts";
import { withSecrets } from "../destination/secret-sources.ts";
import type { Ports } from "../platform/ports.ts";
import type { Config } from "./config.ts";

/** A choice, and the option in which it stands: `backend[1]`. */
export interface PlacedChoice {
  readonly option: string;
  readonly choice: BackendChoice;
}

/** Stands for a secret that nobody has yet; every backend takes it for one. */
const STAND_IN = "stand-in";

/** What backends have against their options; `resolveFrom` is the file from whose place packages are looked up. */
export function findBuildProblems(choices: readonly PlacedChoice[], resolveFrom: string, config: Config, ports: Ports): string[] {
  const { directories, consent } = createInstallation({ config, problems: [] }, ports, silentLogger);
  if (!mayLeave(() => isLocalOnly(consent()))) return [];
  const context = { toolName: config.tool, toolVersion: config.version, dataDirectory: directories.data, logger: silentLogger };
  return choices.flatMap((placed) => problemIn(placed, resolveFrom, context) ?? []);
}

/** Whether events may leave the machine, or will once somebody has said yes. */
function mayLeave(staysHere: () => boolean): boolean {
  try {
    return !staysHere();
  } catch {
    // Nobody can tell; whoever tracks is told of it.
    return false;
  }
}

function problemIn({ option, choice }: PlacedChoice, resolveFrom: string, context: BackendContext): string | undefined {
  // What a user's own environment completes cannot be judged before.
  if (!isConfigured(choice) || choice["useStandardEnvironment"] === true) return undefined;
  try {
    const made = factoryOf(choice.use, resolveFrom)?.(optionsOf(choice), context);
    release(made);
    return made === undefined || isBackend(made) ? undefined : `${option}.use: "${choice.use}" did not make a backend`;
  } catch (error) {
    if (!isCandorError(error)) return `${option}: "${choice.use}" could not be built (${String(error)})`;
    return error.message.startsWith("backend") ? error.message.replace("backend", () => option) : `${option}: ${error.message}`;
  }
}

/** Only what is installed: a module of the tool's own may do anything while it is loaded. */
function factoryOf(use: string, resolveFrom: string): BackendFactory | undefined {
  const builtIn = builtInFactory(use);
  if (builtIn) return builtIn;
  const found = isPath(use) ? undefined : locate(moduleOf(use), resolveFrom);
  const module = found === undefined ? undefined : loadAtOnce(found);
  return module && (defaultFunction("backend.use", use, module.exports) as BackendFactory);
}

function loadAtOnce(file: string): { readonly exports: unknown } | undefined {
  try {
    const { createRequire } = process.getBuiltinModule("node:module");
    return { exports: createRequire(file)(process.getBuiltinModule("node:url").fileURLToPath(file)) as unknown };
  } catch {
    // It waits for something while it loads, or it is broken; delivery will say so.
    return undefined;
  }
}

/** The options as they can be judged here: certificates lie on users' machines, but how they are named does not. */
function optionsOf(choice: BackendChoice): Record<string, unknown> {
  const { apiKey, headers } = choice;
  const standIns = {
    ...(isSource(apiKey) ? { apiKey: STAND_IN } : {}),
    ...(isRecord(headers) ? { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, isSource(value) ? STAND_IN : value])) } : {}),
  };
  const { use, tls, ...options } = withSecrets({ ...choice, ...standIns }, {});
  if (tls === undefined || !isOurs(use)) return options;
  checkTlsFiles(tls);
  return { ...options, tls: {} };
}

function isSource(value: unknown): boolean {
  return isRecord(value) && (typeof value["env"] === "string" || typeof value["file"] === "string");
}

/** Nobody waits for it, and a factory that answers a promise has made no backend. */
function release(made: unknown): void {
  const close = async (): Promise<void> => {
    const backend = await made;
    if (isBackend(backend)) await backend.close();
  };
  close().catch(() => undefined);
}
