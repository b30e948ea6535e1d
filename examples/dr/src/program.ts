/** The program: the command line of dr, put together from its commands. It runs nothing by itself. */
import { Command } from "commander";
import { authCommand } from "./commands/auth.ts";
import { componentCommand } from "./commands/component.ts";
import { dotenvCommand } from "./commands/dotenv.ts";
import { pluginCommand } from "./commands/plugin.ts";
import { runCommand } from "./commands/run.ts";
import { selfCommand } from "./commands/self.ts";
import { startCommand } from "./commands/start.ts";
import { taskCommand } from "./commands/task.ts";
import { templateCommand } from "./commands/template.ts";
import type { Configuration } from "./configuration.ts";
import { discoverPlugins } from "./plugin-discovery.ts";

export interface Program {
  readonly program: Command;
  /** Where the `telemetry` command belongs. */
  readonly self: Command;
}

export interface ProgramOptions {
  /** What `--version` prints. */
  readonly version: string;
  readonly configuration: Configuration;
  /** Whether the command line says `--disable-telemetry`; plugins are told so. */
  readonly telemetryDisabled: boolean;
}

/** The whole command line. */
export function createProgram({ version, configuration, telemetryDisabled }: ProgramOptions): Program {
  const self = selfCommand(version);
  const program = new Command("dr")
    .description("A miniature of the DataRobot CLI.")
    .version(version)
    .enablePositionalOptions()
    .option("--debug", "write a debug log to .dr-tui-debug.log")
    .option("--verbose", "say more")
    .option("--disable-telemetry", "record nothing of this command; --disable-telemetry=false lifts what the environment says");
  for (const command of [
    startCommand(),
    taskCommand(),
    runCommand(),
    authCommand(configuration),
    dotenvCommand(),
    componentCommand(),
    templateCommand(configuration, version),
    pluginCommand(configuration),
    self,
    ...discoverPlugins(configuration, telemetryDisabled),
  ]) {
    program.addCommand(command);
  }
  return { program, self };
}
