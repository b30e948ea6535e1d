/**
 * The consent id: names the consent under which events are collected, and the directory of the spool in which they wait. The events of one
 * consent are never sent under another.
 */

/** Stands for a yes that is on no record: a variable or the author's model said it. */
const UNRECORDED = "unrecorded";

const RECORDED = /^[0-9a-f]{8}$/;

/** What is collected to stay on this machine is kept apart from what is to be sent. */
const LOCAL = "-local";

/** Makes the id of a yes that is recorded now. `random` answers numbers in [0, 1). */
export function newConsentId(random: () => number): string {
  return Math.floor(random() * 2 ** 32).toString(16).padStart(8, "0");
}

/** Whether the text is the id of a recorded yes. */
export function isRecordedId(text: string): boolean {
  return RECORDED.test(text);
}

/** The id of the consent now, whose recorded yes has the id `recorded`, if there is one. */
export function consentIdOf(recorded: string | undefined, localOnly: boolean): string {
  return `${recorded ?? UNRECORDED}${localOnly ? LOCAL : ""}`;
}

/** Whether the text is the id of a consent. */
export function isConsentId(text: string): boolean {
  const id = wherever(text);
  return id === UNRECORDED || isRecordedId(id);
}

/** Whether what is collected under this id stays on this machine. */
export function isLocalConsent(consentId: string): boolean {
  return consentId.endsWith(LOCAL);
}

/** Whether two ids name one consent, wherever its events may go. */
export function isSameConsent(one: string, other: string): boolean {
  return wherever(one) === wherever(other);
}

function wherever(consentId: string): string {
  return isLocalConsent(consentId) ? consentId.slice(0, -LOCAL.length) : consentId;
}
