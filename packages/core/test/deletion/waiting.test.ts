/** A deletion request that waits: how status shows it, how a new reset takes it up, how it is called off. */
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { doctor, reset, status } from "../../src/commands.ts";
import { readConsent } from "../../src/consent/consent-store.ts";
import { acquireLock, preemptLock } from "../../src/uploader/uploader-lock.ts";
import { type Directories, directoriesFor } from "../../src/platform/paths.ts";
import { MACHINE_ID, requestorOf, SENT } from "../mytool.ts";
import { workstationPerTest } from "../workstation-per-test.ts";
import { HOUR_MS, putInUse, requestFiles, resetInVain, storedRequests, toolOn } from "./stage.ts";

const DAY_MS = 24 * HOUR_MS;

const machine = workstationPerTest();
let directories: Directories;
beforeEach(() => {
  directories = directoriesFor("mytool", machine.host);
  putInUse(machine);
});

const shown = (): readonly string[] => status(toolOn(machine)).lines;
const deletions = (): unknown => status(toolOn(machine)).data["deletions"];

function tear(path = requestFiles(machine)[0] ?? ""): string {
  writeFileSync(path, '{"requestedAt":"2026-01-02T03:04:05.000Z","ids":[{"machineId":"4a3f');
  return path;
}

describe("doctor", () => {
  it("names a request that waits, in the words of status", async () => {
    await resetInVain(machine);
    const report = await doctor(toolOn(machine));
    expect(report.exitCode).toBe(0);
    expect(report.data["findings"]).toContainEqual({
      subject: "deletion",
      status: "warn",
      message: "Deletion request of 2026-01-02 to http (http://127.0.0.1:9/erase): not confirmed yet; later runs try again",
      advice: expect.stringMatching(/^Last error: .+\. Next attempt: 2026-01-02T03:0/),
    });
  });

  it("says nothing of requests where there are none", async () => {
    expect(JSON.stringify((await doctor(toolOn(machine))).data)).not.toContain("deletion");
  });
});

describe("status", () => {
  it("shows a request that waits: to whom, why, and when it is tried next", async () => {
    await resetInVain(machine);
    expect(deletions()).toEqual([
      { status: "waiting", destination: "http (http://127.0.0.1:9/erase)", requestedAt: "2026-01-02T03:04:05.000Z", machineIds: [MACHINE_ID], reason: expect.stringMatching(/./), nextAttemptAt: expect.stringMatching(/^2026-01-02T03:0/) },
    ]);
    expect(shown()).toEqual(expect.arrayContaining([
      "Deletion request of 2026-01-02 to http (http://127.0.0.1:9/erase): not confirmed yet; later runs try again",
      expect.stringMatching(/^ {2}Last error: ./),
      expect.stringMatching(/^ {2}Next attempt: 2026-01-02T03:0/),
    ]));
  });

  it("shows one that has been given up, for as long as it takes", async () => {
    await resetInVain(machine);
    machine.clock.advance(300 * DAY_MS);
    expect(deletions()).toEqual([expect.objectContaining({ status: "expired" })]);
    expect(shown().join("\n")).toContain("given up after 30 days without a confirmation; `mytool telemetry reset` asks again");
  });

  it.each<[string, () => void]>([
    ["is torn", () => void tear()],
    ["is empty", () => writeFileSync(requestFiles(machine)[0] ?? "", "")],
    ["names nobody", () => writeFileSync(requestFiles(machine)[0] ?? "", '{"requestedAt":"2026-01-02T03:04:05.000Z","ids":[],"outstanding":[]}')],
    ["has no time", () => writeFileSync(requestFiles(machine)[0] ?? "", '{"requestedAt":"soon","ids":[],"outstanding":[{"key":"x","machineIds":[]}]}')],
    ["is a directory", () => {
      const [path = ""] = requestFiles(machine);
      rmSync(path);
      mkdirSync(path);
    }],
    ["is a link", () => {
      const [path = ""] = requestFiles(machine);
      rmSync(path);
      symlinkSync("/etc/hostname", path);
    }],
    ["lies in a place that others may write to", () => chmodSync(directories.deletions, 0o777)],
    ["lies in a place that cannot be listed", () => machine.disk.fail({ call: "readdirSync", path: "deletions", code: "EACCES", forever: true })],
  ])("says that nobody knows what became of a request that %s", async (_, harm) => {
    await resetInVain(machine);
    harm();
    expect(deletions()).toEqual([expect.objectContaining({ status: "unreadable", destination: expect.stringContaining(directories.deletions) })]);
    expect(shown().join("\n")).toContain("so nobody knows whether it was sent");
  });

  it.each<[Record<string, unknown>, string]>([
    [{ verdict: { status: "user-action", text: "Write to us.\nSoon." } }, "needs you; `mytool telemetry reset` shows what to do\n  Write to us.\n  Soon."],
    [{ verdict: { status: "impossible", text: "it has no such thing" } }, "it cannot be asked: it has no such thing"],
    // A reset that was killed before it could show the e-mail.
    [{ askedBy: "person" }, "needs you; `mytool telemetry reset` shows what to do\n  the message has not been shown to you"],
  ])("tells what needs a person: %j", async (change, line) => {
    await resetInVain(machine);
    const [path = ""] = requestFiles(machine);
    const [request] = storedRequests(machine) as [{ outstanding: object[] }];
    writeFileSync(path, JSON.stringify({ ...request, outstanding: request.outstanding.map((each) => ({ ...each, ...change })) }));
    expect(shown().join("\n")).toContain(`Deletion request of 2026-01-02 to http (http://127.0.0.1:9/erase): ${line}`);
  });

  it("leaves alone what is no request, and shows nothing of it", async () => {
    mkdirSync(directories.deletions, { recursive: true, mode: 0o700 });
    writeFileSync(join(directories.deletions, "notes.txt"), "x");
    expect(deletions()).toEqual([]);
    await reset(toolOn(machine, { deletion: requestorOf(SENT) }));
    expect(readdirSync(directories.deletions)).toEqual(["notes.txt"]);
  });
});

