/** The rooms: what a run of the built package loads, by what it does. */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "@jest/globals";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { homePerTest } from "../home-per-test.ts";

const DIST = join(import.meta.dirname, "../../dist");

const home = homePerTest();

interface Run {
  /** The rooms that were loaded, the entry left out. */
  readonly rooms: readonly string[];
  readonly messages: readonly string[];
}

/** Runs a tool as a user has it, with `TOOL_TELEMETRY` set to `telemetry`. */
function run(form: "esm" | "cjs", telemetry: string, track: string, options = "{}", mode = "production"): Run {
  const entry = JSON.stringify(join(DIST, form, "index.js"));
  const source = `
    ${form === "esm" ? `import { createCollector } from ${entry}; import { createRequire } from "node:module"; const { cache } = createRequire(import.meta.url);` : `const { createCollector } = require(${entry}); const { cache } = require;`}
    const vm = process.getBuiltinModule("node:vm");
    // The room of collection may come from its compiled form, beside the loader.
    const evaluated = [];
    vm.Script = class extends vm.Script {
      constructor(text, options) {
        super(text, options);
        evaluated.push(options.filename);
      }
    };
    const messages = [];
    const note = (message) => messages.push(message);
    const collector = createCollector({ tool: "tool", version: "1.0.0", logger: { debug: note, info: note, warn: note, error: note }, backend: { use: "noop" }, ...${options} });
    ${track}
    const rooms = [...evaluated, ...Object.keys(cache)].filter((file) => file.includes(${JSON.stringify(DIST)})).map((file) => file.replace(/.*[\\\\/]/, "").replace(/\\.js$/, "")).filter((name) => name !== "index");
    process.stdout.write(JSON.stringify({ rooms, messages }));`;
  const output = execFileSync(process.execPath, [...(form === "esm" ? ["--input-type=module"] : []), "-e", source], {
    encoding: "utf8",
    cwd: home.path,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...home.environment, NODE_ENV: mode, TOOL_TELEMETRY: telemetry },
  });
  return JSON.parse(output) as Run;
}

