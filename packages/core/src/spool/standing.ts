/**
 * The standing of a spool: whether the events of one consent may still be sent under the consent of now. What has been withdrawn is never
 * sent, and the next uploader deletes it.
 */
import { isConsentId, isSameConsent } from "../consent/consent-id.ts";
import { joinPath } from "../platform/paths.ts";
import { namesIn } from "../platform/entries.ts";
import type { Spool } from "./spool.ts";

export type Standing =
  /** The next upload takes from it, if consent is given then. */
  | "current"
  /** Of the same consent, but collected to stay here while now it is to be sent, or the other way round. It waits until that is so again. */
  | "dormant"
  /** Of a consent that has been withdrawn or replaced. */
  | "withdrawn";

/** The standing of the spool with this name; undefined where the name is not a spool's. */
export function standingOf(name: string, { consentId }: Pick<Spool, "consentId">): Standing | undefined {
  if (name === consentId) return "current";
  if (!isConsentId(name)) return undefined;
  return isSameConsent(name, consentId) ? "dormant" : "withdrawn";
}

/** Deletes the spools of consents other than the current one: they have been withdrawn. */
export function purgeWithdrawn(spool: Spool): void {
  const { directories, ports } = spool;
  for (const name of namesIn(directories.spool, ports)) {
    if (standingOf(name, spool) === "withdrawn") ports.fileSystem.rmSync(joinPath(directories.spool, name), { recursive: true, force: true });
  }
}
