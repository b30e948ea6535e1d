/**
 * Random schedules in real processes: tools that track, end and are killed, uploaders, commands, a destination with moods, and a consent file
 * that is torn, emptied, overwritten, deleted, made read-only or restored from a backup. Whatever happens: no byte of usage data arrives between the return of
 * `disable` or `reset` and the next yes, no event of one consent arrives under another, and no recorded no becomes a yes.
 *
 * CANDOR_SCHEDULES is the number of schedules (the full run has 1,000); CANDOR_SCHEDULES_SEED repeats a run: schedule n has the seed plus n.
 */
import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processesIn, temporaryHome, type TemporaryHome, waitUntil } from "@candor/testing";
import { resolveConsent } from "../../src/consent/consent.ts";
import { directoriesFor } from "../../src/platform/paths.ts";
import { type Ports, realPorts } from "../../src/platform/ports.ts";
import { chance, type Destination, type Operator, startDestination, startOperator, startTool, type ToldTool } from "./schedule-bench.ts";
import { killQuietly } from "./workbench.ts";

const SCHEDULES = Number(process.env["CANDOR_SCHEDULES"] ?? 80);
const SEED = Number(process.env["CANDOR_SCHEDULES_SEED"] ?? Date.now() % 1_000_000);
/** What may lie between the kernel and the destination's program: one read of libuv's. */
const CHUNK = 65_536;
/** Schedules under way at once. */
const LANES = 4;

jest.setTimeout(60_000 + SCHEDULES * 3_000);

/** What may arrive: nothing, or events of these consents. */
type Phase = { readonly allowed: "nothing" } | { readonly allowed: Set<string> };

const STEPS = ["start", "start", "track", "track", "track", "finish", "finish", "kill", "large upload", "large upload", "flush", "upload", "upload", "upload", "mood", "mood", "kill uploader", "enable", "disable", "reset", "disable among ends", "damage"] as const;
const MOODS = ["accepts", "accepts", "hangs", "is busy", "reads slowly"] as const;
const DAMAGES = ["torn", "empty", "corrupt", "deleted", "read-only", "restored"] as const;

let operatorsHome: TemporaryHome;
let operator: Operator;
let deletions: Destination<Phase>;
beforeAll(async () => {
  operatorsHome = temporaryHome();
  operator = startOperator(operatorsHome.environment, operatorsHome.path);
  deletions = await startDestination<Phase>({ allowed: "nothing" });
});
afterAll(async () => {
  operator.end();
  await deletions.close();
  operatorsHome.dispose();
});

interface Outcome {
  /** What went wrong; empty when nothing did. */
  readonly faults: readonly string[];
  readonly arrived: number;
  readonly refusals: number;
}