describe.each(["esm", "cjs"] as const)("a run of the %s form", (form) => {
  it("loads nothing but the entry while telemetry is off", () => {
    const { rooms } = run(form, "off", `collector.track("feature.used", "a", { path: "/home/ada" }); collector.trackCommand("a", { durationMs: 1, exitCode: 0 }); void collector.enabled; collector.flush(); collector.close(); collector.beforeEnd(() => undefined); collector.counts();`);
    expect(rooms).toEqual([]);
  });

  it("loads nothing but the entry after a no, and owes nothing then", () => {
    mkdirSync(join(home.path, ".config/tool"), { recursive: true });
    writeFileSync(join(home.path, ".config/tool/telemetry.json"), JSON.stringify({ enabled: false, consentId: "1a2b3c4d", consentVersion: 1 }));
    const { rooms, messages } = run(form, "", `collector.track("feature.used", "a"); note(JSON.stringify(collector.due));`);
    expect(rooms).toEqual([]);
    expect(messages).toEqual(["telemetry is off: the recorded answer is no", JSON.stringify({ notice: false, question: false })]);
  });

  it("loads nothing but the entry to tell that no notice is due, where nobody has answered", () => {
    const { rooms, messages } = run(form, "", "note(collector.due.notice);");
    expect({ rooms, messages }).toEqual({ rooms: [], messages: [false] });
  });

  it("keeps to what it was made for, whatever becomes of the options, the environment and the room", () => {
    const first = `const given = { tool: "tool", version: "1.0.0", backend: { use: "noop" } }; const made = createCollector(given); given.tool = "other"; process.env.NODE_ENV = "test"; given.version = "";`;
    const { messages } = run(form, "on", `${first} made.track("feature.used", "a"); note([made.installation.config.tool, made.installation.config.version, made.counts().tracked].join());`);
    expect(messages.at(-1)).toBe("tool,1.0.0,1");
  });

  it("stays off until it is resumed, whoever looks at the installation meanwhile", () => {
    const yes = `process.getBuiltinModule("node:fs").mkdirSync(collector.installation.directories.config, { recursive: true }); process.getBuiltinModule("node:fs").writeFileSync(collector.installation.directories.consentFile, JSON.stringify({ enabled: true, consentId: "1a2b3c4d", consentVersion: 1 }));`;
    const track = `collector.track("feature.used", "a"); note(String(collector.counts().tracked));`;
    const { messages } = run(form, "", `${track} ${yes} void collector.due.question; ${track} collector.resume(); ${track} collector.close(); ${track} collector.resume(); ${track}`);
    expect(messages.filter((message) => /^\d$/.test(message))).toEqual(["0", "0", "1", "1", "1"]);
  });

  it("collects nothing in an uploader, also after that has taken its orders out of the environment", () => {
    const track = `const made = createCollector({ tool: "tool", version: "1.0.0", backend: { use: "noop" } }); delete process.env.CANDOR_UPLOADER; made.track("feature.used", "a"); note(String(made.counts().tracked));`;
    expect(run(form, "on", `process.env.CANDOR_UPLOADER = "{}"; ${track}`).messages.at(-1)).toBe("0");
  });

  it("owes the question where nobody has answered, and the notice under the opt-out model", () => {
    const due = "note(JSON.stringify(collector.due));";
    expect(run(form, "", due).messages.at(-1)).toBe(JSON.stringify({ notice: false, question: true }));
    expect(run(form, "", due, `{ consent: { model: "opt-out" } }`).messages.at(-1)).toBe(JSON.stringify({ notice: true, question: true }));
    expect(run(form, "off", due).messages.at(-1)).toBe(JSON.stringify({ notice: false, question: false }));
  });

  it("loads the room of collection with the first event, and no rule that nothing calls for", () => {
    const { rooms } = run(form, "on", `collector.track("feature.used", "exported notes", { format: "pdf", pages: 12 });`);
    expect(rooms).toEqual(["collection"]);
  });

  it("loads the rules that recognise a secret with the first text that has a sign of one", () => {
    const { rooms } = run(form, "on", `collector.track("feature.used", "exported notes", { target: "https://ada:lovelace@example.com/" });`);
    expect(rooms).toEqual(["collection", "recognition"]);
  });

  it("looks at an option that is wrong when telemetry turns out to be on, records nothing and says why", () => {
    const track = `collector.track("feature.used", "a");`;
    const options = `{ backend: { use: "http", endpoint: "nowhere" } }`;
    expect(run(form, "off", track, options)).toMatchObject({ rooms: [] });
    const { rooms, messages } = run(form, "on", `${track} if (collector.enabled || collector.counts().tracked > 0) throw new Error("it records");`, options);
    expect(rooms).toEqual(["collection"]);
    expect(messages.join("\n")).toContain("telemetry is misconfigured: backend.endpoint");
    expect(home.list()).toEqual([]);
  });

  it("looks at an option that is wrong when a command needs it, also while telemetry is off", () => {
    const { messages } = run(form, "off", `note(collector.installation.config.backends.length + " " + collector.installation.config.tool);`, `{ backend: { use: "http", endpoint: "nowhere" } }`);
    expect(messages.at(-1)).toBe("0 tool");
    expect(messages.join("\n")).toContain("telemetry is misconfigured: backend.endpoint");
  });

  it("shows all options to whoever goes through them, also while telemetry is off", () => {
    const { messages } = run(form, "off", `const { config } = collector.installation; note(JSON.stringify([{ ...config }, "bounds" in config, "nothing" in config]));`);
    const [config, ...has] = JSON.parse(messages.at(-1) ?? "") as [object, boolean, boolean];
    expect(config).toMatchObject({ tool: "tool", version: "1.0.0", enabled: true, bounds: { bufferEvents: 1_000 }, backends: [{ use: "noop" }] });
    expect(has).toEqual([true, false]);
  });

  it("looks at options that may switch telemetry on before it is taken to be off", () => {
    const { messages } = run(form, "off", `collector.track("feature.used", "a");`, `{ consent: { model: "perhaps" } }`);
    expect(messages.join("\n")).toContain("telemetry is misconfigured: consent.model");
  });

  it("looks at once at the options that say where the answer is", () => {
    const { messages } = run(form, "off", "", `{ directories: { config: "relative" } }`);
    expect(messages.join("\n")).toContain("telemetry is misconfigured: directories.config");
  });
});

describe.each(["esm", "cjs"] as const)("an author's run of the %s form", (form) => {
  it("opens the room that builds backends, and is told what they refuse", () => {
    const { rooms, messages } = run(form, "off", "", `{ backend: { use: "noop" } }`, "development");
    expect(rooms).toEqual(expect.arrayContaining(["author-check", "background"]));
    expect(messages.join("\n")).not.toContain("misconfigured");
    expect(() => run(form, "off", "", `{ backend: { use: "file", path: "relative" } }`, "development")).toThrow("backend.path must be an absolute path");
  });
});
