import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type TemporaryHome, temporaryHome } from "@candor/testing";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { realMachine, shell } from "../../src/datarobot.ts";
import { shellOf, tasklistName } from "../../src/datarobot/shell.ts";
import { fakeMachine } from "./fake-machine.ts";

interface ShellInput {
  readonly parent: string;
  readonly SHELL: string;
  readonly os: string;
}

let home: TemporaryHome;
let configDirectory: string;
beforeEach(() => {
  home = temporaryHome();
  configDirectory = `${home.path}/config`;
});
afterEach(() => home.dispose());

describe("the rule", () => {
  it.each(vectorsOf<ShellInput, string>("dr.shell"))("$id names the shell", ({ input, expected }) => {
    expect(shellOf(input.parent, input.SHELL, input.os)).toBe(expected);
  });

  it.each([
    ["node", "/home/me/bin/my-secret-project", "linux", "unknown"],
    ["-zsh\n", "", "linux", "zsh"],
    ["/bin/bash", "/bin/zsh", "darwin", "bash"],
    ["node", "C:\\Program Files\\Git\\usr\\bin\\bash.exe", "win32", "bash"],
    ["explorer", "", "win32", "powershell"],
    ["", "C:\\my\\shell.exe", "win32", "unknown"],
  ])("%s under %s on %s is %s", (parent, loginShell, platform, expected) => {
    expect(shellOf(parent, loginShell, platform)).toBe(expected);
  });
});

describe("tasklist", () => {
  it.each(vectorsOf<string, string>("dr.shell_tasklist"))("$id is read", ({ input, expected }) => {
    expect(tasklistName(input)).toBe(expected);
  });

  it("counts for its first process only", () => {
    expect(tasklistName('\r\n"pwsh.exe","1"\r\n"cmd.exe","2"')).toBe("pwsh");
  });
});

describe("the parent process", () => {
  it("is read from /proc on Linux, without a subprocess or a file of its own", () => {
    const machine = fakeMachine({ files: { "/proc/4711/comm": "fish\n" }, environment: { SHELL: "/bin/sh" } });
    expect(shell({ machine, configDirectory })).toBe("fish");
    expect(machine.runs).toEqual([]);
    expect(home.list()).toEqual([]);
    expect(shell({ machine: realMachine() })).toMatch(/^[a-z]+$/);
  });

  it.each([
    ["darwin", "-zsh\n", "zsh", "/bin/ps -o comm= -p 4711"],
    ["win32", '"pwsh.exe","4711","Console","1","90,000 K"\r\n', "powershell", "D:\\Windows\\System32\\tasklist.exe /FI PID eq 4711 /FO CSV /NH"],
  ])("is asked for on %s by a program's absolute path, once for many commands", (platform, output, expected, call) => {
    const machine = fakeMachine({ platform, output, environment: { SystemRoot: "D:\\Windows", SHELL: "/bin/sh" } });
    for (let command = 0; command < 5; command += 1) expect(shell({ machine, configDirectory })).toBe(expected);
    expect(machine.runs).toEqual([call]);
    expect(statSync(`${configDirectory}/parent_shell`).mode & 0o777).toBe(0o600);
  });

  it("is asked for again after an hour, by another parent, and when the clock was set back", () => {
    const first = fakeMachine({ platform: "darwin", output: "zsh" });
    shell({ machine: first, configDirectory });
    first.advance(3_599_999);
    shell({ machine: first, configDirectory });
    expect(first.runs).toHaveLength(1);
    first.advance(1);
    shell({ machine: first, configDirectory });
    expect(first.runs).toHaveLength(2);
    first.advance(-1);
    shell({ machine: first, configDirectory });
    expect(first.runs).toHaveLength(3);
    const other = fakeMachine({ platform: "darwin", output: "fish", parent: 4712 });
    expect(shell({ machine: other, configDirectory })).toBe("fish");
    expect(shell({ machine: first, configDirectory })).toBe("zsh");
    expect(other.runs).toHaveLength(1);
  });

  it("costs one failing subprocess, not one a command, and keeps no name of another program", () => {
    const failing = fakeMachine({ platform: "darwin", environment: { SHELL: "/bin/zsh" } });
    expect([shell({ machine: failing, configDirectory }), shell({ machine: failing, configDirectory })]).toEqual(["zsh", "zsh"]);
    expect(failing.runs).toHaveLength(1);
    const editor = fakeMachine({ platform: "darwin", output: "/Applications/SecretProject", parent: 4712 });
    expect(shell({ machine: editor, configDirectory })).toBe("unknown");
    expect(home.read("config/parent_shell")).not.toContain("ecret");
  });

  it("keeps at most sixteen terminals, the latest", () => {
    for (let parent = 1; parent <= 40; parent += 1) shell({ machine: fakeMachine({ platform: "darwin", output: "zsh", parent }), configDirectory });
    const entries: readonly { readonly parent: number }[] = JSON.parse(home.read("config/parent_shell"));
    expect(entries.map(({ parent }) => parent)).toEqual(Array.from({ length: 16 }, (_, index) => index + 25));
  });

  it.each(["{", "[1,null,{}]", '[{"parent":4711,"shell":1,"checkedAtMs":0}]', "x".repeat(10_000)])("is asked for when the file holds %.40s", (text) => {
    mkdirSync(configDirectory);
    writeFileSync(`${configDirectory}/parent_shell`, text);
    const machine = fakeMachine({ platform: "darwin", output: "zsh" });
    expect(shell({ machine, configDirectory })).toBe("zsh");
    expect(machine.runs).toHaveLength(1);
  });

  it("is told all the same where nothing can be kept", () => {
    writeFileSync(configDirectory, "a file, not a directory");
    expect(shell({ machine: fakeMachine({ platform: "darwin", output: "zsh" }), configDirectory })).toBe("zsh");
  });

  it("is neither read through a link nor written through one", () => {
    mkdirSync(configDirectory);
    writeFileSync(`${home.path}/elsewhere`, "[]");
    symlinkSync(`${home.path}/elsewhere`, `${configDirectory}/parent_shell`);
    expect(shell({ machine: fakeMachine({ platform: "darwin", output: "zsh" }), configDirectory })).toBe("zsh");
    expect(home.read("elsewhere")).toBe("[]");
  });
});

describe("a dry run", () => {
  it.each(["linux", "darwin", "win32"])("on %s starts no subprocess and touches no file", (platform) => {
    const machine = fakeMachine({ platform, output: "zsh", files: { "/proc/4711/comm": "zsh" }, environment: { SHELL: "/bin/bash" } });
    expect(shell({ machine, dryRun: true, configDirectory })).toBe("bash");
    expect([machine.reads, machine.runs, home.list()]).toEqual([[], [], []]);
  });
});
