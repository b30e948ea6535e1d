/**
 * The shell: which one the command was typed into. Total. It names known shells only, because a process and `$SHELL` may be
 * called anything. What a subprocess found out is kept by `shell-cache`, and a dry run starts none.
 */
import { attempt, type Machine, realMachine } from "./machine.ts";
import { readParentName, rememberParentName } from "./shell-cache.ts";

/** Parents that count: those the DataRobot CLI knows (internal/shell/shell.go). `sh` is what scripts run in, and asks `$SHELL`. */
const PARENTS = new Set(["bash", "zsh", "fish", "powershell", "cmd"]);

/** Values of `$SHELL` that are named. */
const LOGIN_SHELLS = new Set([...PARENTS, "sh", "dash", "ash", "ksh", "mksh", "oksh", "csh", "tcsh", "nu", "xonsh", "elvish", "murex"]);

export interface ShellOptions {
  readonly machine?: Machine;
  /** Neither a file is read or written nor a subprocess started; `$SHELL` alone decides. Default false. */
  readonly dryRun?: boolean;
  /** Where a subprocess's answer is kept; without it the subprocess runs each time. */
  readonly configDirectory?: string | undefined;
}

/**
 * The shell's name: the parent process if it is a shell, else the name in `$SHELL`, else `powershell` on Windows and `unknown`
 * elsewhere. Linux tells the parent by a file; macOS and Windows need a subprocess (`ps`, `tasklist`).
 */
export function shell({ machine = realMachine(), dryRun = false, configDirectory }: ShellOptions = {}): string {
  const parent = dryRun ? "" : parentName(machine, configDirectory);
  return shellOf(parent, machine.environment["SHELL"] ?? "", machine.platform);
}

/** The rule alone, for a parent's name, the value of `$SHELL` and Node's or Go's name of the platform. */
export function shellOf(parent: string, loginShell: string, platform: string): string {
  const typedInto = shellName(parent);
  if (PARENTS.has(typedInto)) return typedInto;
  const chosen = shellName(loginShell);
  if (LOGIN_SHELLS.has(chosen)) return chosen;
  return loginShell === "" && (platform === "win32" || platform === "windows") ? "powershell" : "unknown";
}

/** The name of the first process in `tasklist /FO CSV /NH`, in lower case and without `.exe`; "" when it lists none. */
export function tasklistName(output: string): string {
  return /^\s*"([^"]{1,256})",/.exec(output)?.[1]?.toLowerCase().replace(/\.exe$/, "") ?? "";
}

/** `/bin/zsh`, `-zsh` (a login shell) and `ZSH.EXE` are all `zsh`; PowerShell has two names. */
function shellName(process: string): string {
  const name = (process.trim().split(/[\\/]/).at(-1) ?? "").replace(/^-/, "").toLowerCase().replace(/\.exe$/, "");
  return name === "pwsh" ? "powershell" : name;
}

function parentName(machine: Machine, configDirectory: string | undefined): string {
  if (machine.platform === "linux") return attempt(() => machine.readSystemFile(`/proc/${machine.parentProcessId}/comm`));
  const { parentProcessId } = machine;
  const nowMs = machine.now();
  const known = readParentName(configDirectory, parentProcessId, nowMs);
  if (known !== undefined) return known;
  // Only a name that the rule knows is kept: the file must not become a list of what the user runs.
  const asked = shellName(askForParent(machine));
  const name = PARENTS.has(asked) ? asked : "";
  rememberParentName(configDirectory, parentProcessId, name, nowMs);
  return name;
}

function askForParent(machine: Machine): string {
  const parent = String(machine.parentProcessId);
  if (machine.platform !== "win32") return attempt(() => machine.run("/bin/ps", ["-o", "comm=", "-p", parent]));
  const program = `${machine.environment["SystemRoot"] ?? "C:\\Windows"}\\System32\\tasklist.exe`;
  return attempt(() => tasklistName(machine.run(program, ["/FI", `PID eq ${parent}`, "/FO", "CSV", "/NH"])));
}
