/**
 * The demonstration: runs the commands of dr in a home and a project of its own, with a fake DataRobot instance and a fake Amplitude, and
 * prints what Amplitude got. Nothing of the reader's own is seen or touched.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { processesIn, runProcess, startAmplitudeIntake, temporaryHome, waitUntil } from "@candor/testing";
import { startDataRobotApi } from "../fakes/datarobot-api.ts";

const TOOL = path.join(import.meta.dirname, "dr-release.mjs");
const LIMIT_MS = 20_000;

const amplitude = await startAmplitudeIntake({ apiKey: "AMPLITUDE_API_KEY" });
const api = await startDataRobotApi({ "token-of-ann": { uid: "uid-of-ann", orgId: "parakeet", tenantId: null } });

const COMMANDS: readonly (readonly string[])[] = [
  // Never a real instance: the account would be looked up there.
  ["auth", "set-url", api.url],
  ["start", "--yes"],
  ["task", "list"],
  ["task", "run", "seven"],
  ["run", "fine"],
  ["dotenv", "setup"],
  ["dotenv", "update"],
  ["dotenv", "validate"],
  ["component", "add", "base"],
  ["component", "update", "base"],
  ["plugin", "install", "assist", "--from", "assist-plugin", "--version", "0.1.37"],
  ["assist", "hello"],
  ["plugin", "uninstall", "assist"],
  ["self", "telemetry", "status"],
  ["self", "telemetry", "disable", "--reason", "end of the demonstration"],
  ["task", "list"],
];

const home = temporaryHome({ ".config/datarobot/drconfig.yaml": `# mine\nendpoint: ${api.url}/api/v2\ntoken: token-of-ann\ntelemetry:\n  enabled: true\n` });
const project = temporaryHome({ "dr-tasks.json": '{"seven":"exit 7","fine":"exit 0"}', ".env.template": "DATAROBOT_ENDPOINT=\n" });
const environment = { ...home.environment, DR_TELEMETRY_ENDPOINT: `${amplitude.url}/2/httpapi`, DR_UPLOAD_INTERVAL_MS: "0" };

const run = async (args: readonly string[]): Promise<void> => {
  const { exitCode, stdout, stderr } = await runProcess(process.execPath, [TOOL, ...args], { environment, cwd: project.path });
  print(`$ dr ${args.join(" ")}`);
  for (const line of `${stdout}${stderr}`.trimEnd().split("\n")) if (line !== "") print(`  ${line}`);
  if (exitCode !== 0) print(`  (exit status ${exitCode})`);
};

try {
  const plugin = path.join(project.path, "assist-plugin");
  mkdirSync(plugin);
  writeFileSync(path.join(plugin, "manifest.json"), '{"name":"assist","version":"0.1.37","description":"A plugin.","script":"assist.mjs"}');
  writeFileSync(path.join(plugin, "assist.mjs"), "console.log('assist says', process.argv.slice(2).join(' '));\n");

  await run(["template", "setup", "my-template"]);
  // The account is looked up in the background of a command; the commands that follow know it.
  await waitUntil("the account is known", () => home.list().includes(".config/datarobot/user_id"), LIMIT_MS);
  for (const args of COMMANDS) await run(args);
  await waitUntil("nothing is at work any more", () => processesIn(home.path).length === 0, LIMIT_MS);

  print("", "drconfig.yaml is now:", ...home.read(".config/datarobot/drconfig.yaml").trimEnd().split("\n").map((line) => `  ${line}`));
  print("", `Amplitude has ${amplitude.accepted.length} events:`);
  for (const event of amplitude.accepted) {
    const { event_type: type, user_id: user, event_properties: properties } = event as { event_type: string; user_id?: string; event_properties: Record<string, unknown> };
    print(`  ${type.padEnd(22)} exit ${String(properties["exit_code"])}  ${String(properties["command_kind"]).padEnd(6)} user ${user ?? "unknown"}`);
  }
  print("", "The last of them, whole:", JSON.stringify(amplitude.accepted.at(-1), undefined, 2));
} finally {
  await amplitude.close();
  await api.close();
  project.dispose();
  home.dispose();
}

function print(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}
