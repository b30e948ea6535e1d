/** The masks: what stands in place of what was taken out. */

/** In place of a secret whose name or prefix stays readable. */
export const MASK = "***";

/** In place of a value that cannot be shown at all. */
export const REDACTED = "<redacted>";
