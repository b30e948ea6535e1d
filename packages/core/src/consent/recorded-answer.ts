/**
 * The recorded answer: what the user once said, from candor's record and from the tool's own configuration. A no in either is a no, and so
 * is what cannot be read. It reads; it never writes.
 */
import type { ConsentOptions, Verdict } from "./consent.ts";
import type { StoredConsent } from "./consent-store.ts";
import type { StoreReading } from "./tool-store.ts";

const STORED = "stored-choice";
const OUTDATED = "the consent text has changed since you answered";

/** What one record says. */
interface Recorded {
  readonly says: "yes" | "no" | "outdated-yes";
  readonly reason: string;
  /** A no to the question under an older text: it stands, and the question may be put again. */
  readonly toOlderText?: true;
}

/** A no wins, wherever it is recorded; what was answered to an older text counts as no answer. */
export function fromStored(stored: StoredConsent, kept: StoreReading, { version = 1, model = "opt-in", store }: ConsentOptions): Verdict | undefined {
  const records = [fromRecord(stored, version), fromToolStore(kept, store?.name ?? "", version)].filter((record) => record !== undefined);
  const no = records.find(({ says }) => says === "no");
  if (no) return { enabled: false, source: STORED, reason: no.reason, ...(no.toOlderText && model !== "enforced" ? { questionDue: true } : {}) };
  if (!records.some(({ says }) => says === "outdated-yes")) return records[0] && { enabled: true, source: STORED, reason: records[0].reason };
  if (model === "enforced" || (model === "opt-out" && isNoticeShown(stored, version))) return undefined;
  return { enabled: false, source: STORED, reason: OUTDATED, questionDue: true, ...(model === "opt-out" ? { noticeDue: true } : {}) };
}

/** Whether the notice with this consent text, or a later one, has been shown. */
export function isNoticeShown(stored: StoredConsent, version: number): boolean {
  return stored.status === "none" && stored.noticeVersion >= version;
}

function fromRecord(stored: StoredConsent, version: number): Recorded | undefined {
  if (stored.status === "none") return undefined;
  if (stored.status === "refused") return { says: "no", reason: stored.reason };
  const { enabled, answeredAt, consentVersion, givenBy } = stored.answer;
  const older = consentVersion < version;
  if (enabled && older) return { says: "outdated-yes", reason: OUTDATED };
  const reason = `you answered ${enabled ? "yes" : "no"} on ${answeredAt.slice(0, 10)}`;
  // Whoever used the command knows where the switch is and is not asked about it again.
  return { says: enabled ? "yes" : "no", reason, ...(older && givenBy !== "command" ? { toOlderText: true } : {}) };
}

function fromToolStore(kept: StoreReading, name: string, version: number): Recorded | undefined {
  if (kept.status === "none") return undefined;
  if (kept.status === "unreadable") return { says: "no", reason: `${name} cannot be understood` };
  const { enabled, consentVersion = version } = kept;
  if (enabled && consentVersion < version) return { says: "outdated-yes", reason: OUTDATED };
  return { says: enabled ? "yes" : "no", reason: `${name} says ${enabled ? "yes" : "no"}` };
}
