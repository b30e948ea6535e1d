import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { type ConsentDecision, type ConsentOptions, resolveConsent, toolVariable } from "../src/consent.ts";
import { readConsent, storeConsent, storeNoticeShown } from "../src/consent-store.ts";
import { directoriesFor } from "../src/paths.ts";
import { type Workstation, workstation } from "./fake-ports.ts";
import { answer, CONSENT_ID, writeConsent, writeRefusal } from "./options.ts";
import { vectorsOf } from "./vectors.ts";

let machine: Workstation;
beforeEach(() => {
  machine = workstation();
});
afterEach(() => machine.dispose());

function resolve(options: ConsentOptions = {}, tool = "notes"): ConsentDecision {
  return resolveConsent(tool, options, directoriesFor(tool, machine.host), machine.ports);
}

function set(variables: Readonly<Record<string, string>>): void {
  Object.assign(machine.host.environment, variables);
}

function project(content: string, directory = machine.host.cwd): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, ".candor.json"), content);
}

describe("the order of the sources", () => {
  /** From the strongest to the weakest; each says no, and every one below it says yes as far as it can. */
  const noes: readonly [string, () => void][] = [
    ["flag", () => machine.host.args.push("--disable-telemetry")],
    ["do-not-track", () => set({ DO_NOT_TRACK: "1" })],
    ["tool-variable", () => set({ NOTES_TELEMETRY: "off" })],
    ["gtb-variable", () => set({ TELEMETRY_ENABLED: "false" })],
    ["continuous-integration", () => set({ CI: "true" })],
    ["stored-choice", () => answer(machine, { enabled: false })],
  ];

  it.each(noes)("lets a no of the %s win over everything below", (source, say) => {
    const rank = noes.findIndex(([name]) => name === source);
    const yeses: readonly [number, () => void][] = [
      [2, () => set({ NOTES_TELEMETRY: "on" })],
      [3, () => set({ TELEMETRY_ENABLED: "true" })],
      [5, () => answer(machine)],
    ];
    for (const [at, sayYes] of yeses) if (at > rank) sayYes();
    say();
    expect(resolve({ disableFlag: "--disable-telemetry", model: "enforced" })).toMatchObject({ enabled: false, source });
  });

  it("lets a project's no win over every yes", () => {
    set({ NOTES_TELEMETRY: "on", TELEMETRY_ENABLED: "true" });
    answer(machine);
    project('{"telemetry":"off"}');
    expect(resolve({ model: "enforced" })).toMatchObject({ enabled: false, source: "project" });
  });

  it("lets the tool's variable win over GTB's, the run of a machine and a stored no", () => {
    set({ NOTES_TELEMETRY: "on", TELEMETRY_ENABLED: "false", CI: "1" });
    answer(machine, { enabled: false });
    expect(resolve()).toMatchObject({ enabled: true, source: "tool-variable" });
  });

  it("lets GTB's variable win over the run of a machine and a stored no", () => {
    set({ TELEMETRY_ENABLED: "true", CI: "1" });
    answer(machine, { enabled: false });
    expect(resolve()).toMatchObject({ enabled: true, source: "gtb-variable" });
  });

  it("is the author's model when nobody has said anything", () => {
    expect(resolve()).toMatchObject({ enabled: false, source: "author-model" });
    expect(resolve({ model: "opt-out" })).toMatchObject({ enabled: false, source: "author-model" });
    expect(resolve({ model: "enforced" })).toMatchObject({ enabled: true, source: "author-model" });
  });

  it("is off in continuous integration even where it is enforced", () => {
    set({ GITHUB_ACTIONS: "true" });
    expect(resolve({ model: "enforced" })).toMatchObject({ enabled: false, source: "continuous-integration" });
  });
});

