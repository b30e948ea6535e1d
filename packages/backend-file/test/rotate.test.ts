import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { sampleEvent, sampleEvents } from "@candor/testing";
import { realFileSystem } from "../src/file-system.ts";
import { isFull, planRotation, type RotationStep, rotateWhenFull } from "../src/rotate.ts";
import { faulty, faultyFiles, type Fixture, fixture, idsIn, send, systemError } from "./file-fixture.ts";

let home: Fixture;
beforeEach(() => {
  home = fixture();
});
afterEach(() => home.dispose());

/** `0>1` moves the live file to `.1`; `x2` removes `.2`. */
const short = (steps: readonly RotationStep[]): string =>
  steps.map((step) => (step.action === "move" ? `${step.from}>${step.to}` : `x${step.index}`)).join(" ");

const put = (name: string, content: string): void => writeFileSync(join(home.directory, name), content);
const bounds = (maxFiles = 3): Parameters<typeof rotateWhenFull>[0] => ({ path: home.path, maxBytes: 10, maxFiles });

describe("the decision to rotate", () => {
  it.each([
    [0, 1000, false],
    [10, 90, false],
    [10, 91, true],
    [100, 0, false],
  ])("for a file of %i bytes and a batch of %i is %s", (sizeBytes, incomingBytes, full) => {
    expect(isFull(sizeBytes, incomingBytes, 100)).toBe(full);
  });

  it.each([
    ["nothing rotated yet", [], 3, "0>1"],
    ["room for one more", [1], 3, "1>2 0>1"],
    ["every place taken", [1, 2], 3, "x2 1>2 0>1"],
    ["a gap at the front", [2], 3, "0>1"],
    ["a gap in the middle", [1, 3], 4, "1>2 0>1"],
    ["more files than allowed now", [1, 2, 3, 7], 3, "x3 x7 x2 1>2 0>1"],
    ["only the live file allowed", [], 1, "x0"],
    ["only the live file allowed now", [1], 1, "x1 x0"],
  ])("with %s takes the right steps", (_situation, rotated, maxFiles, steps) => {
    expect(short(planRotation(rotated, maxFiles))).toBe(steps);
  });
});

