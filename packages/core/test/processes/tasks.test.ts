/** Background tasks: what the uploader does for the tool beside delivering. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { waitUntil } from "@candor/testing";
import { workbenchPerTest } from "./workbench-per-test.ts";
import { createWorkbench, namesAt } from "./workbench.ts";

const TASK = pathToFileURL(join(__dirname, "programs", "task.mjs")).href;

const { intake, bench } = workbenchPerTest();
let notes: string;
beforeEach(() => {
  notes = join(bench.home.path, "notes-of-the-task");
  mkdirSync(notes);
});

const has = (name: string): boolean => existsSync(join(notes, name));
const tasks = (options: Readonly<Record<string, unknown>> = {}): object => ({ tasks: [{ use: TASK, notes, ...options }] });

describe("a background task", () => {
  it("is done by the uploader, with its options, after the tool has ended", async () => {
    await bench.run([["track", "a"]], { options: { ...tasks({ region: "eu" }) } });
    await waitUntil("the task has finished", () => has("finished"));
    expect(JSON.parse(readFileSync(join(notes, "began"), "utf8"))).toEqual({ options: { notes, region: "eu" }, toolName: "notes", toolVersion: "1.2.3" });
    await bench.uploadersGone();
    expect(namesAt(intake)).toEqual(["a"]);
  });

  it("holds up neither the delivery nor the tool, and ends with the uploader's life", async () => {
    await bench.run([["track", "a"]], { options: { ...tasks({ forever: true }), delivery: { lifetimeMs: 3_000 } } });
    await waitUntil("the event is delivered while the task goes on", () => namesAt(intake).length === 1 && has("began") && !has("stopped"));
    await waitUntil("the event has left the disk", () => bench.spooled().length === 0);
    await bench.uploadersGone();
    expect(has("stopped")).toBe(true);
  });

  it("ends when consent is withdrawn", async () => {
    const stored = createWorkbench({ url: intake.url, consent: "stored", home: bench.home, options: { ...tasks({ forever: true }) } });
    await stored.command("enable");
    await stored.run([["track", "a"]]);
    await waitUntil("the task has begun", () => has("began"));
    await stored.command("disable");
    // Before it returns, and not merely some time later.
    expect(has("stopped")).toBe(true);
    await stored.uploadersGone();
  });

  it("does not begin where the tool waits for its uploader, because nobody waits for a task", async () => {
    const { exitCode } = await bench.run([["track", "a"], ["exit", 3]], { options: { ...tasks({ forever: true }), delivery: { by: "inline", inlineTimeoutMs: 20_000 } } });
    expect({ exitCode, began: has("began"), uploaders: bench.uploaders() }).toEqual({ exitCode: 3, began: false, uploaders: [] });
    expect(namesAt(intake)).toEqual(["a"]);
  });

  it("is done by one uploader, although more events come while it goes on; they are delivered after it", async () => {
    const options = { ...tasks({ forever: true }), delivery: { lifetimeMs: 4_000 } };
    await bench.run([["track", "a"]], { options });
    await waitUntil("the task goes on", () => has("began") && namesAt(intake).length === 1);
    for (const name of ["b", "c"]) await bench.run([["track", name]], { options });
    expect(bench.uploaders().length).toBeLessThanOrEqual(1);
    await bench.uploadersGone();
    await bench.run([["track", "d"]]);
    await bench.uploadersGone();
    expect(namesAt(intake)).toEqual(["a", "b", "c", "d"]);
  });

  it("costs nothing but itself when it is not installed", async () => {
    await bench.run([["track", "a"]], { options: { tasks: [{ use: "not-installed/task" }] } });
    await bench.uploadersGone();
    expect(namesAt(intake)).toEqual(["a"]);
    expect(bench.spooled()).toEqual([]);
  });

  it.each(["off", "local"])("does not begin while telemetry is %s", async (value) => {
    await bench.run([["track", "a"]], { options: { ...tasks() }, variables: { NOTES_TELEMETRY: value } });
    await bench.uploadersGone();
    expect(has("began")).toBe(false);
  });
});
