import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { directoriesFor } from "../src/platform/paths.ts";
import { carriedScript } from "../src/uploader/carried-script.ts";
import { uploaderScript } from "../src/uploader/uploader-script.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const DAY_MS = 24 * 60 * 60_000;

const machine = workstationPerTest();

const directories = (): ReturnType<typeof directoriesFor> => directoriesFor("notes", machine.host);
const put = (): string => uploaderScript(directories(), machine.ports);

/** As if the file had been written `agoMs` before now. */
function writtenAgo(path: string, agoMs: number): void {
  const seconds = (machine.clock.now() - agoMs) / 1_000;
  utimesSync(path, seconds, seconds);
}

describe("the uploader's script", () => {
  it("is put in its place whole", () => {
    expect(readFileSync(put(), "utf8")).toBe(carriedScript());
  });

  it("is left as it is while it lies there", () => {
    writtenAgo(put(), 1_000);
    const before = machine.disk.mutations.length;
    put();
    expect(machine.disk.mutations).toHaveLength(before);
  });

  it.each([
    ["is of another size", 1_000, () => "cut"],
    ["was written a day ago, whatever it holds by now", DAY_MS, () => "\0".repeat(carriedScript().length)],
    ["was written in a time to come", -DAY_MS, () => "\0".repeat(carriedScript().length)],
  ])("is put in its place again where the file %s", (_what, agoMs, content) => {
    const path = put();
    writeFileSync(path, content());
    writtenAgo(path, agoMs);
    expect(readFileSync(put(), "utf8")).toBe(carriedScript());
  });

  it("is never taken through a link", () => {
    const path = put();
    const elsewhere = join(machine.host.home, "elsewhere.cjs");
    writeFileSync(elsewhere, "x".repeat(carriedScript().length));
    machine.ports.fileSystem.unlinkSync(path);
    symlinkSync(elsewhere, path);
    expect(readFileSync(put(), "utf8")).toBe(carriedScript());
    expect(readFileSync(elsewhere, "utf8")).not.toBe(carriedScript());
  });

  it("of another version goes when it is a day old", () => {
    const { uploader } = directories();
    mkdirSync(uploader, { recursive: true, mode: 0o700 });
    for (const [name, agoMs] of [["candor-uploader-0a.cjs", 2 * DAY_MS], ["candor-uploader-1.cjs", 1_000]] as const) {
      writeFileSync(join(uploader, name), "another version");
      writtenAgo(join(uploader, name), agoMs);
    }
    put();
    const kept = machine.ports.fileSystem.readdirSync(uploader);
    expect(kept).toContain("candor-uploader-1.cjs");
    expect(kept).not.toContain("candor-uploader-0a.cjs");
  });
});
