/** Homes that are not as they should be: the tool works and says nothing, nothing foreign is touched, and status tells. */
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { type Intake, startIntake } from "@candor/testing";
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CONTROL, createWorkbench, entriesBelow, onLinux, type Report, runAs, type Step, TOOL, until, type Workbench } from "./workbench.ts";

jest.setTimeout(60_000);

const NOBODY = 65_534;
const asRoot = process.getuid?.() === 0;
const onLinuxOnly = onLinux ? it : it.skip;
const rootOnly = onLinux && asRoot ? it : it.skip;

let intake: Intake;
let bench: Workbench;
let elsewhere: string;

beforeEach(async () => {
  intake = await startIntake();
  bench = createWorkbench({ url: intake.url });
  elsewhere = mkdtempSync(join(tmpdir(), "candor-elsewhere-"));
});

afterEach(async () => {
  await bench.dispose();
  await intake.close();
  rmSync(elsewhere, { recursive: true, force: true });
});

const names = (): readonly string[] => intake.events().map(({ name }) => String(name));
const work: readonly Step[] = [["track", "at work"], ["print", "output"], ["exit", 5]];
const undisturbed = { exitCode: 5, signal: null, stdout: "output\n", stderr: "" };

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
    symlinkSync(elsewhere, bench.data);
    expect(await bench.run(work)).toMatchObject(undisturbed);
    await bench.uploadersGone();
    expect(entriesBelow(elsewhere)).toEqual([]);
    expect(intake.requests).toHaveLength(0);
    const status = await bench.command("status");
    expect(status.data["storageProblem"]).toContain("symbolic link");
    expect(entriesBelow(elsewhere)).toEqual([]);
  });

  it.each(["disable", "reset"] as const)("is not emptied by %s when it is a symbolic link", async (name) => {
    makeData();
    symlinkSync(elsewhere, bench.data);
    mkdirSync(join(elsewhere, "spool", "v1", "precious"), { recursive: true });
    writeFileSync(join(elsewhere, "spool", "v1", "precious", "file"), "mine");
    writeFileSync(join(elsewhere, "telemetry.log"), "mine");
    const before = inventory(elsewhere);
    await bench.command(name, { without: ["NOTES_TELEMETRY"] });
    expect(inventory(elsewhere)).toEqual(before);
  });

  it("is not used when it is a file", async () => {
    makeData();
    writeFileSync(bench.data, "a file");
    expect(await bench.run(work)).toMatchObject(undisturbed);
    await bench.uploadersGone();
    expect(readFileSync(bench.data, "utf8")).toBe("a file");
    expect((await bench.command("status")).data["storageProblem"]).toContain("not a directory");
  });

  onLinuxOnly("is not used when others may write to it", async () => {
    makeData();
    mkdirSync(bench.data);
    chmodSync(bench.data, 0o777);
    expect(await bench.run(work)).toMatchObject(undisturbed);
    await bench.uploadersGone();
    expect(entriesBelow(bench.data)).toEqual([]);
    expect((await bench.command("status")).data["storageProblem"]).toContain("written by other users");
  });

  onLinuxOnly("is not used when the uploader's directory in it is a symbolic link", async () => {
    makeData();
    mkdirSync(bench.data, { mode: 0o700 });
    symlinkSync(elsewhere, join(bench.data, "uploader"));
    expect(await bench.run(work)).toMatchObject(undisturbed);
    await bench.uploadersGone();
    expect(entriesBelow(elsewhere)).toEqual([]);
    expect(bench.spooledText()).toContain("at work");
  });
});

