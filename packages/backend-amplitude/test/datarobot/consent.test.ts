import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { parse } from "yaml";
import { type ConsentDecision, createCollector } from "@candor/core";
import { resolveConsent } from "../../../core/src/consent/consent.ts";
import { storeNoticeShown } from "../../../core/src/consent/consent-store.ts";
import { directoriesFor } from "../../../core/src/platform/paths.ts";
import { type Workstation, workstation } from "../../../core/test/fake-ports.ts";
import { recordingLogger } from "../../../core/test/fixtures.ts";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { consentAnswer, type ConsentStore, dataRobotConsent, dataRobotConsentStore } from "../../src/datarobot.ts";
import { readDrConfig } from "../../src/datarobot-config.ts";

let machine: Workstation;
let file: string;
beforeEach(() => {
  machine = workstation({ ".config/datarobot/": "" });
  file = `${machine.home.path}/.config/datarobot/drconfig.yaml`;
});
afterEach(() => machine.dispose());

/** Consent as the collector resolves it for a user who has seen the notice, and has this in drconfig.yaml. */
function resolve(parsed?: unknown): ConsentDecision {
  const directories = directoriesFor("dr", machine.host);
  storeNoticeShown(directories, machine.ports);
  return resolveConsent("dr", { ...dataRobotConsent, store: storeOver(parsed) }, directories, machine.ports);
}

function set(name: string, value: string | null | undefined): void {
  if (typeof value === "string") machine.host.environment[name] = value;
}

/** A store over a configuration that the tool has parsed. */
const storeOver = (parsed: unknown): ConsentStore => dataRobotConsentStore({ file, read: () => parsed });

interface CodeInput {
  readonly "--disable-telemetry": boolean | null;
  readonly DATAROBOT_CLI_DISABLE_TELEMETRY: string | null;
  readonly "disable-telemetry (drconfig.yaml)": boolean | null;
  readonly amplitude_api_key: string;
}

interface SpecificationInput {
  readonly DR_TELEMETRY_ENABLED: string;
  readonly "telemetry.enabled": boolean | null;
  readonly CI: string | null;
}

/** Vectors whose answer is not ours. */
const DIFFERENT: Readonly<Record<string, { readonly enabled: boolean; readonly because: string }>> = {
  "dr.enabled#6": { enabled: false, because: "a flag's `=false` lifts the variables, but a recorded no is ended only by an answer" },
  "drspec.enabled#5": { enabled: true, because: "TRUE is a yes that somebody wrote in capitals (W-SPEC-08)" },
  "drspec.enabled#6": { enabled: true, because: "yes is a yes (W-SPEC-08)" },
};

describe("the DataRobot CLI's switches", () => {
  it.each(vectorsOf<CodeInput, boolean>("dr.enabled"))("$id decide as recorded", ({ id, input, expected }) => {
    const flag = input["--disable-telemetry"];
    if (flag !== null) machine.host.args = [`--disable-telemetry=${flag}`];
    set("DATAROBOT_CLI_DISABLE_TELEMETRY", input.DATAROBOT_CLI_DISABLE_TELEMETRY);
    const disable = input["disable-telemetry (drconfig.yaml)"];
    const { enabled } = resolve(disable === null ? undefined : { "disable-telemetry": disable });
    // Without a key there is no backend, and the collector only logs what it would send; the next test shows it.
    expect(enabled && input.amplitude_api_key !== "").toBe(DIFFERENT[id]?.enabled ?? expected);
  });

  it("without a key leave a collector that only logs", async () => {
    const logger = recordingLogger();
    set("DR_TELEMETRY_ENABLED", "true");
    const collector = createCollector({ tool: "dr", version: "1", consent: dataRobotConsent, identity: "datarobot", logger }, machine.ports);
    collector.track("feature.used", "dr assist");
    await collector.close();
    expect(logger.lines.some((line) => line.startsWith("debug: Telemetry event (dry-run)"))).toBe(true);
  });

  it.each(["garbage", "2"])("do not leave telemetry on for the opt-out %s (W-DR-09)", (value) => {
    set("DATAROBOT_CLI_DISABLE_TELEMETRY", value);
    expect(resolve().enabled).toBe(false);
  });

  it.each(["yes", "on", "TRUE"])("take %s for an opt-out (W-DR-09)", (value) => {
    set("DATAROBOT_CLI_DISABLE_TELEMETRY", value);
    expect(resolve()).toMatchObject({ enabled: false, source: "tool-variable" });
  });
});

