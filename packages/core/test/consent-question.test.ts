/** Who may be asked for consent, as far as the machine, the project and the record say. */
import { describe, expect, it } from "@jest/globals";
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CollectorOptions } from "../src/config/config.ts";
import type { ConsentStore } from "../src/consent/tool-store.ts";
import { question } from "../src/commands.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import type { FakeProcess } from "./fake-ports.ts";
import { filesIn } from "./fixtures.ts";
import { answer, collectorOn, writeConsent, writeRefusal } from "./options.ts";
import { administered, writePolicy } from "./policies.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const ask = (options: Partial<CollectorOptions> = {}, on: FakeProcess = machine): ReturnType<typeof question> => question(collectorOn(on, options));
const set = (variables: Readonly<Record<string, string>>): void => void Object.assign(machine.host.environment, variables);
/** As for a tool that is run with sudo; root itself may own every home. */
function belongToSomebodyElse(): void {
  if (process.getuid?.() === 0) chownSync(machine.home.path, 54_321, 54_321);
  else machine.host.user = 54_321;
}
const keeping = (held: ReturnType<ConsentStore["read"]>): ConsentStore => ({ name: "notes.yaml", read: () => held, write: () => Promise.resolve() });

describe("the question for consent", () => {
  it.each<[string, () => Partial<CollectorOptions> | undefined]>([
    ["an answer of yes is recorded", () => answer(machine) as undefined],
    ["an answer of no is recorded", () => answer(machine, { enabled: false, givenBy: "prompt" }) as undefined],
    ["the record is torn", () => writeConsent(machine, '{"enabled":tr') as undefined],
    ["the record is empty", () => writeConsent(machine, "") as undefined],
    ["only the second record of a no is left", () => writeRefusal(machine) as undefined],
    ["a no was given to an older text, under a model that asks nobody", () => (answer(machine, { enabled: false, givenBy: "prompt" }), { consent: { version: 2, model: "enforced" } })],
    ["a no was given by the command, to an older text", () => (answer(machine, { enabled: false, givenBy: "command" }), { consent: { version: 2 } })],
    ["the tool's own configuration says yes", () => ({ consent: { store: keeping({ enabled: true }) } })],
    ["the tool's own configuration says no to an older text", () => ({ consent: { version: 2, store: keeping({ enabled: false, consentVersion: 1 }) } })],
    ["the tool's own configuration says no and candor's record an outdated yes", () => (answer(machine), { consent: { version: 2, store: keeping({ enabled: false }) } })],
    ["DO_NOT_TRACK is set", () => set({ DO_NOT_TRACK: "1" }) as undefined],
    ["the tool's variable decides", () => set({ NOTES_TELEMETRY: "on" }) as undefined],
    ["GTB's variable is set to nothing", () => set({ TELEMETRY_ENABLED: "" }) as undefined],
    ["it is continuous integration", () => set({ GITHUB_ACTIONS: "true" }) as undefined],
    ["the flag says no", () => (machine.host.args.push("--disable-telemetry"), { consent: { disableFlag: "--disable-telemetry" } })],
    ["the organisation enforces telemetry", () => ({ consent: { model: "enforced" } })],
    ["everything stays on this machine by TELEMETRY_LOCAL", () => set({ TELEMETRY_LOCAL: "1" }) as undefined],
    ["everything stays on this machine by the tool's own configuration", () => ({ consent: { store: keeping({ localOnly: true }) } })],
    ["the author has switched telemetry off", () => ({ enabled: false })],
    ["the options are mistaken", () => (set({ NODE_ENV: "production" }), { consent: { version: 0 } })],
    ["the project opts its contributors out", () => writeFileSync(join(machine.host.cwd, ".candor.json"), '{"telemetry":"off"}') as undefined],
    ["the home belongs to somebody else", () => belongToSomebodyElse() as undefined],
    ["the disk is read-only", () => machine.disk.fail({ code: "EROFS", call: "accessSync", forever: true }) as undefined],
    [
      "the directory of the answer is read-only",
      () => (mkdirSync(directoriesFor("notes", machine.host).config, { recursive: true }), machine.disk.fail({ code: "EROFS", call: "accessSync", forever: true })) as undefined,
    ],
  ])("is settled because %s, and nothing is written", (_, prepare) => {
    const options = prepare() ?? {};
    const before = filesIn(machine.home.path);
    expect(ask(options)).toEqual({ status: "settled", reason: expect.stringMatching(/./) });
    expect(machine.disk.mutations).toEqual([]);
    expect(filesIn(machine.home.path)).toEqual(before);
  });

  it.each(["off", "local"] as const)("is settled by a policy of %s", (telemetry) => {
    writePolicy(machine, { version: 1, telemetry });
    expect(ask({}, administered(machine)).status).toBe("settled");
  });

  it.each<[string, () => Partial<CollectorOptions> | undefined]>([
    ["nobody has decided", () => undefined],
    ["nobody has decided under the opt-out model", () => ({ consent: { model: "opt-out" } })],
    ["only the notice was shown", () => (writeConsent(machine, '{"noticeShownAt":"2026-01-01T00:00:00.000Z"}'), { consent: { model: "opt-out" } })],
    ["a yes was given to an older text", () => (answer(machine), { consent: { version: 2 } })],
    ["a yes was given to an older text under the opt-out model", () => (answer(machine), { consent: { version: 2, model: "opt-out" } })],
    ["a no was given to the question under an older text", () => (answer(machine, { enabled: false, givenBy: "prompt" }), { consent: { version: 2 } })],
    ["a no was given in the set-up under an older text", () => (answer(machine, { enabled: false, givenBy: "init" }), { consent: { version: 2 } })],
    ["the tool's own configuration has a yes to an older text", () => ({ consent: { version: 2, store: keeping({ enabled: true, consentVersion: 1 }) } })],
    ["the variable asks for debug lines only", () => set({ NOTES_TELEMETRY: "debug" }) as undefined],
    ["the policy leaves telemetry as it is", () => writePolicy(machine, { version: 1, telemetry: "allowed" }) as undefined],
  ])("is due when %s", (_, prepare) => {
    const options = prepare() ?? {};
    expect(ask(options, administered(machine))).toEqual({ status: "due" });
    expect(collectorOn(machine, options).installation.consent().enabled).toBe(_ === "only the notice was shown");
  });

  it("keeps the old no in force while it waits for an answer", () => {
    answer(machine, { enabled: false, givenBy: "prompt" });
    const { installation } = collectorOn(machine, { consent: { version: 2, model: "opt-out" } });
    expect(installation.consent()).toMatchObject({ enabled: false, source: "stored-choice", questionDue: true });
    expect(installation.consent().noticeDue).toBeUndefined();
  });
});
