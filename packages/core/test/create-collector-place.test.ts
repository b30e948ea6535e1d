import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { createCollector } from "../src/collector/create-collector.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const VALID = { tool: "notes", version: "1.2.3" };

describe("a mistake in the options", () => {
  it("is no error in an installed tool whose user develops something else", () => {
    const installed = "home/node_modules/notes/bin.js";
    mkdirSync(dirname(join(machine.home.path, installed)), { recursive: true });
    writeFileSync(join(machine.home.path, installed), "");
    machine.host.environment["NODE_ENV"] = "development";
    machine.host.script = join(machine.home.path, installed);
    expect(createCollector({ ...VALID, backend: { use: "http", endpoint: "nowhere" } }, machine.ports).enabled).toBe(false);
    machine.host.script = "/work/tool/bin.js";
    expect(() => createCollector({ ...VALID, backend: { use: "http", endpoint: "nowhere" } }, machine.ports)).toThrow("endpoint");
  });
});
