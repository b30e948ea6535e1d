import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { runProcess, startProcess, temporaryHome, type TemporaryHome } from "@candor/testing";
import { compilePackage } from "../../backend/test/compiled-package.ts";
import { type Fixture, fixture, idsIn } from "./file-fixture.ts";

const PROCESSES = 4;
const SENDS = 150;
const TIMEOUT_MS = 60_000;

let home: TemporaryHome;
let files: Fixture;
let script: string;

beforeEach(() => {
  home = temporaryHome();
  files = fixture();
  const entry = compilePackage("backend-file", home.path);
  script = join(home.path, "writer.js");
  // Sends batches of two, again when told so, and prints what was accepted.
  writeFileSync(
    script,
    `const { fileBackend } = require(${JSON.stringify(entry)});
    const [name, maxBytes, maxFiles, sends] = process.argv.slice(2);
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const backend = fileBackend({ path: ${JSON.stringify(files.path)}, maxBytes: +maxBytes, maxFiles: +maxFiles }, { dataDirectory: "/nowhere", logger });
    const event = (id) => ({ id, timestamp: "t", type: "x", name: "n".repeat(50), machineId: "m", toolName: "t", toolVersion: "1", os: "o", arch: "a", osVersion: "1", nodeVersion: "1" });
    (async () => {
      for (let i = 0; i < +sends; i += 1) {
        const ids = [name + "-" + i + "-a", name + "-" + i + "-b"];
        const result = await backend.send(ids.map(event), { signal: new AbortController().signal });
        process.stdout.write(result.status + " " + ids.join(" ") + (result.reason ?? "") + "\\n");
      }
    })();`,
  );
});
afterEach(() => {
  home.dispose();
  files.dispose();
});

const run = (name: string, maxBytes: number, maxFiles: number): ReturnType<typeof runProcess> =>
  runProcess(process.execPath, [script, name, String(maxBytes), String(maxFiles), String(SENDS)], { environment: home.environment, timeoutMs: TIMEOUT_MS });

const allText = (): string => files.names().map((name) => files.text(name)).join("");
const acceptedIn = (stdout: string): readonly string[] =>
  stdout.split("\n").flatMap((line) => (line.startsWith("accepted ") ? line.split(" ").slice(1) : []));

describe("several processes that write and rotate the same files", () => {
  it(
    "lose no event and tear no line",
    async () => {
      const results = await Promise.all(Array.from({ length: PROCESSES }, (_, index) => run(`p${index}`, 4096, 1000)));
      expect(results.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(results.map(() => [0, ""]));
      const accepted = results.flatMap(({ stdout }) => acceptedIn(stdout));
      expect(accepted).toHaveLength(PROCESSES * SENDS * 2);
      const text = allText();
      expect([...idsIn(text)].sort()).toEqual([...accepted].sort());
      expect(text.split("\n").filter((line) => line !== "")).toHaveLength(accepted.length);
      expect(files.names().length).toBeGreaterThan(10);
      expect(files.names()).not.toContain("telemetry.log.lock");
    },
    TIMEOUT_MS,
  );

  it(
    "keep no more files than allowed",
    async () => {
      const results = await Promise.all(Array.from({ length: PROCESSES }, (_, index) => run(`p${index}`, 4096, 3)));
      expect(results.flatMap(({ stdout }) => acceptedIn(stdout))).toHaveLength(PROCESSES * SENDS * 2);
      expect(files.names()).toEqual(["telemetry.log", "telemetry.log.1", "telemetry.log.2"]);
    },
    TIMEOUT_MS,
  );

  it(
    "keep every accepted event when one of them is killed",
    async () => {
      const args = [script, "killed", "4096", "1000", "100000"];
      const victim = startProcess(process.execPath, args, { environment: home.environment, timeoutMs: TIMEOUT_MS });
      const other = run("other", 4096, 1000);
      await victim.waitForOutput("killed-40-");
      victim.child.kill("SIGKILL");
      const [{ stdout }, { stdout: otherOut }] = await Promise.all([victim.exited, other]);
      const written = idsIn(allText());
      expect(new Set(written).size).toBe(written.length);
      // The last line of a killed process may be cut in the pipe.
      const accepted = [...acceptedIn(stdout.slice(0, stdout.lastIndexOf("\n"))), ...acceptedIn(otherOut)];
      expect(accepted.length).toBeGreaterThan(SENDS * 2);
      const stored = new Set(written);
      expect(accepted.filter((id) => !stored.has(id))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
