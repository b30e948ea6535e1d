/** The answer to the question for consent: what is recorded, and what is collected from then on. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { disable, recordAnswer } from "../src/commands.ts";
import { readConsent } from "../src/consent/consent-store.ts";
import type { ConsentStore, StoreChange } from "../src/consent/tool-store.ts";
import { directoriesFor } from "../src/platform/paths.ts";
import { filesIn } from "./fixtures.ts";
import { answer, collectorOn, HTTP, writeConsent } from "./options.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

const directories = (): ReturnType<typeof directoriesFor> => directoriesFor("notes", machine.host);
const spooled = (): string => filesIn(directories().spool).map((path) => readFileSync(path, "utf8")).join("");

describe("an answer that comes too late", () => {
  it("is not recorded when it is a yes and somebody said no meanwhile", async () => {
    const asking = collectorOn(machine);
    await disable(collectorOn(machine));
    expect(await recordAnswer(asking, { enabled: true, givenBy: "prompt" })).toMatchObject({ status: "overtaken" });
    expect(readConsent(directories(), machine.ports)).toMatchObject({ status: "answered", answer: { enabled: false, givenBy: "command" } });
    expect(asking.enabled).toBe(false);
  });

  it("is recorded when it is a no, whatever was said meanwhile", async () => {
    const asking = collectorOn(machine);
    answer(machine);
    expect(await recordAnswer(asking, { enabled: false, givenBy: "prompt" })).toEqual({ status: "stored", problems: [] });
    expect(readConsent(directories(), machine.ports)).toMatchObject({ answer: { enabled: false, givenBy: "prompt" } });
  });
});

describe("a yes", () => {
  it("is not one where it cannot be written", async () => {
    const collector = collectorOn(machine, { backend: HTTP });
    machine.disk.fail({ code: "ENOSPC", call: "writeFileSync", forever: true });
    expect(await recordAnswer(collector, { enabled: true, givenBy: "prompt" })).toMatchObject({ status: "failed", reason: expect.stringContaining("ENOSPC") });
    expect(collector.enabled).toBe(false);
  });

  it("does not revive a collector that was closed", async () => {
    const collector = collectorOn(machine, { backend: HTTP });
    await collector.close();
    await recordAnswer(collector, { enabled: true, givenBy: "init" });
    expect(collector.enabled).toBe(false);
  });

  it("has events collected from then on, in the same process", async () => {
    const collector = collectorOn(machine, { backend: HTTP });
    collector.track("feature.used", "before");
    expect(await recordAnswer(collector, { enabled: true, givenBy: "prompt" })).toEqual({ status: "stored", problems: [] });
    collector.track("feature.used", "after");
    expect(spooled()).toContain("after");
    expect(spooled()).not.toContain("before");
    const at = new Date(machine.clock.now()).toISOString();
    expect(readConsent(directories(), machine.ports)).toMatchObject({ answer: { enabled: true, givenBy: "prompt", consentVersion: 1, answeredAt: at } });
  });

  it("discards what was collected under the notice, which is another consent", async () => {
    writeConsent(machine, '{"noticeShownAt":"2026-01-01T00:00:00.000Z"}');
    const collector = collectorOn(machine, { backend: HTTP, consent: { model: "opt-out" } });
    collector.track("feature.used", "before");
    expect(spooled()).toContain("before");
    await recordAnswer(collector, { enabled: true, givenBy: "prompt" });
    expect(spooled()).not.toContain("before");
    collector.track("feature.used", "after");
    expect(collector.counts().tracked).toBe(2);
    expect(spooled()).toContain("after");
  });
});

describe("a no", () => {
  it("empties what was collected under the notice, and nothing is collected any more", async () => {
    writeConsent(machine, '{"noticeShownAt":"2026-01-01T00:00:00.000Z"}');
    const collector = collectorOn(machine, { backend: HTTP, consent: { model: "opt-out" } });
    collector.track("feature.used", "before");
    expect(await recordAnswer(collector, { enabled: false, givenBy: "prompt" })).toMatchObject({ status: "stored" });
    collector.track("feature.used", "after");
    expect(spooled()).toBe("");
  });
});

it.each([true, false])("tells the tool's own configuration how it was given, and says what went wrong there (%j)", async (enabled) => {
  const changes: StoreChange[] = [];
  const store: ConsentStore = {
    name: "notes.yaml",
    read: () => undefined,
    write: (change) => {
      changes.push(change);
      return Promise.reject(new Error("it is read-only"));
    },
  };
  const outcome = await recordAnswer(collectorOn(machine, { consent: { version: 3, store } }), { enabled, givenBy: "init" });
  expect(outcome).toEqual({ status: "stored", problems: [expect.stringContaining("notes.yaml could not be changed: it is read-only")] });
  expect(changes).toEqual([{ enabled, answeredAt: new Date(machine.clock.now()).toISOString(), consentVersion: 3, givenBy: "init" }]);
});
