/** The changes that an answer makes in drconfig.yaml (specification 6.5 and 13.2): which keys are set and which removed. Pure. */

export type ConfigValue = string | number | boolean;

/** Keys are top-level names, or `section.name`. Whatever is not named stays as it is. */
export interface DrConfigChange {
  readonly set: Readonly<Record<string, ConfigValue>>;
  readonly remove: readonly string[];
}

/** Longest reason that is kept, in characters. */
const MAX_REASON_LENGTH = 500;

/**
 * A yes. `now` in seconds since the epoch, `consentVersion` names the text that was answered. An earlier no goes, in both of
 * its places; the device id stays.
 */
export function recordOptIn({ now, consentVersion }: { readonly now: number; readonly consentVersion: string }): DrConfigChange {
  return {
    set: { "telemetry.enabled": true, "telemetry.opt_in_timestamp": Math.floor(now), "telemetry.last_prompt_version": consentVersion },
    remove: ["disable-telemetry", "telemetry.opt_out_reason"],
  };
}

/** A no. `now` in seconds since the epoch. The reason of an earlier no goes when this one has none. */
export function recordOptOut({ now, reason }: { readonly now: number; readonly reason?: string | undefined }): DrConfigChange {
  const words = reason?.replace(/\p{Cc}+/gu, " ").trim().slice(0, MAX_REASON_LENGTH).replace(/\p{Surrogate}/gu, "\uFFFD") ?? "";
  return {
    set: { "telemetry.enabled": false, ...(words === "" ? {} : { "telemetry.opt_out_reason": words }), "telemetry.last_updated": Math.floor(now) },
    remove: words === "" ? ["telemetry.opt_out_reason"] : [],
  };
}
