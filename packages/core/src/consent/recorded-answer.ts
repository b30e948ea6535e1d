/**
 * The recorded answer: what the user once said, from candor's record and from the tool's own configuration. A no in either is a no, and so
 * is what cannot be read. It reads; it never writes.
 */
import type { ConsentOptions, Verdict } from "./consent.ts";
import type { StoredConsent } from "./consent-store.ts";
import { type ConsentStore, readStore } from "./tool-store.ts";

/** A no wins, wherever it is recorded. */
export function fromStored(stored: StoredConsent, { version = 1, store }: ConsentOptions): Verdict | undefined {
  const own = fromRecord(stored, version);
  if (own?.enabled === false) return own;
  const kept = fromToolStore(store, version);
  return kept?.enabled === false ? kept : (own ?? kept);
}

function fromRecord(stored: StoredConsent, version: number): Verdict | undefined {
  if (stored.status === "none") return undefined;
  if (stored.status === "refused") return { enabled: false, source: STORED, reason: stored.reason };
  const { enabled, answeredAt, consentVersion } = stored.answer;
  if (enabled && consentVersion < version) return { enabled: false, source: STORED, reason: OUTDATED };
  return { enabled, source: STORED, reason: `you answered ${enabled ? "yes" : "no"} on ${answeredAt.slice(0, 10)}` };
}

function fromToolStore(store: ConsentStore | undefined, version: number): Verdict | undefined {
  const reading = readStore(store);
  if (!store || reading.status === "none") return undefined;
  if (reading.status === "unreadable") return { enabled: false, source: STORED, reason: `${store.name} cannot be understood` };
  const { enabled, consentVersion = version } = reading.answer;
  if (enabled && consentVersion < version) return { enabled: false, source: STORED, reason: OUTDATED };
  return { enabled, source: STORED, reason: `${store.name} says ${enabled ? "yes" : "no"}` };
}

const STORED = "stored-choice";
const OUTDATED = "the consent text has changed since you answered";
