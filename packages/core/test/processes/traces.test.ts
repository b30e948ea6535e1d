/** What can be seen of candor from outside: nothing without consent; with it, one quiet process that gives nothing away. */
import { beforeEach, describe, expect, it } from "@jest/globals";
import { waitUntil } from "@candor/testing";
import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { workbenchPerTest } from "./workbench-per-test.ts";
import { entriesBelow, onLinux, type Step, TOOL } from "./workbench.ts";

const onLinuxOnly = onLinux ? describe : describe.skip;
const hasStrace = onLinux && isInstalled("strace");
const SECRET = "k-51c0ffee-very-secret";

const { intake, bench } = workbenchPerTest({ consent: "stored", backend: { headers: { "x-api-key": SECRET } } });

const work: readonly Step[] = [["track", "at work"], ["trackMany", "more", 20], ["otherCopy", "from CommonJS"], ["flush", 500], ["print", "output"], ["exit", 5]];

function isInstalled(command: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${command}`]);
    return true;
  } catch {
    return false;
  }
}

describe("without consent", () => {
  const refusals: readonly { readonly what: string; readonly variables: Record<string, string>; readonly enabled?: true; readonly options?: Record<string, unknown> }[] = [
    { what: "nobody has been asked", variables: {} },
    { what: "the author's model is opt-out and no notice was shown", variables: {}, options: { consent: { model: "opt-out" } } },
    { what: "the tool's variable says off", variables: { NOTES_TELEMETRY: "off" } },
    { what: "the tool's variable cannot be understood", variables: { NOTES_TELEMETRY: "perhaps" } },
    { what: "DO_NOT_TRACK is set over the variable's yes", variables: { DO_NOT_TRACK: "1", NOTES_TELEMETRY: "on" } },
    { what: "DO_NOT_TRACK is set over a stored yes", variables: { DO_NOT_TRACK: "1" }, enabled: true },
    { what: "it runs in continuous integration after a stored yes", variables: { CI: "true" }, enabled: true },
    { what: "the author has switched it off after a stored yes", variables: {}, enabled: true, options: { enabled: false } },
    { what: "it is delivered inline and nobody has been asked", variables: { AWS_LAMBDA_FUNCTION_NAME: "f" }, options: { delivery: { by: "inline" } } },
    { what: "it is delivered at intervals and nobody has been asked", variables: {}, options: { delivery: { by: "interval", intervalMs: 10 } } },
  ];

  it.each(refusals)("leaves no trace when $what", async ({ variables, enabled, options = {} }) => {
    if (enabled) await bench.command("enable");
    const before = entriesBelow(bench.home.path);
    const result = await bench.run(work, { variables, options });
    const commands = await Promise.all([bench.command("status", { variables, options }), bench.run([["track", "short"]], { variables, options })]);
    expect(result).toMatchObject({ exitCode: 5, stdout: '{"status":"disabled"}\noutput\n', stderr: "" });
    expect(commands[0].data["enabled"]).toBe(false);
    expect(bench.uploaders()).toEqual([]);
    expect(entriesBelow(bench.home.path)).toEqual(before);
    expect(intake.requests).toHaveLength(0);
  });

  (hasStrace ? describe : describe.skip)("seen by strace", () => {
    it("starts no process, connects to nothing and opens nothing for writing", () => {
      const traces = mkdtempSync(join(tmpdir(), "candor-trace-"));
      const trace = join(traces, "trace");
      try {
        const run = (options: "with" | "without"): string[] => {
          const environment = bench.environmentFor([["track", "at work"], ["exit", 0]], options === "without" ? { options: null } : {});
          execFileSync("strace", ["-f", "-qq", "-o", trace, "-e", "trace=execve,connect,socket,openat,mkdir,mkdirat,rename,renameat,renameat2,unlink", process.execPath, TOOL], {
            env: environment,
            cwd: bench.home.path,
            timeout: 30_000,
          });
          return readFileSync(trace, "utf8").split("\n").filter((line) => /execve\(|connect\(|socket\(|O_WRONLY|O_RDWR|O_CREAT|mkdir|rename|unlink/.test(line)).map((line) => line.replace(/^\d+\s+/, ""));
        };
        const without = run("without").map((line) => line.slice(0, 20));
        expect(run("with").map((line) => line.slice(0, 20))).toEqual(without);
        expect(without.filter((line) => line.startsWith("execve("))).toHaveLength(1);
      } finally {
        rmSync(traces, { recursive: true, force: true });
      }
    });
  });

  it("leaves nothing pending that a later yes would send", async () => {
    await bench.run(work);
    await bench.command("enable");
    await bench.run([["track", "after the yes"]]);
    await intake.waitFor((requests) => requests.length >= 1, { timeoutMs: 15_000 });
    await bench.uploadersGone();
    expect(intake.events().map(({ name }) => name)).toEqual(["after the yes"]);
  });

  it("does nothing when the project opts out", async () => {
    await bench.command("enable");
    const before = entriesBelow(bench.home.path);
    writeFileSync(join(bench.home.path, ".candor.json"), '{"telemetry":"off"}');
    await bench.run([["track", "in the project"]]);
    await bench.uploadersGone();
    expect(entriesBelow(bench.home.path)).toEqual([...before, ".candor.json"].sort());
    expect(intake.requests).toHaveLength(0);
  });
});

describe("the uploader", () => {
  beforeEach(() => bench.command("enable"));

  onLinuxOnly("on Linux", () => {
    it("shows nobody a secret, keeps out of the tool's directory and out of its way", async () => {
      intake.reply({ action: "hang" });
      await bench.run([["track", "at work"]], { variables: { NODE_OPTIONS: "--no-warnings", NODE_DEBUG: "", HTTP_HEADER: "mine" } });
      await intake.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
      const uploaders = bench.uploaders();
      expect(uploaders).toHaveLength(1);
      const [uploader = { pid: 0, commandLine: "", cwd: "" }] = uploaders;
      expect(intake.requests[0]?.headers["x-api-key"]).toBe(SECRET);

      expect(uploader.commandLine).not.toContain(SECRET);
      expect(uploader.commandLine).not.toContain(intake.url);
      expect(uploader.cwd).toBe(bench.data);
      expect(readFileSync(`/proc/${uploader.pid}/environ`, "utf8")).not.toMatch(/(^|\0)(NODE_OPTIONS|NODE_DEBUG)=/);
      expect(getPriority(uploader.pid)).toBe(19);
      expect(readFileSync(`/proc/${uploader.pid}/task/${uploader.pid}/children`, "utf8")).toBe("");
      // A session of its own: no terminal, no group of the tool's.
      const stat = readFileSync(`/proc/${uploader.pid}/stat`, "utf8");
      expect(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]).toBe(String(uploader.pid));
    });

    it("leaves only private files, none of which holds the header", async () => {
      const results = await bench.run([["track", "at work"]]);
      expect(results.exitCode).toBe(0);
      await intake.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
      await bench.uploadersGone();
      const paths = entriesBelow(bench.data);
      const modes = paths.map((path) => `${path} ${(lstatSync(join(bench.data, path)).mode & 0o777).toString(8)}`);
      expect(modes).toEqual(paths.map((path) => `${path} ${path.endsWith("/") ? "700" : "600"}`));
      const text = paths.filter((path) => !path.endsWith("/")).map((path) => readFileSync(join(bench.data, path), "utf8"));
      expect(text.join("\n")).not.toContain(SECRET);
    });

    it("keeps its files private under a careless umask", async () => {
      const environment = bench.environmentFor([["track", "at work"]]);
      execFileSync("sh", ["-c", `umask 000; exec "${process.execPath}" "${TOOL}"`], { env: environment, cwd: bench.home.path, timeout: 20_000 });
      await intake.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
      await bench.uploadersGone();
      const open = entriesBelow(bench.data).filter((path) => (lstatSync(join(bench.data, path)).mode & 0o077) !== 0);
      expect(open).toEqual([]);
    });

    it("ends within its lifetime when the destination never answers", async () => {
      for (let index = 0; index < 20; index++) intake.reply({ action: "hang" });
      const lifetimeMs = 1_500;
      await bench.run([["track", "at work"]], { options: { delivery: { lifetimeMs, sendTimeoutMs: 100_000 } } });
      await waitUntil("the uploader lives", () => bench.uploaders().length === 1);
      // Far less than its attempt may take.
      await bench.uploadersGone(20_000);
      expect(bench.spooled()).toHaveLength(1);
      expect(bench.spooled()[0]).toContain("/pending/");
    });
  });

  it("holds none of the tool's streams open", async () => {
    intake.reply({ action: "hang" });
    // The run is over when its output has ended, which a child that inherited it would prevent.
    const result = await bench.run([["track", "at work"], ["print", "done"]], { timeoutMs: 5_000 });
    expect(result).toMatchObject({ exitCode: 0, stdout: "done\n", stderr: "" });
    await intake.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
  });

  it("collects nothing itself, even if it were to load the tool", async () => {
    await bench.run([["track", "in an uploader"]], { variables: { CANDOR_UPLOADER: "{}" } });
    await bench.uploadersGone();
    expect(bench.spooled()).toEqual([]);
    expect(intake.requests).toHaveLength(0);
  });
});
