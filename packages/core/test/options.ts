/** Collectors for tests: a tool with a yes on record, on a fake machine. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Collector } from "../src/collector/collector.ts";
import type { CollectorOptions } from "../src/config/config.ts";
import { createCollector } from "../src/collector/create-collector.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { createSpool, type Spool } from "../src/spool/spool.ts";
import type { FakeProcess } from "./fake-ports.ts";
import { BOUNDS } from "./fixtures.ts";

export const CONSENT_ID = "1a2b3c4d";

/** A destination that nobody reaches. */
export const HTTP = { use: "http", endpoint: "https://h/e" } as const;

const made: Collector[] = [];

/** A collector of the tool `notes`; `closeAll` ends it. */
export function collectorOn(machine: FakeProcess, options: Partial<CollectorOptions> = {}): Collector {
  const collector = createCollector({ tool: "notes", version: "1.2.3", ...options }, machine.ports);
  made.push(collector);
  return collector;
}

/** Ends every collector made by `collectorOn`; `workstationPerTest` does. */
export async function closeAll(): Promise<void> {
  await Promise.all(made.splice(0).map((collector) => collector.close()));
}

/** Writes the user's recorded answer. */
export function answer(machine: FakeProcess, record: Readonly<Record<string, unknown>> = {}, tool = "notes"): void {
  writeConsent(machine, JSON.stringify({ enabled: true, localOnly: false, consentId: CONSENT_ID, answeredAt: "2026-01-01T00:00:00.000Z", consentVersion: 1, givenBy: "command", ...record }), tool);
}

/** Writes any text where the recorded answer stands. */
export function writeConsent(machine: FakeProcess, text: string, tool = "notes"): void {
  const { consentFile } = directoriesFor(tool, machine.host);
  mkdirSync(dirname(consentFile), { recursive: true, mode: 0o700 });
  writeFileSync(consentFile, text);
}

/** Writes the second record of a no. */
export function writeRefusal(machine: FakeProcess, tool = "notes"): void {
  const { refusalFile } = directoriesFor(tool, machine.host);
  mkdirSync(dirname(refusalFile), { recursive: true, mode: 0o700 });
  writeFileSync(refusalFile, "2026-01-01T00:00:00.000Z\n");
}

/** The spool of a consent, as it is found: unlike `spoolOn` it makes no directory. */
export function spoolAsFound(machine: FakeProcess, consentId = CONSENT_ID, tool = "notes"): Spool {
  return createSpool(consentId, directoriesFor(tool, machine.host), BOUNDS, machine.ports);
}

/** Tracks events named `e1`, `e2`, …; the names go on from `first`. */
export function trackNamed(collector: Collector, count: number, first = 1): void {
  for (let index = first; index < first + count; index++) collector.track("feature.used", `e${index}`);
}