describe("a rotation", () => {
  it.each(["EACCES", "EIO"])("that fails with %s is an answer, and no event is lost", async (code) => {
    const before = sampleEvent();
    await send(home.build(), [before]);
    const backend = home.build({ maxBytes: 1 }, faulty({ rename: () => Promise.reject(systemError(code)) }));
    expect(await send(backend, sampleEvents(1))).toMatchObject({ status: "retry", reason: expect.stringContaining(code) });
    expect(home.names()).toEqual(["telemetry.log"]);
    expect(idsIn(home.text())).toEqual([before.id]);
  });

  it("that was cut short by a crash at any step leaves every file whole, and the next one goes on", async () => {
    for (let crashAt = 0; crashAt < 3; crashAt += 1) {
      const own = fixture();
      try {
        for (const [name, content] of [["telemetry.log", "live"], ["telemetry.log.1", "one"], ["telemetry.log.2", "two"]] as const) {
          writeFileSync(join(own.directory, name), content);
        }
        let step = 0;
        const crash = faulty({ rename: (from, to) => ((step += 1) > crashAt ? Promise.reject(systemError("EIO")) : realFileSystem.rename(from, to)) });
        const limits = { path: own.path, maxBytes: 1, maxFiles: 4 };
        await expect(rotateWhenFull(limits, 1, crash)).rejects.toThrow("EIO");
        expect(own.names().map((name) => own.text(name)).sort()).toEqual(["live", "one", "two"]);
        await rotateWhenFull(limits, 1, realFileSystem);
        expect(own.names().map((name) => own.text(name))).toEqual(["live", "one", "two"]);
        expect(own.names()).toEqual(["telemetry.log.1", "telemetry.log.2", "telemetry.log.3"]);
      } finally {
        own.dispose();
      }
    }
  });

  it("happens once when two processes judged the same file", async () => {
    put("telemetry.log", "0123456789");
    put("telemetry.log.1", "older");
    put("telemetry.log.2", "oldest");
    let judged = 0;
    // The second rotates and appends between the first one's judgement and its lock.
    const overtaken = faulty({
      async lstat(path) {
        const status = await realFileSystem.lstat(path);
        if (path === home.path && (judged += 1) === 1) {
          await rotateWhenFull(bounds(), 5, realFileSystem);
          put("telemetry.log", "new");
        }
        return status;
      },
    });
    await rotateWhenFull(bounds(), 5, overtaken);
    expect(home.names()).toEqual(["telemetry.log", "telemetry.log.1", "telemetry.log.2"]);
    expect(["telemetry.log", "telemetry.log.1", "telemetry.log.2"].map((name) => home.text(name))).toEqual(["new", "0123456789", "older"]);
  });

  it("is left out while another process rotates, and the batch is appended", async () => {
    const [first, second] = [sampleEvent(), sampleEvent()];
    await send(home.build(), [first]);
    put("telemetry.log.lock", "");
    expect(await send(home.build({ maxBytes: 1 }), [second])).toEqual({ status: "accepted" });
    expect(idsIn(home.text())).toEqual([first.id, second.id]);
    expect(home.names()).toEqual(["telemetry.log", "telemetry.log.lock"]);
  });

  it.each([
    ["dead for long", -11],
    ["from the future, by a clock since set back", 11],
  ])("is not held up for good by a lock %s", async (_lock, ageSeconds) => {
    put("telemetry.log", "0123456789");
    put("telemetry.log.lock", "");
    const at = Date.now() / 1000 + ageSeconds;
    utimesSync(join(home.directory, "telemetry.log.lock"), at, at);
    await rotateWhenFull(bounds(), 1, realFileSystem);
    expect(home.names()).toEqual(["telemetry.log"]);
    await rotateWhenFull(bounds(), 1, realFileSystem);
    expect(home.names()).toEqual(["telemetry.log.1"]);
  });

  it("does not release the lock of a process that took its own for dead", async () => {
    put("telemetry.log", "0123456789");
    const lock = `${home.path}.lock`;
    const robbed = faulty({
      async rename(from, to) {
        await realFileSystem.rename(lock, join(home.directory, "stolen"));
        put("telemetry.log.lock", "another's");
        await realFileSystem.rename(from, to);
      },
    });
    await rotateWhenFull(bounds(), 1, robbed);
    expect(home.text("telemetry.log.lock")).toBe("another's");
    expect(home.text("telemetry.log.1")).toBe("0123456789");
  });

  it("succeeds although its lock cannot be released", async () => {
    put("telemetry.log", "0123456789");
    await rotateWhenFull(bounds(), 1, faulty({ unlink: () => Promise.reject(systemError("EACCES")) }));
    expect(home.names()).toEqual(["telemetry.log.1", "telemetry.log.lock"]);
  });

  it("overwrites no file that appears in the way", async () => {
    put("telemetry.log", "0123456789");
    const crowded = faulty({
      async readdir(path) {
        const names = await realFileSystem.readdir(path);
        put("telemetry.log.1", "another's");
        return names;
      },
    });
    await rotateWhenFull(bounds(), 1, crowded);
    expect(home.text("telemetry.log.1")).toBe("another's");
    expect(home.text()).toBe("0123456789");
  });

  it("leaves files alone that only resemble rotated ones", async () => {
    put("telemetry.log", "0123456789");
    const strangers = ["telemetry.log.01", "telemetry.log.99x", "telemetry.log.bak", "telemetry.logs.9", "xtelemetry.log.9"];
    for (const name of strangers) put(name, "");
    mkdirSync(join(home.directory, "telemetry.log.d"));
    await rotateWhenFull(bounds(2), 1, realFileSystem);
    expect(home.names()).toEqual([...strangers, "telemetry.log.1", "telemetry.log.d"].sort());
  });
});

describe("a file that fills", () => {
  it("keeps at most maxFiles files of at most maxBytes, the youngest events in them", async () => {
    const events = sampleEvents(40);
    const backend = home.build({ maxBytes: 1000, maxFiles: 3 });
    for (const event of events) expect(await send(backend, [event])).toEqual({ status: "accepted" });
    const names = ["telemetry.log.2", "telemetry.log.1", "telemetry.log"];
    expect(home.names()).toEqual(names.toReversed());
    const kept = names.flatMap((name) => idsIn(home.text(name)));
    expect(kept.length).toBeGreaterThan(2);
    expect(kept).toEqual(events.slice(-kept.length).map(({ id }) => id));
    for (const name of names) expect(Buffer.byteLength(home.text(name))).toBeLessThanOrEqual(1000);
  });

  it("is emptied when it is the only one", async () => {
    const [first, second] = [sampleEvent(), sampleEvent()];
    const backend = home.build({ maxBytes: 1, maxFiles: 1 });
    await send(backend, [first]);
    await send(backend, [second]);
    expect(home.names()).toEqual(["telemetry.log"]);
    expect(idsIn(home.text())).toEqual([second.id]);
  });

  it("keeps a batch whose file another process rotates between open and write", async () => {
    const [first, second] = [sampleEvent(), sampleEvent()];
    await send(home.build(), [first]);
    const rotated = faultyFiles((file) => ({
      async write(...args) {
        await rotateWhenFull({ path: home.path, maxBytes: 1, maxFiles: 3 }, 1, realFileSystem);
        return file.write(...args);
      },
    }));
    expect(await send(home.build({}, rotated), [second])).toEqual({ status: "accepted" });
    expect(idsIn(home.text("telemetry.log.1"))).toEqual([first.id, second.id]);
  });
});
