/** A no, by whichever way it was given: no network, no process, no file. */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import { temporaryHome } from "@candor/testing";
import { DEVELOPMENT, type DrRun, type DrTool, openDr } from "./dr-tool.ts";

const ALLOWED = "endpoint: {api}/api/v2\ntoken: token-of-ann\ntelemetry:\n  enabled: true\n";

let tool: DrTool;
const notes = temporaryHome();
afterEach(() => tool.dispose());

/** What a run leaves behind, and whom it speaks to. */
async function traceOf(args: readonly string[], options: DrRun = {}): Promise<object> {
  const before = tool.home.list();
  const seen = join(notes.path, "subprocesses");
  const preload = { NODE_OPTIONS: `--require=${join(__dirname, "fixtures/watch-subprocesses.cjs")}`, SEEN_SUBPROCESSES: seen };
  const { exitCode } = await tool.run(args, { ...options, variables: { ...options.variables, ...preload } });
  await tool.quiet();
  const subprocesses = notes.list().includes("subprocesses") ? readFileSync(seen, "utf8") : "";
  return { exitCode, subprocesses, files: tool.home.list().filter((path) => !before.includes(path)), requests: tool.amplitude.requests.length + tool.api.intake.requests.length };
}

const NOTHING = { exitCode: 0, subprocesses: "", files: [], requests: 0 };

describe("nothing happens", () => {
  it.each<[string, string, readonly string[], Readonly<Record<string, string>>]>([
    ["the flag", ALLOWED, ["--disable-telemetry", "self", "version"], {}],
    ["the flag before the last word", ALLOWED, ["self", "--disable-telemetry", "version"], {}],
    ["the flag at the end", ALLOWED, ["self", "version", "--disable-telemetry"], {}],
    ["the flag with a value", ALLOWED, ["self", "version", "--disable-telemetry=true"], {}],
    ["the variable", ALLOWED, ["self", "version"], { DATAROBOT_CLI_DISABLE_TELEMETRY: "true" }],
    ["the variable with a value that nobody foresaw", ALLOWED, ["self", "version"], { DATAROBOT_CLI_DISABLE_TELEMETRY: "yess" }],
    ["the specification's variable", ALLOWED, ["self", "version"], { DR_TELEMETRY_ENABLED: "false" }],
    ["DO_NOT_TRACK", ALLOWED, ["self", "version"], { DO_NOT_TRACK: "1" }],
    ["a CI run", ALLOWED, ["self", "version"], { CI: "true" }],
    ["drconfig.yaml", `disable-telemetry: true\n${ALLOWED}`, ["self", "version"], {}],
    ["the specification's key", ALLOWED.replace("enabled: true", "enabled: false"), ["self", "version"], {}],
    ["a drconfig.yaml that cannot be read", `${ALLOWED}\n: : [`, ["self", "version"], {}],
    ["never having seen the notice", "endpoint: {api}/api/v2\ntoken: token-of-ann\n", ["self", "version"], {}],
  ])("after a no by %s", async (_, config, args, variables) => {
    tool = await openDr({ config });
    expect(await traceOf(args, { variables })).toEqual(NOTHING);
  });

  it("in a development build, which has no key: the event is in the debug log and nowhere else", async () => {
    tool = await openDr({ config: ALLOWED });
    expect(await traceOf(["--debug", "self", "version"], { script: DEVELOPMENT })).toEqual(NOTHING);
    expect(tool.project.read(".dr-tui-debug.log")).toMatch(/DEBUG Telemetry event \(dry-run\) .*"name":"dr self version"/);
  });
});

describe("a no of the environment", () => {
  it("is lifted by the flag for one command", async () => {
    tool = await openDr({ config: ALLOWED });
    await tool.run(["--disable-telemetry=false", "self", "version"], { variables: { DATAROBOT_CLI_DISABLE_TELEMETRY: "true" } });
    expect(await tool.events(1)).toMatchObject([{ event_type: "dr self version" }]);
  });

  it("is passed on to plugins", async () => {
    tool = await openDr({ config: ALLOWED });
    cpSync(join(__dirname, "fixtures/assist"), join(tool.home.path, ".config/datarobot/plugins/assist"), { recursive: true });
    expect(JSON.parse((await tool.run(["--disable-telemetry", "assist", "0"])).stdout)).toEqual({ args: ["0"], pluginMode: "1", disabled: "1" });
    expect(JSON.parse((await tool.run(["assist", "0"])).stdout)).toEqual({ args: ["0"], pluginMode: "1" });
  });
});
