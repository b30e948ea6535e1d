/** The prompt on a real terminal: what each key comes to. */
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { askingTool, type AskingTool, DATAROBOT_QUESTION, GTB_QUESTION } from "./asking-tool.ts";
import { CTRL_C, CTRL_D, ENTER, ESCAPE } from "./terminal.ts";

const onPosix = process.platform === "win32" ? describe.skip : describe;

onPosix("the prompt", () => {
  let tool: AskingTool;
  beforeEach(() => {
    tool = askingTool();
  });
  afterEach(() => tool.dispose());

  it.each([
    [CTRL_D, "the end of the input"],
    [ESCAPE, "Escape"],
    [`ye${CTRL_D}`, "the end of the input after half a word"],
  ])("takes %j (%s) for no answer: nothing is kept and the command runs", async (keys) => {
    const terminal = tool.open(["fail"]);
    await terminal.waitFor(GTB_QUESTION);
    terminal.type(keys);
    expect(await terminal.ended).toEqual({ exitCode: 3, signal: 0 });
    expect(terminal.text()).toContain("failing");
    expect(tool.home.list()).toEqual([]);
  });

  it("takes silence for no answer once the time is up", async () => {
    const terminal = tool.open(["fail"], { asking: { instrument: { prompt: { timeoutMs: 1 } } } });
    expect(await terminal.ended).toEqual({ exitCode: 3, signal: 0 });
    expect(terminal.text()).toContain(GTB_QUESTION);
    expect(tool.home.list()).toEqual([]);
  });

  it("asks again after a word that is neither yes nor no", async () => {
    const terminal = tool.open(["add", "milk"]);
    await terminal.waitFor(GTB_QUESTION);
    terminal.type(`yup${ENTER}`);
    await terminal.waitFor("Please answer yes or no.");
    expect(tool.home.list()).toEqual([]);
    terminal.type(`\u007F\u007F\u007Fyes${ENTER}`);
    expect(await terminal.ended).toEqual({ exitCode: 0, signal: 0 });
    expect(tool.record()).toMatchObject({ enabled: true });
  });

  it("passes Ctrl-C on: the tool ends of SIGINT, its command does not run, nothing is kept", async () => {
    const terminal = tool.open(["fail"]);
    await terminal.waitFor(GTB_QUESTION);
    terminal.type(`y${CTRL_C}`);
    expect(await terminal.ended).toEqual({ exitCode: 0, signal: 2 });
    expect(terminal.text()).not.toContain("failing");
    expect(tool.home.list()).toEqual([]);
  });

  it("ends with 130 for a shell after Ctrl-C, and leaves the terminal as it was", async () => {
    const terminal = tool.open(["fail"], { shell: "trap : INT; stty -a > before; $TOOL; echo status $?; stty -a > after; cmp before after && echo same" });
    await terminal.waitFor(GTB_QUESTION);
    terminal.type(CTRL_C);
    await terminal.ended;
    expect(terminal.text()).toMatch(/status 130\r\nsame/);
    // The last word on the cursor is that it is shown.
    expect(terminal.shown().lastIndexOf("\u001B[?25h")).toBeGreaterThan(terminal.shown().lastIndexOf("\u001B[?25l"));
  });

  it("lets a tool with a handler of its own go on after Ctrl-C", async () => {
    const terminal = tool.open(["fail"], { asking: { handles: true } });
    await terminal.waitFor(GTB_QUESTION);
    terminal.type(CTRL_C);
    expect(await terminal.ended).toEqual({ exitCode: 3, signal: 0 });
    expect(terminal.text()).toMatch(/handled SIGINT\r\nfailing/);
    expect(tool.home.list()).toEqual([]);
  });

  it("keeps nothing when the terminal is hung up", async () => {
    const terminal = tool.open(["fail"]);
    await terminal.waitFor(GTB_QUESTION);
    terminal.pty.kill("SIGHUP");
    expect(await terminal.ended).toMatchObject({ signal: 1 });
    expect(tool.home.list()).toEqual([]);
  });

  it.each([
    ["y", undefined, true],
    ["YES", undefined, true],
    [" no ", undefined, false],
    ["", undefined, false],
    ["n", "opt-out", false],
    ["", "opt-out", true],
  ] as const)("records the answer %j under the model %s as %j", async (keys, model, enabled) => {
    const terminal = tool.open(["fail"], { asking: { consent: { version: 4, ...(model === undefined ? {} : { model }) } } });
    await terminal.waitFor(model === "opt-out" ? DATAROBOT_QUESTION : GTB_QUESTION);
    terminal.type(`${keys}${ENTER}`);
    expect(await terminal.ended).toEqual({ exitCode: 3, signal: 0 });
    expect(tool.record()).toMatchObject({ enabled, consentVersion: 4, givenBy: "prompt", answeredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
  });

  it("asks before the command runs, and not a second time", async () => {
    const first = tool.open(["add", "milk"]);
    await first.waitFor(GTB_QUESTION);
    first.type(`n${ENTER}`);
    await first.ended;
    expect(first.text().indexOf("added milk")).toBeGreaterThan(first.text().indexOf(GTB_QUESTION));
    const second = tool.open(["add", "milk"]);
    expect(await second.ended).toEqual({ exitCode: 0, signal: 0 });
    expect(second.shown()).toBe("added milk\r\n");
  });

  it("asks a yes-sayer and a no-sayer again when the consent text has changed, and the old no stands without an answer", async () => {
    for (const [version, keys] of [[1, "y"], [2, "n"], [3, ESCAPE]] as const) {
      const terminal = tool.open(["fail"], { asking: { consent: { version } } });
      await terminal.waitFor(GTB_QUESTION);
      terminal.type(keys === ESCAPE ? keys : `${keys}${ENTER}`);
      await terminal.ended;
    }
    expect(tool.record()).toMatchObject({ enabled: false, consentVersion: 2 });
  });

  it("does not ask somebody who used `telemetry disable` again, whatever the text", async () => {
    await tool.open(["self", "telemetry", "disable"]).ended;
    const terminal = tool.open(["fail"], { asking: { consent: { version: 7 } } });
    expect(await terminal.ended).toEqual({ exitCode: 3, signal: 0 });
    expect(terminal.text()).toBe("failing\r\n");
  });

  it("leaves what is typed afterwards to the command", async () => {
    const terminal = tool.open(["read"]);
    await terminal.waitFor(GTB_QUESTION);
    terminal.type(`n${ENTER}`);
    await terminal.waitFor("reading");
    terminal.type(`milk${ENTER}`);
    await terminal.waitFor('read "milk\\n"');
    expect(await terminal.ended).toEqual({ exitCode: 0, signal: 0 });
  });

  it("asks in a tool's own set-up, with its own words, and keeps that it did", async () => {
    const text = { title: "Usage data", lines: ["What notes would record."], question: "May it?" };
    const terminal = tool.open(["init"], { asking: { ask: { text } } });
    await terminal.waitFor("May it? [y/N]");
    expect(terminal.text()).toContain("Usage data\r\n\r\nWhat notes would record.");
    terminal.type(`y${ENTER}`);
    await terminal.waitFor('outcome {"status":"answered","enabled":true}');
    await terminal.ended;
    expect(tool.record()).toMatchObject({ enabled: true, givenBy: "init" });
  });
});
