/**
 * Detachment: starts the uploader as a process of its own when the tool ends. The lock is taken first, so that of many
 * tools ending at once only one starts a process. What the child needs to know travels in its environment, never
 * on its command line, which every user of the machine can read.
 *
 * Where a detached child would die with the tool, the tool waits for it, within a limit. It is the same child: a tool's own
 * process never loads a backend for it, and `process.exit` cannot get in its way.
 */
import { isChoice, isRequestor } from "../config/config.ts";
import { settingsOf } from "../destination/destination.ts";
import { isReady, readJournal } from "../destination/destination-journal.ts";
import type { ConsentDecision } from "../consent/consent.ts";
import { readFlag } from "../consent/run-signals.ts";
import { readStore } from "../consent/tool-store.ts";
import { isEphemeral } from "../platform/environment.ts";
import { isDebugging } from "../collector/logger.ts";
import { type Installation, keyOf, needsThisProcess } from "../collector/installation.ts";
import { acquireLock, type UploaderLock } from "./uploader-lock.ts";
import { HANDOVER_VARIABLE, type Handover } from "./handover.ts";
import { uploaderScript } from "./uploader-script.ts";

/** Variables that would change how Node.js itself starts, or tie the child to the tool's parent. */
const STRIPPED = ["NODE_OPTIONS", "NODE_V8_COVERAGE", "NODE_CHANNEL_FD", "NODE_DEBUG", "NODE_REPL_EXTERNAL_MODULE"];

/** The part of the tool's patience that an awaited child has for itself; the rest is for its start and its last words. */
const AWAITED_SHARE = 0.8;

export type DetachOutcome = "started" | "not-due" | "busy" | "failed";

/** Starts an uploader if one is due: a destination may be tried, nobody uploads, and not too recently. */
export function startUploader(
  installation: Installation,
  consent: ConsentDecision,
  manner: ChildManner,
  purpose: Handover["purpose"] = "events",
): DetachOutcome {
  const { config, directories, ports, logger } = installation;
  if (purpose === "events" && !mayBeTried(installation, consent)) return "not-due";
  const awaited = manner === "awaited";
  const lifetimeMs = awaited ? Math.ceil(config.delivery.inlineTimeoutMs * AWAITED_SHARE) : config.delivery.lifetimeMs;
  // A local log is not somebody's server, and who waits for the end of a delivery wants it now.
  const minimumIntervalMs = awaited || consent.localOnly ? 0 : config.delivery.minimumIntervalMs;
  const outcome = acquireLock({ state: "starting", kind: "detached", lifetimeMs, minimumIntervalMs }, directories, ports);
  if (outcome.status === "too-soon") return "not-due";
  if (outcome.status !== "held") return outcome.status === "busy" ? "busy" : "failed";
  try {
    const child = {
      executable: ports.host.executable,
      args: [scriptFor(installation)],
      // The uploader's working directory must not be the user's: it would keep a directory in use.
      cwd: directories.data,
      env: childEnvironment(ports.host.environment, handoverFor(installation, consent, outcome.lock, { awaited, lifetimeMs, purpose })),
    };
    if (awaited) ports.host.runToEnd(child, config.delivery.inlineTimeoutMs);
    else ports.host.spawnDetached(child);
    if (isDebugging(config.tool, ports.host)) logger.debug(`what the uploader has to say goes to ${directories.uploaderLog}`);
    return "started";
  } catch (error) {
    logger.debug("the uploader could not be started; the events stay on disk", { error: String(error) });
    outcome.lock.release();
    return "failed";
  }
}

/** Whether some destination of this consent is not backing off. */
function mayBeTried(installation: Installation, consent: ConsentDecision): boolean {
  const { directories, ports } = installation;
  const journal = readJournal(directories, ports);
  const nowMs = ports.clock.now();
  return installation.backendsFor(consent).some((backend) => isReady(journal[keyOf(backend)], nowMs, settingsOf(backend)));
}

function scriptFor({ config, directories, ports }: Installation): string {
  const { script } = ports.host;
  return config.delivery.uploader === "tool" && script !== undefined ? script : uploaderScript(directories, ports);
}

function handoverFor(
  { config, ports }: Installation,
  consent: ConsentDecision,
  lock: UploaderLock,
  { awaited, lifetimeMs, purpose }: Pick<Handover, "awaited" | "purpose"> & { readonly lifetimeMs: number },
): Handover {
  const { store, ...options } = config.consent;
  const flag = readFlag(options.disableFlag ?? "", ports.host.args);
  return {
    generation: lock.generation,
    consentId: consent.consentId,
    tool: config.tool,
    version: config.version,
    // As the author chose; the uploader applies policy and variables itself, as they are when it runs.
    backends: config.backends.filter(isChoice),
    consent: options,
    ...(store ? { store: { name: store.name, reading: readStore(store) } } : {}),
    ...(flag ? { flag: flag.given } : {}),
    tasks: config.tasks,
    bounds: config.bounds,
    delivery: { ...config.delivery, lifetimeMs },
    directories: config.directories,
    // The tool's main script: packages are looked up from its place, not from candor's.
    resolveFrom: ports.host.script,
    awaited,
    purpose,
    // A live requestor is the tool's own, as a live backend is.
    deletion: config.deletion.flatMap((deletion) => (isRequestor(deletion) ? [] : [deletion])),
  };
}

/** How a child is run: left to itself, or waited for. */
export type ChildManner = "detached" | "awaited";

/** Who delivers when the tool's process ends: a process of its own, one that the tool waits for, or the tool itself. */
export type Deliverer = ChildManner | "this-process";

/** Who delivers under this consent; before it is known, as far as the author's configuration tells. */
export function delivererFor(installation: Installation, consent: ConsentDecision | undefined): Deliverer {
  const { config } = installation;
  const backends = consent ? installation.backendsFor(consent) : config.backends;
  return needsThisProcess(backends, config) ? "this-process" : (childManner(installation) ?? "this-process");
}

/** How a child would be run here; undefined where none can be. */
export function childManner({ config, ports }: Installation): ChildManner | undefined {
  if (!canDetach(ports.host.executable)) return undefined;
  return config.delivery.by === "inline" || isEphemeral(ports.host.environment, ports.host.id) ? "awaited" : "detached";
}

/** Whether a script can be run as a detached Node.js process here; not so in single-executable builds and other runtimes. */
function canDetach(executable: string): boolean {
  return isNode(executable.slice(Math.max(executable.lastIndexOf("/"), executable.lastIndexOf("\\")) + 1)) && process.versions["bun"] === undefined;
}

/** `node`, as it is called nearly everywhere, or a name such as `nodejs`, `node-20.19` and `NODE.EXE`. */
function isNode(name: string): boolean {
  return name === "node" || /^node(js)?(-?[\d.]+)?(\.exe)?$/i.test(name);
}

function childEnvironment(environment: NodeJS.ProcessEnv, handover: Handover): NodeJS.ProcessEnv {
  const child: NodeJS.ProcessEnv = { ...environment, [HANDOVER_VARIABLE]: JSON.stringify(handover) };
  for (const name of STRIPPED) delete child[name];
  return child;
}
