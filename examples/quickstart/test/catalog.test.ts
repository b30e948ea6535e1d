import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Intake, runProcess, startIntake } from "@candor/testing";
import path from "node:path";
import { BUILT, EXAMPLE, type NotesTool, openNotesTool } from "./notes-tool.ts";

/** Every test starts several processes; a loaded machine is slow at that. */
describe("TELEMETRY.md", () => {
  it("says what the catalog declares", async () => {
    const program = path.join(EXAMPLE, "node_modules/@candor/cli/bin/candor.mjs");
    const checked = await runProcess(process.execPath, [program, "catalog", "dist/catalog.mjs", "--check"], { environment: {}, cwd: EXAMPLE });
    expect(checked).toMatchObject({ exitCode: 0, stdout: "TELEMETRY.md says what the catalog declares\n", stderr: "" });
  });
});

describe("notes", () => {
  let intake: Intake;
  let tool: NotesTool;

  beforeEach(async () => {
    intake = await startIntake();
    tool = openNotesTool(BUILT, {}, { NOTES_TELEMETRY_ENDPOINT: intake.url, NOTES_TELEMETRY: "on", NOTES_UPLOAD_INTERVAL_MS: "0" });
  });

  afterEach(async () => {
    await tool.dispose();
    await intake.close();
  });

  it("records of a note what the catalog declares, and nothing that stands in it", async () => {
    await tool.run(["add", "Reading list", "--tag", "books", "someday", "--body", "The Left Hand of Darkness"]);
    await intake.waitFor(() => intake.events().length === 2, { timeoutMs: 15_000 });
    expect(intake.events()).toEqual([
      expect.objectContaining({ type: "feature.used", name: "note.added", metadata: { tag_count: 2, has_body: true } }),
      expect.objectContaining({ type: "command.invocation", name: "notes add" }),
    ]);
    expect(JSON.stringify(intake.events())).not.toMatch(/Reading|books|someday|Darkness/);
  });

  it("tells its user of it", async () => {
    expect((await tool.run(["telemetry", "info"])).stdout).toContain("note.added: Shows what a note is made of when it is written.");
  });
});
