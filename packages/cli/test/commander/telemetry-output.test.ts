/** A long answer on its way to whoever reads it, in a real process. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type ProcessResult, runProcess, sampleEvent, temporaryHome, type TemporaryHome } from "@candor/testing";

const TOOL = join(__dirname, "../fixtures/notes-telemetry.mjs");

let home: TemporaryHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home.dispose());

/** Fills the spool on Linux and on other systems, wherever the tool has it. */
function fillSpool(batches: number): void {
  for (const state of [".local/state/notes", "Library/Application Support/notes", "AppData/Local/notes"]) {
    const pending = join(home.path, state, "telemetry/spool/v1/unrecorded/pending");
    mkdirSync(pending, { recursive: true, mode: 0o700 });
    for (let batch = 0; batch < batches; batch++) {
      const events = Array.from({ length: 500 }, () => sampleEvent({ metadata: { filler: "word ".repeat(60) } }));
      const text = events.map((event) => `${JSON.stringify(event)}\n`).join("");
      writeFileSync(join(pending, `${events[0]?.id}.500.${Buffer.byteLength(text)}.ndjson`), text, { mode: 0o600 });
    }
  }
}

const inShell = (script: string): Promise<ProcessResult> =>
  runProcess("sh", ["-c", script], { environment: { ...home.environment, NOTES_TELEMETRY: "on", NODE: process.execPath, TOOL } });

describe("an answer as large as the spool", () => {
  it("ends quietly when its reader has seen enough", async () => {
    fillSpool(6);
    const { stdout, stderr, exitCode } = await inShell('"$NODE" "$TOOL" telemetry inspect | head -n 1');
    expect(stdout).toMatch(/^Telemetry is on: NOTES_TELEMETRY=on\.\n$/);
    expect([exitCode, stderr]).toEqual([0, "goes on, status 0\n"]);
  });

  it("arrives whole at a reader that begins late", async () => {
    fillSpool(6);
    const { stdout, stderr } = await inShell('"$NODE" "$TOOL" telemetry inspect --jsonl | { read -r first; echo "$first" >/dev/null; wc -l; }');
    expect([stdout.trim(), stderr]).toEqual(["2999", "goes on, status 0\n"]);
  });
});
