import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Backend } from "@candor/backend";
import { spyBackend } from "@candor/testing";
import { workstation } from "./fake-ports.ts";
import { answer, collectorOn } from "./options.ts";
import { administered, writePolicy } from "./policies.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest(() => administered(workstation()));
beforeEach(() => {
  answer(machine);
});

describe("the API key of a policy", () => {
  it.each(["env", "file"] as const)("comes from where its %s says", async (source) => {
    const places = { env: "FLEET_KEY", file: join(machine.home.path, "key") };
    writeFileSync(places.file, "k-123\n");
    machine.host.environment["FLEET_KEY"] = "k-123";
    writePolicy(machine, { version: 1, backend: { use: "own", apiKey: { [source]: places[source] } } });
    const given: unknown[] = [];
    const own = (options: unknown): Backend => (given.push(options), spyBackend());
    const collector = collectorOn(machine, { backends: { own: () => Promise.resolve({ default: own }) } });
    collector.track("feature.used", "e1");
    await collector.flush();
    expect(given).toEqual([{ apiKey: "k-123" }]);
  });
});
