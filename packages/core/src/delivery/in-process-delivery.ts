/**
 * In-process delivery: the tool itself delivers, because the author asked for it, because a flush was
 * called, or because a detached child would die with the tool. It waits its turn for the lock and never longer than its limit.
 */
import { openDestination } from "../destination/backend-registry.ts";
import type { ConsentDecision } from "../consent/consent.ts";
import type { ModulePlaces } from "../destination/named-module.ts";
import { runDelivery } from "./delivery-run.ts";
import { type Destination, isBackend } from "../destination/destination.ts";
import type { Installation } from "../collector/installation.ts";
import { measureSpool, type Spool } from "../spool/spool.ts";
import { acquireLock, type LockOutcome } from "../uploader/uploader-lock.ts";

/** What became of a flush. */
export type FlushResult =
  /** Nothing is waiting any more. */
  | { readonly status: "delivered" }
  /** Events are kept; `reason` says why they have not gone. */
  | { readonly status: "pending"; readonly reason: string }
  | { readonly status: "disabled" };

export interface InProcessRequest {
  readonly limitMs: number;
  readonly signal?: AbortSignal;
  /** A person or the author asked: try destinations that are backing off, and try more than once. */
  readonly insist: boolean;
  /** The spool for what could not be put on disk, while there is something in it. */
  readonly memory?: Spool;
}

/** How often the lock is tried while another process uploads. */
const LOCK_POLL_MS = 25;

/** Delivers what waits in the spool, and what is only in memory. */
export async function deliverHere(installation: Installation, request: InProcessRequest): Promise<FlushResult> {
  const consent = installation.consent();
  if (!consent.enabled) return { status: "disabled" };
  const { ports } = installation;
  const endsAtMs = ports.clock.monotonicMs() + request.limitMs;
  const spools = [...(request.memory ? [request.memory] : []), installation.spoolFor(consent.consentId)];
  const destinations = await openDestinations(installation, consent, ports.host.script);
  try {
    for (const spool of spools) {
      const result = measureSpool(spool).bytes === 0 ? undefined : await deliverSpool(spool, destinations, installation, request, endsAtMs);
      if (result && result.status !== "delivered") return result;
    }
    return { status: "delivered" };
  } finally {
    // A live backend is the author's, for as long as the collector lives.
    const built = destinations.filter((_, index) => !isBackend(installation.routes(consent)[index]?.backend));
    await Promise.all(built.map(({ backend }) => backend.close()));
  }
}

async function deliverSpool(
  spool: Spool,
  destinations: readonly Destination[],
  installation: Installation,
  request: InProcessRequest,
  endsAtMs: number,
): Promise<FlushResult> {
  const { config, ports, logger } = installation;
  const lock = await waitForLock(spool, endsAtMs, request.signal);
  if (lock.status !== "held") return { status: "pending", reason: lockReason(lock) };
  const summary = await runDelivery(
    {
      spool,
      destinations,
      mode: config.delivery.mode,
      sendTimeoutMs: config.delivery.sendTimeoutMs,
      limitMs: Math.max(0, endsAtMs - ports.clock.monotonicMs()),
      kind: "in-process",
      consent: installation.consent,
      logger,
      ignoreBackoff: request.insist,
      ...(request.insist ? {} : { retryWaitsMs: [] }),
      ...(request.signal ? { signal: request.signal } : {}),
    },
    lock.lock,
  );
  if (measureSpool(spool).events === 0) return { status: "delivered" };
  const [reason] = Object.values(summary.failures);
  return { status: "pending", reason: reason ?? "there was not enough time" };
}

/** Builds every destination of this consent; one that cannot be built says so when it is tried. */
export function openDestinations(
  installation: Installation,
  consent: ConsentDecision,
  resolveFrom: string | undefined,
): Promise<Destination[]> {
  const { config, directories, logger, ports } = installation;
  const context = {
    ...modulePlaces(installation, resolveFrom),
    toolName: config.tool,
    toolVersion: config.version,
    dataDirectory: directories.data,
    logger,
    environment: ports.host.environment,
  };
  return Promise.all(installation.backendsFor(consent).map((backend) => openDestination(backend, context)));
}

/** Where modules are looked for: from the tool's place, with its loaders, and where the machine's policy says. */
export function modulePlaces({ config, policyFile }: Installation, resolveFrom: string | undefined): ModulePlaces {
  const file = policyFile();
  return { loaders: config.loaders, resolveFrom, modules: file.status === "applies" ? file.policy.modules : {} };
}

async function waitForLock({ directories, ports }: Spool, endsAtMs: number, signal: AbortSignal | undefined): Promise<LockOutcome> {
  for (;;) {
    const limitMs = endsAtMs - ports.clock.monotonicMs();
    const outcome = acquireLock({ state: "running", kind: "in-process", lifetimeMs: Math.max(0, limitMs), minimumIntervalMs: 0 }, directories, ports);
    if (outcome.status !== "busy" || limitMs <= 0 || signal?.aborted) return outcome;
    await ports.clock.wait(Math.min(LOCK_POLL_MS, limitMs), signal);
  }
}

function lockReason(outcome: Exclude<LockOutcome, { status: "held" }>): string {
  return outcome.status === "unusable" ? outcome.reason : "another process of the tool is uploading";
}
