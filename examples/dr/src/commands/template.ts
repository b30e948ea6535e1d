/** `dr template`: sets a project up from a template of the user's instance. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { get } from "@candor/backend";
import { apiConsumerTrace, baseUrl, userAgent } from "@candor/backend-amplitude/datarobot";
import { track } from "@candor/cli/commander";
import { Command } from "commander";
import type { Configuration } from "../configuration.ts";
import { say } from "../output.ts";

interface Template {
  readonly id: string;
  readonly name: string;
}

export function templateCommand({ endpoint, token }: Configuration, version: string): Command {
  const setup = new Command("setup")
    .description("Set the project up from a template")
    .argument("<name>")
    .action(async (name: string) => {
      const templates = await listTemplates();
      const template = templates.find((each) => each.name === name);
      if (!template) throw new Error(`there is no template ${name}; there are: ${templates.map((each) => each.name).join(", ")}`);
      const directory = join(".datarobot", "cli");
      mkdirSync(directory, { recursive: true });
      mkdirSync(join(".datarobot", "answers"), { recursive: true });
      writeFileSync(join(directory, "state.yaml"), `template_name: ${template.name}\ntemplate_id: ${template.id}\n`);
      say(`The project is set up from ${template.name}.`);
    });

  async function listTemplates(): Promise<readonly Template[]> {
    const base = baseUrl(endpoint);
    if (base === "") throw new Error("no instance is configured; use: dr auth set-url");
    const answer = await get({
      url: `${base}/api/v2/applicationTemplates/`,
      headers: {
        authorization: `Bearer ${token}`,
        "user-agent": userAgent({ version, os: process.platform, arch: process.arch, enabled: false }),
        "x-datarobot-api-consumer-trace": apiConsumerTrace("dr template setup"),
      },
    });
    if (answer.status === "failed") throw new Error(`the instance cannot be asked: ${answer.reason}`);
    if (answer.statusCode !== 200) throw new Error(`the instance answered ${answer.statusCode}`);
    const { data } = JSON.parse(answer.body) as { data: readonly Template[] };
    return data;
  }

  return new Command("template").description("Project templates").addCommand(track(setup));
}
