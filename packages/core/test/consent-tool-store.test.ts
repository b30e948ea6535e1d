import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { disable, enable, reset } from "../src/commands.ts";
import { resolveConsent } from "../src/consent/consent.ts";
import { readConsent } from "../src/consent/consent-store.ts";
import { type ConsentStore, readStore, rememberedStore, type StoreAnswer, type StoreChange } from "../src/consent/tool-store.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { answer, collectorOn } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

interface Kept extends ConsentStore {
  readonly changes: StoreChange[];
}

/** The tool's configuration, holding `held`; it takes every change and, as a real one does, answers it from then on. */
function configuration(held?: StoreAnswer | (() => never)): Kept {
  const changes: StoreChange[] = [];
  return {
    name: "notes.yaml",
    changes,
    read: () => changes.at(-1) ?? (typeof held === "function" ? held() : held),
    write: (change) => {
      changes.push(change);
      return Promise.resolve();
    },
  };
}

const unreadable = (): never => {
  throw new Error("line 3: bad indentation");
};
const directories = (): ReturnType<typeof directoriesFor> => directoriesFor("notes", machine.host);
const resolve = (store: ConsentStore, version = 1): ReturnType<typeof resolveConsent> =>
  resolveConsent("notes", { model: "opt-out", version, store }, directories(), machine.ports);

describe("the tool's own configuration", () => {
  it.each<[string, StoreAnswer | (() => never) | undefined, "yes" | "no" | "none", boolean]>([
    ["a no wins over candor's yes", { enabled: false }, "yes", false],
    ["candor's no wins over a yes", { enabled: true }, "no", false],
    ["a yes counts where candor has none", { enabled: true }, "none", true],
    ["a no counts where candor has none", { enabled: false }, "none", false],
    ["what cannot be read is a no", unreadable, "yes", false],
    ["silence leaves it to candor's yes", undefined, "yes", true],
    ["silence on both sides leaves it to the author's model, whose notice is due", undefined, "none", false],
  ])("%s", (_, held, recorded, enabled) => {
    if (recorded !== "none") answer(machine, { enabled: recorded === "yes" });
    expect(resolve(configuration(held)).enabled).toBe(enabled);
  });

  it("is named as what decided", () => {
    expect(resolve(configuration({ enabled: false }))).toMatchObject({ source: "stored-choice", reason: "notes.yaml says no" });
    expect(resolve(configuration(unreadable))).toMatchObject({ source: "stored-choice", reason: "notes.yaml cannot be understood" });
  });

  it.each([null, "yes", 1, {}, { enabled: "true" }, { enabled: true, consentVersion: "2" }, { enabled: true, localOnly: "no" }, { localOnly: 1 }, []])("is a no when it answers %j", (held) => {
    expect(resolve(configuration(held as unknown as StoreAnswer)).enabled).toBe(false);
  });

  it("is asked again when the consent text has changed", () => {
    const store = configuration({ enabled: true, consentVersion: 1 });
    expect(resolve(store, 1).enabled).toBe(true);
    expect(resolve(store, 2)).toMatchObject({ enabled: false, reason: "the consent text has changed since you answered" });
  });

  it("is no match for a variable, which stands above every stored answer", () => {
    machine.host.environment["NOTES_TELEMETRY"] = "on";
    expect(resolve(configuration({ enabled: false })).enabled).toBe(true);
  });

  it("keeps events on this machine where it says so, whoever decided that there are any", () => {
    for (const held of [{ localOnly: true }, { enabled: true, localOnly: true }]) {
      machine.host.environment["NOTES_TELEMETRY"] = "on";
      expect(resolve(configuration(held))).toMatchObject({ enabled: true, localOnly: true, localBy: "user", consentId: "unrecorded-local" });
    }
    expect(resolve(configuration(unreadable))).toMatchObject({ enabled: true, localOnly: true });
    machine.host.environment["TELEMETRY_LOCAL"] = "false";
    expect(resolve(configuration({ localOnly: true })).localOnly).toBe(false);
  });

  it("is no answer where it says only where events may go", () => {
    expect(resolve(configuration({ localOnly: false }))).toMatchObject({ source: "author-model", localOnly: false });
  });

  it("means the same to another process that is only told of it", () => {
    for (const held of [{ enabled: true }, { enabled: false, consentVersion: 3 }, { enabled: true, localOnly: true }, { localOnly: true }, undefined, unreadable]) {
      const store = configuration(held);
      const told = rememberedStore(JSON.parse(JSON.stringify({ name: store.name, reading: readStore(store) })));
      expect(resolve(told)).toEqual(resolve(store));
    }
  });
});

describe("the telemetry commands", () => {
  it("write the answer to it, with the time, the version and the reason", async () => {
    const store = configuration();
    const collector = collectorOn(machine, { consent: { version: 4, store } });
    expect(await enable(collector)).toMatchObject({ exitCode: 0, data: { enabled: true } });
    expect(await disable(collectorOn(machine, { consent: { version: 4, store } }), { reason: "privacy concerns" })).toMatchObject({ exitCode: 0, data: { enabled: false } });
    const at = new Date(machine.clock.now()).toISOString();
    expect(store.changes).toEqual([
      { enabled: true, answeredAt: at, consentVersion: 4, givenBy: "command" },
      { enabled: false, answeredAt: at, consentVersion: 4, givenBy: "command", reason: "privacy concerns" },
    ]);
    expect(readConsent(directories(), machine.ports)).toMatchObject({ answer: { enabled: false, reason: "privacy concerns" } });
  });

  it("leave the no standing when it cannot be written, and say so", async () => {
    answer(machine);
    const store: ConsentStore = { name: "notes.yaml", read: () => ({ enabled: true }), write: () => Promise.reject(new Error("it is read-only")) };
    const collector = collectorOn(machine, { consent: { store } });
    const report = await disable(collector);
    expect(report.exitCode).toBe(1);
    expect(report.lines).toContain("notes.yaml could not be changed: it is read-only; telemetry is off all the same.");
    expect(collector.installation.consent().enabled).toBe(false);
  });

  it("say that a yes could not be written there", async () => {
    const store: ConsentStore = { name: "notes.yaml", read: () => undefined, write: () => Promise.reject(new Error("it is read-only")) };
    expect(await enable(collectorOn(machine, { consent: { store } }))).toMatchObject({ exitCode: 1, lines: expect.arrayContaining(["notes.yaml could not be changed: it is read-only."]) });
  });

  it("clear the tool's own files when they clear everything, and nothing else", async () => {
    answer(machine);
    const [account, missing, folder] = ["account", "missing", "folder"].map((name) => join(machine.home.path, name));
    if (!account || !missing || !folder) throw new Error("no paths");
    writeFileSync(account, "uid");
    mkdirSync(folder);
    const report = await reset(collectorOn(machine, { files: [account, missing, folder] }));
    expect([existsSync(account), existsSync(folder)]).toEqual([false, true]);
    expect(report.exitCode).toBe(1);
    expect(report.lines.join("\n")).toContain(`${folder} could not be deleted`);
  });

  it("record the no of a reset there as well", async () => {
    answer(machine);
    const store = configuration({ enabled: true });
    await reset(collectorOn(machine, { consent: { store } }));
    expect(store.changes).toMatchObject([{ enabled: false }]);
  });
});
