import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { silentLogger } from "@candor/backend";
import { createInstallation, type Installation } from "../src/collector/installation.ts";
import { status } from "../src/commands.ts";
import { withDefaults } from "../src/config/config.ts";
import type { ConsentOptions } from "../src/consent/consent.ts";
import { consentTable, type SignalRow } from "../src/inspection/consent-table.ts";
import type { TelemetryStatus } from "../src/inspection/status.ts";
import { workstation } from "./fake-ports.ts";
import { answer, collectorOn, writeConsent, writeRefusal } from "./options.ts";
import { administered, writePolicy } from "./policies.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest(() => administered(workstation()));

const installationWith = (consent: ConsentOptions): Installation => createInstallation({ config: withDefaults({ tool: "notes", version: "1.2.3", consent }), problems: [] }, machine.ports, silentLogger);
const table = (consent: ConsentOptions = {}): readonly SignalRow[] => consentTable(installationWith(consent));
const row = (name: string, consent: ConsentOptions = {}): SignalRow | undefined => table(consent).find((each) => each.name === name);
const project = (text: string): void => writeFileSync(join(machine.host.cwd, ".candor.json"), text);

interface World {
  readonly policy: "none" | "off" | "local" | "allowed" | "broken";
  readonly flag: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly project: "none" | "off" | "on" | "broken";
  readonly record: "none" | "yes" | "no" | "notice" | "broken" | "refused" | "outdated" | "local";
  readonly store: "none" | "silent" | "yes" | "no" | "throws";
  readonly model: "opt-in" | "opt-out" | "enforced";
}

/** Mostly silent, so that the weaker signals are heard as well. */
function seldom(...values: readonly string[]): fc.Arbitrary<string | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...values) });
}

const variable = seldom("", "1", "0", "on", "off", "true", "false", "local", "debug", "yess");
const world: fc.Arbitrary<World> = fc.record({
  policy: fc.constantFrom("none" as const, "off" as const, "local" as const, "allowed" as const, "broken" as const),
  flag: seldom("--disable-telemetry", "--disable-telemetry=false", "--disable-telemetry=perhaps"),
  variables: fc
    .record({ DO_NOT_TRACK: variable, NOTES_TELEMETRY: variable, NOTES_ANALYTICS: variable, NOTES_NO_ANALYTICS: variable, TELEMETRY_ENABLED: variable, TELEMETRY_LOCAL: variable, CI: variable })
    .map((values) => Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))),
  project: fc.constantFrom("none" as const, "off" as const, "on" as const, "broken" as const),
  record: fc.constantFrom("none" as const, "yes" as const, "no" as const, "notice" as const, "broken" as const, "refused" as const, "outdated" as const, "local" as const),
  store: fc.constantFrom("none" as const, "silent" as const, "yes" as const, "no" as const, "throws" as const),
  model: fc.constantFrom("opt-in" as const, "opt-out" as const, "enforced" as const),
});

function settle(given: World): ConsentOptions {
  if (given.policy !== "none") writePolicy(machine, given.policy === "broken" ? "{" : { version: 1, telemetry: given.policy });
  machine.host.args = given.flag === undefined ? [] : [given.flag];
  Object.assign(machine.host.environment, given.variables);
  if (given.project !== "none") project(given.project === "broken" ? "{" : `{"telemetry":"${given.project}"}`);
  switch (given.record) {
    case "none":
      break;
    case "notice":
      writeConsent(machine, '{"noticeShownAt":"2026-01-01T00:00:00.000Z"}');
      break;
    case "broken":
      writeConsent(machine, "{");
      break;
    case "refused":
      writeRefusal(machine);
      break;
    default:
      answer(machine, { enabled: given.record !== "no", consentVersion: given.record === "outdated" ? 1 : 2, localOnly: given.record === "local" });
  }
  const read = (): { enabled: boolean } | undefined => {
    if (given.store === "throws") throw new Error("line 3");
    return given.store === "silent" ? undefined : { enabled: given.store === "yes" };
  };
  return {
    model: given.model,
    version: 2,
    disableFlag: "--disable-telemetry",
    variables: [{ name: "NOTES_ANALYTICS", whenTrue: "on" }, { name: "NOTES_NO_ANALYTICS", whenTrue: "off" }],
    ...(given.store === "none" ? {} : { store: { name: "notes.yaml", read, write: () => Promise.resolve() } }),
  };
}

