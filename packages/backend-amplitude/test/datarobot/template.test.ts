import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type TemporaryHome, temporaryHome } from "@candor/testing";
import { template } from "../../src/datarobot.ts";
import { templateIn } from "../../src/datarobot/template.ts";
import { fakeMachine } from "./fake-machine.ts";

const STATE = "cli_version: v0.2.50\nlast_start: 2026-05-04T10:11:12.123Z\ntemplate_name: Agentic Starter\ntemplate_id: 6812b8b1a2c4d5e6f7a8b9c0\n";
const FOUND = { template_name: "Agentic Starter", template_id: "6812b8b1a2c4d5e6f7a8b9c0" };

let home: TemporaryHome;
beforeEach(() => {
  home = temporaryHome({ "work/app/.datarobot/answers/base.yml": "_commit: x\n", "work/app/.datarobot/cli/state.yaml": STATE, "work/app/src/deep/": "" });
});
afterEach(() => home.dispose());

const from = (path: string): ReturnType<typeof template> => template(fakeMachine({ home: home.path, cwd: `${home.path}/${path}` }));

describe("the project's template", () => {
  it.each(["work/app", "work/app/src/deep"])("is found from %s", (path) => {
    expect(from(path)).toEqual(FOUND);
  });

  it("is nobody's above the project, and none without a working directory", () => {
    expect(from("work")).toEqual({});
    expect(template(fakeMachine({ home: home.path }))).toEqual({});
  });

  it("is not looked for above the home directory", () => {
    expect(template(fakeMachine({ home: `${home.path}/work/app/src`, cwd: `${home.path}/work/app/src/deep` }))).toEqual({});
  });

  it("needs more than a stray state file to be a project's", () => {
    rmSync(`${home.path}/work/app/.datarobot/answers`, { recursive: true });
    expect(from("work/app")).toEqual({});
    writeFileSync(`${home.path}/work/app/.datarobot/cli/versions.yaml`, "");
    expect(from("work/app")).toEqual(FOUND);
  });

  it.each([".datarobot", ".datarobot/cli", ".datarobot/cli/state.yaml"])("is not read through a link at %s", (path) => {
    renameSync(`${home.path}/work/app/${path}`, `${home.path}/elsewhere`);
    symlinkSync(`${home.path}/elsewhere`, `${home.path}/work/app/${path}`);
    expect(from("work/app")).toEqual({});
  });

  it("is not read from a file that is too large or a directory", () => {
    const file = `${home.path}/work/app/.datarobot/cli/state.yaml`;
    writeFileSync(file, `${STATE}#${"x".repeat(20_000)}\n`);
    expect(from("work/app")).toEqual({});
    rmSync(file);
    expect(from("work/app")).toEqual({});
  });
});

describe("a state file", () => {
  it.each([
    ["template_name: plain\n", { template_name: "plain" }],
    ["template_name: \"quoted: text\"\r\ntemplate_id: 'x1'\r\n", { template_name: "quoted: text", template_id: "x1" }],
    ["# comment\n\ntemplate_id: x1\n", { template_id: "x1" }],
    ["template_name: \"\"\n", {}],
    ["cli_version: v1\n", {}],
  ])("%j tells %j", (text, expected) => {
    expect(templateIn(text)).toEqual(expected);
  });

  it.each([
    "template_name: |\n  block\n",
    "template_name: &a x\n",
    "template_name: *a\n",
    "template_name: !!str x\n",
    "template_name: {a: b}\n",
    "template_name: \"esc\\u0061ped\"\n",
    "template_name: two # comment\n",
    "template_name: x\ntemplate_name: y\n",
    "template_name: x\nnested:\n  template_id: y\n",
    "--- \ntemplate_name: x\n",
    `template_name: ${"x".repeat(200)}\n`,
    "template_name: a\u0007b\n",
  ])("%j is more than plain lines and tells nothing", (text) => {
    expect(templateIn(text)).toEqual({});
  });
});