describe("a value that nobody understands", () => {
  beforeEach(() => answer(machine));

  it.each(["yess", "enabled", "2", "0n", " ", "on off", "lokal"])("is off as the tool's variable: %j", (value) => {
    set({ NOTES_TELEMETRY: value });
    expect(resolve()).toMatchObject({ enabled: false, source: "tool-variable" });
  });

  it.each(["", "yes", "on", "TRUE ", "ja"])("is off as TELEMETRY_ENABLED: %j", (value) => {
    set({ TELEMETRY_ENABLED: value });
    expect(resolve()).toMatchObject({ enabled: false, source: "gtb-variable" });
  });

  it.each(["on", "off"] as const)("is off as a legacy variable that means %s", (whenTrue) => {
    set({ NOTES_TRACKING: "perhaps" });
    expect(resolve({ variables: [{ name: "NOTES_TRACKING", whenTrue }] })).toMatchObject({ enabled: false, source: "tool-variable" });
  });

  it.each(["ture", "yes", "garbage", "1 "])("stays local as TELEMETRY_LOCAL: %j", (value) => {
    set({ TELEMETRY_LOCAL: value });
    expect(resolve()).toMatchObject({ enabled: true, localOnly: true });
    answer(machine, { localOnly: true });
    expect(resolve()).toMatchObject({ enabled: true, localOnly: true });
  });
});

describe("DO_NOT_TRACK", () => {
  it.each(["1", "true", "yes", "TRUE", "2", " "])("is a no as %j", (value) => {
    answer(machine);
    set({ DO_NOT_TRACK: value });
    expect(resolve()).toMatchObject({ enabled: false, source: "do-not-track" });
  });

  it.each(["", "0", "false", "FALSE"])("says nothing as %j", (value) => {
    answer(machine);
    set({ DO_NOT_TRACK: value });
    expect(resolve().source).toBe("stored-choice");
  });
});

describe("the tool's own variable", () => {
  it.each([
    ["notes", "NOTES_TELEMETRY"],
    ["my-tool", "MY_TOOL_TELEMETRY"],
    ["my.tool_2", "MY_TOOL_2_TELEMETRY"],
    ["a--b", "A_B_TELEMETRY"],
  ])("of %s is %s", (tool, variable) => {
    expect(toolVariable(tool)).toBe(variable);
    set({ [variable]: "on" });
    expect(resolve({}, tool)).toMatchObject({ enabled: true, source: "tool-variable" });
  });

  it("keeps events on the machine as `local`, whatever is stored", () => {
    set({ NOTES_TELEMETRY: "LOCAL" });
    expect(resolve()).toMatchObject({ enabled: true, localOnly: true });
  });

  it("leaves the decision to the others as `debug`", () => {
    set({ NOTES_TELEMETRY: "debug" });
    expect(resolve()).toMatchObject({ enabled: false, source: "author-model" });
  });

  it("keeps the local mode when it says `on` and a typo stands in TELEMETRY_LOCAL", () => {
    set({ NOTES_TELEMETRY: "on", TELEMETRY_LOCAL: "flase" });
    expect(resolve()).toMatchObject({ enabled: true, localOnly: true });
  });
});

describe("legacy variables", () => {
  const variables = [
    { name: "NOTES_NO_TRACKING", whenTrue: "off" },
    { name: "NOTES_TRACKING", whenTrue: "on" },
  ] as const;

  it.each([
    [{ NOTES_NO_TRACKING: "1" }, false],
    [{ NOTES_NO_TRACKING: "0" }, true],
    [{ NOTES_TRACKING: "1" }, true],
    [{ NOTES_TRACKING: "no" }, false],
    [{ NOTES_NO_TRACKING: "1", NOTES_TRACKING: "1" }, false],
  ])("%j decides %p", (environment, enabled) => {
    set(environment);
    expect(resolve({ variables })).toMatchObject({ enabled, source: "tool-variable" });
  });

  it("say nothing when they are empty", () => {
    set({ NOTES_NO_TRACKING: "", NOTES_TRACKING: "" });
    expect(resolve({ variables }).source).toBe("author-model");
  });
});

