/** The stage of the deletion tests: a tool with an endpoint for its events and one for deletion requests, and a user who said yes. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Intake, type RunningProcess, startIntake, startProcess } from "@candor/testing";
import { CONTROL, createWorkbench, type Report, type Workbench } from "./workbench.ts";

export interface Deletion {
  readonly status: string;
  readonly destinations: readonly { readonly status: string }[];
}

export interface ErasureStage {
  /** Where events go; it answers as an OTLP collector does. */
  readonly events: Intake;
  /** Where deletion requests go. */
  readonly erasure: Intake;
  readonly bench: Workbench;
  /** The ids that the endpoint was asked to erase, one entry a request. */
  asked(): readonly string[];
  requestFiles(): readonly string[];
  /** A user says yes, and an event arrives; answers the id it carried. */
  use(): Promise<string>;
  /** As if the back-off had passed. */
  letTimePass(): void;
  /** Starts `reset`, for tests that end it or run two. */
  startReset(): RunningProcess;
  dispose(): Promise<void>;
}

/** Sets the stage; `options` are the collector's, given the address for events. */
export async function erasureStage(options?: (eventsUrl: string) => Readonly<Record<string, unknown>>): Promise<ErasureStage> {
  const events = await startIntake({ reply: { action: "answer", status: 200, headers: { "content-type": "application/json" }, body: "{}" } });
  const erasure = await startIntake();
  const toEndpoint = { deletion: { use: "http", endpoint: `${erasure.url}/erase` } };
  const bench = createWorkbench({ url: events.url, consent: "stored", options: { ...toEndpoint, ...options?.(events.url) } });
  const requestFiles = (): readonly string[] => bench.home.list().filter((path) => path.includes("/deletions/"));
  return {
    events,
    erasure,
    bench,
    requestFiles,
    asked: () => erasure.requests.map(({ body }) => String((JSON.parse(body) as Record<string, unknown>)["machine_id"])),
    async use() {
      await bench.command("enable");
      await bench.run([["track", "at work"]]);
      await bench.uploadersGone();
      return String((await bench.command("status")).data["machineId"]);
    },
    letTimePass() {
      for (const path of requestFiles()) {
        const file = join(bench.home.path, path);
        writeFileSync(file, readFileSync(file, "utf8").replaceAll(/"nextAttemptAt":\d+/g, '"nextAttemptAt":0'));
      }
    },
    startReset: () => startProcess(process.execPath, [CONTROL, "reset"], { cwd: bench.home.path, environment: bench.environmentFor([]) }),
    async dispose() {
      await bench.dispose();
      await Promise.all([events.close(), erasure.close()]);
    },
  };
}

/** What a report says of the deletion. */
export function deletionOf({ data }: Report): Deletion {
  return data["deletion"] as Deletion;
}