describe("a home of somebody else", () => {
  rootOnly("gets nothing written into it by root", async () => {
    chownSync(bench.home.path, NOBODY, NOBODY);
    expect(await bench.run(work)).toMatchObject(undisturbed);
    await bench.uploadersGone();
    expect(entriesBelow(bench.home.path)).toEqual([]);
    const status = await bench.command("status");
    expect(status.data["storageProblem"]).toContain("belongs to another user");
    for (const name of ["enable", "disable", "reset"] as const) await bench.command(name);
    expect(entriesBelow(bench.home.path)).toEqual([]);
  });

  rootOnly("that has telemetry data of its own is left exactly as it is by root", async () => {
    mkdirSync(join(bench.data, "uploader"), { recursive: true, mode: 0o700 });
    writeFileSync(join(bench.data, "losses.ndjson"), '{"reason":"evicted","count":1}\n', { mode: 0o600 });
    for (let path = bench.data; path.startsWith(bench.home.path); path = dirname(path)) chownSync(path, NOBODY, NOBODY);
    for (const name of ["uploader", "losses.ndjson"]) chownSync(join(bench.data, name), NOBODY, NOBODY);
    const before = inventory(bench.home.path);
    expect(await bench.run(work)).toMatchObject(undisturbed);
    await bench.uploadersGone();
    expect(inventory(bench.home.path)).toEqual(before);
  });

  rootOnly("does not get a file of losses from root", async () => {
    mkdirSync(bench.data, { recursive: true, mode: 0o700 });
    for (let path = bench.data; path.startsWith(bench.home.path); path = dirname(path)) chownSync(path, NOBODY, NOBODY);
    const before = inventory(bench.home.path);
    expect(await bench.run(work)).toMatchObject(undisturbed);
    await bench.uploadersGone();
    expect(inventory(bench.home.path)).toEqual(before);
  });

  rootOnly("that cannot be written leaves the tool alone, and status says so", async () => {
    chmodSync(bench.home.path, 0o755);
    const environment = bench.environmentFor(work);
    const result = await runAs(NOBODY, process.execPath, [TOOL], environment, "/");
    expect(result).toMatchObject(undisturbed);
    const status = await runAs(NOBODY, process.execPath, [CONTROL, "status"], bench.environmentFor([]), "/");
    expect(status).toMatchObject({ exitCode: 0, stderr: "" });
    expect((JSON.parse(status.stdout) as Report).data["storageProblem"]).toBeDefined();
    expect(entriesBelow(bench.home.path)).toEqual([]);
    expect(bench.uploaders()).toEqual([]);
  });

  rootOnly("that may not even be looked into leaves the tool alone", async () => {
    chmodSync(bench.home.path, 0o700);
    for (const name of ["status", "disable"] as const) {
      const report = await runAs(NOBODY, process.execPath, [CONTROL, name], bench.environmentFor([]), "/");
      expect(report).toMatchObject({ stderr: "" });
      expect(report.stdout).toContain("exitCode");
    }
    expect(await runAs(NOBODY, process.execPath, [TOOL], bench.environmentFor(work), "/")).toMatchObject(undisturbed);
  });

  rootOnly("with a full read-only home still delivers where the tool flushes by itself", async () => {
    chmodSync(bench.home.path, 0o755);
    const environment = bench.environmentFor([["track", "from memory"], ["flush", 5_000], ["exit", 5]]);
    const result = await runAs(NOBODY, process.execPath, [TOOL], environment, "/");
    expect(result).toMatchObject({ exitCode: 5, stdout: '{"status":"delivered"}\n', stderr: "" });
    expect(names()).toEqual(["from memory"]);
  });
});

