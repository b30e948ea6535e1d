/** The notice of the opt-out model on a real terminal. */
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { startIntake } from "@candor/testing";
import { askingTool, type AskingTool } from "./asking-tool.ts";

const NOTICE = "notes collects usage data from the next run on";
const OPT_OUT = { consent: { model: "opt-out" }, instrument: {} } as const;
const onPosix = process.platform === "win32" ? describe.skip : describe;

onPosix("the notice", () => {
  let tool: AskingTool;
  beforeEach(() => {
    tool = askingTool();
  });
  afterEach(() => tool.dispose());

  it("is not shown where nobody can read it, and counts as not shown", async () => {
    const hidden = tool.open(["add", "milk"], { asking: OPT_OUT, shell: "$TOOL 2> errors; cat errors" });
    await hidden.ended;
    expect(hidden.text()).toBe("added milk\r\n");
    expect(tool.record()).toBeUndefined();
    const seen = tool.open(["add", "milk"], { asking: OPT_OUT });
    await seen.ended;
    expect(seen.text()).toContain(NOTICE);
  });

  it("is not shown to a coding agent, which is no person", async () => {
    const terminal = tool.open(["add", "milk"], { asking: OPT_OUT, variables: { CLAUDECODE: "1" } });
    await terminal.ended;
    expect(terminal.text()).toBe("added milk\r\n");
    expect(tool.record()).toBeUndefined();
  });

  it("is shown once, and again when the consent text has changed; it names the command as it is mounted", async () => {
    const runs = [1, 1, 2, 2].map((version) => ({ ...OPT_OUT, consent: { model: "opt-out", version } }));
    const shown: boolean[] = [];
    for (const asking of runs) {
      const terminal = tool.open(["fail"], { asking });
      expect(await terminal.ended).toEqual({ exitCode: 3, signal: 0 });
      shown.push(terminal.text().includes(NOTICE) && terminal.text().includes("`notes self telemetry disable` stops it"));
    }
    expect(shown).toEqual([true, false, true, false]);
  });

  it("has the author's own words", async () => {
    const terminal = tool.open(["fail"], { asking: { ...OPT_OUT, instrument: { notice: ["We count runs."] } } });
    await terminal.ended;
    expect(terminal.text()).toContain("We count runs.");
    expect(terminal.text()).not.toContain(NOTICE);
  });

  it("leaves the run that shows it without an event; the next one is sent", async () => {
    const intake = await startIntake();
    try {
      const asking = { ...OPT_OUT, backend: { use: "http", endpoint: `${intake.url}/events` } };
      await tool.open(["add", "milk"], { asking }).ended;
      expect(tool.home.list().filter((path) => path.includes("spool"))).toEqual([]);
      await tool.open(["fail"], { asking }).ended;
      await intake.waitFor(() => intake.events().some(({ name }) => name === "notes fail"), { timeoutMs: 15_000 });
      expect(intake.events().map(({ name }) => name)).not.toContain("notes add");
    } finally {
      await intake.close();
    }
  });
});
