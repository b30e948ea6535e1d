/** What of other people's words reaches a terminal. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { type CommandReport, disable, doctor, enable, info, inspect, reportText, reset, type StreamedReport, status } from "../src/commands.ts";
import type { Collector } from "../src/collector/collector.ts";
import { requestorOf, storeIdentity } from "./mytool.ts";
import { answer, collectorOn, HTTP } from "./options.ts";
import { collect } from "./reports.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

// oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const FORGED = "Telemetry: enabled";
const HOSTILE = `a\u001b[2Jb\n${FORGED}\u202e`;

const machine = workstationPerTest();

const commands: Readonly<Record<string, (collector: Collector) => CommandReport | StreamedReport | Promise<CommandReport>>> = { disable, doctor, enable, info, inspect, reset, status };

async function said(command: string, form: "text" | "json"): Promise<string> {
  const report = await commands[command]?.(collectorOn(machine, { backend: HTTP }));
  if (!report) throw new Error(`there is no ${command}`);
  return "pieces" in report ? collect(report, form).text : reportText(report, form);
}

describe.each(Object.keys(commands))("the text of `%s`", (command) => {
  it.each(["text", "json"] as const)("shows a directory's name and obeys none of its characters, as %s", async (form) => {
    answer(machine);
    machine.host.cwd = join(machine.host.cwd, HOSTILE);
    mkdirSync(machine.host.cwd);
    writeFileSync(join(machine.host.cwd, ".candor.json"), '{"telemetry":"off"}');
    const text = await said(command, form);
    expect(text).not.toMatch(OBEYED);
    expect(text.split("\n")).not.toContainEqual(expect.stringMatching(new RegExp(`^\\s*${FORGED}`)));
  });

  it("obeys no character of a variable's value", async () => {
    machine.host.environment["TELEMETRY_ENABLED"] = `\u001b[2J\n${FORGED}`;
    const text = await said(command, "text");
    expect(text).not.toMatch(OBEYED);
    expect(text.split("\n")).not.toContainEqual(expect.stringMatching(new RegExp(`^${FORGED}`)));
  });
});

describe("a report's text", () => {
  const reportOf = (lines: readonly string[], data = {}): CommandReport => ({ exitCode: 0, lines, data });

  it("has as many lines as the report, whatever they hold", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (lines) => {
        const text = reportText(reportOf(lines), "text");
        expect(text.split("\n")).toHaveLength(lines.length + 1);
        expect(text).not.toMatch(OBEYED);
      }),
    );
  });

  it("is the same data for programs", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (reason) => {
        const text = reportText(reportOf([], { reason }), "json");
        expect(JSON.parse(text)).toEqual({ reason });
        expect(text).not.toMatch(OBEYED);
      }),
    );
  });

  it("keeps the lines of a message that the user has to send", async () => {
    storeIdentity(machine);
    const deletion = requestorOf({ status: "user-action", instructions: "Write an e-mail.\n  To: a@b.example" });
    const report = await reset(collectorOn(machine, { tool: "mytool", backend: HTTP, deletion }));
    expect(reportText(report, "text")).toMatch(/^Write an e-mail\.\n {2}To: a@b\.example\n/);
  });

  it("leaves letters of every script as they are", () => {
    expect(reportText(reportOf(["Prüfung: 検査 ✓", "", "📊"]), "text")).toBe("Prüfung: 検査 ✓\n\n📊\n");
  });
});
