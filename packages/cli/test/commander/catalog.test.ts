import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createCollector, defineEvents } from "@candor/core";
import { type SpyBackend, spyBackend, type TemporaryHome, temporaryHome } from "@candor/testing";
import { Command } from "commander";
import { addTelemetryCommand, instrument, trackWith } from "../../src/commander.ts";

const CATALOG = defineEvents({
  tool: "notes",
  commands: {
    properties: { command_kind: { type: "enum", values: ["core", "plugin"], purpose: "whether plugins are used" } },
    byPath: { "notes add": { properties: { tag_count: { type: "integer", min: 0, max: 9, purpose: "whether tags are used" } } } },
  },
  events: { command_started: { type: "command.started", purpose: "Which commands begin.", properties: { args_count: { type: "integer", min: 0, max: 99, purpose: "how much is typed" } } } },
});

let home: TemporaryHome;
let backend: SpyBackend;
beforeEach(() => {
  home = temporaryHome();
  backend = spyBackend();
  process.env["NOTES_TELEMETRY"] = "on";
});
afterEach(() => {
  delete process.env["NOTES_TELEMETRY"];
  home.dispose();
});

/** Runs one command line of an instrumented program whose collector has a catalog, to the end of its collector. */
async function run(words: readonly string[], options: Parameters<typeof instrument>[2] = {}): Promise<{ readonly lost: unknown; readonly printed: string }> {
  const collector = createCollector({ tool: "notes", version: "1.0.0", backend, catalog: CATALOG, directories: { data: `${home.path}/data`, config: `${home.path}/config` } });
  let printed = "";
  const program = new Command("notes").configureOutput({ writeOut: (text) => void (printed += text) });
  trackWith(program.command("add").argument("<title>").action(() => undefined), (_command, [title]) => ({ tag_count: 3, title }));
  instrument(program, collector, options);
  addTelemetryCommand(program, collector);
  await program.parseAsync([...words], { from: "user" });
  await collector.close();
  return { lost: collector.counts().lost, printed };
}

describe("an instrumented program under a catalog", () => {
  it("records its commands with the properties that are declared, and counts the others", async () => {
    const { lost } = await run(["add", "Groceries"]);
    expect(backend.events).toEqual([expect.objectContaining({ type: "command.invocation", name: "notes add", metadata: { command_kind: "core", tag_count: 3 } })]);
    expect(lost).toEqual({ "undeclared-property": 1 });
  });

  it("records the events of a command's life as far as they are declared", async () => {
    await run(["add", "Groceries"], { lifecycle: true });
    expect(backend.events.map(({ type, name, metadata }) => ({ type, name, metadata }))).toEqual([
      { type: "command.started", name: "command_started", metadata: { args_count: 1 } },
      { type: "command.invocation", name: "command_completed", metadata: { command_kind: "core" } },
    ]);
    expect(JSON.stringify(backend.events)).not.toContain("Groceries");
  });

  it("shows its users what is declared", async () => {
    const { printed } = await run(["telemetry", "info"]);
    expect(printed).toContain("tag_count, a whole number from 0 to 9: whether tags are used");
  });
});
