/**
 * The uploader process: what the detached child does. It delivers once and ends: within a hard limit, at the
 * lowest priority, without starting any process, and only while consent stands. It prints nothing.
 */
import { type BackendLoader, withDefaults } from "../config/config.ts";
import { type DeliveryRun, runDelivery } from "../delivery/delivery-run.ts";
import { rememberedStore } from "../consent/tool-store.ts";
import { retryDeletions } from "../deletion/retry-run.ts";
import { startTasks } from "./background-tasks.ts";
import { type Handover, HANDOVER_VARIABLE, readHandover } from "./handover.ts";
import { modulePlaces, openDestinations } from "../delivery/in-process-delivery.ts";
import { createInstallation } from "../collector/installation.ts";
import { directoriesFor } from "../platform/paths.ts";
import { type Ports, realPorts } from "../platform/ports.ts";
import { clearFault, recordFault } from "./uploader-fault.ts";
import { adoptLock } from "./uploader-lock.ts";
import { uploaderLogger } from "./uploader-log.ts";

/** Time after the limit for an aborted request to settle, before the process is ended regardless. */
const ABORT_GRACE_MS = 1_000;

/**
 * Delivers as the handover in the environment says, and ends the process. Whatever goes wrong, the events are on disk and
 * the next uploader takes them up.
 */
export async function runUploader(loaders: Readonly<Record<string, BackendLoader>>): Promise<never> {
  const handover = readHandover(process.env);
  if (!handover) process.exit(0);
  const real = realPorts();
  // Consent is resolved as it was in the tool's process, whose command line this process does not have.
  const ports = { ...real, host: { ...real.host, args: handover.flag === undefined ? [] : [handover.flag] } };
  const directories = directoriesFor(handover.tool, ports.host, handover.directories);
  try {
    if (await deliverOnce(handover, loaders, ports)) clearFault(directories, ports);
  } catch (error) {
    recordFault(error, directories, ports);
  } finally {
    process.exit(0);
  }
}

/** Answers whether it came to a delivery: not so when the lock or the consent is gone. */
async function deliverOnce(handover: Handover, loaders: Readonly<Record<string, BackendLoader>>, ports: Ports): Promise<boolean> {
  // Nothing that a backend may start sees it.
  delete process.env[HANDOVER_VARIABLE];
  setTimeout(() => process.exit(0), handover.delivery.lifetimeMs + ABORT_GRACE_MS).unref();
  if (!handover.awaited) lowerPriority();
  const config = withDefaults({
    tool: handover.tool,
    version: handover.version,
    backend: handover.backends,
    backends: loaders,
    consent: { ...handover.consent, ...(handover.store ? { store: rememberedStore(handover.store) } : {}) },
    bounds: handover.bounds,
    delivery: handover.delivery,
    directories: handover.directories,
    tasks: handover.tasks,
    deletion: handover.deletion,
  });
  const directories = directoriesFor(config.tool, ports.host, config.directories);
  const installation = createInstallation({ config, problems: [] }, ports, uploaderLogger(config.tool, directories, ports));
  const { logger } = installation;
  const lock = adoptLock(handover.generation, directories, ports);
  if (!lock) return false;
  const consent = installation.consent();
  const forDeletions = handover.purpose === "deletions";
  if (!forDeletions && (!consent.enabled || consent.consentId !== handover.consentId)) {
    lock.release();
    return false;
  }
  // First: events that are sent afterwards are of another consent than those that are to be erased.
  await retryDeletions(installation, lock, handover.resolveFrom, config.delivery.lifetimeMs * (forDeletions ? 0.8 : 0.3));
  if (forDeletions) {
    lock.release();
    return true;
  }
  const destinations = await openDestinations(installation, consent, handover.resolveFrom);
  const run: DeliveryRun = {
    spool: installation.spoolFor(consent.consentId),
    destinations,
    mode: config.delivery.mode,
    sendTimeoutMs: config.delivery.sendTimeoutMs,
    limitMs: config.delivery.lifetimeMs,
    kind: "detached",
    consent: installation.consent,
    logger,
    ...(handover.awaited ? { retryWaitsMs: [] } : {}),
  };
  const tasks = startTasks({
    ...modulePlaces(installation, handover.resolveFrom),
    // What is kept on this machine needs nothing from elsewhere; and nobody waits for a task.
    tasks: consent.localOnly || handover.awaited ? [] : config.tasks,
    toolName: config.tool,
    toolVersion: config.version,
    dataDirectory: directories.data,
    logger,
    limitMs: config.delivery.lifetimeMs,
  });
  await runDelivery({ ...run, beside: tasks }, lock);
  await Promise.allSettled(destinations.map(({ backend }) => backend.close()));
  return true;
}

function lowerPriority(): void {
  try {
    const os = process.getBuiltinModule("node:os");
    os.setPriority(os.constants.priority.PRIORITY_LOW);
  } catch {
    // Not allowed here; the work is small either way.
    return;
  }
}