describe("the tool's flag", () => {
  const options = { disableFlag: "--disable-telemetry" };
  beforeEach(() => answer(machine));

  it.each([[["--disable-telemetry"]], [["list", "--disable-telemetry", "x"]], [["--disable-telemetry=true"]], [["--disable-telemetry=1"]], [["--disable-telemetry="]], [["--disable-telemetry=fals"]]])(
    "disables as %j",
    (args) => {
      machine.host.args = args;
      expect(resolve(options)).toMatchObject({ enabled: false, source: "flag" });
    },
  );

  it.each([[["--", "--disable-telemetry"]], [["--disable-telemetry-x"]], [["disable-telemetry"]], [[]]])("says nothing as %j", (args) => {
    machine.host.args = args;
    expect(resolve(options)).toMatchObject({ enabled: true, source: "stored-choice" });
  });

  it("is not looked for when the author has none", () => {
    machine.host.args = ["--disable-telemetry", "undefined"];
    expect(resolve().source).toBe("stored-choice");
  });
});

describe("a project", () => {
  beforeEach(() => answer(machine));

  it.each(['{"telemetry":"off"}', '{"telemetry":false}', '{"telemetry":{"notes":"off"}}', '{"telemetry":{"notes":false}}', '{"telemetry":{"notes":"onn"}}', '{"telemetry":[]}', '{"telemetry"', "", "[]", "null"])(
    "refuses with %j",
    (content) => {
      project(content);
      expect(resolve()).toMatchObject({ enabled: false, source: "project" });
    },
  );

  it.each(['{"telemetry":"on"}', '{"telemetry":{"other":"off"}}', '{"telemetry":{}}', '{"telemetry":{"notes":"on"}}'])("does not refuse with %j", (content) => {
    project(content);
    expect(resolve().enabled).toBe(true);
  });

  it("cannot say yes", () => {
    answer(machine, { enabled: false });
    project('{"telemetry":"on","enabled":true,"endpoint":"https://evil.example"}');
    expect(resolve().enabled).toBe(false);
  });

  it("refuses from a parent directory too", () => {
    project('{"telemetry":"off"}');
    machine.host.cwd = join(machine.host.cwd, "a", "b", "c");
    mkdirSync(machine.host.cwd, { recursive: true });
    expect(resolve().source).toBe("project");
  });

  it("refuses when a parent says no and a nearer directory says yes", () => {
    project('{"telemetry":"off"}');
    machine.host.cwd = join(machine.host.cwd, "inner");
    project('{"telemetry":"on"}');
    expect(resolve().source).toBe("project");
  });

  it.each([
    ["a directory", (path: string) => mkdirSync(path, { recursive: true })],
    ["a symbolic link", (path: string) => symlinkSync("/nowhere", path)],
  ])("refuses when its file is %s", (_, make) => {
    make(join(machine.host.cwd, ".candor.json"));
    expect(resolve().source).toBe("project");
  });

  it("refuses when its file cannot be read", () => {
    project('{"telemetry":"on"}');
    machine.disk.fail({ call: "readFileSync", path: ".candor.json", code: "EACCES" });
    expect(resolve().source).toBe("project");
  });

  it("is nothing when the working directory is gone", () => {
    const ports = { ...machine.ports, host: { ...machine.host, workingDirectory: () => { throw new Error("ENOENT: uv_cwd"); } } };
    expect(resolveConsent("notes", {}, directoriesFor("notes", machine.host), ports).enabled).toBe(true);
  });
});

