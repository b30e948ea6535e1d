import { beforeEach, describe, expect, it } from "@jest/globals";
import { spyBackend } from "@candor/testing";
import { info } from "../src/commands/information.ts";
import { recordingLogger } from "./fixtures.ts";
import { answer, collectorOn } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();
beforeEach(() => {
  answer(machine);
});

describe("what a collector records", () => {
  it("holds neither what the author's rules find nor the user's own home", async () => {
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend, extendedCollection: true, redaction: { rules: [{ name: "customer", pattern: /CUST-\d+/ }] } });
    const home = machine.host.homeDirectory();
    collector.trackCommandExtended("notes add", ["CUST-1", `--out=${home}/x`], { durationMs: 1, exitCode: 1, error: `cannot write ${home}/x` }, { for: "CUST-2" });
    await collector.flush();
    expect(backend.events).toEqual([
      expect.objectContaining({ args: ["<redacted-customer>", "--out=~/x"], error: "cannot write ~/x", metadata: { for: "<redacted-customer>" } }),
    ]);
  });

  it("is recorded where neither the environment nor the user database knows a home", async () => {
    const unknown = (): never => {
      throw new Error("no such user");
    };
    const backend = spyBackend();
    const collector = collectorOn({ ...machine, ports: { ...machine.ports, host: { ...machine.host, accountHome: unknown } } }, { backend });
    collector.track("t", "n", { path: "/home/alice/x" });
    await collector.flush();
    expect(backend.events).toEqual([expect.objectContaining({ metadata: { path: "~/x" } })]);
  });

  it("is what `info` shows", () => {
    const collector = collectorOn(machine, { backend: spyBackend(), metadata: { team: "TEAM-7" }, redaction: { rules: [{ name: "team", pattern: /TEAM-\d/ }] } });
    expect(info(collector).lines.join("\n")).toContain('"team": "<redacted-team>"');
  });

  it("says in a debug line, without the text, that a rule was given up", async () => {
    const logger = recordingLogger();
    const backend = spyBackend();
    const collector = collectorOn(machine, { backend, logger, redaction: { rules: [{ name: "endless", pattern: /^(\w+\s?)+$/ }] } });
    for (const name of ["a", "b", "c"]) collector.track("t", name, { n: `${"a".repeat(40)}!` });
    await collector.flush();
    expect(backend.events.map(({ metadata }) => metadata)).toEqual(Array.from({ length: 3 }, () => ({ "<redacted-endless>": "<redacted>" })));
    expect(logger.lines.filter((line) => line.includes("redaction rule"))).toEqual([expect.stringContaining("<redacted-endless> takes over 100 ms")]);
  });
});
