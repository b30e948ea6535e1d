/**
 * The erasable ids: under which ids events of this installation may have left this machine. An id that only ever stood in the local log
 * is not among them, so that a deletion request never names it to anybody.
 */
import type { Installation } from "../collector/installation.ts";
import type { ConsentDecision } from "../consent/consent.ts";
import { readIdentity } from "../identity/stored-id.ts";
import { nearestPrivacy } from "../platform/private-directory.ts";
import { systemErrorCode } from "../platform/ports.ts";

export interface ErasableIds {
  /** The latest first. */
  readonly machineIds: readonly string[];
  /** Why there is none, or why there may be more. */
  readonly reason?: string;
  /** There may be ids that nobody knows any more. */
  readonly incomplete?: true;
}

/** `W_OK | X_OK`. */
const WRITE_AND_SEARCH = 3;

/** Looks the ids up. Writes nothing. */
export function erasableIds(installation: Installation, consent: ConsentDecision): ErasableIds {
  const { directories, ports } = installation;
  const reading = readIdentity(directories, ports);
  if (reading.status === "stored") {
    const { machineId, earlier, keptHere } = reading.stored;
    const current = machineId === undefined || keptHere ? [] : [machineId];
    const machineIds = [...current, ...earlier.toReversed()];
    return machineIds.length > 0 ? { machineIds } : { machineIds, reason: "events were kept on this machine only" };
  }
  // What the machine tells is the best guess at an id that is not on record.
  const derived = installation.peekId()?.machineId;
  const guessed = derived === undefined ? [] : [derived];
  if (reading.status === "damaged") return { machineIds: guessed, reason: `${reading.reason}, so other ids may have been used`, incomplete: true };
  const problem = consent.enabled && !consent.localOnly ? storageProblem(installation) : undefined;
  // A yes without an id on record: nothing was recorded yet, or the data directory is gone and with it what was sent under.
  const couldSend = consent.enabled && !consent.localOnly && installation.backendsFor(consent).length > 0;
  if (problem === undefined && couldSend && derived !== undefined) return { machineIds: guessed };
  if (problem === undefined) return { machineIds: [], reason: "no event has been recorded here, so nothing was sent" };
  const reason = `no id can be kept here (${problem}), so what was sent is not on record`;
  return { machineIds: guessed, reason, ...(derived === undefined ? { incomplete: true } : {}) };
}

/** Why nothing can be stored here; events are then sent from memory, under an id that leaves no record. */
function storageProblem({ directories, ports }: Installation): string | undefined {
  const privacy = nearestPrivacy(directories.data, ports);
  if (privacy.status === "unusable") return privacy.reason;
  try {
    if (ports.fileSystem.lstatSync(directories.data, { throwIfNoEntry: false })) ports.fileSystem.accessSync(directories.data, WRITE_AND_SEARCH);
    return undefined;
  } catch (error) {
    return `${directories.data} cannot be written (${systemErrorCode(error) ?? String(error)})`;
  }
}
