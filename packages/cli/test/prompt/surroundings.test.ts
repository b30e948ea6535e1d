/** The prompt among real terminals, shells and destinations: where it appears, what it may not touch, what is sent. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { startIntake } from "@candor/testing";
import { askingTool, type AskingTool, DATAROBOT_QUESTION, GTB_QUESTION, type ToolOptions } from "./asking-tool.ts";
import { ENTER, ESCAPE, openTerminal } from "./terminal.ts";

const onPosix = process.platform === "win32" ? describe.skip : describe;

onPosix("the prompt", () => {
  let tool: AskingTool;
  beforeEach(() => {
    tool = askingTool();
  });
  afterEach(() => tool.dispose());

  it.each<readonly [string, ToolOptions]>([
    ["standard input is a file", { shell: "$TOOL < /dev/null" }],
    ["standard input is closed", { shell: "$TOOL <&-" }],
    ["standard input is a pipe", { shell: "yes | $TOOL" }],
    ["standard error is a file", { shell: "$TOOL 2> errors; cat errors" }],
    // Elsewhere it cannot be told, and the job stops.
    ...(process.platform === "linux" ? [["the tool is a background job", { shell: "set -m; $TOOL & wait" }] as const] : []),
    ["the terminal is dumb", { type: "dumb" }],
    ["DO_NOT_TRACK is set", { variables: { DO_NOT_TRACK: "1" } }],
    ["it is continuous integration", { variables: { CI: "true" } }],
    ["a coding agent runs the tool", { variables: { CLAUDECODE: "1" } }],
    ["a variable has decided", { variables: { TELEMETRY_ENABLED: "" } }],
    ["the tool does not wait", { asking: { parse: "sync" } }],
    ["the author wants no prompt", { asking: { instrument: {} } }],
    ["the organisation enforces telemetry", { asking: { consent: { model: "enforced" } } }],
    ["the author says that the command writes for programs", { asking: { rule: "machine" } }],
    ["the author exempts the command", { asking: { rule: "exempt" } }],
    ["the author's rule fails", { asking: { rule: "broken" } }],
  ])("does not appear where %s", async (_, options) => {
    const terminal = tool.open(["add", "milk"], options);
    expect(await terminal.ended).toMatchObject({ signal: 0 });
    expect(terminal.shown()).toContain("added milk\r\n");
    expect(terminal.shown().replace("added milk\r\n", "")).not.toContain("elemetry");
    expect(tool.record()).toBeUndefined();
  });

  it.each([["list", "--json"], ["list", "-o", "yaml"], ["list", "--output=json"], ["mcp", "serve"], ["completion"], ["--version"], ["add", "--help"], ["self", "telemetry", "status"], ["init", "--skip-telemetry"]])(
    "does not appear for `%s %s %s`",
    async (...words) => {
      const terminal = tool.open(words);
      expect(await terminal.ended).toEqual({ exitCode: 0, signal: 0 });
      expect(terminal.text()).not.toContain("[y/N]");
      expect(tool.home.list()).toEqual([]);
    },
  );

  it("appears on standard error alone", async () => {
    const terminal = tool.open(["add", "milk"], { shell: "$TOOL > output" });
    await terminal.waitFor(GTB_QUESTION);
    terminal.type(ENTER);
    expect(await terminal.ended).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(tool.home.path, "output"), "utf8")).toBe("added milk\n");
  });

  it.each(["commander-12", "commander-13", "commander", "commander-15"])("appears with %s", async (commander) => {
    const terminal = tool.open(["add", "milk"], { variables: { COMMANDER: commander } });
    await terminal.waitFor(GTB_QUESTION);
    terminal.type(`y${ENTER}`);
    expect(await terminal.ended).toEqual({ exitCode: 0, signal: 0 });
    expect(tool.record()).toMatchObject({ enabled: true });
  });

  it("appears for a tool in CommonJS", async () => {
    const program = 'const { askForConsent } = require("@candor/cli"); const { createCollector } = require("@candor/core"); askForConsent(createCollector({ tool: "notes", version: "1" })).then(console.log)';
    const terminal = openTerminal(process.execPath, ["-e", program], { environment: tool.home.environment, cwd: join(__dirname, "../fixtures") });
    await terminal.waitFor(GTB_QUESTION);
    terminal.type(`y${ENTER}`);
    await terminal.ended;
    expect(terminal.text()).toContain("{ status: 'answered', enabled: true }");
  });

  it("draws the box where it fits, and names the command as it is mounted", async () => {
    const terminal = tool.open(["add", "milk"], { asking: { consent: { model: "opt-out" }, instrument: { prompt: { product: "Notes CLI", example: "notes add", learnMore: "https://notes.example/telemetry" } } } });
    await terminal.waitFor(DATAROBOT_QUESTION);
    const lines = terminal.text().split("\r\n");
    const box = lines.filter((line) => /^[│┌└╭╰]/.test(line));
    expect(box.length).toBe(lines.findIndex((line) => line.includes(DATAROBOT_QUESTION)));
    for (const words of ["📊 Help us improve the Notes CLI", "(e.g., 'notes add')", "notes self telemetry disable", "Learn more: https://notes.example/telemetry"]) {
      expect(box).toContainEqual(expect.stringContaining(words));
    }
    terminal.type(ENTER);
    await terminal.ended;
  });

  it("leaves the frame out of a terminal that is too narrow for it", async () => {
    const terminal = tool.open(["add", "milk"], { columns: 50, asking: { consent: { model: "opt-out" } } });
    await terminal.waitFor(DATAROBOT_QUESTION);
    expect(terminal.text()).not.toMatch(/[│┌└╭╰]/);
    terminal.type(ENTER);
    await terminal.ended;
  });

  it.each([
    ["GTB's question", GTB_QUESTION, {}],
    ["the box", DATAROBOT_QUESTION, { consent: { model: "opt-out" } }],
  ])("is as on 80 columns where the terminal knows no size: %s", async (_, question, asking) => {
    const shown: string[] = [];
    for (const columns of [80, 0]) {
      const terminal = tool.open(["add", "milk"], { asking, shell: `stty cols ${columns} rows ${columns / 2}; $TOOL` });
      await terminal.waitFor(question);
      shown.push(terminal.text().slice(0, terminal.text().indexOf(question)));
      terminal.type(ESCAPE);
      await terminal.ended;
    }
    expect(shown[1]).toBe(shown[0]);
  });

  it("takes the answer in a window that was resized meanwhile", async () => {
    const terminal = tool.open(["add", "milk"]);
    await terminal.waitFor(GTB_QUESTION);
    for (const columns of [20, 132, 10]) terminal.pty.resize(columns, 12);
    terminal.type("y");
    await terminal.waitFor("y█");
    terminal.pty.resize(60, 30);
    terminal.type(ENTER);
    expect(await terminal.ended).toEqual({ exitCode: 0, signal: 0 });
    expect(tool.record()).toMatchObject({ enabled: true });
  });

  it("has no colours where NO_COLOR is set", async () => {
    // The colours among the renditions of ECMA-48, 8.3.117; the cursor is drawn by inversion, which is none.
    const colour = new RegExp(`${ESCAPE}\\[(?:\\d+;)*(?:3[0-79]|4[0-79]|9[0-7]|10[0-7])m`);
    for (const [variables, coloured] of [[{ NO_COLOR: "1" }, false], [{}, true]] as const) {
      const terminal = tool.open(["add", "milk"], { variables });
      await terminal.waitFor(GTB_QUESTION);
      terminal.type(ESCAPE);
      await terminal.ended;
      expect(colour.test(terminal.shown())).toBe(coloured);
    }
  });

  it("sends nothing from before a yes, and the command that was asked for after it", async () => {
    const intake = await startIntake();
    try {
      const asking = { backend: { use: "http", endpoint: `${intake.url}/events` }, consent: {} };
      const terminal = tool.open(["add", "milk"], { asking });
      await terminal.waitFor(GTB_QUESTION);
      expect(tool.home.list()).toEqual([]);
      terminal.type(`y${ENTER}`);
      await terminal.ended;
      await intake.waitFor(() => intake.events().length >= 2, { timeoutMs: 15_000 });
      expect(intake.events().map(({ name }) => name)).toEqual(["after the answer", "notes add"]);
    } finally {
      await intake.close();
    }
  });

  it("sends nothing after a no", async () => {
    const intake = await startIntake();
    try {
      const asking = { backend: { use: "http", endpoint: `${intake.url}/events` } };
      const terminal = tool.open(["add", "milk"], { asking });
      await terminal.waitFor(GTB_QUESTION);
      terminal.type(`n${ENTER}`);
      await terminal.ended;
      await tool.open(["add", "milk"], { asking }).ended;
      expect(tool.home.list().filter((path) => path.includes("spool"))).toEqual([]);
      expect(intake.requests).toHaveLength(0);
    } finally {
      await intake.close();
    }
  });
});
