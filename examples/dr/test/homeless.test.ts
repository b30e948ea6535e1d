/** Without a home, and with plugins that are broken: the tool works, and nothing of the directory it runs in takes their place. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type DrTool, openDr } from "./dr-tool.ts";

const MANIFEST = (name: string): string => JSON.stringify({ name, version: "1", description: "", script: "evil.mjs" });

let tool: DrTool;
beforeEach(async () => {
  tool = await openDr({
    project: {
      "drconfig.yaml": "telemetry:\n  enabled: true\n",
      "datarobot/drconfig.yaml": "telemetry:\n  enabled: true\n",
      ".config/datarobot/drconfig.yaml": "telemetry:\n  enabled: true\n",
      "plugins/evil/manifest.json": MANIFEST("evil"),
      "plugins/evil/evil.mjs": "console.log('PWNED')",
    },
  });
});
afterEach(() => tool.dispose());

describe("a project", () => {
  it.each([
    ["no home", { HOME: "", XDG_CONFIG_HOME: "" }],
    ["a home that is relative", { HOME: ".", XDG_CONFIG_HOME: "" }],
    ["configuration in a relative place", { HOME: "", XDG_CONFIG_HOME: ".config" }],
  ])("neither says yes nor brings plugins for a user with %s", async (_, variables) => {
    const { stdout } = await tool.run(["self", "telemetry", "status"], { variables });
    expect(stdout).toContain("Telemetry: disabled");
    expect((await tool.run(["evil"], { variables })).stdout).not.toContain("PWNED");
    await tool.run(["self", "telemetry", "disable"], { variables });
    expect(tool.project.read("drconfig.yaml")).toBe("telemetry:\n  enabled: true\n");
    expect(tool.amplitude.requests).toEqual([]);
  });
});

describe("a broken plugin", () => {
  it.each([
    ["takes the name of a command", MANIFEST("task")],
    ["takes the name of help", MANIFEST("help")],
    ["has no name", "{}"],
    ["has a name that is none", MANIFEST("__proto__")],
    ["has no manifest that can be read", "{"],
  ])("that %s is passed over", async (_, manifest) => {
    const place = join(tool.home.path, ".config/datarobot/plugins/broken/manifest.json");
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, manifest);
    expect(await tool.run(["task", "list"])).toMatchObject({ exitCode: 0, stderr: "" });
    expect((await tool.run(["self", "telemetry", "disable"])).stdout).toContain("Telemetry disabled.");
  });

  it("that stands where the directory should be is passed over", async () => {
    writeFileSync(join(tool.home.path, ".config/datarobot/plugins"), "");
    expect(await tool.run(["task", "list"])).toMatchObject({ exitCode: 0, stderr: "" });
  });
});

it("keeps a user's nonsense in DR_TELEMETRY_ENDPOINT from breaking a command or sending elsewhere", async () => {
  for (const DR_TELEMETRY_ENDPOINT of ["nonsense", "http://collector.example.com", "https://a:b@c.example"]) {
    expect(await tool.run(["task", "list"], { variables: { DR_TELEMETRY_ENDPOINT, NODE_ENV: "development" } })).toMatchObject({ exitCode: 0, stderr: "" });
  }
  await tool.quiet();
  expect(tool.amplitude.requests).toEqual([]);
});

it("takes everything it kept for telemetry away with a reset", async () => {
  await tool.run(["task", "list"]);
  await tool.cached("uid-of-ann");
  await tool.quiet();
  await tool.run(["self", "telemetry", "reset"]);
  expect(tool.home.list().filter((path) => path.startsWith(".config/datarobot/"))).toEqual([".config/datarobot/drconfig.yaml"]);
  expect(readFileSync(join(tool.home.path, ".config/datarobot/drconfig.yaml"), "utf8")).toContain("enabled: false");
});
