import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Collector, createCollector } from "@candor/core";
import { type TemporaryHome, temporaryHome } from "@candor/testing";
import type { Command } from "commander";
import { addTelemetryCommand } from "../../src/commander.ts";
import { COPIES } from "./copies.ts";

describe.each(COPIES)("addTelemetryCommand, with Commander $version", ({ createProgram }) => {
  let home: TemporaryHome;
  let collector: Collector;
  let program: Command;
  let output: string;

  const run = (...words: string[]): Promise<Command> => program.parseAsync(words, { from: "user" });

  beforeEach(() => {
    home = temporaryHome({ file: "" });
    collector = createCollector({ tool: "notes", version: "1.4.0", directories: { data: `${home.path}/data`, config: `${home.path}/config` } });
    output = "";
    program = createProgram("notes").configureOutput({ writeOut: (text) => void (output += text) });
  });

  afterEach(async () => {
    await collector.close();
    home.dispose();
    process.exitCode = undefined;
  });

  it("sets the exit status to 1 when a subcommand could not do its work", async () => {
    const directories = { data: `${home.path}/data`, config: `${home.path}/file/config` };
    addTelemetryCommand(program, createCollector({ tool: "notes", version: "1.4.0", directories }));
    await run("telemetry", "enable");
    expect(output).toMatch(/^failed to persist telemetry setting: .+\n$/);
    expect(process.exitCode).toBe(1);
  });

  it("leaves an exit status the tool has set as it is", async () => {
    addTelemetryCommand(program, collector);
    process.exitCode = 3;
    await run("telemetry", "status");
    expect(process.exitCode).toBe(3);
  });

  it("describes the command and its subcommands in help", () => {
    const mounted = addTelemetryCommand(program, collector);
    expect(program.helpInformation()).toContain("Manage pseudonymous usage telemetry");
    expect(mounted.helpInformation()).toContain("Manage pseudonymous usage analytics of this tool.");
    expect(mounted.commands.map((each) => each.name())).toEqual(["enable", "disable", "status", "inspect", "flush", "export", "info", "doctor", "reset"]);
    for (const each of mounted.commands) expect(each.description()).not.toBe("");
  });

  it("stores the choice and says so through the program's output", async () => {
    addTelemetryCommand(program, collector);
    await run("telemetry", "disable");
    expect(output).toContain("Telemetry disabled.\n");
    expect(collector.installation.consent().enabled).toBe(false);
    expect(home.list()).toContain("config/telemetry.json");
  });

  it("keeps the reason of a no with the answer, on this machine", async () => {
    addTelemetryCommand(program, collector);
    await run("telemetry", "disable", "--reason", "privacy concerns");
    expect(JSON.parse(home.read("config/telemetry.json"))).toMatchObject({ enabled: false, reason: "privacy concerns" });
    expect(output).not.toContain("privacy concerns");
  });

  it("shows what is recorded without recording or writing anything", async () => {
    addTelemetryCommand(program, collector);
    await run("telemetry", "info", "--json");
    expect(JSON.parse(output)).toMatchObject({ enabled: false, destinations: [], example: { type: "command.invocation", tool_name: "notes" } });
    expect(home.list()).toEqual(["file"]);
  });

  it("prints one JSON document and nothing else with --json", async () => {
    addTelemetryCommand(program, collector);
    await run("telemetry", "status", "--json");
    expect(JSON.parse(output)).toMatchObject({ enabled: collector.installation.consent().enabled });
    expect(output).toMatch(/^\{\n {2}"/);
  });

  it("obeys a --json that the tool has for all its commands", async () => {
    program.option("--json");
    addTelemetryCommand(program, collector);
    await run("telemetry", "status", "--json");
    expect(() => JSON.parse(output) as unknown).not.toThrow();
  });

  it.each([
    ["waiting", []],
    ["sent", ["--sent"]],
    ["event", ["--preview"]],
  ])("shows %s without writing anything, as one JSON document", async (member, options) => {
    addTelemetryCommand(program, collector);
    await run("telemetry", "inspect", ...options, "--json");
    expect(JSON.parse(output)).toHaveProperty(member);
    expect(output).toMatch(/^\{\n {2}"[^]+\n\}\n$/);
    expect(home.list()).toEqual(["file"]);
    expect(process.exitCode).toBeUndefined();
  });

  it("prints nothing but lines of JSON with --jsonl", async () => {
    addTelemetryCommand(program, collector);
    await run("telemetry", "inspect", "--preview", "--jsonl");
    expect(output.split("\n")).toEqual([expect.stringMatching(/^\{.*\}$/), ""]);
  });

  it("sets the exit status to 1 for options that exclude each other", async () => {
    addTelemetryCommand(program, collector);
    await run("telemetry", "inspect", "--sent", "--preview");
    expect(output).toBe("give one of --sent and --preview\n");
    expect(process.exitCode).toBe(1);
  });

  it("exports to a file, and overwrites it only with --force", async () => {
    addTelemetryCommand(program, collector);
    const out = `${home.path}/mine.json`;
    await run("telemetry", "export", "--out", out);
    expect(JSON.parse(home.read("mine.json"))).toMatchObject({ tool: { name: "notes" } });
    expect(process.exitCode).toBeUndefined();
    await run("telemetry", "export", "--out", out, "--force");
    expect(process.exitCode).toBeUndefined();
  });

  it("leaves an option alone that the tool has under the same name with another meaning", async () => {
    program.option("--force <how>", "how hard to try");
    addTelemetryCommand(program, collector);
    await run("--force", "gently", "telemetry", "export", "--out", `${home.path}/file`);
    expect(output).toContain("exists; give --force to replace it");
    expect(home.read("file")).toBe("");
  });

  it("says what a flush under a no does not do", async () => {
    addTelemetryCommand(program, collector);
    await run("telemetry", "flush");
    expect(output).toBe("Nothing was sent: telemetry is off: you have not been asked or have not answered.\n");
  });

  it("mounts below any command", async () => {
    const self = program.command("self");
    const mounted = addTelemetryCommand(self, collector);
    expect(mounted.parent).toBe(self);
    await run("self", "telemetry", "status");
    expect(output).not.toBe("");
  });
});