describe("the first signal with an answer", () => {
  it("is the decision, whatever is said anywhere", () => {
    fc.assert(
      fc.property(world, (given) => {
        machine.renew();
        const consent = settle(given);
        const installation = installationWith(consent);
        const rows = consentTable(installation);
        const decision = installation.consent();
        const first = rows.find(({ verdict }) => verdict !== undefined);
        expect(first).toMatchObject({ source: decision.source, verdict: decision.enabled ? "yes" : "no", decides: true });
        expect(first?.says).toContain(decision.reason);
        expect(rows.filter(({ decides }) => decides)).toEqual([first]);
        expect(rows.every(({ says }) => says !== "")).toBe(true);
      }),
      { numRuns: 250 },
    );
  });
});

describe("the table", () => {
  it("lists every signal in the order in which they count", () => {
    const names = table({ disableFlag: "--no-telemetry", variables: [{ name: "NOTES_ANALYTICS", whenTrue: "on" }], model: "opt-out" }).map(({ name }) => name);
    expect(names).toEqual(["the machine's policy", "--no-telemetry", "DO_NOT_TRACK", ".candor.json", "NOTES_TELEMETRY", "NOTES_ANALYTICS", "TELEMETRY_ENABLED", "CI", "your answer", "the author's model (opt-out)"]);
  });

  it("says of a policy that cannot be used why it is ignored", () => {
    writePolicy(machine, "{");
    expect(row("the machine's policy")?.says).toMatch(/policy\.json is ignored: it is not a JSON object/);
  });

  it("says that a project opts out also where nobody needs it to", () => {
    project('{"telemetry":"off"}');
    expect(row(".candor.json")).toMatchObject({ decides: false, says: expect.stringMatching(/opts out; not needed/) });
    answer(machine);
    expect(row(".candor.json")).toMatchObject({ decides: true, verdict: "no" });
  });

  it("says which variables a flag has lifted, and not of the tool's own that it has", () => {
    machine.host.args = ["--disable-telemetry=false"];
    Object.assign(machine.host.environment, { NOTES_ANALYTICS: "1", NOTES_TELEMETRY: "debug" });
    const consent: ConsentOptions = { disableFlag: "--disable-telemetry", variables: [{ name: "NOTES_ANALYTICS", whenTrue: "off" }] };
    expect(row("--disable-telemetry", consent)?.says).toContain("lifts the variables");
    expect(row("NOTES_ANALYTICS", consent)?.says).toBe('set to "1", lifted by --disable-telemetry=false');
    expect(row("NOTES_TELEMETRY", consent)?.says).toBe('set to "debug", which leaves the decision to those below');
  });

  it("has both places of the stored answer", () => {
    answer(machine);
    const store = (enabled: boolean | undefined): ConsentOptions => ({ store: { name: "notes.yaml", read: () => (enabled === undefined ? undefined : { enabled }), write: () => Promise.resolve() } });
    expect(row("your answer", store(false))).toMatchObject({ verdict: "no", says: "you answered yes on 2026-01-01; notes.yaml says no" });
    expect(row("your answer", store(undefined))?.says).toBe("you answered yes on 2026-01-01; nothing in notes.yaml");
  });

  it("never shows the whole of a long value", () => {
    machine.host.environment["DO_NOT_TRACK"] = "0";
    machine.host.environment["TELEMETRY_ENABLED"] = "x".repeat(500);
    expect(JSON.stringify(table())).not.toContain("x".repeat(50));
    expect(row("DO_NOT_TRACK")?.says).toBe('set to "0", which leaves the decision to those below');
  });

  it("stands in status, for people and for programs, and marks what decides without colour", () => {
    answer(machine);
    const { lines, data } = status(collectorOn(machine));
    expect(lines.filter((line) => line.startsWith("  > "))).toEqual([expect.stringMatching(/^ {2}> your answer +yes: you answered yes on 2026-01-01$/)]);
    expect((data as unknown as TelemetryStatus).signals).toEqual(table());
  });

  it("asks the tool's own store once for each decision", () => {
    let reads = 0;
    const store = { name: "notes.yaml", read: () => ((reads += 1), { enabled: true }), write: () => Promise.resolve() };
    installationWith({ store }).consent();
    expect(reads).toBe(1);
  });

  it("reads no project where the answer is no without it", () => {
    mkdirSync(machine.host.cwd, { recursive: true });
    rmSync(join(machine.host.cwd, ".candor.json"), { force: true });
    installationWith({}).consent();
    expect(machine.disk.reads.filter(({ path }) => path.endsWith(".candor.json"))).toEqual([]);
  });
});