describe("another reset", () => {
  it("asks for each id once, settles the earlier request too, and removes every trace of both", async () => {
    await resetInVain(machine, { deletion: requestorOf({ status: "failed", reason: "busy" }) });
    machine.clock.advance(40 * DAY_MS);
    const own = requestorOf(SENT);
    const report = await reset(toolOn(machine, { deletion: own }));
    expect(report).toMatchObject({ exitCode: 0, data: { deletion: { status: "sent" } } });
    expect(own.subjects).toEqual([expect.objectContaining({ machineId: MACHINE_ID, requestedAt: "2026-02-11T03:04:05.000Z" })]);
    expect(existsSync(directories.deletions)).toBe(false);
  });

  it("goes on asking those of the earlier one whom the tool does not know any more, and says that they cannot be asked", async () => {
    await resetInVain(machine);
    const report = await reset(toolOn(machine, { deletion: requestorOf(SENT) }));
    expect(report).toMatchObject({ exitCode: 1, data: { deletion: { status: "queued" } } });
    expect(report.lines).toEqual(expect.arrayContaining([
      `Deletion request sent to spy for machine ID: ${MACHINE_ID}`,
      "Deletion request could not be sent: http (http://127.0.0.1:9/erase): this version of mytool does not use it",
    ]));
    expect(storedRequests(machine)).toHaveLength(1);
  });

  it("hears for itself what another one has settled in between", async () => {
    const own = requestorOf(SENT);
    const store = {
      name: "notes.yaml",
      read: () => undefined,
      // Called after the request is stored and before it is made: the moment of the other reset.
      write: () => Promise.resolve(requestFiles(machine).forEach((path) => rmSync(path))),
    };
    const report = await reset(toolOn(machine, { deletion: own, consent: { store } }));
    expect(report).toMatchObject({ exitCode: 0, data: { deletion: { status: "sent" } } });
    expect(own.asked).toEqual([MACHINE_ID]);
    expect(existsSync(directories.deletions)).toBe(false);
  });

  it("says that it waits when somebody else takes the lock away while it asks", async () => {
    const other = machine.startProcess();
    const hasty = { name: "hasty", requestDeletion: () => (preemptLock(directories, other.ports), Promise.resolve({ status: "failed" as const, reason: "cut off" })) };
    const report = await reset(toolOn(machine, { deletion: hasty }));
    expect(report).toMatchObject({ exitCode: 1, data: { deletion: { status: "queued", destinations: [{ reason: "another process of the tool has taken it over" }] } } });
    // Whoever took it may be calling it off: nothing was written after that.
    expect(storedRequests(machine)).toEqual([expect.objectContaining({ outstanding: [expect.objectContaining({ failures: 0 })] })]);
  });

  it("says that it waits when another process does not give up the lock", async () => {
    const other = machine.startProcess();
    const store = {
      name: "notes.yaml",
      read: () => undefined,
      write: () => Promise.resolve(void acquireLock({ state: "running", kind: "in-process", lifetimeMs: 60_000, minimumIntervalMs: 0 }, directories, other.ports)),
    };
    const own = requestorOf(SENT);
    const report = await reset(toolOn(machine, { deletion: own, consent: { store } }));
    expect(report).toMatchObject({ exitCode: 1, data: { deletion: { status: "queued" } } });
    expect(own.asked).toEqual([]);
    expect(requestFiles(machine)).toHaveLength(1);
  });

  it("stands in place of a request that cannot be read, and says so", async () => {
    await resetInVain(machine);
    const torn = tear();
    const report = await reset(toolOn(machine, { deletion: requestorOf(SENT) }));
    expect(report).toMatchObject({ exitCode: 0, data: { deletion: { status: "sent" } } });
    expect(report.lines).toContain(`An earlier request that could not be read (${torn}) is replaced by this one.`);
    expect(existsSync(directories.deletions)).toBe(false);
  });

  it("leaves a request that cannot be read where it is, when there is nothing to put in its place", async () => {
    await resetInVain(machine);
    const torn = tear();
    rmSync(directories.identityFile);
    await reset(toolOn(machine, { deletion: requestorOf(SENT) }));
    expect(requestFiles(machine)).toEqual([torn]);
  });

  it("clears away what a killed process left half written, and nothing younger", async () => {
    await resetInVain(machine);
    const [path = ""] = requestFiles(machine);
    const [old, young] = [`${path}.1-a.tmp`, `${path}.2-b.tmp`];
    for (const litter of [old, young]) writeFileSync(litter, "{");
    utimesSync(old, 0, 0);
    utimesSync(young, machine.clock.now() / 1_000, machine.clock.now() / 1_000);
    await reset(toolOn(machine), { cancelDeletion: true });
    expect([existsSync(path), existsSync(old), existsSync(young)]).toEqual([false, false, true]);
  });
});

