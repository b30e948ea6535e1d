/** Homes that are not as they should be: the tool works and says nothing, nothing foreign is touched, and status tells. */
import { describe, expect, it } from "@jest/globals";
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { homePerTest } from "../home-per-test.ts";
import { UNDISTURBED, WORK, workbenchPerTest } from "./workbench-per-test.ts";
import { CONTROL, entriesBelow, onLinux, type Report, runAs, TOOL, namesAt } from "./workbench.ts";

const NOBODY = 65_534;
const asRoot = process.getuid?.() === 0;
const onLinuxOnly = onLinux ? describe : describe.skip;
const rootOnly = onLinux && asRoot ? describe : describe.skip;

const { intake, bench } = workbenchPerTest();
const elsewhere = homePerTest();

const names = (): readonly string[] => namesAt(intake);

function makeData(): void {
  mkdirSync(dirname(bench.data), { recursive: true, mode: 0o700 });
}

/** Owner, kind and size of everything below a place: what must not change. */
function inventory(root: string): readonly string[] {
  return entriesBelow(root).map((path) => {
    const { uid, size, mode } = lstatSync(join(root, path));
    return `${path} ${uid} ${mode.toString(8)} ${path.endsWith("/") ? "" : size}`;
  });
}

describe("a data directory that is not ours alone", () => {
  it("is not used when it is a symbolic link: nothing is written where it points", async () => {
    makeData();
    symlinkSync(elsewhere.path, bench.data);
    expect(await bench.run(WORK)).toMatchObject(UNDISTURBED);
    await bench.uploadersGone();
    expect(entriesBelow(elsewhere.path)).toEqual([]);
    expect(intake.requests).toHaveLength(0);
    const status = await bench.command("status");
    expect(status.data["storageProblem"]).toContain("symbolic link");
    expect(entriesBelow(elsewhere.path)).toEqual([]);
  });

  it.each(["disable", "reset"] as const)("is not emptied by %s when it is a symbolic link", async (name) => {
    makeData();
    symlinkSync(elsewhere.path, bench.data);
    mkdirSync(join(elsewhere.path, "spool", "v1", "precious"), { recursive: true });
    writeFileSync(join(elsewhere.path, "spool", "v1", "precious", "file"), "mine");
    writeFileSync(join(elsewhere.path, "telemetry.log"), "mine");
    const before = inventory(elsewhere.path);
    await bench.command(name, { without: ["NOTES_TELEMETRY"] });
    expect(inventory(elsewhere.path)).toEqual(before);
  });

  it("is not used when it is a file", async () => {
    makeData();
    writeFileSync(bench.data, "a file");
    expect(await bench.run(WORK)).toMatchObject(UNDISTURBED);
    await bench.uploadersGone();
    expect(readFileSync(bench.data, "utf8")).toBe("a file");
    expect((await bench.command("status")).data["storageProblem"]).toContain("not a directory");
  });

  onLinuxOnly("on Linux", () => {
    it("is not used when others may write to it", async () => {
      makeData();
      mkdirSync(bench.data);
      chmodSync(bench.data, 0o777);
      expect(await bench.run(WORK)).toMatchObject(UNDISTURBED);
      await bench.uploadersGone();
      expect(entriesBelow(bench.data)).toEqual([]);
      expect((await bench.command("status")).data["storageProblem"]).toContain("written by other users");
    });

    it("is not used when the uploader's directory in it is a symbolic link", async () => {
      makeData();
      mkdirSync(bench.data, { mode: 0o700 });
      symlinkSync(elsewhere.path, join(bench.data, "uploader"));
      expect(await bench.run(WORK)).toMatchObject(UNDISTURBED);
      await bench.uploadersGone();
      expect(entriesBelow(elsewhere.path)).toEqual([]);
      expect(bench.spooledText()).toContain("at work");
    });
  });
});

