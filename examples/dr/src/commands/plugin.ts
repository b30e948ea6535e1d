/** `dr plugin`: installs, updates and removes plugins. */
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { firstArg, trackWith } from "@candor/cli/commander";
import { Command } from "commander";
import type { Configuration } from "../configuration.ts";
import { say } from "../output.ts";
import { pluginDirectory, type PluginManifest } from "../plugin-discovery.ts";

export function pluginCommand(configuration: Configuration): Command {
  const root = pluginDirectory(configuration);
  const placeOf = (name: string): string => {
    if (!/^[\w-]+$/.test(name)) throw new Error("a plugin's name has letters, digits, '_' and '-'");
    return join(root, name);
  };

  const install = new Command("install")
    .description("Install a plugin from a directory")
    .argument("<name>")
    .requiredOption("--from <directory>", "where it lies")
    .option("--version <version>", "the version it must have")
    .action((name: string, { from, version }: { from: string; version?: string }) => {
      if (existsSync(placeOf(name))) throw new Error(`${name} is installed; use: dr plugin update ${name}`);
      copy(name, from, version);
    });
  const update = new Command("update")
    .description("Replace a plugin by the one in a directory")
    .argument("<name>")
    .requiredOption("--from <directory>", "where it lies")
    .option("--version <version>", "the version it must have")
    .action((name: string, { from, version }: { from: string; version?: string }) => {
      if (!existsSync(placeOf(name))) throw new Error(`${name} is not installed; use: dr plugin install ${name}`);
      copy(name, from, version);
    });
  const uninstall = new Command("uninstall")
    .description("Remove a plugin")
    .argument("<name>")
    .action((name: string) => {
      if (!existsSync(placeOf(name))) throw new Error(`${name} is not installed`);
      rmSync(placeOf(name), { recursive: true });
      say(`${name} is removed.`);
    });

  function copy(name: string, from: string, version: string | undefined): void {
    const manifest = JSON.parse(readFileSync(join(from, "manifest.json"), "utf8")) as PluginManifest;
    if (manifest.name !== name) throw new Error(`the plugin there is ${manifest.name}`);
    if (version !== undefined && manifest.version !== version) throw new Error(`the plugin there is of version ${manifest.version}`);
    cpSync(from, placeOf(name), { recursive: true, force: true });
    say(`${name} ${manifest.version} is installed.`);
  }

  const versioned = (command: Command, args: readonly string[]): Readonly<Record<string, unknown>> => ({
    plugin_name: firstArg(args),
    plugin_version: command.opts<{ version?: string }>().version,
  });
  return new Command("plugin")
    .description("Plugins: commands from elsewhere")
    .addCommand(trackWith(install, (_, args) => versioned(install, args)))
    .addCommand(trackWith(update, (_, args) => versioned(update, args)))
    .addCommand(trackWith(uninstall, (_, args) => ({ plugin_name: firstArg(args) })));
}
