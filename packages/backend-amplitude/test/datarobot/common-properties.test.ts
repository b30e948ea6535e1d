import { mkdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type TemporaryHome, temporaryHome } from "@candor/testing";
import { normaliseMetadata } from "../../../core/src/event/normalisation.ts";
import { redact } from "../../../core/src/redaction/redaction.ts";
import { commonProperties, type CommonPropertiesOptions, configDirectory, sessionId } from "../../src/datarobot.ts";
import { record } from "./accounts.ts";
import { fakeMachine } from "./fake-machine.ts";

const ENDPOINT = "https://app.eu.datarobot.com/api/v2";
const IDS = { user_id: "6812b8b1a2c4d5e6f7a8b9c0", organization_id: "5f0c1d2e3b4a596877665544", tenant_id: "550e8400-e29b-41d4-a716-446655440000" };

let home: TemporaryHome;
let options: CommonPropertiesOptions;
beforeEach(() => {
  home = temporaryHome({ "project/.datarobot/answers/base.yml": "", "project/.datarobot/cli/state.yaml": "template_name: starter\ntemplate_id: tmpl-abc123\n", "datarobot/": "" });
  const text = record({ uid: IDS.user_id, endpoint: "https://app.eu.datarobot.com", token: "t", organization: IDS.organization_id, tenant: IDS.tenant_id });
  writeFileSync(`${home.path}/datarobot/user_id`, text);
  const machine = fakeMachine({
    platform: "linux",
    environment: { LANG: "en_US.UTF-8", SHELL: "/bin/bash" },
    files: { "/etc/os-release": 'VERSION_ID="22.04"\n', "/proc/4711/comm": "zsh\n" },
    home: home.path,
    cwd: `${home.path}/project`,
  });
  options = { endpoint: ENDPOINT, token: "t", configDirectory: `${home.path}/datarobot`, installMethod: "release", machine };
});
afterEach(() => home.dispose());

const ALL = {
  ...IDS,
  session_id: sessionId(),
  os_name: "Linux",
  os_version: "22.04",
  language: "en-US",
  install_method: "release",
  shell: "zsh",
  environment: "EU",
  datarobot_instance: "https://app.eu.datarobot.com",
};

describe("the properties of every event", () => {
  it("are the document's", () => {
    expect(commonProperties(options)({ dryRun: false })).toEqual(ALL);
  });

  it("name the project's template only when the author declares it", () => {
    expect(commonProperties({ ...options, template: true })({ dryRun: false })).toEqual({ ...ALL, template_name: "starter", template_id: "tmpl-abc123" });
  });

  it("name a customer's own instance only when the author says so (W-DR-08)", () => {
    const own = { ...options, endpoint: "https://user:pw@datarobot.customer.example/api/v2?key=1" };
    expect(commonProperties(own)({ dryRun: false })).toMatchObject({ environment: "custom", datarobot_instance: "custom" });
    expect(commonProperties({ ...own, instances: "all" })({ dryRun: false })["datarobot_instance"]).toBe("https://datarobot.customer.example");
  });

  it("leave out what is not known", () => {
    const machine = fakeMachine({ platform: "plan9" });
    expect(commonProperties({ machine })({ dryRun: false })).toEqual({ session_id: sessionId(), os_name: "plan9", install_method: "source", shell: "unknown" });
  });

  it("name nobody with another token", () => {
    const properties = commonProperties({ ...options, token: "other" })({ dryRun: false });
    expect(properties).not.toHaveProperty("user_id");
    expect(JSON.stringify(properties)).not.toContain("other");
  });

  it("pass the collector's normalisation and redaction as they are", () => {
    const properties = commonProperties({ ...options, template: true })({ dryRun: false });
    const { metadata, problems } = normaliseMetadata(properties, { redactText: redact });
    expect({ metadata, problems }).toEqual({ metadata: properties, problems: [] });
    const everywhere = { environment: "US", datarobot_instance: "https://datarobot.customer.example:8443", language: "zh-Hans-CN", os_version: "10.0.22631" };
    expect(normaliseMetadata(everywhere, { redactText: redact }).metadata).toEqual(everywhere);
  });

  it("of this machine are found without an error", () => {
    expect(commonProperties()({ dryRun: false })).toMatchObject({ session_id: expect.any(Number), os_name: expect.any(String), shell: expect.any(String) });
  });
});

describe("a dry run", () => {
  it.each(["linux", "darwin", "win32"])("on %s reads no file, starts no subprocess, writes nothing and names nobody", (platform) => {
    const machine = fakeMachine({ platform, environment: { LANG: "en_US.UTF-8", SHELL: "/bin/bash" }, output: "zsh", release: "10.0.1", cwd: `${home.path}/project`, home: home.path });
    const before = home.list();
    expect(commonProperties({ ...options, template: true, machine })({ dryRun: true })).toEqual({
      session_id: sessionId(),
      os_name: { linux: "Linux", darwin: "macOS", win32: "Windows" }[platform],
      language: "en-US",
      install_method: "release",
      shell: "bash",
      environment: "EU",
      datarobot_instance: "https://app.eu.datarobot.com",
    });
    expect([machine.reads, machine.runs, home.list()]).toEqual([[], [], before]);
  });
});

describe("the session", () => {
  it("is one number of milliseconds for the whole process", () => {
    expect(sessionId()).toBe(sessionId());
    expect(Number.isInteger(sessionId())).toBe(true);
    expect(new Date(sessionId()).getUTCFullYear()).toBeGreaterThan(2_020);
  });
});

describe("the configuration directory", () => {
  it.each([
    [{ XDG_CONFIG_HOME: "/xdg" }, "/home/u", "/xdg/datarobot"],
    [{ XDG_CONFIG_HOME: "" }, "/home/u", "/home/u/.config/datarobot"],
    [{ XDG_CONFIG_HOME: "relative" }, "/home/u", "/home/u/.config/datarobot"],
    [{}, "relative", ""],
    [{}, "", ""],
  ])("for %j and the home %j is %j", (environment, homeDirectory, expected) => {
    expect(configDirectory(environment, () => homeDirectory)).toBe(expected);
  });

  it("is none for a user without a home", () => {
    const homeless = (): never => {
      throw new Error("no such user");
    };
    expect(configDirectory({}, homeless)).toBe("");
    mkdirSync(`${home.path}/x`);
    expect(configDirectory({ XDG_CONFIG_HOME: home.path })).toBe(`${home.path}/datarobot`);
  });
});