describe("calling a request off", () => {
  it("removes it, names who will not be asked, and leaves the answer and the ids as they are", async () => {
    await resetInVain(machine);
    const before = readConsent(directories, machine.ports);
    const report = await reset(toolOn(machine), { cancelDeletion: true });
    expect(report).toEqual({ exitCode: 0, lines: ["The deletion request is called off. http (http://127.0.0.1:9/erase) will not be asked again."], data: { cancelled: ["http (http://127.0.0.1:9/erase)"], done: true } });
    expect(existsSync(directories.deletions)).toBe(false);
    expect(deletions()).toEqual([]);
    expect(readConsent(directories, machine.ports)).toEqual(before);
    const own = requestorOf(SENT);
    await reset(toolOn(machine, { deletion: own }));
    expect(own.asked).toEqual([MACHINE_ID]);
  });

  it("removes one that cannot be read as well", async () => {
    await resetInVain(machine);
    tear();
    expect((await reset(toolOn(machine), { cancelDeletion: true })).exitCode).toBe(0);
    expect(existsSync(directories.deletions)).toBe(false);
  });

  it("says so when none is waiting, and withdraws nothing", async () => {
    expect(await reset(toolOn(machine), { cancelDeletion: true })).toMatchObject({ exitCode: 0, lines: ["No deletion request is waiting."] });
    expect(readConsent(directories, machine.ports)).toMatchObject({ answer: { enabled: true } });
    expect(machine.disk.mutations).toEqual([]);
  });

  it("does not say that it is done when the disk refuses, or when somebody may still be asking", async () => {
    await resetInVain(machine);
    machine.disk.fail({ call: "rmSync", path: "deletions", code: "EPERM" });
    expect(await reset(toolOn(machine), { cancelDeletion: true })).toMatchObject({ exitCode: 1, lines: [expect.stringContaining("could not be called off")] });
    const other = machine.startProcess();
    acquireLock({ state: "running", kind: "in-process", lifetimeMs: 30_000, minimumIntervalMs: 0 }, directories, other.ports);
    expect(await reset(toolOn(machine), { cancelDeletion: true })).toMatchObject({ exitCode: 1, lines: [expect.stringContaining("still sending")] });
  });
});