describe("the specification's switches", () => {
  it.each(vectorsOf<SpecificationInput, boolean | string>("drspec.enabled"))("$id decide as recorded", ({ id, input, expected }) => {
    set("DR_TELEMETRY_ENABLED", input.DR_TELEMETRY_ENABLED);
    set("CI", input.CI);
    const enabled = input["telemetry.enabled"];
    const wanted = typeof expected === "string" ? expected.startsWith("true") : expected;
    expect(resolve(enabled === null ? undefined : { telemetry: { enabled } }).enabled).toBe(DIFFERENT[id]?.enabled ?? wanted);
  });

  it("are off in continuous integration unless the variable says otherwise", () => {
    set("CI", "true");
    expect(resolve().enabled).toBe(false);
    set("DR_TELEMETRY_ENABLED", "true");
    expect(resolve().enabled).toBe(true);
  });

  it("show a notice before anything is collected", () => {
    expect(resolveConsent("dr", dataRobotConsent, directoriesFor("dr", machine.host), machine.ports)).toMatchObject({ enabled: false, noticeDue: true });
  });
});

describe("the prompt's answer", () => {
  it.each(vectorsOf<string, boolean>("drspec.consent_answer"))("$id is understood", ({ input, expected }) => {
    expect(consentAnswer(input)).toBe(expected);
  });

  it.each(["yess", "j", "maybe", "no thanks", "0", "\u0003"])("%j is no yes", (text) => {
    expect(consentAnswer(text)).toBe(false);
  });

  it.each([" Y ", "YES\n", "\n"])("%j is a yes", (text) => {
    expect(consentAnswer(text)).toBe(true);
  });
});

describe("the answers in drconfig.yaml", () => {
  it.each([
    [undefined, undefined],
    [null, undefined],
    [{}, undefined],
    [{ "disable-telemetry": false }, undefined],
    [{ telemetry: null }, undefined],
    [{ telemetry: { device_id: "x" } }, undefined],
    [{ telemetry: { enabled: true } }, true],
    [{ telemetry: { enabled: "on" } }, true],
    [{ "disable-telemetry": true }, false],
    [{ "Disable-Telemetry": true }, false],
    [{ "disable-telemetry": "yes" }, false],
    [{ "disable-telemetry": "nope" }, false],
    [{ "disable-telemetry": null }, false],
    [{ "disable-telemetry": [false] }, false],
    [{ "disable-telemetry": false, "DISABLE-TELEMETRY": true }, false],
    [{ "disable-telemetry": true, telemetry: { enabled: true } }, false],
    [{ "disable-telemetry": false, telemetry: { enabled: false } }, false],
    [{ telemetry: { enabled: "maybe" } }, false],
    [{ telemetry: { enabled: null } }, false],
    [{ telemetry: { enabled: true, Enabled: false } }, false],
    [{ telemetry: false }, false],
    [{ telemetry: [] }, false],
    [{ telemetry: {}, Telemetry: {} }, false],
    ["text", false],
    [[], false],
  ])("%j come to %p", (parsed, expected) => {
    expect(storeOver(parsed).read()?.enabled).toBe(expected);
  });

  it("are a no when the tool could not read its configuration", () => {
    const read = (): never => {
      throw new Error("unreadable");
    };
    expect(dataRobotConsentStore({ file, read }).read()).toEqual({ enabled: false });
  });

  it("are recorded, and hold at once although the tool has parsed the file before", async () => {
    writeFileSync(file, "token: abc # mine\ndisable-telemetry: true\n");
    const store = storeOver({ "disable-telemetry": true });
    await store.write({ enabled: true, answeredAt: "2024-01-01T00:00:00.000Z", consentVersion: 1 });
    expect(store.read()).toEqual({ enabled: true });
    expect(readFileSync(file, "utf8")).toContain("token: abc # mine\n");
    expect(parse(readFileSync(file, "utf8"))).toEqual({ token: "abc", telemetry: { enabled: true, opt_in_timestamp: 1_704_067_200, last_prompt_version: "1.0" } });
    await store.write({ enabled: false, answeredAt: "2024-01-01T00:00:01.999Z", consentVersion: 1, reason: "privacy concerns" });
    expect(store.read()).toEqual({ enabled: false });
    expect(readDrConfig(file)).toMatchObject({ telemetry: { enabled: false, optOutReason: "privacy concerns", lastUpdated: 1_704_067_201 } });
  });

  it("are not held when they could not be recorded", async () => {
    writeFileSync(file, "{ not: [yaml\n");
    const store = storeOver({ telemetry: { enabled: true } });
    await expect(store.write({ enabled: false, answeredAt: "2024-01-01T00:00:00Z", consentVersion: 1 })).rejects.toThrow("it is not a YAML mapping");
    expect(store.read()).toEqual({ enabled: true });
    expect(readFileSync(file, "utf8")).toBe("{ not: [yaml\n");
  });

  it("are named and not written by reading", () => {
    const store = storeOver(undefined);
    expect([store.name, store.read(), existsSync(file)]).toEqual(["drconfig.yaml", undefined, false]);
  });
});
