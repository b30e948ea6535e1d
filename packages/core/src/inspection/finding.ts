/** The finding: one thing the doctor looked at, and what to do about it. */

export interface Finding {
  /** What was looked at: `consent`, `policy`, `storage`, `spool`, `catalog`, `deletion`, or a destination. */
  readonly subject: string;
  readonly status: "pass" | "warn" | "fail" | "skip";
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** The findings for people. */
export function findingLines(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ subject, status, message, advice }) => [
    `${status.padEnd(4)}  ${subject}: ${message}`,
    ...(advice ? [`      ${advice}`] : []),
  ]);
}