describe("a home of somebody else", () => {
  rootOnly("as root on Linux", () => {
    it("gets nothing written into it by root", async () => {
      chownSync(bench.home.path, NOBODY, NOBODY);
      expect(await bench.run(WORK)).toMatchObject(UNDISTURBED);
      await bench.uploadersGone();
      expect(entriesBelow(bench.home.path)).toEqual([]);
      const status = await bench.command("status");
      expect(status.data["storageProblem"]).toContain("belongs to another user");
      for (const name of ["enable", "disable", "reset"] as const) await bench.command(name);
      expect(entriesBelow(bench.home.path)).toEqual([]);
    });

    it("that has telemetry data of its own is left exactly as it is by root", async () => {
      mkdirSync(join(bench.data, "uploader"), { recursive: true, mode: 0o700 });
      writeFileSync(join(bench.data, "losses.ndjson"), '{"reason":"evicted","count":1}\n', { mode: 0o600 });
      for (let path = bench.data; path.startsWith(bench.home.path); path = dirname(path)) chownSync(path, NOBODY, NOBODY);
      for (const name of ["uploader", "losses.ndjson"]) chownSync(join(bench.data, name), NOBODY, NOBODY);
      const before = inventory(bench.home.path);
      expect(await bench.run(WORK)).toMatchObject(UNDISTURBED);
      await bench.uploadersGone();
      expect(inventory(bench.home.path)).toEqual(before);
    });

    it("does not get a file of losses from root", async () => {
      mkdirSync(bench.data, { recursive: true, mode: 0o700 });
      for (let path = bench.data; path.startsWith(bench.home.path); path = dirname(path)) chownSync(path, NOBODY, NOBODY);
      const before = inventory(bench.home.path);
      expect(await bench.run(WORK)).toMatchObject(UNDISTURBED);
      await bench.uploadersGone();
      expect(inventory(bench.home.path)).toEqual(before);
    });

    it("that cannot be written leaves the tool alone, and status says so", async () => {
      chmodSync(bench.home.path, 0o755);
      const environment = bench.environmentFor(WORK);
      const result = await runAs(NOBODY, process.execPath, [TOOL], environment, "/");
      expect(result).toMatchObject(UNDISTURBED);
      const status = await runAs(NOBODY, process.execPath, [CONTROL, "status"], bench.environmentFor([]), "/");
      expect(status).toMatchObject({ exitCode: 0, stderr: "" });
      expect((JSON.parse(status.stdout) as Report).data["storageProblem"]).toBeDefined();
      expect(entriesBelow(bench.home.path)).toEqual([]);
      expect(bench.uploaders()).toEqual([]);
    });

    it("that may not even be looked into leaves the tool alone", async () => {
      chmodSync(bench.home.path, 0o700);
      expect(await runAs(NOBODY, process.execPath, [TOOL], bench.environmentFor(WORK), "/")).toMatchObject(UNDISTURBED);
    });

    it.each(["status", "enable", "disable", "reset"])("that may not even be looked into gets a report from %s", async (name) => {
      chmodSync(bench.home.path, 0o700);
      const report = await runAs(NOBODY, process.execPath, [CONTROL, name], bench.environmentFor([]), "/");
      expect(report).toMatchObject({ stderr: "" });
      expect(report.stdout).toContain("exitCode");
    });

    it("that cannot be written still delivers where the tool flushes by itself", async () => {
      chmodSync(bench.home.path, 0o755);
      const environment = bench.environmentFor([["track", "from memory"], ["flush", 5_000], ["exit", 5]]);
      const result = await runAs(NOBODY, process.execPath, [TOOL], environment, "/");
      expect(result).toMatchObject({ exitCode: 5, stdout: '{"status":"delivered"}\n', stderr: "" });
      expect(names()).toEqual(["from memory"]);
    });
  });
});

describe("no home at all", () => {
  const places = ["XDG_STATE_HOME", "XDG_CONFIG_HOME"] as const;

  it("leaves the tool alone when HOME names a directory that is not there", async () => {
    const missing = join(elsewhere.path, "a file", "home");
    writeFileSync(join(elsewhere.path, "a file"), "");
    const choices = { without: places, variables: { HOME: missing } };
    expect(await bench.run(WORK, choices)).toMatchObject(UNDISTURBED);
    expect((await bench.command("status", choices)).data["storageProblem"]).toBeDefined();
    expect(readdirSync(elsewhere.path)).toEqual(["a file"]);
  });

  rootOnly("as root on Linux, for a user without an account", () => {
    // An account's own home would do instead; this user has none, so nothing of this machine is touched.
    const STRANGER = 54_321;

    it.each(["", "relative/home", ".", undefined])("writes nothing into the working directory when HOME is %j", async (home) => {
      chmodSync(elsewhere.path, 0o777);
      const without = home === undefined ? [...places, "HOME"] : places;
      const environment = bench.environmentFor(WORK, { without, variables: home === undefined ? {} : { HOME: home } });
      expect(await runAs(STRANGER, process.execPath, [TOOL], environment, elsewhere.path)).toMatchObject(UNDISTURBED);
      expect(entriesBelow(elsewhere.path)).toEqual([]);
    });
  });

  onLinuxOnly("on Linux", () => {
    it("leaves the tool alone when its working directory is gone", async () => {
      const gone = join(elsewhere.path, "gone");
      mkdirSync(gone);
      expect(await bench.run([["leaveDirectory", gone], ...WORK])).toMatchObject(UNDISTURBED);
      await intake.waitFor(() => names().includes("at work"), { timeoutMs: 15_000 });
      expect(existsSync(gone)).toBe(false);
    });
  });
});
