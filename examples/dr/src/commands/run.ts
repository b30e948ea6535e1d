/** `dr run`: short for `dr task run`, for several tasks. */
import { exitLike } from "@candor/cli";
import { trackWith } from "@candor/cli/commander";
import { Command } from "commander";
import { runTask } from "../tasks.ts";

export function runCommand(): Command {
  const command = new Command("run")
    .description("Run tasks one after the other, up to the first that fails")
    .argument("<tasks...>")
    .action((tasks: readonly string[]) => {
      for (const task of tasks) {
        const { status, signal } = runTask(task);
        if (status !== 0) exitLike({ code: status, signal });
      }
    });
  return trackWith(command, (_, args) => ({ task_count: args.length }));
}
