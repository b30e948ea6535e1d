/** A tool in one file, its backend included, that is started again as its own uploader. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { type ProcessResult, runProcess, waitUntil } from "@candor/testing";
import { workbenchPerTest } from "./workbench-per-test.ts";

const PROGRAMS = join(__dirname, "programs");

const { intake, bench } = workbenchPerTest({ backend: { use: "own" }, options: { delivery: { uploader: "tool" } } });

const runsFile = (): string => join(bench.home.path, "runs");
const runs = (): readonly string[] => (existsSync(runsFile()) ? readFileSync(runsFile(), "utf8").trim().split("\n") : []);

/** The processes that sent something, one entry a request. */
const senders = (): readonly { readonly pid: number; readonly args: readonly string[] }[] =>
  intake.requests.map(({ headers }) => JSON.parse(String(headers["x-process"])) as { pid: number; args: string[] });

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process.
    return false;
  }
}

// The last one is named as candor's own entry is, which the bundle must not take itself for.
describe.each([
  ["esm", "notes.mjs"],
  ["cjs", "notes.cjs"],
  ["esm", "core/dist/esm/index.js"],
])("a tool bundled with its backend (%s, as %s)", (format, file) => {
  let tool: string;

  beforeEach(async () => {
    tool = join(bench.home.path, "bin", file);
    mkdirSync(dirname(tool), { recursive: true });
    writeFileSync(join(dirname(tool), "package.json"), JSON.stringify({ type: format === "esm" ? "module" : "commonjs" }));
    const built = await runProcess(process.execPath, [join(PROGRAMS, "bundle.mjs"), join(PROGRAMS, "self-uploader.mjs"), tool, format], { environment: bench.home.environment, cwd: PROGRAMS });
    if (built.exitCode !== 0) throw new Error(built.stderr);
    // Files of the tool's own that have the names of candor's.
    mkdirSync(join(dirname(tool), "../cjs"), { recursive: true });
    for (const name of ["collection.js", "background.js"]) writeFileSync(join(dirname(tool), "../cjs", name), "process.exit(7);");
  });

  const run = (name: string, variables: Readonly<Record<string, string>> = {}): Promise<ProcessResult> =>
    runProcess(process.execPath, [tool, name], { cwd: bench.home.path, environment: { ...bench.environmentFor([]), RUNS: runsFile(), ...variables } });

  it("delivers from a process of its own, started without arguments, that does not do the tool's work", async () => {
    const result = await run("at work");
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\n$/), stderr: "" });
    await waitUntil("the event is taken", () => bench.spooled().length === 0 && intake.requests.length > 0, 20_000);
    const [sender] = senders();
    await waitUntil("the uploader has ended", () => !lives(sender?.pid ?? 0));
    expect(intake.events().map(({ name }) => name)).toEqual(["at work"]);
    expect(sender).toEqual({ pid: expect.any(Number), args: [] });
    expect(sender?.pid).not.toBe(Number(result.stdout));
    expect(runs()).toEqual([result.stdout.trim()]);
  });

  it("keeps the event when the destination refuses it, and delivers it with the next", async () => {
    intake.reply({ action: "answer", status: 503 });
    await run("first");
    await waitUntil("the event is taken after all", () => bench.spooled().length === 0 && intake.requests.length > 1, 20_000);
    expect(new Set(senders().map(({ pid }) => pid)).size).toBe(1);
    await run("second");
    await waitUntil("the next is taken", () => bench.spooled().length === 0 && intake.requests.length > 2, 20_000);
    expect(intake.events().map(({ name }) => name)).toEqual(["first", "first", "second"]);
    expect(runs()).toHaveLength(2);
  });

  it.each(["{", "{}", '{"generation":1}'])("ends at once, without a word and without the tool's work, for a handover of %j", async (handover) => {
    expect(await run("at work", { CANDOR_UPLOADER: handover })).toMatchObject({ exitCode: 0, signal: null, stdout: "", stderr: "" });
    expect(runs()).toEqual([]);
    expect(bench.spooled()).toEqual([]);
  });

  it("starts and sends nothing while consent is off", async () => {
    const result = await run("at work", { DO_NOT_TRACK: "1" });
    expect(result.stdout).toMatch(/^\d+\n$/);
    expect([bench.spooled(), intake.requests.length]).toEqual([[], 0]);
  });
});
