/**
 * The discovery of plugins: each directory below `plugins` beside drconfig.yaml that has a manifest is a command of its own. A plugin is a
 * Node.js script; it runs with the user's arguments, and its exit status is the command's. A broken plugin is passed over: it must not keep
 * the tool from running.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
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

export interface DiscoveryOptions {
  /** Names that are commands already; a plugin cannot take their place. */
  readonly taken: ReadonlySet<string>;
  /** Whoever switches telemetry off for `dr` means what it starts as well. */
  readonly telemetryDisabled: boolean;
}

/** Where plugins lie; "" where there is no home. */
export function pluginDirectory({ directory }: Configuration): string {
  return directory === "" ? "" : join(directory, "plugins");
}

/** Reads the manifest in a directory. @throws Error when it is none. */
export function readManifest(directory: string): PluginManifest {
  const { name, version, description = "", script } = JSON.parse(readFileSync(join(directory, "manifest.json"), "utf8")) as Partial<PluginManifest>;
  if (typeof name !== "string" || !/^[a-z][\w-]{0,63}$/.test(name)) throw new Error("a plugin's name has letters, digits, '_' and '-'");
  if (typeof version !== "string" || typeof script !== "string") throw new Error("a plugin's manifest names its version and its script");
  return { name, version, description, script };
}

/** The commands of the plugins that are installed. */
export function discoverPlugins(configuration: Configuration, { taken, telemetryDisabled }: DiscoveryOptions): readonly Command[] {
  const root = pluginDirectory(configuration);
  const found = new Map<string, Command>();
  for (const entry of namesIn(root)) {
    try {
      const manifest = readManifest(join(root, entry));
      if (!taken.has(manifest.name) && !found.has(manifest.name)) found.set(manifest.name, pluginCommandOf(manifest, join(root, entry), telemetryDisabled));
    } catch {
      continue;
    }
  }
  return [...found.values()];
}

function namesIn(root: string): readonly string[] {
  try {
    return root === "" ? [] : readdirSync(root).sort();
  } catch {
    // Nothing was ever installed.
    return [];
  }
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
        env: { ...process.env, DR_PLUGIN_MODE: "1", ...(telemetryDisabled ? { DATAROBOT_CLI_DISABLE_TELEMETRY: "1" } : {}) },
      });
      exitLike({ code: status, signal });
    });
  return trackPlugin(command, version);
}
