/** `dr plugin`: installs, updates and removes plugins. */
import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { trackWith } from "@candor/cli/commander";
import { Command } from "commander";
import type { Configuration } from "../configuration.ts";
import { say } from "../output.ts";
import { pluginDirectory, type PluginManifest, readManifest } from "../plugin-discovery.ts";

export function pluginCommand(configuration: Configuration): Command {
  const root = pluginDirectory(configuration);
  // What the manifest says, once it has been read: what the user typed may be anything.
  let known: Pick<PluginManifest, "name" | "version"> | undefined;
  const placeOf = (name: string): string => {
    if (root === "") throw new Error("there is no home directory to keep plugins in");
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
      known = readManifest(placeOf(name));
      rmSync(placeOf(name), { recursive: true });
      say(`${name} is removed.`);
    });

  function copy(name: string, from: string, version: string | undefined): void {
    const manifest = readManifest(from);
    if (manifest.name !== name) throw new Error(`the plugin there is ${manifest.name}`);
    if (version !== undefined && manifest.version !== version) throw new Error(`the plugin there is of version ${manifest.version}`);
    known = manifest;
    cpSync(from, placeOf(name), { recursive: true, force: true });
    say(`${name} ${manifest.version} is installed.`);
  }

  const identified = (): Readonly<Record<string, unknown>> => (known ? { plugin_name: known.name, plugin_version: known.version } : {});
  return new Command("plugin")
    .description("Plugins: commands from elsewhere")
    .addCommand(trackWith(install, identified))
    .addCommand(trackWith(update, identified))
    .addCommand(trackWith(uninstall, identified));
}
