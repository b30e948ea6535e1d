import { describe, expect, it } from "@jest/globals";
import { info } from "../src/commands.ts";
import { filesIn } from "./fixtures.ts";
import { answer, collectorOn } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const HTTP = { use: "http", endpoint: "https://collector.example.com/in?key=secret" } as const;
const said = (...given: Parameters<typeof collectorOn>): string => info(collectorOn(...given)).lines.join("\n");

describe("info", () => {
  it("writes nothing and asks for properties as in a dry run, whether telemetry is on or off", () => {
    for (const isOn of [false, true]) {
      if (isOn) answer(machine);
      const before = filesIn(machine.home.path);
      const asked: unknown[] = [];
      const report = info(collectorOn(machine, { backend: HTTP, metadata: (run) => { asked.push(run); return { shell: "zsh" }; } }));
      expect(report).toMatchObject({ exitCode: 0, data: { enabled: isOn, example: { metadata: { shell: "zsh" } } } });
      expect(asked).toEqual([{ dryRun: true }]);
      expect(filesIn(machine.home.path)).toEqual(before);
    }
  });

  it("names the destination without its credentials, and says when there is none", () => {
    expect(said(machine, { backend: HTTP })).toContain("It is sent to: http (https://collector.example.com/in)");
    expect(said(machine, { backend: HTTP })).not.toContain("secret");
    expect(said(machine)).toContain("It is sent nowhere");
  });

  it("says what decided", () => {
    machine.host.environment["DO_NOT_TRACK"] = "1";
    expect(said(machine)).toContain("Telemetry is off now: DO_NOT_TRACK is set.");
  });

  it("promises that arguments are never recorded only where they are not", () => {
    const promise = "  - arguments and error messages\n";
    expect(said(machine)).toContain(promise);
    expect(said(machine, { extendedCollection: true })).not.toContain(promise);
    expect(said(machine, { extendedCollection: true })).toContain("arguments and error messages, with what looks like a secret taken out");
  });
});
