/** The specification's smoke test, and what a person sees of it. */
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { type DrTool, openDr } from "./dr-tool.ts";

let tool: DrTool;
beforeEach(async () => {
  tool = await openDr();
});
afterEach(() => tool.dispose());

const telemetry = (...args: readonly string[]): ReturnType<DrTool["run"]> => tool.run(["self", "telemetry", ...args]);
const config = (): string => tool.home.read(".config/datarobot/drconfig.yaml");

it("shows the status, obeys a no, and takes up again after a yes", async () => {
  expect((await telemetry("status")).stdout).toMatch(/^Telemetry: enabled\nMachine ID: [\w-]+\nBackend: amplitude \(http:\/\/127\.0\.0\.1:\d+\/2\/httpapi\)\nDecided by: stored-choice \(drconfig\.yaml says yes\)\n/);

  expect((await telemetry("disable", "--reason", "testing")).stdout).toMatch(/^Telemetry disabled\.\n/);
  expect(config()).toMatch(/^# written by hand\nendpoint: .*\ntoken: token-of-ann\ntelemetry:\n {2}enabled: false\n {2}opt_out_reason: "?testing"?\n {2}last_updated: \d+\n$/);
  await tool.run(["task", "list"]);
  await tool.quiet();
  expect(tool.amplitude.requests).toEqual([]);

  expect((await telemetry("enable")).exitCode).toBe(0);
  expect(config()).toMatch(/enabled: true\n(?:.*\n)* {2}opt_in_timestamp: \d+\n(?:.*\n)* {2}last_prompt_version: "1\.0"\n/);
  expect(config()).not.toContain("opt_out_reason");
  await tool.run(["task", "list"]);
  expect(await tool.events(1)).toMatchObject([{ event_type: "dr task list" }]);
});

it("shows what would be sent, while telemetry is off as well, and sends nothing by that", async () => {
  await telemetry("disable");
  const { stdout, exitCode } = await telemetry("info", "--json");
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ enabled: false, example: { tool_name: "dr", metadata: { install_method: "release", environment: "custom" } } });
  await tool.quiet();
  expect(tool.amplitude.requests.length + tool.api.intake.requests.length).toBe(0);
});

it("says that drconfig.yaml was left alone when it cannot be understood, and telemetry is off", async () => {
  await tool.dispose();
  tool = await openDr({ config: "endpoint: [\n" });
  const { stdout, exitCode } = await telemetry("disable");
  expect(exitCode).toBe(1);
  expect(stdout).toContain("drconfig.yaml could not be changed");
  expect(config()).toBe("endpoint: [\n");
  expect((await telemetry("status")).stdout).toContain("Telemetry: disabled");
});
