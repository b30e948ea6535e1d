import { mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Logger } from "@candor/backend";
import { reset } from "../src/commands.ts";
import { type Directories, directoriesFor } from "../src/platform/paths.ts";
import { uploaderLogger } from "../src/uploader/uploader-log.ts";
import { filesIn, spoolOn } from "./fixtures.ts";
import { collectorOn } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
let directories: Directories;
beforeEach(() => {
  directories = directoriesFor("notes", machine.host);
  spoolOn(machine);
  mkdirSync(directories.uploader, { recursive: true });
  machine.host.environment["NOTES_TELEMETRY"] = "debug";
});

const logger = (): Logger => uploaderLogger("notes", directories, machine.ports);
const log = (): string => readFileSync(directories.uploaderLog, "utf8");

describe("the uploader's log", () => {
  it("is not written unless the user asks for it", () => {
    machine.host.environment["NOTES_TELEMETRY"] = "on";
    logger().error("x");
    expect(filesIn(directories.uploader)).toEqual([]);
  });

  it("holds each line with its time, for the user alone", () => {
    const written = logger();
    written.debug("first", { a: 1 });
    machine.clock.advance(1_000);
    written.warn("second");
    expect(log()).toBe('2026-01-02T03:04:05.000Z [candor] debug: first {"a":1}\n2026-01-02T03:04:06.000Z [candor] warn: second\n');
    expect(statSync(directories.uploaderLog).mode & 0o777).toBe(0o600);
  });

  it("is the last run's", () => {
    logger().info("the run before");
    logger().info("this run");
    expect(log()).toBe("2026-01-02T03:04:05.000Z [candor] info: this run\n");
  });

  it("is bounded, however much a backend has to say", () => {
    const written = logger();
    for (let line = 0; line < 30; line++) written.debug("x".repeat(100_000));
    written.debug("short");
    expect(statSync(directories.uploaderLog).size).toBeLessThanOrEqual(1024 * 1024);
    expect(log().split("\n").slice(-2)).toEqual(["what else this run has to say is left out: 1048576 bytes are enough", ""]);
  });

  it("is not written through a symbolic link", () => {
    const theirs = `${machine.home.path}/theirs`;
    symlinkSync(theirs, directories.uploaderLog);
    logger().info("mine");
    expect(statSync(theirs, { throwIfNoEntry: false })).toBeUndefined();
    expect(log()).toContain("mine");
  });

  it("costs nothing but itself on a disk that refuses", () => {
    machine.disk.makeReadOnly();
    expect(() => logger().info("x")).not.toThrow();
    machine.disk.heal();
    expect(filesIn(directories.uploader)).toEqual([]);
  });

  it("goes with a reset", async () => {
    logger().info("x");
    await reset(collectorOn(machine));
    expect(filesIn(directories.uploader).filter((path) => path.endsWith(".log"))).toEqual([]);
  });
});
