/** `dr dotenv`: keeps the project's .env file complete. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { SilentError } from "@candor/cli";
import { track, trackWith } from "@candor/cli/commander";
import { Command } from "commander";
import { complain, say } from "../output.ts";

const FILE = ".env";
const TEMPLATE = ".env.template";

export function dotenvCommand(): Command {
  let missing: readonly string[] = [];

  const setup = new Command("setup").description("Make .env from .env.template").action(() => {
    if (existsSync(FILE)) throw new Error(`${FILE} exists; use: dr dotenv update`);
    writeFileSync(FILE, existsSync(TEMPLATE) ? readFileSync(TEMPLATE, "utf8") : "", { mode: 0o600 });
    say(`${FILE} is made.`);
  });
  const update = new Command("update").description("Add to .env what .env.template has and it lacks").action(() => {
    const lacking = readVariables(TEMPLATE).filter(([name]) => !names(FILE).includes(name));
    const added = lacking.map(([name, value]) => `${name}=${value}\n`).join("");
    writeFileSync(FILE, `${existsSync(FILE) ? readFileSync(FILE, "utf8") : ""}${added}`, { mode: 0o600 });
    say(`${lacking.length} added.`);
  });
  const validate = new Command("validate").description("Check that .env has what .env.template has").action(() => {
    missing = names(TEMPLATE).filter((name) => !names(FILE).includes(name));
    if (missing.length === 0) return say("Nothing is missing.");
    complain(`Missing in ${FILE}: ${missing.join(", ")}`);
    // It has been said; whoever catches this need not say it again.
    throw new SilentError("variables are missing");
  });
  return new Command("dotenv")
    .description("The project's .env file")
    .addCommand(track(setup))
    .addCommand(track(update))
    .addCommand(trackWith(validate, () => ({ validation_violations: missing.length })));
}

function readVariables(file: string): readonly (readonly [name: string, value: string])[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split(/\r?\n/)
    .flatMap((line) => {
      const [, name, value] = /^\s*([A-Za-z_]\w*)\s*=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value ?? ""] as const];
    });
}

function names(file: string): readonly string[] {
  return readVariables(file).map(([name]) => name);
}
