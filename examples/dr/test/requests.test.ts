/** The requests that leave the tool, key by key. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type DrTool, openDr } from "./dr-tool.ts";
import { differencesFrom } from "./golden.ts";

const PROJECT = {
  ".datarobot/answers/base.yaml": "component: base\n",
  ".datarobot/cli/state.yaml": "template_name: my-template\ntemplate_id: tmpl-abc123\n",
  ".env.template": "NAME=hunter2\n",
};

let tool: DrTool;
beforeEach(async () => {
  tool = await openDr({ project: PROJECT });
  cpSync(join(__dirname, "fixtures/assist"), join(tool.home.path, ".config/datarobot/plugins/assist"), { recursive: true });
  // The account is looked up in the background of one command, for the next.
  await tool.run(["self", "version"]);
  await tool.cached("uid-of-ann");
  await tool.quiet();
});
afterEach(() => tool.dispose());

const lastBody = (): unknown => JSON.parse(tool.amplitude.requests.at(-1)?.body ?? "null");

describe("the request", () => {
  it.each<[string, readonly string[], number]>([
    ["plain", ["task", "list"], 0],
    ["plugin", ["assist", "0", "a secret argument"], 0],
    ["failing", ["dotenv", "validate"], 1],
  ])("of a %s command equals its golden file", async (name, args, status) => {
    const { exitCode } = await tool.run(args);
    await tool.events(2);
    expect(exitCode).toBe(status);
    expect(differencesFrom(name, lastBody())).toEqual([]);
    expect(tool.amplitude.requests.at(-1)).toMatchObject({ method: "POST", path: "/2/httpapi", headers: { "content-type": "application/json", accept: "*/*", "content-encoding": "gzip" } });
  });

  it("holds nothing of the account but its ids, and nothing of the user's words", async () => {
    await tool.run(["assist", "0", "a secret argument"]);
    await tool.run(["dotenv", "validate"]);
    await tool.events(3);
    const sent = tool.amplitude.requests.map(({ body }) => body).join("\n");
    for (const private_ of ["ann@example.com", "Ann", "Example", "token-of-ann", "secret argument", "hunter2", tool.home.path, tool.project.path]) expect(sent).not.toContain(private_);
  });
});
