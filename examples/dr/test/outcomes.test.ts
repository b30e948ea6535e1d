/** However a command ends, its event is delivered, once, with what really happened. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { waitUntil } from "@candor/testing";
import { type DrTool, openDr } from "./dr-tool.ts";

let tool: DrTool;
beforeEach(async () => {
  tool = await openDr({ project: { "dr-tasks.json": '{"seven":"exit 7","fine":"exit 0"}', ".env.template": "NAME=x\n" } });
});
afterEach(() => tool.dispose());

interface Outcome {
  readonly exitCode: number;
  readonly success: boolean;
  readonly signal?: string;
}

async function expectOne(eventType: string, { exitCode, success, signal }: Outcome): Promise<void> {
  await tool.events(1);
  await tool.quiet();
  const seen = tool.amplitude.accepted.map((event) => {
    const { exit_code, success: succeeded, signal: by } = event["event_properties"] as Readonly<Record<string, unknown>>;
    return { event: event["event_type"], exitCode: exit_code, success: succeeded, signal: by };
  });
  expect(seen).toEqual([{ event: eventType, exitCode, success, signal }]);
}

describe("a command", () => {
  it("that succeeds", async () => {
    expect((await tool.run(["task", "list"])).exitCode).toBe(0);
    await expectOne("dr task list", { exitCode: 0, success: true });
  });

  it("that fails with an error, which is printed once and never recorded", async () => {
    const { exitCode, stderr } = await tool.run(["task", "run", "no-such-task"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "Error: there is no task no-such-task; see: dr task list\n" });
    await expectOne("dr task run", { exitCode: 1, success: false });
    expect(JSON.stringify(tool.amplitude.accepted)).not.toContain("no-such-task");
  });

  it("that fails with a silent error, whose message is not printed again", async () => {
    const { exitCode, stderr } = await tool.run(["dotenv", "validate"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "Missing in .env: NAME\n" });
    await expectOne("dr dotenv validate", { exitCode: 1, success: false });
  });

  it("that is misused before its action", async () => {
    expect((await tool.run(["task", "run"])).exitCode).toBe(1);
    await expectOne("dr task run", { exitCode: 1, success: false });
  });

  it("that passes on a child's exit status", async () => {
    expect((await tool.run(["task", "run", "seven"])).exitCode).toBe(7);
    await expectOne("dr task run", { exitCode: 7, success: false });
  });

  it("that runs several tasks, up to the one that fails", async () => {
    expect((await tool.run(["run", "fine", "seven", "fine"])).exitCode).toBe(7);
    await expectOne("dr run", { exitCode: 7, success: false });
  });

  it("that the user interrupts", async () => {
    tool.api.answerAll({ action: "hang" });
    const running = tool.start(["template", "setup", "my-template"]);
    await waitUntil("the tool waits for the instance", () => tool.api.asked().includes("/api/v2/applicationTemplates/"));
    running.child.kill("SIGINT");
    expect(await running.exited).toMatchObject({ signal: "SIGINT" });
    tool.api.answerAll(undefined);
    await expectOne("dr template setup", { exitCode: 130, success: false, signal: "SIGINT" });
  });

  it("that an exception ends which nobody catches", async () => {
    tool.api.answerAll({ action: "hang" });
    const running = tool.start(["template", "setup", "my-template"], { variables: { NODE_OPTIONS: `--require=${join(__dirname, "fixtures/throw-on-signal.cjs")}` } });
    await waitUntil("the tool waits for the instance", () => tool.api.asked().includes("/api/v2/applicationTemplates/"));
    running.child.kill("SIGUSR2");
    expect(await running.exited).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("nobody catches this") });
    tool.api.answerAll(undefined);
    await expectOne("dr template setup", { exitCode: 1, success: false });
    expect(JSON.stringify(tool.amplitude.accepted)).not.toContain("hunter2");
  });
});
