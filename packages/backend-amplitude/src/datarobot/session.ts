/** The session: one run of the tool. It is never kept, so that two runs have nothing in common. */

/** When this process began, in milliseconds since the epoch: one number a process, whoever asks and how often. */
export function sessionId(): number {
  return Math.round(performance.timeOrigin);
}
