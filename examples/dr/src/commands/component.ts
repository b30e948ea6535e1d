/** `dr component`: adds and updates the components of a project, whose answers lie in `.datarobot/answers`. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstArg, trackWith } from "@candor/cli/commander";
import { Command } from "commander";
import { say } from "../output.ts";
import { PUBLISHED_COMPONENTS } from "../published-components.ts";

const ANSWERS = join(".datarobot", "answers");

export function componentCommand(): Command {
  const add = new Command("add")
    .description("Add components to the project")
    .argument("<components...>")
    .action((components: readonly string[]) => {
      for (const component of components) {
        if (existsSync(answersOf(component))) throw new Error(`${component} is there; use: dr component update ${component}`);
        store(component);
        say(`${component} is added.`);
      }
    });
  const update = new Command("update")
    .description("Update a component of the project")
    .argument("<component>")
    .action((component: string) => {
      if (!existsSync(answersOf(component))) throw new Error(`${component} is not there; use: dr component add ${component}`);
      store(component);
      say(`${component} is up to date.`);
    });
  const named = (args: readonly string[]): { component_name: string } => ({ component_name: PUBLISHED_COMPONENTS.find((name) => name === firstArg(args)) ?? "custom" });
  return new Command("component")
    .description("The components of a project")
    .addCommand(trackWith(add, (_, args) => named(args)))
    .addCommand(trackWith(update, (_, args) => named(args)));
}

function answersOf(component: string): string {
  if (!/^[\w.-]+$/.test(component)) throw new Error("a component's name has letters, digits, '.', '_' and '-'");
  return join(ANSWERS, `${component}.yaml`);
}

function store(component: string): void {
  mkdirSync(ANSWERS, { recursive: true });
  writeFileSync(answersOf(component), `component: ${component}\nupdated: ${new Date().toISOString()}\n`);
}
