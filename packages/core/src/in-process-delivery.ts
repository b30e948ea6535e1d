/**
 * In-process delivery: the tool itself delivers, because the author asked for it, because a flush was
 * called, or because a detached child would die with the tool. It waits its turn for the lock and never longer than its limit.
 */
import type { TelemetryEvent } from "@candor/backend";
import { openDestination } from "./backend-registry.ts";
import type { ConsentDecision } from "./consent.ts";
import { cutIntoRequests, nextStep } from "./delivery.ts";
import { runDelivery } from "./delivery-run.ts";
import type { Destination } from "./destination.ts";
import type { Installation } from "./installation.ts";
import { measureSpool } from "./spool.ts";
import { acquireLock, type LockOutcome } from "./uploader-lock.ts";

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
  /** Events that could not be put on disk; what is not delivered of them is handed back to `keep`. */
  readonly inMemory: readonly TelemetryEvent[];
  readonly keep: (events: readonly TelemetryEvent[]) => void;
}

/** How often the lock is tried while another process uploads. */
const LOCK_POLL_MS = 25;

/** Delivers what waits in the spool, and what is only in memory. */
export async function deliverHere(installation: Installation, request: InProcessRequest): Promise<FlushResult> {
  const consent = installation.consent();
  if (!consent.enabled) return { status: "disabled" };
  const { ports, config, logger } = installation;
  const endsAtMs = ports.clock.monotonicMs() + request.limitMs;
  const spool = installation.spoolFor(consent.consentId);
  const destinations = await openDestinations(installation, consent, ports.host.script);
  try {
    const failure = request.inMemory.length > 0 ? await deliverFromMemory(destinations, request, installation) : undefined;
    if (measureSpool(spool).events === 0) return failure === undefined ? { status: "delivered" } : { status: "pending", reason: failure };
    const lock = await waitForLock(installation, endsAtMs, request.signal);
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
  } finally {
    await Promise.all(destinations.map(({ backend }) => backend.close()));
  }
}

/** Builds every destination of this consent; one that cannot be built says so when it is tried. */
export function openDestinations(
  installation: Installation,
  consent: ConsentDecision,
  resolveFrom: string | undefined,
): Promise<Destination[]> {
  const { config, directories, logger, ports } = installation;
  const policyFile = installation.policyFile();
  const context = {
    toolName: config.tool,
    toolVersion: config.version,
    dataDirectory: directories.data,
    logger,
    loaders: config.loaders,
    resolveFrom,
    modules: policyFile.status === "applies" ? policyFile.policy.modules : {},
    environment: ports.host.environment,
  };
  return Promise.all(installation.backendsFor(consent).map((backend) => openDestination(backend, context)));
}

/** Without a disk there is one attempt for each destination. Answers why something was handed back, if it was. */
async function deliverFromMemory(destinations: readonly Destination[], request: InProcessRequest, { config }: Installation): Promise<string | undefined> {
  const undelivered = new Set<TelemetryEvent>();
  let failure: string | undefined;
  await Promise.all(
    destinations.map(async ({ backend }) => {
      const queue: (readonly TelemetryEvent[])[] = cutIntoRequests(request.inMemory, backend.limits);
      for (let events = queue.shift(); events; events = queue.shift()) {
        const timeout = AbortSignal.timeout(Math.min(request.limitMs, config.delivery.sendTimeoutMs));
        const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
        const step = nextStep(await backend.send(events, { signal }), events);
        if (step.action === "split") queue.unshift(...step.halves);
        if (step.action === "stop") {
          failure = step.reason;
          for (const event of [...events, ...queue.splice(0).flat()]) undelivered.add(event);
        }
      }
    }),
  );
  request.keep(request.inMemory.filter((event) => undelivered.has(event)));
  return failure;
}

async function waitForLock(installation: Installation, endsAtMs: number, signal: AbortSignal | undefined): Promise<LockOutcome> {
  const { directories, ports } = installation;
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
