/**
 * The mount: puts the `telemetry` command into a Commander program and marks it, so that instrumentation leaves it
 * alone. It writes through the program's own output and never ends the process.
 */
import type { Collector } from "@candor/core";
import { telemetryCommand, type TelemetryRunOptions } from "../telemetry-command.ts";
import type { CommanderCommand } from "./commander-command.ts";
import { createOutlet } from "./outlet.ts";

/** In the global registry, because the ESM and the CommonJS copy of this package may meet in one process. */
const MARK = Symbol.for("candor.telemetry-command");

/**
 * Mounts `telemetry` below `parent`: `tool telemetry`, or `tool self telemetry` when the parent is `self`.
 * A subcommand that could not do everything sets `process.exitCode` to 1. Answers the mounted command.
 */
export function addTelemetryCommand<Command extends CommanderCommand>(
  parent: CommanderCommand & { createCommand(name?: string): Command },
  collector: Collector,
): Command;
export function addTelemetryCommand(parent: CommanderCommand, collector: Collector): CommanderCommand {
  const { name, summary, description, jsonOption, subcommands } = telemetryCommand;
  const mounted = parent.command(name);
  mounted.summary(summary);
  mounted.description(description);
  Object.defineProperty(mounted, MARK, { value: true });
  for (const subcommand of subcommands) {
    const command = mounted.command(subcommand.name);
    command.description(subcommand.summary);
    command.option(`--${jsonOption.name}`, jsonOption.summary);
    for (const { name: option, value, summary: meaning } of subcommand.options) {
      const flag = `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      command.option(value === undefined ? flag : `${flag} <${value}>`, meaning);
    }
    command.action(async () => {
      // A tool's own global `--json` takes the word before it gets here; whoever gave it means the same.
      const given = command.optsWithGlobals();
      const output = parent.configureOutput();
      const outlet = createOutlet((text) => output.writeOut?.(text));
      const options: TelemetryRunOptions = {
        json: Boolean(given[jsonOption.name]),
        ...Object.fromEntries(subcommand.options.flatMap(({ name: option, value }) => (isGiven(given[option], value) ? [[option, given[option]]] : []))),
        ...(process.stderr.isTTY ? { progress: (line: string) => output.writeErr?.(`${line}\n`) } : {}),
        write: (text) => outlet.write(text),
      };
      const { exitCode, stdout } = await subcommand.run(collector, options);
      if (stdout !== "") await outlet.write(stdout);
      const fault = await outlet.end();
      if (fault !== undefined) output.writeErr?.(`The answer is not complete: ${fault}.\n`);
      if (exitCode !== 0 || fault !== undefined) process.exitCode = 1;
    });
  }
  return mounted;
}

/** A global option of the tool's may have the same name and another kind of value; that one is not meant for us. */
function isGiven(given: unknown, value: string | undefined): boolean {
  return typeof given === (value === undefined ? "boolean" : "string");
}

/** Whether the command is a `telemetry` command of candor's. */
export function isTelemetryCommand(command: CommanderCommand): boolean {
  return Object.hasOwn(command, MARK);
}
