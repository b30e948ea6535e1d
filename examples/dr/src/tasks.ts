/** The tasks: commands that a project names in `dr-tasks.json`, and their running. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const TASK_FILE = "dr-tasks.json";

/** The project's tasks: a shell command for each name. @throws Error when the file is no JSON object. */
export function readTasks(): ReadonlyMap<string, string> {
  if (!existsSync(TASK_FILE)) return new Map();
  const tasks: unknown = JSON.parse(readFileSync(TASK_FILE, "utf8"));
  if (typeof tasks !== "object" || tasks === null) throw new Error(`${TASK_FILE} must be an object of names and commands`);
  return new Map(Object.entries(tasks).map(([name, command]) => [name, String(command)]));
}

/** Runs a task in the user's terminal. @throws Error when there is none of that name. */
export function runTask(name: string): SpawnSyncReturns<Buffer> {
  const command = readTasks().get(name);
  if (command === undefined) throw new Error(`there is no task ${name}; see: dr task list`);
  return spawnSync(command, { shell: true, stdio: "inherit" });
}