describe("the stored answer", () => {
  it("is a yes with its own id", () => {
    answer(machine);
    expect(resolve()).toMatchObject({ enabled: true, localOnly: false, source: "stored-choice", consentId: CONSENT_ID });
  });

  it.each(["", "{", '{"enabled":true', "[]", '"yes"', "{}", '{"enabled":"true","consentId":"1a2b3c4d"}', '{"enabled":true}', '{"enabled":true,"consentId":"../../x"}', '{"noticeShownAt":"x","enabled":1}', "\u0000\u0000\u0000"])(
    "is a no when the record is torn or foreign: %j",
    (text) => {
      writeConsent(machine, text);
      for (const model of ["opt-in", "opt-out", "enforced"] as const) expect(resolve({ model })).toMatchObject({ enabled: false, source: "stored-choice" });
    },
  );

  it("is a no for every truncation of a yes", () => {
    const record = JSON.stringify({ enabled: true, localOnly: false, consentId: CONSENT_ID, answeredAt: "2026-01-01T00:00:00.000Z", consentVersion: 1, givenBy: "command" });
    for (let length = 0; length < record.length; length++) {
      writeConsent(machine, record.slice(0, length));
      expect(resolve({ model: "opt-out" }).enabled).toBe(false);
    }
  });

  it.each([
    ["a directory", (path: string) => mkdirSync(path, { recursive: true })],
    ["a symbolic link", (path: string) => symlinkSync("/nowhere", path)],
  ])("is a no when %s stands in its place", (_, make) => {
    const { consentFile } = directoriesFor("notes", machine.host);
    mkdirSync(dirname(consentFile), { recursive: true });
    make(consentFile);
    expect(resolve({ model: "enforced" })).toMatchObject({ enabled: false, source: "stored-choice" });
  });

  it.each(["lstatSync", "readFileSync"] as const)("is a no when %s is not allowed", (call) => {
    answer(machine);
    machine.disk.fail({ call, path: "telemetry.json", code: "EACCES", forever: true });
    expect(resolve({ model: "enforced" })).toMatchObject({ enabled: false, source: "stored-choice" });
  });

  it("is a no when the place of the refusal cannot be looked at", () => {
    answer(machine);
    machine.disk.fail({ call: "lstatSync", path: "refused", code: "EACCES", forever: true });
    expect(resolve().enabled).toBe(false);
  });

  it("stays a no when the config directory is deleted or the record is overwritten", () => {
    const directories = directoriesFor("notes", machine.host);
    expect(storeConsent({ enabled: false, localOnly: false, consentVersion: 1, givenBy: "command" }, directories, machine.ports).status).toBe("stored");
    for (const damage of [() => rmSync(directories.config, { recursive: true }), () => writeConsent(machine, "{"), () => answer(machine), () => writeConsent(machine, '{"noticeShownAt":"2026"}')]) {
      damage();
      expect(resolve({ model: "opt-out" }).enabled).toBe(false);
      expect(resolve({ model: "enforced" }).enabled).toBe(false);
    }
  });

  it("stays a no when the data directory is deleted", () => {
    const directories = directoriesFor("notes", machine.host);
    storeConsent({ enabled: false, localOnly: false, consentVersion: 1, givenBy: "command" }, directories, machine.ports);
    rmSync(directories.data, { recursive: true });
    expect(resolve({ model: "enforced" }).enabled).toBe(false);
  });

  it("is a no already when only one of its two records could be written", () => {
    answer(machine);
    machine.disk.fail({ path: "telemetry.json", code: "EROFS", forever: true });
    const outcome = storeConsent({ enabled: false, localOnly: false, consentVersion: 1, givenBy: "command" }, directoriesFor("notes", machine.host), machine.ports);
    expect(outcome.status).toBe("stored");
    machine.disk.heal();
    expect(resolve().enabled).toBe(false);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])("is the old or the new answer when a no crashes after step %i", (steps) => {
    answer(machine);
    machine.disk.crashAfter(steps);
    let finished = true;
    try {
      finished = storeConsent({ enabled: false, localOnly: false, consentVersion: 1, givenBy: "command" }, directoriesFor("notes", machine.host), machine.ports).status === "stored" && !machine.disk.crashed;
    } catch {
      // The process is gone; what is on disk counts.
      finished = false;
    }
    machine.disk.heal();
    const { enabled, source } = resolve();
    expect(source).toBe("stored-choice");
    if (finished) expect(enabled).toBe(false);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])("is no yes when a yes after a no crashes after step %i", (steps) => {
    writeRefusal(machine);
    machine.disk.crashAfter(steps);
    let outcome = "crashed";
    try {
      outcome = storeConsent({ enabled: true, localOnly: false, consentVersion: 1, givenBy: "command" }, directoriesFor("notes", machine.host), machine.ports).status;
    } catch {
      // The process is gone; what is on disk counts.
      outcome = "crashed";
    }
    machine.disk.heal();
    expect(resolve({ model: "enforced" }).enabled).toBe(outcome === "stored");
  });

  it("asks again when the consent text has a new version, and keeps a no", () => {
    answer(machine, { consentVersion: 1 });
    expect(resolve({ version: 2 })).toMatchObject({ enabled: false, source: "stored-choice" });
    expect(resolve({ version: 1 }).enabled).toBe(true);
    answer(machine, { consentVersion: 1, enabled: false });
    expect(resolve({ version: 2, model: "opt-out" }).enabled).toBe(false);
  });

  it("gives every yes an id of its own", () => {
    const directories = directoriesFor("notes", machine.host);
    let next = 0.1;
    const ports = { ...machine.ports, random: () => (next += 0.1) };
    const ids = [1, 2].map(() => {
      storeConsent({ enabled: true, localOnly: false, consentVersion: 1, givenBy: "prompt" }, directories, ports);
      return resolve().consentId;
    });
    expect(new Set(ids).size).toBe(2);
    expect(ids).toEqual([expect.stringMatching(/^[0-9a-f]{8}$/), expect.stringMatching(/^[0-9a-f]{8}$/)]);
  });

  it("tells readers why it is a no, without throwing", () => {
    const { consentFile } = directoriesFor("notes", machine.host);
    writeConsent(machine, "{");
    chmodSync(consentFile, 0o000);
    expect(readConsent(directoriesFor("notes", machine.host), machine.ports)).toMatchObject({ status: "refused", reason: expect.stringContaining("telemetry.json") });
  });
});

