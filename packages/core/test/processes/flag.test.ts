/** The tool's flag holds for the uploader, too, which has none of the tool's command line. */
import { beforeEach, expect, it } from "@jest/globals";
import { workbenchPerTest } from "./workbench-per-test.ts";
import { namesAt } from "./workbench.ts";

const CONSENT = { consent: { disableFlag: "--disable-telemetry", variables: [{ name: "OLD_SWITCH", whenTrue: "off" }] } };

const { intake, bench } = workbenchPerTest({ consent: "stored", options: CONSENT });
beforeEach(async () => {
  await bench.command("enable");
});

const events = async (args: readonly string[]): Promise<readonly string[]> => {
  await bench.run([["track", "a"]], { args, variables: { OLD_SWITCH: "1" } });
  await bench.uploadersGone();
  return namesAt(intake);
};

it("lifts what the environment says, for what the command has tracked", async () => {
  expect(await events(["--disable-telemetry=false"])).toEqual(["a"]);
});

it.each([["--disable-telemetry"], ["--disable-telemetry=maybe"], ["--", "--disable-telemetry=false"], []])("lifts nothing when it is given as %j %j", async (...args) => {
  expect(await events(args)).toEqual([]);
});
