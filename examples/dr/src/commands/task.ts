/** `dr task`: lists and runs the project's tasks. */
import { exitLike } from "@candor/cli";
import { track, trackWith } from "@candor/cli/commander";
import { Command } from "commander";
import { say } from "../output.ts";
import { readTasks, runTask } from "../tasks.ts";

export function taskCommand(): Command {
  const list = new Command("list").description("List the project's tasks").action(() => {
    for (const [name, command] of readTasks()) say(`${name}\t${command}`);
  });
  const run = new Command("run")
    .description("Run a task; its exit status is this command's")
    .argument("<task>")
    .action((task: string) => {
      const { status, signal } = runTask(task);
      exitLike({ code: status, signal });
    });
  return new Command("task")
    .description("The project's tasks")
    .addCommand(track(list))
    // The task's name is the project's own, so it is counted and not recorded.
    .addCommand(trackWith(run, (_, args) => ({ task_count: args.length })));
}
