/**
 * The renewal: after a reset, events of a later yes carry another id, so that nobody can join them to what was erased. It makes no id;
 * the next event does. Ids that must match another system's bit for bit cannot change, and then it says so.
 */
import { deriveMachineId, type IdentityChoice } from "./identity.ts";
import { providerOf } from "./installation-id.ts";
import type { MachineSystem } from "./machine-id.ts";
import type { Directories } from "../platform/paths.ts";
import type { Ports } from "../platform/ports.ts";
import { pastIds, readIdentity, writeIdentity } from "./stored-id.ts";

/** What becomes of the id. `unused`: there was none. `fixed`: it comes from elsewhere and stays. `failed`: the disk refuses. */
export type Renewal = "unused" | "renewed" | "fixed" | "failed";

/** Retires the id that stands; it joins the earlier ones, so that a later deletion request names it too. */
export function renewInstallationId(
  choice: IdentityChoice,
  toolName: string,
  directories: Directories,
  ports: Ports,
  system: MachineSystem,
): Renewal {
  const reading = readIdentity(directories, ports);
  if (reading.status === "missing") return "unused";
  const stored = reading.status === "stored" ? reading.stored : undefined;
  if (stored && stored.machineId === undefined) return "unused";
  const provider = providerOf(choice);
  const derived = deriveMachineId(provider, toolName, system);
  // Without an id of the machine's, candor's is random, unless the tool brings one of its own.
  const changeable = stored?.random === true || (derived === undefined ? typeof choice === "string" : provider === "candor");
  if (!changeable) return "fixed";
  // How often there was a reset is lost with a damaged file; the time is a number that no earlier one can have reached.
  const generation = (stored?.generation ?? Math.floor(ports.clock.now() / 1_000)) + 1;
  const earlier = stored ? pastIds(stored) : derived === undefined ? [] : [derived];
  const record = { machineId: undefined, earlier, provider, fingerprint: stored?.fingerprint ?? "", random: false, generation, keptHere: false };
  return writeIdentity(record, directories, ports) ? "renewed" : "failed";
}