describe("no home at all", () => {
  const places = ["XDG_STATE_HOME", "XDG_CONFIG_HOME"] as const;

  it("leaves the tool alone when HOME names a directory that is not there", async () => {
    const missing = join(elsewhere, "a file", "home");
    writeFileSync(join(elsewhere, "a file"), "");
    const choices = { without: places, variables: { HOME: missing } };
    expect(await bench.run(work, choices)).toMatchObject(undisturbed);
    expect((await bench.command("status", choices)).data["storageProblem"]).toBeDefined();
    expect(readdirSync(elsewhere)).toEqual(["a file"]);
  });

  it.each(["", "relative/home", "."])("writes nothing into the working directory when HOME is %j", async (home) => {
    const choices = { without: places, variables: { HOME: home }, cwd: elsewhere };
    expect(await bench.run(work, choices)).toMatchObject(undisturbed);
    await bench.uploadersGone();
    expect(entriesBelow(elsewhere)).toEqual([]);
    const status = await bench.command("status", choices);
    expect(entriesBelow(elsewhere)).toEqual([]);
    expect(String(status.data["dataDirectory"])).toMatch(/^\//);
  });

  onLinuxOnly("leaves the tool alone when its working directory is gone", async () => {
    const gone = join(elsewhere, "gone");
    mkdirSync(gone);
    expect(await bench.run([["leaveDirectory", gone], ...work])).toMatchObject(undisturbed);
    await intake.waitFor(() => names().includes("at work"), { timeoutMs: 15_000 });
    expect(existsSync(gone)).toBe(false);
  });
});

describe("a spool with things in it that are not candor's", () => {
  const pending = (): string => join(bench.data, "spool", "v1", "unrecorded", "pending");
  const BATCH = "01900000-0000-7000-8000-000000000000";

  async function seed(): Promise<string> {
    // An ordinary batch of ours as a pattern, left there because nobody answers the phone.
    await intake.pause();
    await bench.run([["track", "waiting"], ["exit", 0]], { options: { delivery: { minimumIntervalMs: 60_000, lifetimeMs: 100 } } });
    await bench.uploadersGone();
    const [name] = readdirSync(pending());
    await intake.resume();
    rmSync(join(bench.data, "uploader"), { recursive: true });
    if (name === undefined) throw new Error("there is no batch to begin with");
    return readFileSync(join(pending(), name), "utf8");
  }

  async function deliverAll(): Promise<void> {
    expect(await bench.run(work)).toMatchObject(undisturbed);
    await intake.waitFor(() => names().includes("at work"), { timeoutMs: 10_000 });
    await bench.uploadersGone();
  }

  const bodies = (): string => intake.requests.map(({ body }) => body).join("\n");

  it("neither sends nor deletes foreign files", async () => {
    await seed();
    const foreign = ["notes.txt", ".hidden", `${BATCH}.ndjson`, `${BATCH}.1.1.ndjson.bak`, "../of-ours.txt"];
    for (const name of foreign) writeFileSync(join(pending(), name), "a secret of mine\n");
    await deliverAll();
    expect(names()).toContain("waiting");
    expect(bodies()).not.toContain("secret");
    expect(foreign.map((name) => existsSync(join(pending(), name)))).toEqual(foreign.map(() => true));
  });

  it("delivers what is whole of corrupt and truncated batches, and counts the rest", async () => {
    const line = await seed();
    const second = line.replace(/"id":"[^"]+"/, '"id":"01900000-0000-7000-8000-00000000000a"').replace("waiting", "whole line");
    writeFileSync(join(pending(), `${BATCH}.2.100.ndjson`), `${second}${line.slice(0, 50)}`);
    writeFileSync(join(pending(), `${BATCH.slice(0, -1)}1.3.100.ndjson`), "\u0000\u0001garbage\n[]\n{}\n");
    writeFileSync(join(pending(), `${BATCH.slice(0, -1)}2.1.0.ndjson`), "");
    await deliverAll();
    await until("the spool is empty", () => bench.spooled().length === 0);
    expect([...names()].sort()).toEqual(["at work", "waiting", "whole line"]);
    expect((await bench.command("status")).data["lost"]).toEqual({ corrupt: 4 });
  });

  it("is not held up by a directory with the name of a batch", async () => {
    await seed();
    mkdirSync(join(pending(), `${BATCH}.1.100.ndjson`, "inside"), { recursive: true });
    await deliverAll();
    expect(names()).toContain("waiting");
    await bench.run([["track", "once more"]]);
    await intake.waitFor(() => names().includes("once more"), { timeoutMs: 10_000 });
  });

  it("never sends what a symbolic link with the name of a batch points to", async () => {
    const line = await seed();
    const secret = join(elsewhere, "secret");
    writeFileSync(secret, `a secret of mine\n${line.replace("waiting", "a secret event")}`);
    symlinkSync(secret, join(pending(), `${BATCH}.1.100.ndjson`));
    symlinkSync("/nowhere", join(pending(), `${BATCH.slice(0, -1)}1.1.100.ndjson`));
    await deliverAll();
    expect(bodies()).not.toContain("secret");
    expect(readFileSync(secret, "utf8")).toContain("a secret of mine");
    expect(names()).toContain("waiting");
  });

  it("never joins what a symbolic link points to into a batch", async () => {
    const line = await seed();
    const secret = join(elsewhere, "secret");
    writeFileSync(secret, line.replace("waiting", "a secret event"));
    symlinkSync(secret, join(pending(), `${BATCH}.1.100.ndjson`));
    for (let index = 0; index < 70; index++) {
      writeFileSync(join(pending(), `01900000-0000-7000-8000-0000000001${String(index).padStart(2, "0")}.1.100.ndjson`), line);
    }
    await deliverAll();
    await bench.run([["track", "once more"]]);
    await intake.waitFor(() => names().includes("once more"), { timeoutMs: 10_000 });
    await bench.uploadersGone();
    expect(bodies()).not.toContain("secret");
  });

  it("recovers a segment of a dead process and leaves a link beside it alone", async () => {
    const line = await seed();
    const secret = join(elsewhere, "secret");
    writeFileSync(secret, line.replace("waiting", "a secret event"));
    const open = join(bench.data, "spool", "v1", "unrecorded", "open");
    writeFileSync(join(open, "notanowner.00000001.ndjson"), line.replace("waiting", "recovered").replace(/"id":"[^"]+"/, '"id":"01900000-0000-7000-8000-00000000000b"'));
    symlinkSync(secret, join(open, "notanowner.00000002.ndjson"));
    await deliverAll();
    expect(bodies()).not.toContain("secret");
    expect(names()).toContain("recovered");
  });
});

describe("a full disk", () => {
  let mounted = false;

  afterEach(() => {
    if (mounted) execFileSync("umount", [bench.home.path]);
    mounted = false;
  });

  rootOnly("costs the tool nothing, and status tells of the loss", async () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", bench.home.path]);
    mounted = true;
    await bench.run([["track", "with room"]], { options: { delivery: { by: "inline" } } });
    fill();
    const result = await bench.run([["trackMany", "without room", 300, 500], ["print", "output"], ["exit", 5]]);
    expect(result).toMatchObject(undisturbed);
    await bench.uploadersGone();
    const status = await bench.command("status");
    const lost = Object.values(status.data["lost"] as Record<string, number>).reduce((sum, count) => sum + count, 0);
    const { events } = status.data["pending"] as { events: number };
    const received = names().filter((name) => name.startsWith("without room")).length;
    expect(lost + events + received).toBe(300);

    rmSync(join(bench.home.path, "filler"));
    await bench.run([["track", "room again"]]);
    await intake.waitFor(() => names().includes("room again"), { timeoutMs: 10_000 });
    await bench.uploadersGone();
    expect(bench.spooled()).toEqual([]);
  });

  rootOnly("still lets the user say no", async () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", bench.home.path]);
    mounted = true;
    const choices = { without: ["NOTES_TELEMETRY"] };
    await bench.command("enable", choices);
    await bench.run([["track", "waiting"], ["exit", 0]], { ...choices, options: { delivery: { minimumIntervalMs: 60_000 } } });
    await bench.uploadersGone();
    fill();
    const report = await bench.command("disable", choices);
    const status = await bench.command("status", choices);
    expect(bench.spooled()).toEqual([]);
    // Either it is stored, or the command says that it is not; never a silent yes.
    expect({ exitCode: report.exitCode, enabled: status.data["enabled"] }).toEqual({ exitCode: 0, enabled: false });
  });

  function fill(): void {
    try {
      for (let part = 0; ; part++) writeFileSync(join(bench.home.path, "filler"), Buffer.alloc(4_096), { flag: "a" });
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe("ENOSPC");
    }
  }
});
