import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { silentLogger } from "@candor/backend";
import { sampleEvent } from "@candor/testing";
import { createDestination } from "../../src/destination/backend-registry.ts";
import { homePerTest } from "../home-per-test.ts";
import { vectorsOf } from "../vectors.ts";

const home = homePerTest();

describe("the file backend by its short name", () => {
  it.each(vectorsOf<{ events: readonly { name: string }[] }, { lines: number; terminator: string; mode: string; append: boolean }>("gtb.file_backend"))("$id", async ({ input, expected }) => {
    const path = join(home.path, "telemetry.log");
    const context = { toolName: "notes", toolVersion: "1", dataDirectory: home.path, logger: silentLogger, loaders: {}, modules: {}, environment: {}, resolveFrom: undefined };
    const { backend } = await createDestination({ use: "file", path }, context);
    const events = input.events.map(({ name }) => sampleEvent({ name }));
    for (const rounds of [1, 2]) {
      expect(await backend.send(events, { signal: new AbortController().signal })).toEqual({ status: "accepted" });
      const lines = readFileSync(path, "utf8").split(expected.terminator);
      expect(lines.pop()).toBe("");
      expect(lines).toHaveLength(expected.append ? rounds * expected.lines : expected.lines);
    }
    expect(`0${(statSync(path).mode & 0o777).toString(8)}`).toBe(expected.mode);
    await backend.close();
  });
});
