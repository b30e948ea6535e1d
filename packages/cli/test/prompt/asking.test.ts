/** Asking, without a terminal: whom it may reach, and what is kept of what they say. */
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Collector, type CollectorOptions, createCollector } from "@candor/core";
import * as fc from "fast-check";
import { type Workstation, workstation } from "../../../core/test/fake-ports.ts";
import { filesIn } from "../../../core/test/fixtures.ts";
import { answer, writeConsent, writeRefusal } from "../../../core/test/options.ts";
import { vectorsOf } from "../../../core/test/vectors.ts";
import type { AskOptions } from "../../src/ask-for-consent.ts";
import { ask, type Respondent } from "../../src/prompt/asking.ts";
import type { DialogResult } from "../../src/prompt/dialog.ts";
import type { PromptSituation } from "../../src/prompt/prompt-rules.ts";

let machine: Workstation;
let asked: { readonly question: string; readonly standard: boolean }[];
let told: string[];
let interruptions: number;
const collectors: Collector[] = [];

beforeEach(() => {
  machine = workstation();
  asked = [];
  told = [];
  interruptions = 0;
});
afterEach(async () => {
  await Promise.all(collectors.splice(0).map((collector) => collector.close()));
  machine.dispose();
});

function collectorWith(options: Partial<CollectorOptions> = {}): Collector {
  const collector = createCollector({ tool: "notes", version: "1.4.0", ...options }, machine.ports);
  collectors.push(collector);
  return collector;
}

/** Somebody at a terminal who says the same to everything. */
function somebody(says: DialogResult | (() => Promise<DialogResult>), facts: Partial<PromptSituation> = {}): Respondent {
  return {
    situation: { stdinIsTerminal: true, stderrIsTerminal: true, inBackground: false, environment: machine.host.environment, words: machine.host.args, ...facts },
    converse: ({ question }, { standard }) => {
      asked.push({ question, standard });
      return typeof says === "function" ? says() : Promise.resolve(says);
    },
    tell: (line) => void told.push(line),
    interrupt: () => {
      interruptions++;
      return Promise.resolve();
    },
  };
}

const yes = { status: "answered", enabled: true } as const;
const no = { status: "answered", enabled: false } as const;

