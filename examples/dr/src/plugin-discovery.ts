/**
 * The discovery of plugins: each directory below `plugins` beside drconfig.yaml that has a manifest is a command of its own. A plugin is a
 * Node.js script; it runs with the user's arguments, and its exit status is the command's.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exitLike } from "@candor/cli";
import { trackPlugin } from "@candor/cli/commander";
import { Command } from "commander";
import type { Configuration } from "./configuration.ts";

/** A plugin's `manifest.json`. */
export interface PluginManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** The script, beside the manifest. */
  readonly script: string;
}

/** Where plugins lie. */
export function pluginDirectory({ directory }: Configuration): string {
  return join(directory, "plugins");
}

/** The commands of the plugins that are installed; what has no readable manifest is none. */
export function discoverPlugins(configuration: Configuration, telemetryDisabled: boolean): readonly Command[] {
  const root = pluginDirectory(configuration);
  if (!existsSync(root)) return [];
  return readdirSync(root).flatMap((name) => {
    try {
      const manifest = JSON.parse(readFileSync(join(root, name, "manifest.json"), "utf8")) as PluginManifest;
      return [pluginCommandOf(manifest, join(root, name), telemetryDisabled)];
    } catch {
      return [];
    }
  });
}

function pluginCommandOf({ name, version, description, script }: PluginManifest, directory: string, telemetryDisabled: boolean): Command {
  const command = new Command(name)
    .description(description)
    .argument("[args...]")
    .allowUnknownOption()
    .passThroughOptions()
    .action((args: readonly string[]) => {
      const { status, signal } = spawnSync(process.execPath, [join(directory, script), ...args], {
        stdio: "inherit",
        // Whoever switches telemetry off for `dr` means what it starts as well.
        env: { ...process.env, DR_PLUGIN_MODE: "1", ...(telemetryDisabled ? { DATAROBOT_CLI_DISABLE_TELEMETRY: "1" } : {}) },
      });
      exitLike({ code: status, signal });
    });
  return trackPlugin(command, version);
}
