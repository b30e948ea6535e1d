import { describe, expect, it } from "@jest/globals";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { readAnswer } from "../../src/prompt/answer-words.ts";
import { obstacleTo, type PromptSituation } from "../../src/prompt/prompt-rules.ts";
import { isInBackground } from "../../src/prompt/terminal.ts";

/** A person in a shell who types a command. */
const attended: PromptSituation = { stdinIsTerminal: true, stderrIsTerminal: true, inBackground: false, environment: { TERM: "xterm" }, words: ["list"] };

describe("the rules of the prompt", () => {
  it.each<[string, Partial<PromptSituation>, RegExp]>([
    ["input is no terminal", { stdinIsTerminal: false }, /standard input/],
    ["errors go to no terminal", { stderrIsTerminal: false }, /standard error/],
    ["the terminal is dumb", { environment: { TERM: "dumb" } }, /TERM=dumb/],
    ["an agent runs the tool", { environment: { AI_AGENT: "x" } }, /agent/],
    ["the tool is in the background", { inBackground: true }, /background/],
  ])("forbid it where %s", (_, facts, reason) => {
    expect(obstacleTo({ ...attended, ...facts })).toMatch(reason);
  });

  it.each([
    "--json", "--json=true", "list --json", "-o json", "-ojson", "--output yaml", "--output=csv", "--format=NDJSON", "--output-format sarif", "--porcelain", "list -o tsv --all",
    "--skip-telemetry", "--ci", "--ci=true", "init --skip-telemetry", "--yes", "-y", "--no-input", "--non-interactive", "--quiet", "-q", "--silent",
    "--help", "-h", "list --help", "--version", "-V", "help list", "completion bash", "__complete li",
  ])("forbid it for the command line `%s`", (line) => {
    expect(obstacleTo({ ...attended, words: line.split(" ") })).toEqual(expect.any(String));
  });

  it.each(["", "list", "add help", "list -o table", "--output", "run -- --json", "run -- --yes", "--json=false", "--ci=0", "add --format wide json", "open"])(
    "leave it to the record for the command line `%s`",
    (line) => {
      expect(obstacleTo({ ...attended, words: line === "" ? [] : line.split(" ") })).toBeUndefined();
    },
  );
});

describe("an answer", () => {
  it.each(["yup", "yes please", "ok", "1", "true", "nah", "ye", "y n", "\u0000"])("is not %j", (typed) => {
    expect(readAnswer(typed, true)).toBeUndefined();
    expect(readAnswer(typed, false)).toBeUndefined();
  });

  it.each(vectorsOf<string, boolean>("drspec.consent_answer"))("is read as the DataRobot CLI's specification has it: $id", ({ input, expected }) => {
    expect(readAnswer(input, true)).toBe(expected);
  });

  it("is no under the opt-in model where only Enter is pressed", () => {
    expect(readAnswer("", false)).toBe(false);
    expect(readAnswer("  ", false)).toBe(false);
  });
});

describe("a background job", () => {
  it.each([
    ["another group has the terminal", "42 (node) S 1 42 42 34816 7 0 0", true],
    ["its own group has it", "42 (node) S 1 42 42 34816 42 0 0", false],
    ["there is no terminal", "42 (node) S 1 42 42 0 -1 0 0", false],
    ["its name holds what looks like an end", "42 (a) S 1 7 7 7) S 1 42 42 34816 42 0 0", false],
    ["the record is cut off", "42 (node) S", false],
  ])("is told from others where %s", (_, stat, expected) => {
    expect(isInBackground(() => stat)).toBe(expected);
  });

  it("is not known where the system does not tell", () => {
    const hidden = (): never => {
      throw new Error("ENOENT");
    };
    expect(isInBackground(hidden)).toBe(false);
  });
});
