/** The stage of tests about deletion requests that wait: a tool whose endpoint for them cannot be reached, and what lies on disk then. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Collector } from "../../src/collector/collector.ts";
import { reset } from "../../src/commands.ts";
import type { CollectorOptions } from "../../src/config/config.ts";
import type { CommandReport } from "../../src/commands.ts";
import { directoriesFor } from "../../src/platform/paths.ts";
import type { FakeProcess } from "../fake-ports.ts";
import { storeIdentity } from "../mytool.ts";
import { answer, collectorOn, HTTP } from "../options.ts";

/** Nothing listens there: port 9 is the discard service, which no machine of today runs. */
export const UNREACHABLE = { use: "http", endpoint: "http://127.0.0.1:9/erase" } as const;

export const HOUR_MS = 60 * 60_000;

/** As if the tool had been in use on the machine: a yes is on record, and its id with those before it. */
export function putInUse(machine: FakeProcess, earlier: readonly string[] = []): void {
  answer(machine, {}, "mytool");
  storeIdentity(machine, earlier);
}

/** The tool, as a run of its own. */
export function toolOn(machine: FakeProcess, options: Partial<CollectorOptions> = {}): Collector {
  return collectorOn(machine, { tool: "mytool", backend: HTTP, deletion: UNREACHABLE, ...options });
}

/** A reset that leaves a request waiting. */
export async function resetInVain(machine: FakeProcess, options: Partial<CollectorOptions> = {}): Promise<CommandReport> {
  const report = await reset(toolOn(machine, options));
  const { status } = report.data["deletion"] as { status: string };
  if (status !== "queued") throw new Error(`the request is ${status}`);
  return report;
}

/** The paths of the stored requests. */
export function requestFiles({ host }: FakeProcess): string[] {
  const { deletions } = directoriesFor("mytool", host);
  try {
    return readdirSync(deletions).filter((name) => name.endsWith(".json")).map((name) => join(deletions, name));
  } catch {
    return [];
  }
}

/** What the stored requests say. */
export function storedRequests(machine: FakeProcess): Record<string, unknown>[] {
  return requestFiles(machine).map((path) => JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>);
}