/** Runs one schedule to its end. */
async function runSchedule(seed: number): Promise<Outcome> {
  const { below, oneOf } = chance(seed);
  const home = temporaryHome();
  const destination = await startDestination<Phase>({ allowed: "nothing" });
  const model = oneOf(["opt-in", "opt-out"] as const);
  const options = {
    tool: "notes",
    version: "1.2.3",
    consent: { model },
    backend: { use: "http", endpoint: `${destination.url}/events` },
    deletion: { use: "http", endpoint: `${deletions.url}/deletions` },
    directories: { data: join(home.path, "data"), config: join(home.path, "config") },
    delivery: { minimumIntervalMs: 0, lifetimeMs: 20_000, sendTimeoutMs: 20_000, durability: oneOf(["track", "spill"] as const) },
  };
  const real = realPorts();
  const ports: Ports = { ...real, host: { ...real.host, environment: home.environment, args: [], workingDirectory: () => home.path } };
  const directories = directoriesFor("notes", ports.host, options.directories);
  const consent = (): ReturnType<typeof resolveConsent> => resolveConsent("notes", options.consent, directories, ports);
  const faults: string[] = [];
  const history: string[] = [];
  const tools = new Set<ToldTool>();
  const endings: Promise<unknown>[] = [];
  /** Nobody has said yes since the last no, or the record of the yes was damaged. */
  let off = true;
  let refusals = 0;
  let tracked = 0;
  let silentSince: number | undefined = 0;
  /** The record of the latest yes, and whether a no was said after it: restoring it takes back damage, never a no. */
  let backup: Buffer | undefined;
  let refusedSince = false;

  const fault = (text: string): void => void faults.push(`${text} (seed ${seed}: ${history.join(", ")})`);
  const checkSilence = async (): Promise<void> => {
    await destination.settled();
    if (silentSince !== undefined && destination.bytes() !== silentSince) fault(`${destination.bytes() - silentSince} bytes arrived after a no`);
    if (silentSince !== undefined) silentSince = destination.bytes();
  };
  const someTool = (): ToldTool | undefined => [...tools][below(Math.max(1, tools.size))];
  const leave = (tool: ToldTool): void => {
    tools.delete(tool);
    endings.push(tool.ended);
  };
  const uploaders = (): readonly number[] => processesIn(home.path).filter(({ commandLine }) => commandLine.includes("candor-uploader-")).map(({ pid }) => pid);

  const refuse = async (command: "disable" | "reset"): Promise<void> => {
    const reached = await destination.reached();
    const report = await operator.run(command, options);
    if (report.exitCode !== 0) fault(`${command} ended with ${report.exitCode}: ${report.lines.join(" ")}`);
    await checkSilence();
    await destination.readOn();
    // What had reached the destination's side cannot be called back; what was only under way must not follow.
    const followed = reached === undefined ? 0 : destination.bytes() - reached - CHUNK;
    if (followed > 0) fault(`${followed} bytes followed after ${command} had returned`);
    destination.phase = { allowed: "nothing" };
    silentSince = destination.bytes();
    off = true;
    refusedSince = true;
    refusals++;
  };

  const doers: Readonly<Record<(typeof STEPS)[number], () => Promise<void>>> = {
    async start() {
      if (tools.size === 3) return;
      const tool = await startTool(options, home.environment, home.path);
      if (off && tool.consentId !== null) fault("a tool collects after a no");
      tools.add(tool);
      await tool.tell(`track ${tool.consentId}-${++tracked}`);
    },
    async track() {
      const tool = someTool();
      await tool?.tell(`track ${tool.consentId}-${++tracked}`);
    },
    async finish() {
      const tool = someTool();
      if (!tool) return;
      tool.finish();
      leave(tool);
      if (below(2) === 0) await tool.ended;
    },
    async kill() {
      const tool = someTool();
      if (!tool) return;
      tool.kill();
      leave(tool);
      await tool.ended;
      await destination.readOn();
    },
    /** An uploader has begun, or has nothing to do; the next step meets it at work. */
    async upload() {
      if (tools.size === 0) await doers.start();
      const before = destination.bytes();
      const atWork = uploaders().length > 0;
      await doers.finish();
      await Promise.all(endings);
      if (atWork) return;
      await waitUntil("the uploader sends or has ended", () => destination.bytes() > before || uploaders().length === 0, 15_000);
    },
    /** More than a connection holds, to a destination that stops reading; until it reads on, the upload is under way. */
    async "large upload"() {
      if (tools.size === 0) await doers.start();
      destination.mood = "reads slowly";
      for (const tool of tools) await tool.tell(`load ${tool.consentId}-${++tracked}`);
      await doers.upload();
    },
    flush: async () => void (await someTool()?.tell("flush")),
    async mood() {
      destination.mood = oneOf(MOODS);
    },
    async "kill uploader"() {
      for (const pid of uploaders()) killQuietly(pid);
      // What a killed process had handed to the system is sent by the system, out of anybody's reach.
      await destination.readOn();
    },
    async enable() {
      await checkSilence();
      silentSince = undefined;
      const ids = destination.phase.allowed === "nothing" ? new Set<string>() : destination.phase.allowed;
      destination.phase = { allowed: ids };
      const report = await operator.run("enable", options);
      off = report.data["enabled"] !== true;
      if (off) return;
      ids.add(consent().consentId);
      backup = readFileSync(directories.consentFile);
      refusedSince = false;
    },
    disable: () => refuse("disable"),
    reset: () => refuse("reset"),
    async "disable among ends"() {
      for (const tool of tools) {
        if (below(2) === 0) tool.finish();
        else tool.kill();
        leave(tool);
      }
      await destination.readOn();
      await refuse("disable");
    },
    async damage() {
      const file = directories.consentFile;
      if (!existsSync(file)) return;
      const damage = oneOf(DAMAGES);
      history.push(damage);
      if (damage === "torn") writeFileSync(file, readFileSync(file).subarray(0, below(60)));
      if (damage === "empty") writeFileSync(file, "");
      if (damage === "corrupt") writeFileSync(file, Buffer.from(Array.from({ length: 40 }, () => below(256))));
      if (damage === "deleted") rmSync(file);
      if (damage === "restored" && backup) writeFileSync(file, backup);
      if (damage === "read-only") {
        chmodSync(file, 0o400);
        chmodSync(directories.config, oneOf([0o500, 0o700]));
      } else if (damage !== "restored") off = true;
      else if (backup && !refusedSince) off = false;
    },
  };

  try {
    const steps = ["enable" as const, ...Array.from({ length: 5 + below(6) }, () => oneOf(STEPS))];
    for (const step of below(5) === 0 ? steps.slice(1) : steps) {
      history.push(step);
      await doers[step]();
      if (off && consent().enabled) fault("a no has become a yes");
    }
    history.push("the end");
    await refuse(oneOf(["disable", "reset"] as const));
    for (const tool of tools) tool.finish();
    await Promise.all([...endings, ...[...tools].map((tool) => tool.ended)]);
    await waitUntil("no uploader lives any more", () => uploaders().length === 0, 15_000);
    await checkSilence();
    if (consent().enabled) fault("a no has become a yes");
    const names = destination.arrivals.flatMap(({ phase, text }) => [...text().matchAll(/"name":"([^"]+)-\d+"/g)].map(([, id = ""]) => ({ id, allowed: phase.allowed })));
    for (const { id, allowed } of names) if (allowed === "nothing" || !allowed.has(id)) fault(`an event of the consent ${id} arrived under another`);
    return { faults, arrived: names.length, refusals };
  } finally {
    for (const tool of tools) tool.kill();
    for (const pid of uploaders()) killQuietly(pid);
    await destination.close();
    home.dispose();
  }
}

it(`keeps every no over ${SCHEDULES} random schedules (CANDOR_SCHEDULES_SEED=${SEED})`, async () => {
  let next = 0;
  const outcomes: Outcome[] = [];
  const lane = async (): Promise<void> => {
    while (next < SCHEDULES) outcomes.push(await runSchedule(SEED + next++));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(outcomes.flatMap(({ faults }) => faults)).toEqual([]);
  // Schedules in which nothing happens would prove nothing.
  const total = (of: "arrived" | "refusals"): number => outcomes.reduce((sum, outcome) => sum + outcome[of], 0);
  expect(outcomes).toHaveLength(SCHEDULES);
  expect(total("refusals")).toBeGreaterThan(SCHEDULES);
  expect(total("arrived")).toBeGreaterThan(SCHEDULES / 4);
});
