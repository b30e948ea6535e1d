import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { type Intake, runProcess, startIntake, temporaryHome, type TemporaryHome } from "@candor/testing";
import { existsSync } from "node:fs";
import path from "node:path";
import { BUILT, EXAMPLE, type NotesTool, openNotesTool } from "./notes-tool.ts";

const FILES = { "notes/groceries.md": "# Groceries\n", "notes/scribble.md": "no heading\n" };

/** Every test starts several processes; a loaded machine is slow at that. */
let place: TemporaryHome;

beforeAll(async () => {
  place = temporaryHome();
  const built = await runProcess(process.execPath, ["bundle.mjs", path.join(place.path, "bin")], { environment: place.environment, cwd: EXAMPLE });
  if (built.exitCode !== 0 || built.stderr !== "") throw new Error(`the bundler complains: ${built.stderr}`);
});

afterAll(() => place.dispose());

describe("the place of the bundles", () => {
  it("holds nothing but the two files, and no packages above them", () => {
    expect(place.list()).toEqual(["bin/notes.cjs", "bin/notes.mjs"]);
    for (let directory = place.path; directory !== path.dirname(directory); directory = path.dirname(directory)) {
      expect(existsSync(path.join(directory, "node_modules"))).toBe(false);
    }
  });
});

describe.each(["notes.mjs", "notes.cjs"])("the tool bundled into %s", (file) => {
  let intake: Intake;
  let bundled: NotesTool;

  beforeEach(async () => {
    intake = await startIntake();
    bundled = openNotesTool(path.join(place.path, "bin", file), FILES, { NOTES_TELEMETRY_ENDPOINT: intake.url, NOTES_UPLOAD_INTERVAL_MS: "0" });
  });

  afterEach(async () => {
    await bundled.dispose();
    await intake.close();
  });

  it.each([[["check"]], [["list", "--colour"]], [["tag", "--help"]], [["telemetry", "--help"]], [["list"]]])("behaves as the unbundled tool does: %j", async (args) => {
    const unbundled = openNotesTool(BUILT, FILES);
    const expected = await unbundled.run(args);
    await unbundled.dispose();
    const { exitCode, signal, stdout, stderr } = expected;
    expect(await bundled.run(args)).toMatchObject({ exitCode, signal, stdout, stderr });
  });

  it("keeps its exit status and output when its events cannot be delivered", async () => {
    await intake.pause();
    await bundled.run(["telemetry", "enable"]);
    const result = await bundled.run(["check"]);
    await intake.resume();
    expect(result).toMatchObject({ exitCode: 3, stdout: expect.stringContaining("2 checked, 1 broken"), stderr: "" });
  });

  it("delivers in the background, with the uploader it carries", async () => {
    await bundled.run(["telemetry", "enable"]);
    expect(await bundled.run(["check"])).toMatchObject({ exitCode: 3, stderr: "" });
    await intake.waitFor(() => intake.events().length > 0, { timeoutMs: 15_000 });
    expect(intake.events()).toEqual([expect.objectContaining({ name: "notes check", exit_code: 3, tool_name: "notes" })]);
    expect(bundled.homeFiles()).toContainEqual(expect.stringMatching(/uploader\/candor-uploader-[0-9a-f]+\.cjs$/));
  });

  it("delivers what a signal ended", async () => {
    await bundled.run(["telemetry", "enable"]);
    const result = await bundled.run(["watch"], { signalAfter: { output: "Press Ctrl-C", signal: "SIGINT" } });
    expect(result).toMatchObject({ exitCode: null, signal: "SIGINT" });
    await intake.waitFor(() => intake.events().length > 0, { timeoutMs: 15_000 });
    expect(intake.events()).toEqual([expect.objectContaining({ name: "notes watch", exit_code: 130, signal: "SIGINT" })]);
  });

  it("writes to the local log when the user asks for that, and sends nothing", async () => {
    await bundled.run(["list"], { variables: { NOTES_TELEMETRY: "local" } });
    expect(await bundled.localLog()).toContain('"name":"notes list"');
    expect(intake.requests).toEqual([]);
  });

  it("has telemetry commands that work", async () => {
    expect((await bundled.run(["telemetry", "enable"])).stdout).toContain("Telemetry enabled");
    expect(JSON.parse((await bundled.run(["telemetry", "status", "--json"])).stdout)).toMatchObject({ enabled: true, source: "stored-choice" });
    await bundled.run(["list"]);
    await intake.waitFor(() => intake.events().length === 1, { timeoutMs: 15_000 });
    expect((await bundled.run(["telemetry", "disable"])).stdout).toContain("Telemetry disabled");
    await bundled.run(["list"]);
    expect(JSON.parse((await bundled.run(["telemetry", "status", "--json"])).stdout)).toMatchObject({ enabled: false, pending: { events: 0 } });
    expect((await bundled.run(["telemetry", "reset"])).stdout).toContain("Deletion request sent");
    expect(intake.events()).toEqual([expect.objectContaining({ name: "notes list" }), expect.objectContaining({ type: "data.deletion_request" })]);
  });
});