describe("asking", () => {
  it("never rejects, whatever the dialog does, and keeps nothing of it", async () => {
    const outcome = await ask(collectorWith(), {}, somebody(() => Promise.reject(new Error("the terminal is gone"))));
    expect(outcome).toEqual({ status: "failed", reason: "the terminal is gone" });
    expect(filesIn(machine.home.path)).toEqual([]);
  });

  it("tells the person when their answer cannot be kept", async () => {
    const collector = collectorWith();
    const respondent = somebody(() => {
      machine.disk.fail({ code: "ENOSPC", call: "writeFileSync", forever: true });
      return Promise.resolve(yes);
    });
    expect(await ask(collector, {}, respondent)).toMatchObject({ status: "failed" });
    expect(told).toEqual([expect.stringMatching(/^Your answer could not be stored: .*ENOSPC/)]);
    expect(collector.enabled).toBe(false);
  });

  it("lets somebody else's decision stand that was made while the question was open", async () => {
    const collector = collectorWith();
    const respondent = somebody(() => {
      answer(machine, { enabled: false });
      return Promise.resolve(yes);
    });
    expect(await ask(collector, {}, respondent)).toMatchObject({ status: "not-asked" });
    expect(told).toEqual(["Your answer was not stored: you answered no on 2026-01-01."]);
    expect(collector.installation.consent().enabled).toBe(false);
  });

  it("passes Ctrl-C on and keeps nothing", async () => {
    expect(await ask(collectorWith(), {}, somebody({ status: "interrupted" }))).toEqual({ status: "interrupted" });
    expect(interruptions).toBe(1);
    expect(filesIn(machine.home.path)).toEqual([]);
  });

  it("is left out by the author's word", async () => {
    expect(await ask(collectorWith(), { skip: true }, somebody(yes))).toMatchObject({ status: "not-asked" });
    expect(asked).toEqual([]);
  });

  it("says in the tool's log why nobody was asked", async () => {
    const lines: unknown[] = [];
    const logger = { debug: (...line: unknown[]) => void lines.push(line), info: () => undefined, warn: () => undefined, error: () => undefined };
    await ask(collectorWith({ logger }), {}, somebody(yes, { stdinIsTerminal: false }));
    expect(lines).toContainEqual(["telemetry consent prompt skipped", { status: "not-asked", reason: "standard input is not a terminal" }]);
  });

  it.each<[string, AskOptions, CollectorOptions["consent"], { question: string; standard: boolean }]>([
    ["GTB's words and a no by default", {}, {}, { question: "Send usage statistics?", standard: false }],
    ["the DataRobot CLI's and a yes by default, where the author collects without a yes", {}, { model: "opt-out" }, { question: "Allow usage tracking?", standard: true }],
    ["the box with a no by default", { text: "datarobot" }, {}, { question: "Allow usage tracking?", standard: false }],
    ["the author's own words", { text: { title: "t", lines: [], question: "Well?" } }, {}, { question: "Well?", standard: false }],
  ])("has %s", async (_, options, consent, expected) => {
    await ask(collectorWith({ ...(consent ? { consent } : {}) }), options, somebody(no));
    expect(asked).toEqual([expected]);
  });

  it("promises of the tool at hand what its catalog keeps, and nothing without one", async () => {
    const shown: string[] = [];
    const silent = { status: "skipped", reason: "they are still reading" } as const;
    const reader: Respondent = { ...somebody(silent), converse: ({ lines }) => Promise.resolve(silent).finally(() => shown.push(lines.join())) };
    for (const catalog of [{ events: {} }, undefined]) {
      const collector = createCollector({ tool: "notes", version: "1.4.0", ...(catalog ? { catalog } : {}) }, machine.ports);
      await ask(collector, {}, reader);
      await collector.close();
    }
    expect(shown.map((lines) => lines.includes("No personally identifiable information"))).toEqual([true, false]);
  });

  interface PromptInput {
    readonly force?: boolean;
    readonly env?: string;
    readonly configured?: boolean;
    readonly ci?: string;
    readonly tty?: boolean;
  }

  /** Where candor decides otherwise. */
  const different: Readonly<Record<string, string>> = { "gtb.consent_prompt#8": "any value of CI is continuous integration" };

  it.each(vectorsOf<PromptInput, { readonly prompt: boolean }>("gtb.consent_prompt"))("reaches whom GTB reaches: $id", async ({ id, input, expected }) => {
    if (input.env !== undefined) machine.host.environment["TELEMETRY_ENABLED"] = input.env;
    if (input.ci === "flag") machine.host.args.push("--ci");
    else if (input.ci !== undefined) machine.host.environment["CI"] = input.ci.split("=")[1] ?? "";
    if (input.configured) answer(machine);
    const { tty = true } = input;
    await ask(collectorWith({ consent: { model: input.force ? "enforced" : "opt-in" } }), {}, somebody(no, { stdinIsTerminal: tty }));
    expect(asked).toHaveLength(expected.prompt && !(id in different) ? 1 : 0);
  });
});