describe("the opt-out model", () => {
  it("is off before the notice and on after it", () => {
    expect(resolve({ model: "opt-out" })).toMatchObject({ enabled: false, source: "author-model" });
    expect(storeNoticeShown(directoriesFor("notes", machine.host), machine.ports).status).toBe("stored");
    expect(resolve({ model: "opt-out" })).toMatchObject({ enabled: true, source: "author-model", consentId: "unrecorded" });
    expect(resolve({ model: "opt-in" }).enabled).toBe(false);
  });

  it("stays off when the notice is recorded over a no that was given meanwhile", () => {
    const directories = directoriesFor("notes", machine.host);
    storeConsent({ enabled: false, localOnly: false, consentVersion: 1, givenBy: "command" }, directories, machine.ports);
    storeNoticeShown(directories, machine.ports);
    expect(resolve({ model: "opt-out" }).enabled).toBe(false);
  });
});

it("never becomes a yes by one more opt-out signal", () => {
  const switches = fc.constantFrom("on", "off", "local", "debug", "1", "0", "true", "false", "", "yess");
  const situation = fc.record({
    environment: fc.dictionary(fc.constantFrom("NOTES_TELEMETRY", "TELEMETRY_ENABLED", "TELEMETRY_LOCAL", "NOTES_TRACKING", "CI", "DO_NOT_TRACK"), switches),
    args: fc.array(fc.constantFrom("list", "--", "--disable-telemetry", "--disable-telemetry=true"), { maxLength: 3 }),
    record: fc.constantFrom("none", "yes", "no", "torn", "notice"),
    model: fc.constantFrom("opt-in" as const, "opt-out" as const, "enforced" as const),
  });
  const signals: Readonly<Record<string, () => void>> = {
    flag: () => machine.host.args.unshift("--disable-telemetry"),
    track: () => set({ DO_NOT_TRACK: "1" }),
    tool: () => set({ NOTES_TELEMETRY: "off" }),
    gtb: () => set({ TELEMETRY_ENABLED: "false" }),
    ci: () => set({ CI: "true" }),
    project: () => project('{"telemetry":"off"}'),
    refusal: () => writeRefusal(machine),
    no: () => answer(machine, { enabled: false }),
    torn: () => writeConsent(machine, "{"),
  };
  fc.assert(
    fc.property(situation, fc.constantFrom(...Object.keys(signals)), ({ environment, args, record, model }, signal) => {
      machine.dispose();
      machine = workstation();
      set(environment);
      machine.host.args = [...args];
      if (record === "yes") answer(machine);
      if (record === "no") answer(machine, { enabled: false });
      if (record === "torn") writeConsent(machine, '{"enabled":tr');
      if (record === "notice") writeConsent(machine, '{"noticeShownAt":"2026-01-01T00:00:00.000Z"}');
      const options: ConsentOptions = { model, disableFlag: "--disable-telemetry", variables: [{ name: "NOTES_TRACKING", whenTrue: "on" }] };
      const before = resolve(options).enabled;
      signals[signal]?.();
      if (!before) expect(resolve(options).enabled).toBe(false);
    }),
    { numRuns: 300 },
  );
});

