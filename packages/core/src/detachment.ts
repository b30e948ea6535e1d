/**
 * Detachment: starts the uploader as a process of its own when the tool ends. The lock is taken first, so that of many
 * tools ending at once only one starts a process. What the child needs to know travels in its environment, never
 * on its command line, which every user of the machine can read.
 */
import { isChoice } from "./config.ts";
import { isReady, readJournal } from "./destination-journal.ts";
import type { ConsentDecision } from "./consent.ts";
import { type Installation, keyOf } from "./installation.ts";
import { acquireLock } from "./uploader-lock.ts";
import { HANDOVER_VARIABLE, type Handover } from "./handover.ts";
import { makePrivateDirectory } from "./private-directory.ts";
import { uploaderScript } from "./uploader-script.ts";

/** Variables that would change how Node.js itself starts, or tie the child to the tool's parent. */
const STRIPPED = ["NODE_OPTIONS", "NODE_V8_COVERAGE", "NODE_CHANNEL_FD", "NODE_DEBUG", "NODE_REPL_EXTERNAL_MODULE"];

export type DetachOutcome = "started" | "not-due" | "busy" | "failed";

/** Starts an uploader if one is due: a destination may be tried, nobody uploads, and not too recently. */
export function startUploader(installation: Installation, consent: ConsentDecision): DetachOutcome {
  const { config, directories, ports, logger } = installation;
  const backends = installation.backendsFor(consent);
  const journal = readJournal(directories, ports);
  const nowMs = ports.clock.now();
  if (!backends.some((backend) => isReady(journal[keyOf(backend)], nowMs))) return "not-due";
  const { lifetimeMs, minimumIntervalMs } = config.delivery;
  const outcome = acquireLock(
    { state: "starting", kind: "detached", lifetimeMs, minimumIntervalMs: consent.localOnly ? 0 : minimumIntervalMs },
    directories,
    ports,
  );
  if (outcome.status === "too-soon") return "not-due";
  if (outcome.status !== "held") return outcome.status === "busy" ? "busy" : "failed";
  try {
    const script = uploaderScript(directories, ports);
    const handover: Handover = {
      generation: outcome.lock.generation,
      consentId: consent.consentId,
      tool: config.tool,
      version: config.version,
      backends: backends.filter(isChoice),
      consent: config.consent,
      bounds: config.bounds,
      delivery: config.delivery,
      directories: config.directories,
      // The tool's main script: packages are looked up from its place, not from candor's.
      resolveFrom: ports.host.script,
    };
    // The uploader's working directory must exist and must not be the user's.
    makePrivateDirectory(directories.data, ports);
    ports.host.spawnDetached({
      executable: ports.host.executable,
      args: [script],
      cwd: directories.data,
      env: childEnvironment(ports.host.environment, handover),
    });
    return "started";
  } catch (error) {
    logger.debug("the uploader could not be started; the events stay on disk", { error: String(error) });
    outcome.lock.release();
    return "failed";
  }
}

/** Whether a script can be run as a detached Node.js process here; not so in single-executable builds and other runtimes. */
export function canDetach(executable: string): boolean {
  return /(^|[\\/])node(js)?(-?[\d.]+)?(\.exe)?$/i.test(executable) && process.versions["bun"] === undefined;
}

function childEnvironment(environment: NodeJS.ProcessEnv, handover: Handover): NodeJS.ProcessEnv {
  const child: NodeJS.ProcessEnv = { ...environment, [HANDOVER_VARIABLE]: JSON.stringify(handover) };
  for (const name of STRIPPED) delete child[name];
  return child;
}
