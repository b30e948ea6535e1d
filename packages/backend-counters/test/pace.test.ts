import { describe, expect, it } from "@jest/globals";
import type { CollectorOptions } from "@candor/core";
import { resolveConsent } from "../../core/src/consent/consent.ts";
import { storeNoticeShown } from "../../core/src/consent/consent-store.ts";
import { directoriesFor } from "../../core/src/platform/paths.ts";
import { workstationPerTest } from "../../core/test/workstation-per-test.ts";
import { vectorsOf } from "../../core/test/vectors.ts";
import { paceConfigDirectory, paceTelemetry, uploadIntervalSeconds } from "../src/pace.ts";

const options = { version: "v1.16.0", endpoint: "https://relay.example/telemetry", configDirectory: "/home/u/.config/pace" };

interface Sources {
  readonly "--telemetry-upload-interval-seconds": number | null;
  readonly PACE_TELEMETRY_UPLOAD_INTERVAL_SECONDS: string | null;
  readonly "config.yaml telemetry-upload-interval-seconds": number | null;
}

describe("the interval", () => {
  it.each(vectorsOf<Sources, number>("pace.interval_precedence"))("$id is PACE's", ({ input, expected }) => {
    const sources = { flag: input["--telemetry-upload-interval-seconds"], variable: input.PACE_TELEMETRY_UPLOAD_INTERVAL_SECONDS, config: input["config.yaml telemetry-upload-interval-seconds"] };
    expect(uploadIntervalSeconds(sources)).toBe(expected);
  });

  it.each(["off", "never", "1e3", "-", "0x10", "3.5"])("is no where it cannot be understood: %s", (variable) => {
    expect(uploadIntervalSeconds({ variable })).toBe(-1);
  });

  it("is not what an empty variable says", () => {
    expect(uploadIntervalSeconds({ variable: "", config: 60 })).toBe(60);
  });
});

describe("the configuration directory", () => {
  it.each([
    ["PACE's", {}, "/home/u/.config/pace"],
    ["PACE's where the variable is empty", { PACE_CONFIG_PATH: "" }, "/home/u/.config/pace"],
    ["the variable's", { PACE_CONFIG_PATH: "/etc/pace" }, "/etc/pace"],
    ["below the home that a tilde stands for", { PACE_CONFIG_PATH: "~/pace" }, "/home/u/pace"],
    ["the home itself", { PACE_CONFIG_PATH: "~" }, "/home/u"],
    ["none where it would be another one in each project", { PACE_CONFIG_PATH: "pace" }, ""],
    ["none where the tilde is another user's", { PACE_CONFIG_PATH: "~root/pace" }, ""],
  ])("is %s", (_whose, environment, expected) => {
    expect(paceConfigDirectory(environment, () => "/home/u")).toBe(expected);
  });

  it("is none where there is no home", () => {
    const homeless = (): string => {
      throw new Error("no such user");
    };
    expect([paceConfigDirectory({}, homeless), paceConfigDirectory({}, () => "")]).toEqual(["", ""]);
  });
});

const machine = workstationPerTest();

describe("PACE's options", () => {
  it.each([[3_600, true, "author-model"], [0, true, "author-model"], [-1, false, "stored-choice"]])(
    "let an interval of %d seconds decide as PACE does, once the notice has been shown",
    (seconds, enabled, source) => {
      const { tool, consent } = paceTelemetry({ ...options, uploadIntervalSeconds: seconds }) satisfies CollectorOptions;
      const directories = directoriesFor(tool, machine.host);
      expect(resolveConsent(tool, consent, directories, machine.ports)).toMatchObject({ enabled: false });
      storeNoticeShown(directories, machine.ports);
      expect(resolveConsent(tool, consent, directories, machine.ports)).toMatchObject({ enabled, source });
    },
  );

  it("go on with PACE's file, after a notice, and send as often as PACE did", () => {
    expect(paceTelemetry(options)).toMatchObject({
      tool: "pace",
      backend: { use: "counters", endpoint: options.endpoint, path: "/home/u/.config/pace/telemetry.yaml" },
      consent: { model: "opt-out" },
      delivery: { minimumIntervalMs: 3_600_000 },
      files: ["/home/u/.config/pace/telemetry.yaml", "/home/u/.config/pace/telemetry.yaml.damaged", "/home/u/.config/pace/telemetry.yaml.tmp"],
    });
    expect(paceTelemetry(options).consent.store.read()).toBeUndefined();
  });

  it.each([-1, -3_600, Number.NaN])("take an interval of %s for a no, which `enable` cannot lift", async (seconds) => {
    const { store } = paceTelemetry({ ...options, uploadIntervalSeconds: seconds }).consent;
    expect(store.read()).toEqual({ enabled: false });
    await expect(store.write({ enabled: true })).rejects.toThrow("set it to 0 or more");
    await expect(store.write({ enabled: false })).resolves.toBeUndefined();
  });

  it.each([[Number.NaN, 0], [-1, 0], [0, 0], [60, 60_000], [1_000_000, 86_400_000]])("let an interval of %d seconds be %d milliseconds, a day at most", (seconds, expected) => {
    expect(paceTelemetry({ ...options, uploadIntervalSeconds: seconds }).delivery.minimumIntervalMs).toBe(expected);
  });

  it("put nothing into a directory that would be another one in each project", () => {
    expect(paceTelemetry({ ...options, configDirectory: "config" })).toMatchObject({ backend: { use: "counters", endpoint: options.endpoint }, files: [] });
    expect(paceTelemetry({ ...options, configDirectory: "config" }).backend).not.toHaveProperty("path");
  });
});
