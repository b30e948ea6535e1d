/**
 * The numbers of DataRobot's technical specification, for authors who configure a collector by it and for whoever compares.
 * candor's own settings have the same meaning but for `shutdownTimeoutMs`: a command of candor's waits for nothing.
 */
export const dataRobotSpecification = {
  /** Events a request (6.2.2). */
  batchSize: 10,
  /** Between two deliveries of a process that runs long (6.2.2). */
  flushIntervalMs: 30_000,
  /** Of one request (6.2.2). */
  requestTimeoutMs: 10_000,
  /** What the end of a command may wait (6.3.1). */
  shutdownTimeoutMs: 5_000,
  /** Waits before the second, third and fourth attempt (11.1, question 4). */
  retryDelaysMs: [1_000, 2_000, 4_000],
  /** Amplitude's HTTP API V2 (12.4). */
  endpoint: "https://api2.amplitude.com/2/httpapi",
  /** How long Amplitude keeps events (7.3). */
  retentionDays: 90,
} as const;