it("reaches nobody whom a rule protects, and keeps nothing but an explicit answer", async () => {
  /** Mostly what forbids nothing, or nobody would ever be reached. */
  const mostly = <Value>(usual: Value, ...others: readonly Value[]): fc.Arbitrary<Value> =>
    fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: others.length, arbitrary: fc.constantFrom(...others) });
  const situation = fc.record({
    environment: fc.record({
      CI: mostly("", "true", "1", "false"),
      DO_NOT_TRACK: mostly("0", "1", "yes"),
      NOTES_TELEMETRY: mostly("", "on", "off", "maybe"),
      TELEMETRY_ENABLED: mostly<string | undefined>(undefined, "true", "0", "", "yess"),
      TELEMETRY_LOCAL: mostly("false", "true", "x"),
      TERM: mostly("xterm-256color", "dumb"),
      CLAUDECODE: mostly<string | undefined>(undefined, "1"),
    }),
    stdinIsTerminal: mostly(true, false),
    stderrIsTerminal: mostly(true, false),
    inBackground: mostly(false, true),
    words: fc.array(mostly<string>("list", "--json", "-o", "yaml", "--skip-telemetry", "--", "--help", "-y"), { maxLength: 4 }),
    record: mostly("none", "yes", "no", "no to the prompt", "torn", "empty", "notice", "refusal"),
    version: fc.constantFrom(1, 2),
    model: mostly<"opt-in" | "opt-out" | "enforced">("opt-in", "opt-out", "enforced"),
    says: fc.constantFrom<DialogResult>(yes, no, { status: "skipped", reason: "Escape" }, { status: "interrupted" }),
  });
  let reached = 0;
  await fc.assert(
    fc.asyncProperty(situation, async ({ environment, record, version, model, says, ...facts }) => {
      machine.dispose();
      machine = workstation();
      asked = [];
      for (const [name, value] of Object.entries(environment)) if (value !== undefined) machine.host.environment[name] = value;
      machine.host.args.push(...facts.words);
      if (record === "yes") answer(machine);
      if (record === "no") answer(machine, { enabled: false });
      if (record === "no to the prompt") answer(machine, { enabled: false, givenBy: "prompt" });
      if (record === "torn") writeConsent(machine, '{"enabled":tr');
      if (record === "empty") writeConsent(machine, "");
      if (record === "notice") writeConsent(machine, '{"noticeShownAt":"2026-01-01T00:00:00.000Z"}');
      if (record === "refusal") writeRefusal(machine);
      const collector = collectorWith({ consent: { model, version } });
      const before = { files: filesIn(machine.home.path), enabled: collector.installation.consent().enabled };

      const outcome = await ask(collector, {}, somebody(says, facts));
      const { CI, DO_NOT_TRACK, NOTES_TELEMETRY, TELEMETRY_ENABLED, TELEMETRY_LOCAL, TERM, CLAUDECODE } = environment;
      const options = facts.words.includes("--") ? facts.words.slice(0, facts.words.indexOf("--")) : facts.words;
      const forbidden = [
        !facts.stdinIsTerminal,
        !facts.stderrIsTerminal,
        facts.inBackground,
        TERM === "dumb",
        CLAUDECODE !== undefined,
        !["", "false"].includes(CI),
        DO_NOT_TRACK !== "0",
        NOTES_TELEMETRY !== "",
        TELEMETRY_ENABLED !== undefined,
        TELEMETRY_LOCAL !== "false",
        ["--json", "--skip-telemetry", "--help", "-y"].some((word) => options.includes(word)),
        options.some((word, index) => word === "-o" && options[index + 1] === "yaml"),
        ["no", "torn", "empty", "refusal"].includes(record),
        ["yes", "no to the prompt"].includes(record) && version === 1,
        model === "enforced",
      ];
      expect({ forbidden: forbidden.includes(true), asked: asked.length }).toEqual({ forbidden: forbidden.includes(true), asked: forbidden.includes(true) ? 0 : 1 });
      reached += asked.length;
      const explicit = asked.length === 1 && says.status === "answered";
      expect(outcome.status === "answered").toBe(explicit);
      const { enabled, source } = collector.installation.consent();
      const after = { files: filesIn(machine.home.path), enabled };
      expect(explicit ? { enabled, source } : after).toEqual(explicit ? { enabled: says.enabled, source: "stored-choice" } : before);
    }),
    { numRuns: 300 },
  );
  // A property that never meets a person says nothing about persons.
  expect(reached).toBeGreaterThan(10);
});
