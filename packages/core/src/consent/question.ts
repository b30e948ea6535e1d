/**
 * The question: whether the person may be asked for consent, as far as the machine, the project and what is recorded say. Whether there is
 * a person at all, whoever asks must find out. It reads; it never asks and never writes.
 */
import type { Installation } from "../collector/installation.ts";
import type { Directories } from "../platform/paths.ts";
import type { Ports } from "../platform/ports.ts";
import { makeOwnDirectory, nearestPrivacy, type Privacy } from "../platform/private-directory.ts";
import { isLocalOnly } from "./consent.ts";
import { projectRefusal } from "./project-refusal.ts";

/** `settled`: somebody has decided, or no answer could be of use; says who or why. */
export type Question = { readonly status: "due" } | { readonly status: "settled"; readonly reason: string };

/** `W_OK | X_OK`. */
const WRITE_AND_SEARCH = 3;

/** Whether the question is due now. */
export function questionFor(installation: Installation): Question {
  const { config, directories, ports, problems } = installation;
  const settled = (reason: string): Question => ({ status: "settled", reason });
  if (!config.enabled) return settled("the tool's author has switched it off");
  if (problems[0] !== undefined) return settled(problems[0]);
  const consent = installation.consent();
  if (!consent.questionDue) return settled(consent.reason);
  // Consent asks the project only where it would say yes.
  const refusal = projectRefusal(config.tool, ports);
  if (refusal !== undefined) return settled(refusal);
  if (isLocalOnly(consent)) return settled("whatever is recorded stays on this machine");
  const place = placeForAnswer(directories, ports);
  // Otherwise a read-only home would be asked in every run.
  return place.status === "private" ? { status: "due" } : settled(`an answer could not be kept: ${place.reason}`);
}

/** Judges where the answer would be written, without making anything. */
function placeForAnswer({ config }: Directories, ports: Ports): Privacy {
  const { fileSystem } = ports;
  try {
    if (!fileSystem.statSync(config, { throwIfNoEntry: false })) return nearestPrivacy(config, ports);
    const existing = makeOwnDirectory(config, ports);
    if (existing.status === "private") fileSystem.accessSync(config, WRITE_AND_SEARCH);
    return existing;
  } catch {
    return { status: "unusable", reason: `${config} cannot be written` };
  }
}
