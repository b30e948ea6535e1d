import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Collector, createCollector } from "@candor/core";
import { type TemporaryHome, temporaryHome } from "@candor/testing";
import { telemetryCommand, type TelemetrySubcommand } from "../src/index.ts";

function subcommand(name: string): TelemetrySubcommand {
  const found = telemetryCommand.subcommands.find((each) => each.name === name);
  if (!found) throw new Error(`there is no subcommand ${name}`);
  return found;
}

describe("the telemetry command", () => {
  let home: TemporaryHome;
  let collector: Collector;

  beforeEach(() => {
    home = temporaryHome({ file: "" });
    collector = createCollector({ tool: "notes", version: "1.4.0", directories: { data: `${home.path}/data`, config: `${home.path}/config` } });
  });

  afterEach(async () => {
    await collector.close();
    home.dispose();
  });

  it("answers 1 and the reason when a choice cannot be stored", async () => {
    const directories = { data: `${home.path}/data`, config: `${home.path}/file/config` };
    const broken = createCollector({ tool: "notes", version: "1.4.0", directories });
    const answer = await subcommand("enable").run(broken);
    expect(answer.exitCode).toBe(1);
    expect(answer.stdout).toMatch(/^failed to persist telemetry setting: .+\n$/);
    const forPrograms = await subcommand("enable").run(broken, { json: true });
    expect(forPrograms.exitCode).toBe(1);
    expect(JSON.parse(forPrograms.stdout)).toMatchObject({ stored: false });
  });

  it.each(["enable", "disable", "status", "reset"])("answers `%s` for people and, with json, for programs", async (name) => {
    const text = await subcommand(name).run(collector);
    expect(text.stdout).toMatch(/^[^{][^]*[^\n]\n$/);
    const { stdout } = await subcommand(name).run(collector, { json: true });
    const data: unknown = JSON.parse(stdout);
    expect(stdout).toBe(`${JSON.stringify(data, null, 2)}\n`);
    expect(data).toHaveProperty("enabled");
  });

  it("enables, disables and shows what was decided", async () => {
    await subcommand("enable").run(collector);
    expect(home.read("config/telemetry.json")).toContain("true");
    await subcommand("disable").run(collector);
    const { stdout } = await subcommand("status").run(collector, { json: true });
    expect(JSON.parse(stdout)).toMatchObject({ enabled: false });
  });

  it("answers everything in one text, or piece by piece to whoever takes the pieces", async () => {
    const whole = await subcommand("export").run(collector);
    expect(JSON.parse(whole.stdout)).toMatchObject({ exportVersion: 1 });
    const pieces: string[] = [];
    const answer = await subcommand("export").run(collector, { write: (text) => pieces.push(text) > 0 });
    expect(answer).toEqual({ exitCode: 0, stdout: "" });
    expect(pieces.length).toBeGreaterThan(5);
    expect(Object.keys(JSON.parse(pieces.join("")) as object)).toEqual(Object.keys(JSON.parse(whole.stdout) as object));
  });

  it("stops where nobody takes the pieces any more", async () => {
    const pieces: string[] = [];
    const answer = await subcommand("export").run(collector, { write: (text) => Promise.resolve(pieces.push(text) < 2) });
    expect([answer.exitCode, pieces.length]).toEqual([0, 2]);
  });

  it("passes on who watches a flush", async () => {
    const { stdout, exitCode } = await subcommand("flush").run(collector, { json: true, progress: () => undefined });
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ delivered: true, left: 0 })]);
  });

  it("writes nothing for status", async () => {
    await subcommand("status").run(collector);
    expect(home.list()).toEqual(["file"]);
  });
});