describe("GTB's decisions", () => {
  interface Input {
    readonly feature_enabled: boolean;
    readonly force_enabled: boolean;
    readonly TELEMETRY_ENABLED: string | null;
    readonly "config.telemetry.enabled": boolean | null;
  }

  /** Where candor decides otherwise: an enforced model is the last in the order, so that whatever says no above it wins. */
  const stricter: Readonly<Record<string, string>> = {
    "gtb.enabled#18": "a stored no wins over an enforced model",
    "gtb.enabled#22": "TELEMETRY_ENABLED=false wins over an enforced model",
    "gtb.enabled#24": "TELEMETRY_ENABLED=false wins over an enforced model",
    "gtb.enabled#27": "an empty TELEMETRY_ENABLED is a no and wins over an enforced model",
    "gtb.enabled#29": "a TELEMETRY_ENABLED that nobody understands is a no and wins over an enforced model",
    "gtb.enabled#30": "a TELEMETRY_ENABLED that nobody understands is a no and wins over an enforced model",
  };

  it.each(vectorsOf<Input, boolean>("gtb.enabled"))("$id", ({ id, input, expected }) => {
    if (input.TELEMETRY_ENABLED !== null) set({ TELEMETRY_ENABLED: input.TELEMETRY_ENABLED });
    const stored = input["config.telemetry.enabled"];
    if (stored !== null) answer(machine, { enabled: stored });
    const decided = input.feature_enabled && resolve({ model: input.force_enabled ? "enforced" : "opt-in" }).enabled;
    expect(decided).toBe(id in stricter ? !expected : expected);
  });

  it.each(vectorsOf<{ "config.telemetry.local_only": boolean; TELEMETRY_LOCAL: string | null }, boolean>("gtb.local_only"))("$id", ({ id, input, expected }) => {
    if (input.TELEMETRY_LOCAL !== null) set({ TELEMETRY_LOCAL: input.TELEMETRY_LOCAL });
    answer(machine, { localOnly: input["config.telemetry.local_only"] });
    // A typo must not send away what was to stay here.
    expect(resolve().localOnly).toBe(id === "gtb.local_only#5" ? true : expected);
  });

  interface PromptInput {
    readonly force?: boolean;
    readonly env?: string;
    readonly configured?: boolean;
    readonly ci?: string;
    readonly tty?: boolean;
  }

  /** Whether a terminal is there is the prompt's question, not that of consent. */
  const ofThePrompt = ["gtb.consent_prompt#7", "gtb.consent_prompt#9"];
  /** candor knows continuous integration by any value of CI. */
  const recognised = ["gtb.consent_prompt#8"];

  it.each(vectorsOf<PromptInput, { prompt: boolean }>("gtb.consent_prompt"))("$id: leaves room for a prompt only while nobody has decided", ({ id, input, expected }) => {
    if (input.env !== undefined) set({ TELEMETRY_ENABLED: input.env });
    if (input.ci !== undefined) set({ CI: "1" });
    if (input.configured) answer(machine);
    const { enabled, source } = resolve({ model: input.force ? "enforced" : "opt-in" });
    const undecided = source === "author-model" && !enabled;
    if (ofThePrompt.includes(id)) return expect(input.tty).toBe(false);
    return expect(undecided).toBe(recognised.includes(id) ? false : expected.prompt);
  });
});
