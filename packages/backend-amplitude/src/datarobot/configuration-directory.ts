/** The configuration directory of the DataRobot CLI: where drconfig.yaml, user_id and device_id lie. It touches no disk. */
import { attempt, type Environment, realMachine } from "./machine.ts";
import { isAbsolutePath, joinPath } from "./paths.ts";

/**
 * `$XDG_CONFIG_HOME/datarobot`, or `~/.config/datarobot` on every operating system, as the DataRobot CLI has it. A relative
 * value is ignored, as the XDG base directory specification demands: it would be another directory in each project. "" when
 * there is no home, which no file can be in.
 */
export function configDirectory(environment: Environment = process.env, homeDirectory: () => string = () => realMachine().homeDirectory()): string {
  const configHome = environment["XDG_CONFIG_HOME"];
  if (configHome !== undefined && isAbsolutePath(configHome)) return joinPath(configHome, "datarobot");
  const home = attempt(homeDirectory);
  return isAbsolutePath(home) ? joinPath(home, ".config", "datarobot") : "";
}
