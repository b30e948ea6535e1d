/** `dr self`: about the tool itself. The `telemetry` command is mounted below it. */
import { track } from "@candor/cli/commander";
import { Command } from "commander";
import { say } from "../output.ts";

export function selfCommand(version: string): Command {
  const show = new Command("version").description("Show the version").action(() => say(`DataRobot CLI version: ${version}`));
  return new Command("self").description("About this tool").addCommand(track(show));
}
