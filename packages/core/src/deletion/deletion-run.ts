/**
 * The deletion run: asks everybody who has not confirmed yet, all at once and each for itself, and writes down what came of it. One
 * run at a time, under the uploader's lock. It repeats rather than forgets: a kill at any moment costs at most a second asking.
 */
import type { DeletionOutcome, DeletionSubject } from "@candor/backend";
import type { Installation } from "../collector/installation.ts";
import type { ConsentDecision } from "../consent/consent.ts";
import { backoffMs } from "../delivery/delivery.ts";
import type { UploaderLock } from "../uploader/uploader-lock.ts";
import { type AskingPlace, type OpenAddressees, openAddressees } from "./addressee.ts";
import { type AskAnswer, failed } from "./ask.ts";
import { type DeletionRequest, expiresAtMs, removeRequest, writeRequest } from "./deletion-request.ts";
import { type AskedBy, isDue, type Outstanding } from "./outstanding.ts";

export interface DeletionRun extends AskingPlace {
  readonly installation: Installation;
  readonly consent: ConsentDecision;
  /** The stored requests; or one that could not be stored, without a lock. */
  readonly requests: readonly DeletionRequest[];
  readonly lock?: UploaderLock;
  /** Whose turn it is. `everybody`: a person has just asked, so back-off and age do not count, and what is final is told to that person. */
  readonly by: Exclude<AskedBy, "person"> | "everybody";
  readonly limitMs: number;
  /** Why nothing may go over the network, if so. */
  readonly hold?: string;
  /** Keys of those who are asked without the network. */
  readonly offline?: ReadonlySet<string>;
}

/** What came of asking one addressee. */
export interface Asked extends AskAnswer {
  readonly key: string;
  readonly description: string;
  /** What it was asked for. */
  readonly machineIds: readonly string[];
}

/** How often it is looked whether somebody else has taken the lock. */
const WATCH_MS = 25;

/** Asks whoever is due. Never rejects for a fault of whoever is asked. */
export async function runDeletions(run: DeletionRun): Promise<Asked[]> {
  const { installation, lock, limitMs } = run;
  const due = dueIn(run);
  if (due.size === 0) return [];
  const open = await openAddressees(installation, run.consent, run);
  const ledger = createLedger(run);
  const stop = new AbortController();
  const limit = setTimeout(() => stop.abort(), limitMs);
  const watch = setInterval(() => {
    if (lock && !lock.isHighest()) stop.abort();
  }, WATCH_MS);
  try {
    return await Promise.all(
      [...due].map(async ([key, { description, subjects }]) => {
        const answer = await askOne(key, subjects, open, run, stop.signal);
        const machineIds = subjects.map(({ machineId }) => machineId);
        ledger.note({ key, description, machineIds, ...answer });
        return { key, description, machineIds, ...answer };
      }),
    );
  } finally {
    clearInterval(watch);
    clearTimeout(limit);
    await open.close();
  }
}

interface Due {
  readonly description: string;
  readonly subjects: readonly DeletionSubject[];
}

/** Who is to be asked for what, the requests taken together: each id once. */
function dueIn({ installation, requests, by }: DeletionRun): Map<string, Due> {
  const { config, ports } = installation;
  const nowMs = ports.clock.now();
  const due = new Map<string, Due>();
  for (const request of requests) {
    if (by !== "everybody" && expiresAtMs(request) <= nowMs) continue;
    for (const outstanding of request.outstanding) {
      if (by !== "everybody" && !isDue(outstanding, by, nowMs)) continue;
      const subjects = new Map((due.get(outstanding.key)?.subjects ?? []).map((subject) => [subject.machineId, subject]));
      for (const { machineId, requestId } of request.ids) {
        if (!outstanding.machineIds.includes(machineId)) continue;
        const person = request.userId === undefined ? {} : { userId: request.userId };
        const { requestedAt } = request;
        // The latest request stands for the earlier ones: it covers what was collected since.
        subjects.set(machineId, { machineId, ...person, requestId, requestedAt, toolName: config.tool, toolVersion: config.version });
      }
      due.set(outstanding.key, { description: outstanding.description, subjects: [...subjects.values()] });
    }
  }
  return due;
}

async function askOne(
  key: string,
  subjects: readonly DeletionSubject[],
  open: OpenAddressees,
  { hold, offline, installation }: DeletionRun,
  signal: AbortSignal,
): Promise<AskAnswer> {
  if (hold !== undefined && !offline?.has(key)) return { confirmed: [], outcome: failed(hold) };
  const ask = open.askFor(key);
  if (!ask) return { confirmed: [], outcome: failed(`this version of ${installation.config.tool} does not use it`) };
  return ask(subjects, { signal });
}

/** Brings the requests up to date with the answers. */
function createLedger({ installation, requests, lock, by }: DeletionRun): { note: (asked: Asked) => void } {
  const { directories, ports, logger } = installation;
  const current = [...requests];
  return {
    note(asked) {
      // Somebody who took the lock away may be removing requests at this moment; what is not written is asked again.
      if (!lock?.isHighest()) return;
      current.forEach((request, index) => {
        if (!request.outstanding.some(({ key }) => key === asked.key)) return;
        const outstanding = request.outstanding.flatMap((each) => (each.key === asked.key ? after(each, asked, by, installation) : [each]));
        const next = { ...request, outstanding };
        current[index] = next;
        try {
          if (outstanding.length > 0) writeRequest(next, directories, ports);
          else removeRequest(request, directories, ports);
        } catch (error) {
          logger.debug("a deletion request could not be brought up to date; it will be repeated", { error: String(error) });
        }
      });
    },
  };
}

/** What is left of an outstanding part after an answer; nothing when it is settled. */
function after(outstanding: Outstanding, { outcome, confirmed }: Asked, by: DeletionRun["by"], { ports }: Installation): Outstanding[] {
  const machineIds = outstanding.machineIds.filter((id) => !confirmed.includes(id));
  if (machineIds.length === 0) return [];
  switch (outcome.status) {
    case "sent":
      // It was asked for other ids than these.
      return [{ ...outstanding, machineIds }];
    case "user-action":
    case "impossible":
      return by === "everybody" ? [] : [{ ...outstanding, machineIds, verdict: verdictOf(outcome) }];
    case "failed": {
      const nowMs = ports.clock.now();
      const waitMs = backoffMs({ status: "retry" }, outstanding.failures, ports.random);
      const lastError = { at: new Date(nowMs).toISOString(), reason: outcome.reason };
      return [{ ...outstanding, machineIds, failures: outstanding.failures + 1, nextAttemptAt: Math.ceil(nowMs + waitMs), lastError }];
    }
  }
}

function verdictOf(outcome: Extract<DeletionOutcome, { status: "user-action" | "impossible" }>): NonNullable<Outstanding["verdict"]> {
  return { status: outcome.status, text: outcome.status === "impossible" ? outcome.reason : outcome.instructions };
}
