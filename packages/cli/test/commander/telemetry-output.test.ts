/** An answer on its way to whoever reads it, in a real process. */
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
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

const onPosix = process.platform === "win32" ? describe.skip : describe;

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

/** What runs `tool` when the reader of its output has gone for certain. */
const readerless = (tool: string): string => `mkfifo "$HOME/gone"; { read -r _ < "$HOME/gone"; ${tool}; } | { exec <&-; echo > "$HOME/gone"; }`;

onPosix("a reader who left before the answer", () => {
  it.each(["enable", "disable", "status", "info", "flush", "doctor", "reset"])("costs `%s` neither its exit status nor a stack trace", async (name) => {
    const tool = `"$NODE" "$TOOL" telemetry ${name}`;
    const { stderr } = await inShell(`${tool} > /dev/null; echo "status $?" >&2; ${readerless(`${tool}; echo "status $?" >&2`)}`);
    const lines = stderr.split("\n");
    expect(lines).toEqual([...lines.slice(0, 2), ...lines.slice(0, 2), ""]);
  });

  it("may have been the reader of both outputs", async () => {
    const { exitCode, stderr } = await inShell(`${readerless('"$NODE" "$TOOL" telemetry status 2>&1; echo "$?" > "$HOME/status"')}; exit "$(cat "$HOME/status")"`);
    expect([exitCode, stderr]).toEqual([0, ""]);
  });
});

/** The answers that come whole, and those that come in pieces. */
const ANSWERS = ["status", "disable", "info --json", "export", "inspect", "inspect --json", "inspect --jsonl", "inspect --preview"];

(existsSync("/dev/full") ? describe : describe.skip)("a full disk", () => {
  it.each(ANSWERS)("makes `%s` fail, in one line", async (words) => {
    fillSpool(1);
    const { exitCode, stderr } = await inShell(`"$NODE" "$TOOL" telemetry ${words} > /dev/full`);
    expect(stderr).toBe("The answer is not complete: standard output cannot be written (ENOSPC).\ngoes on, status 1\n");
    expect(exitCode).toBe(1);
  });

  it("ends the tool quietly where the line about it cannot be written either", async () => {
    expect(await inShell('"$NODE" "$TOOL" telemetry export > /dev/full 2>&1')).toMatchObject({ exitCode: 1, stdout: "", stderr: "" });
  });
});

onPosix("a file that may not grow to hold the answer", () => {
  it.each(ANSWERS)("makes `%s` fail, in one line", async (words) => {
    fillSpool(1);
    // A file on whose last block no more than part of the answer fits.
    const part = join(home.path, "part");
    writeFileSync(part, "x".repeat(200 * 512 - 100));
    const { exitCode, stderr } = await inShell(`ulimit -f 200; "$NODE" "$TOOL" telemetry ${words} >> "$HOME/part"`);
    expect(stderr).toBe("The answer is not complete: standard output cannot be written (EFBIG).\ngoes on, status 1\n");
    expect([exitCode, statSync(part).size]).toEqual([1, 200 * 512]);
  });
});
