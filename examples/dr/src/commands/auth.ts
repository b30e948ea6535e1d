/** `dr auth`: which DataRobot instance to talk to. */
import { baseUrl, environmentOf } from "@candor/backend-amplitude/datarobot";
import { updateDrConfig } from "@candor/backend-amplitude/datarobot-config";
import { firstArg, trackWith } from "@candor/cli/commander";
import { Command } from "commander";
import type { Configuration } from "../configuration.ts";
import { say } from "../output.ts";

/** What may be typed for the public instances. */
const SHORTCUTS: ReadonlyMap<string, string> = new Map([
  ["1", "https://app.datarobot.com"],
  ["2", "https://app.eu.datarobot.com"],
  ["3", "https://app.jp.datarobot.com"],
]);

export function authCommand({ file }: Configuration): Command {
  const setUrl = new Command("set-url")
    .description("Store the address of the DataRobot instance: a URL, a host, or 1 (US), 2 (EU), 3 (JP)")
    .argument("<url>")
    .action((url: string) => {
      const base = addressOf(url);
      if (base === "") throw new Error("that is not an address: give one such as https://app.datarobot.com");
      const outcome = updateDrConfig(file, { set: { endpoint: `${base}/api/v2` }, remove: [] });
      if (outcome.status === "refused") throw new Error(`${file} was not changed: ${outcome.reason}`);
      say(`The instance is ${base}`);
    });
  return new Command("auth")
    .description("The DataRobot instance")
    // The address of a company's own instance is nobody else's business: only which of the public ones it is.
    .addCommand(trackWith(setUrl, (_, args) => ({ url: environmentOf(addressOf(firstArg(args))) || "custom" })));
}

function addressOf(given: string): string {
  return baseUrl(SHORTCUTS.get(given) ?? given);
}
