/** What `inspect` shows is what the receiver gets, event for event, and what it says was sent is what the receiver got. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { type ProcessResult, runProcess, sampleEvent } from "@candor/testing";
import { workbenchPerTest } from "./workbench-per-test.ts";
import { createWorkbench, type RunChoices, type Step } from "./workbench.ts";

const RECORD = join(__dirname, "programs", "record.mjs");

const { intake, bench } = workbenchPerTest();

interface Shown {
  readonly count: number;
  readonly destinations: readonly { readonly destination: string; readonly droppedEvents: number }[];
  readonly waiting: readonly { readonly lacks: readonly string[]; readonly event: Record<string, unknown> }[];
}

interface Sent {
  readonly sent: readonly { readonly at: string; readonly destination: string; readonly outcome: string; readonly event: Record<string, unknown> }[];
}

const record = (args: readonly string[], choices: RunChoices = {}, nodeArguments: readonly string[] = []): Promise<ProcessResult> =>
  runProcess(process.execPath, [...nodeArguments, RECORD, ...args], { environment: bench.environmentFor([], choices), cwd: bench.home.path });

async function inspected<Document>(options: Readonly<Record<string, unknown>> = {}): Promise<Document> {
  const { stdout, stderr, exitCode } = await record(["inspect", JSON.stringify(options)]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Document;
}

const steps: readonly Step[] = [["track", "plain"], ["track", "full", { nested: { list: [1, null, "é\u001b[31m"] }, zero: 0, flag: false }], ["trackMany", "many", 30, 50]];

/** An upload has begun a moment ago, so that for now no further one is due. */
const NOT_DUE: RunChoices = { options: { delivery: { minimumIntervalMs: 3_600_000 } } };

/** 33 events that wait although the destination is well; it has had one request before. */
async function leaveWaiting(): Promise<void> {
  await bench.run([["track", "sent before"]]);
  await intake.waitFor(() => intake.events().length === 1, { timeoutMs: 15_000 });
  await bench.uploadersGone();
  await bench.run(steps, NOT_DUE);
  await bench.run([["track", "a later run"]], NOT_DUE);
}

describe("what waits", () => {
  it("is exactly what the carried uploader then sends, and inspect then shows exactly what was sent", async () => {
    await leaveWaiting();
    const shown = await inspected<Shown>();
    expect(shown).toMatchObject({ count: 33, destinations: [{ destination: `http (${intake.url}/events)`, droppedEvents: 0 }] });
    expect(intake.requests).toHaveLength(1);

    await bench.run([["track", "due again"]]);
    await intake.waitFor(() => intake.events().length === 35, { timeoutMs: 20_000 });
    await bench.uploadersGone();
    expect(intake.events().slice(1, -1)).toEqual(shown.waiting.map(({ event }) => event));
    expect(await inspected<Shown>()).toMatchObject({ count: 0 });
    const { sent } = await inspected<Sent>({ sent: true });
    expect(sent.map(({ event }) => event)).toEqual(intake.events());
    for (const { outcome, destination, at } of sent) expect([outcome, destination, Number.isNaN(Date.parse(at))]).toEqual(["accepted", `http (${intake.url}/events)`, false]);
  });

  it("is exactly what flush sends, with the losses that inspect announced", async () => {
    await leaveWaiting();
    writeFileSync(join(bench.data, "losses.ndjson"), '{"reason":"evicted","count":7}\n');
    const shown = await inspected<Shown>();
    expect(shown.destinations).toMatchObject([{ droppedEvents: 7 }]);
    const { stdout, stderr, exitCode } = await record(["flush"]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ lines: ["33 events sent; nothing is left."] });
    const [first, ...rest] = shown.waiting.map(({ event }) => event);
    expect(intake.events().slice(1)).toEqual([{ ...first, dropped_events: 7 }, ...rest]);
    const { sent } = await inspected<Sent>({ sent: true });
    expect(sent.map(({ event }) => event)).toEqual(intake.events());
  });

  it("is told of by flush when the destination is down: what is left, where, and when it is tried again", async () => {
    await leaveWaiting();
    await intake.pause();
    const { exitCode, stdout, stderr } = await record(["flush"]);
    expect([exitCode, stderr]).toEqual([1, ""]);
    expect((JSON.parse(stdout) as { lines: string[] }).lines).toEqual([expect.stringMatching(/^Nothing was sent: .+ 33 events left\.$/), expect.stringMatching(/^ {2}http \(http:.+\): 33 left, next attempt 20/)]);
    expect(await inspected<Shown>()).toMatchObject({ count: 33 });
  });

  it("still has what it is sending among what waits, until it is acknowledged", async () => {
    intake.reply({ action: "hang" });
    await bench.run([["track", "under way"]]);
    await intake.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
    expect(bench.spooled()).toEqual([expect.stringContaining("claimed")]);
    const shown = await inspected<Shown>();
    expect(shown.waiting.map(({ event }) => event)).toEqual(intake.events());
  });

  it("has a receipt for what a no stopped on its way", async () => {
    const stored = createWorkbench({ url: intake.url, consent: "stored", home: bench.home });
    await stored.command("enable");
    intake.reply({ action: "hang" });
    await stored.run([["track", "under way"]], { without: ["NOTES_TELEMETRY"] });
    await intake.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
    expect(await stored.command("disable")).toMatchObject({ exitCode: 0 });
    const { sent } = await inspected<Sent>({ sent: true });
    expect(sent).toMatchObject([{ outcome: "unacknowledged", event: { name: "under way" } }]);
  });
});

describe("a full spool", () => {
  /** A heap that does not hold the spool once, let alone its text. */
  const SMALL_HEAP = ["--max-old-space-size=28"];

  const fill = (): number => {
    const pending = join(bench.data, "spool", "v1", "unrecorded", "pending");
    mkdirSync(pending, { recursive: true, mode: 0o700 });
    let bytes = 0;
    for (let batch = 0; batch < 120; batch++) {
      const events = Array.from({ length: 500 }, () => sampleEvent({ metadata: { filler: "word ".repeat(60) } }));
      const text = events.map((event) => `${JSON.stringify(event)}\n`).join("");
      writeFileSync(join(pending, `${events[0]?.id}.500.${Buffer.byteLength(text)}.ndjson`), text, { mode: 0o600 });
      bytes += text.length;
    }
    return bytes;
  };

  it.each([
    ["inspect", "json"],
    ["inspect", "text"],
    ["export", "json"],
  ])("is shown by %s (%s) in less memory than it has bytes", async (name, form) => {
    expect(fill()).toBeGreaterThan(30 * 1024 * 1024);
    const { exitCode, stdout, stderr } = await record([name, "{}", form], {}, SMALL_HEAP);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout.length).toBeGreaterThan(30 * 1024 * 1024);
    expect(stdout).toContain(name === "export" ? '"problems": []' : form === "text" ? "60000 events wait" : '"count": 60000');
  });
});

it("exports to a file that only its owner can read", async () => {
  await bench.run([["track", "sent"]]);
  await intake.waitFor(() => intake.events().length === 1, { timeoutMs: 15_000 });
  await bench.uploadersGone();
  const out = join(bench.home.path, "mine.json");
  await record(["export", JSON.stringify({ out })]);
  const report = JSON.parse(readFileSync(out, "utf8")) as { sent: { event: { name: string } }[] };
  expect(report).toMatchObject({ tool: { name: "notes" }, waiting: [], sent: [{ outcome: "accepted", event: { name: "sent" } }], problems: [] });
  expect(await record(["export", JSON.stringify({ out })])).toMatchObject({ exitCode: 1 });
  expect(intake.requests).toHaveLength(1);
});
