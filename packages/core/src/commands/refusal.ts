/** The refusal: records a no wherever an answer is kept, and says what still stands against it. */
import type { Installation } from "../collector/installation.ts";
import { type GivenAnswer, storeConsent, type StoreOutcome } from "../consent/consent-store.ts";
import { writeStore } from "../consent/tool-store.ts";
import { giveUpReserve } from "../spool/losses.ts";
import { purgeSpools } from "../spool/purge.ts";

/** Longest reason kept, in characters. */
const MAX_REASON_LENGTH = 200;

/** How a no is given. */
export interface RefusalOptions {
  /** Why, in the user's words. */
  readonly reason?: string | undefined;
  /** Default `command`. */
  readonly givenBy?: GivenAnswer["givenBy"];
}

/** A full disk must not keep anybody from saying no: what telemetry itself holds is given up for it. */
export function refuse({ config, directories, ports }: Installation, { reason, givenBy = "command" }: RefusalOptions = {}): StoreOutcome {
  const answer: GivenAnswer = { enabled: false, localOnly: false, consentVersion: config.consent.version ?? 1, givenBy, ...(reason ? { reason: reason.slice(0, MAX_REASON_LENGTH) } : {}) };
  const stored = storeConsent(answer, directories, ports);
  if (stored.status === "stored" || purgeSpools(directories, ports).status === "failed") return stored;
  giveUpReserve(directories, ports);
  return storeConsent(answer, directories, ports);
}

/** Tells the tool's own configuration, after candor's record. Answers what went wrong, as lines. */
export async function refuseInStore({ config, ports, consent }: Installation, { reason, givenBy = "command" }: RefusalOptions = {}): Promise<string[]> {
  const problem = await writeStore(config.consent.store, {
    enabled: false,
    answeredAt: new Date(ports.clock.now()).toISOString(),
    consentVersion: config.consent.version ?? 1,
    givenBy,
    ...(reason ? { reason: reason.slice(0, MAX_REASON_LENGTH) } : {}),
  });
  if (problem === undefined) return [];
  return [consent().enabled ? `${problem}.` : `${problem}; telemetry is off all the same.`];
}

/** A variable may say yes above the stored no; whoever disables must hear it. */
export function stillEnabled(installation: Installation): string[] {
  const { enabled, reason } = installation.consent();
  return enabled ? [`Telemetry is still on for this environment: ${reason}.`] : [];
}
