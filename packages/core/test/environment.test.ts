import { describe, expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import {
  environmentFacts,
  environmentVariables,
  goArchitecture,
  goOperatingSystem,
  isContinuousIntegration,
  isEphemeral,
  osVersion,
  parseGoBool,
  parseSwitch,
} from "../src/platform/environment.ts";
import { vectorsOf } from "./vectors.ts";

const unreadable = (): string => {
  throw new Error("ENOENT");
};

describe("operating system and architecture", () => {
  it.each(vectorsOf<string, string>("ours.goos_from_node_platform"))("$id names the platform as Go does", ({ input, expected }) => {
    expect(goOperatingSystem(input)).toBe(expected);
  });

  it.each(vectorsOf<string, string>("ours.goarch_from_node_arch"))("$id names the architecture as Go does", ({ input, expected }) => {
    expect(goArchitecture(input)).toBe(expected);
  });

  it("keeps names that it does not know, even those of Object's prototype", () => {
    expect(goOperatingSystem("constructor")).toBe("constructor");
    expect(goArchitecture("riscv64")).toBe("riscv64");
    expect(goArchitecture("ia32")).toBe("386");
  });
});

describe("operating system version", () => {
  it.each(vectorsOf<{ goos: string; proc_version: string }, string>("gtb.os_version"))("$id is read as GTB reads it", ({ input, expected }) => {
    expect(osVersion(input.goos, () => input.proc_version)).toBe(expected);
  });

  it("is the system's name when /proc cannot be read", () => {
    expect(osVersion("linux", unreadable)).toBe("linux");
  });

  it("is the whole text when it has two words", () => {
    expect(osVersion("linux", () => " Linux version \n")).toBe("Linux version");
  });

  it("is the Go name for Node's name of Windows", () => {
    expect(osVersion("win32", unreadable)).toBe("windows");
  });

  it("is the same in the facts of this process as by the file", () => {
    expect(environmentFacts()).toEqual({
      os: goOperatingSystem(process.platform),
      arch: goArchitecture(process.arch),
      osVersion: osVersion(process.platform, (path) => readFileSync(path, "utf8")),
      nodeVersion: process.version.slice(1),
    });
  });

  it("shows the variables of this process", () => {
    expect(environmentVariables()["PATH"]).toBe(process.env["PATH"]);
  });
});

describe("continuous integration", () => {
  it.each([{}, { CI: "" }, { CI: "0" }, { CI: "false" }, { CI: "FALSE" }, { GITHUB_ACTIONS: "" }, { GITHUB_ACTIONS: "false" }])(
    "is not seen in %p",
    (env) => {
      expect(isContinuousIntegration(env)).toBe(false);
    },
  );

  it.each([
    { CI: "1" },
    { CI: "true" },
    { CI: "woodpecker" },
    { GITHUB_ACTIONS: "true" },
    { GITLAB_CI: "true" },
    { BUILDKITE: "true" },
    { CIRCLECI: "true" },
    { TRAVIS: "true" },
    { JENKINS_URL: "https://ci.example.com" },
    { TEAMCITY_VERSION: "2025.1" },
    { TF_BUILD: "True" },
    { CODEBUILD_BUILD_ID: "a:1" },
    { APPVEYOR: "True" },
    { DRONE: "true" },
    { BITBUCKET_BUILD_NUMBER: "7" },
    { CI: "false", GITHUB_ACTIONS: "true" },
  ])("is seen in %p", (env) => {
    expect(isContinuousIntegration(env)).toBe(true);
  });
});

describe("ephemeral host", () => {
  it("is not an ordinary process, nor an orphan outside a container", () => {
    expect(isEphemeral({}, 4_242, 4_000)).toBe(false);
    expect(isEphemeral({}, 4_242, 1)).toBe(false);
    expect(isEphemeral({ container: "podman" }, 4_242, 7)).toBe(false);
    expect(isEphemeral({ VERCEL: "" }, 4_242)).toBe(false);
  });

  it("is a container's first process and its direct child", () => {
    expect(isEphemeral({}, 1)).toBe(true);
    expect(isEphemeral({ container: "podman" }, 7, 1)).toBe(true);
    expect(isEphemeral({ KUBERNETES_SERVICE_HOST: "10.0.0.1" }, 7, 1)).toBe(true);
  });

  it.each(["AWS_LAMBDA_FUNCTION_NAME", "K_SERVICE", "FUNCTIONS_WORKER_RUNTIME", "VERCEL"])("is where %s is set", (name) => {
    expect(isEphemeral({ [name]: "node" }, 4_242)).toBe(true);
  });
});

describe("switches", () => {
  it.each(vectorsOf<string, { value: boolean; error: boolean }>("gtb.parse_bool"))("$id is read as Go reads it", ({ input, expected }) => {
    expect(parseGoBool(input)).toBe(expected.error ? undefined : expected.value);
  });

  const understood = vectorsOf<string, { value: boolean; error: boolean }>("gtb.parse_bool").filter(({ expected }) => !expected.error);
  it.each(understood)("$id is a switch too", ({ input, expected }) => {
    expect(parseSwitch(input)).toBe(expected.value ? "on" : "off");
  });

  it.each(["", " ", "yess", "2", "enabled", "null", "o n"])("are unclear in %p", (text) => {
    expect(parseSwitch(text)).toBe("unclear");
  });

  it.each([
    ["on", "on"],
    ["YES", "on"],
    [" On ", "on"],
    ["tRuE", "on"],
    ["Off", "off"],
    ["NO", "off"],
    ["f", "off"],
  ])("accept %p as %s", (text, expected) => {
    expect(parseSwitch(text)).toBe(expected);
  });
});
