import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { type Intake, spyBackend, startIntake } from "@candor/testing";
import { doctor } from "../src/commands.ts";
import { type Workstation, workstation } from "./fake-ports.ts";
import { spoolOn, stored } from "./fixtures.ts";
import { answer, closeAll, collectorOn } from "./options.ts";
import { administered, writePolicy } from "./policies.ts";

let machine: Workstation;
let fleet: Intake;
beforeEach(async () => {
  machine = administered(workstation());
  answer(machine);
  fleet = await startIntake();
});
afterEach(async () => {
  await closeAll();
  await fleet.close();
  machine.dispose();
});

it.each([
  ["haeders", { haeders: { authorization: "Bearer hunter2" } }],
  ["tls.cafile", { tls: { cafile: "/ca.pem" } }],
])("a policy's destination with the option %s is sent nothing, nor is the author's, and doctor names the option", async (name, options) => {
  const author = spyBackend();
  writePolicy(machine, { version: 1, backend: { use: "http", endpoint: fleet.url, ...options } });
  const collector = collectorOn(machine, { backend: author });
  collector.track("feature.used", "e1");
  expect(await collector.flush()).toEqual({ status: "pending", reason: expect.stringContaining(`backend.${name} is not an option`) });
  const report = await doctor(collector);
  expect(report.lines.join("\n")).toContain(`backend.${name} is not an option; the options are `);
  expect(report.lines.join("\n")).not.toContain("hunter2");
  expect({ fleet: fleet.requests, author: author.batches, kept: stored(spoolOn(machine)) }).toEqual({ fleet: [], author: [], kept: ["e1"] });
});
