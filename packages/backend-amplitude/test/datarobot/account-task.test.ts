import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { BackgroundTaskContext } from "@candor/backend";
import { type Intake, startIntake, type TemporaryHome, temporaryHome } from "@candor/testing";
import { accountOf } from "../../src/datarobot.ts";
import accountTask from "../../src/datarobot-account.ts";
import { lookUpAccount } from "../../src/datarobot/account-task.ts";
import { accountInfo, answerOf, record } from "./accounts.ts";

let home: TemporaryHome;
let configDirectory: string;
let server: Intake;
let lines: string[];
beforeEach(async () => {
  home = temporaryHome();
  configDirectory = `${home.path}/.config/datarobot`;
  lines = [];
  server = await startIntake({ reply: answerOf(accountInfo("u2", "o2", "t2")) });
});
afterEach(async () => {
  await server.close();
  home.dispose();
});

function context(signal: AbortSignal = new AbortController().signal): BackgroundTaskContext {
  const note = (level: string) => (message: string, fields?: unknown): void => void lines.push(`${level}: ${message} ${JSON.stringify(fields)}`);
  const logger = { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") };
  return { toolName: "dr", toolVersion: "1.2.3", dataDirectory: `${home.path}/data`, logger, signal };
}

/** Runs the task as the uploader would, with these variables besides the home's. */
const run = (environment: Readonly<Record<string, string>> = {}, signal?: AbortSignal): Promise<void> =>
  lookUpAccount({}, context(signal), { environment: { ...home.environment, ...environment } });

function configured(text: string): void {
  home.dispose();
  home = temporaryHome({ ".config/datarobot/drconfig.yaml": text });
  configDirectory = `${home.path}/.config/datarobot`;
}

const found = (token: string): ReturnType<typeof accountOf> => accountOf({ configDirectory, endpoint: server.url, token });
const tokens = (): readonly (string | undefined)[] => server.requests.map(({ headers }) => headers.authorization);

describe("the account task", () => {
  it("looks up the account of the environment's credentials", async () => {
    await run({ DATAROBOT_ENDPOINT: `${server.url}/api/v2`, DATAROBOT_API_TOKEN: "env-token" });
    expect(found("env-token")).toEqual({ user_id: "u2", organization_id: "o2", tenant_id: "t2" });
    expect(server.requests[0]?.headers).toMatchObject({
      "user-agent": expect.stringMatching(/^DataRobot CLI version: 1\.2\.3 \([a-z]+\/[a-z0-9]+\)$/),
      "x-datarobot-api-consumer-trace": "datarobot.cli.telemetry",
    });
  });

  it("looks up the account of the configuration's credentials", async () => {
    configured(`endpoint: ${server.url}/api/v2\ntoken: file-token\n`);
    await run();
    expect(found("file-token").user_id).toBe("u2");
  });

  it("prefers the environment's token for the configuration's endpoint", async () => {
    configured(`endpoint: ${server.url}\ntoken: file-token\n`);
    await run({ DATAROBOT_API_TOKEN: "env-token" });
    expect(tokens()).toEqual(["Bearer env-token"]);
  });

  it("sends the configuration's token to the same instance when the environment names it too", async () => {
    configured(`endpoint: ${server.url}/api/v2\ntoken: file-token\n`);
    await run({ DATAROBOT_ENDPOINT: server.url });
    expect(tokens()).toEqual(["Bearer file-token"]);
  });

  it("never sends the configuration's token to another instance that the environment names", async () => {
    configured(`endpoint: https://app.datarobot.com\ntoken: file-token\n`);
    await run({ DATAROBOT_ENDPOINT: server.url });
    expect(server.requests).toHaveLength(0);
    expect(lines).toEqual(["debug: DataRobot account: signed-out undefined"]);
  });

  it("asks nobody when the cache has everything", async () => {
    configured("token: t\n");
    writeFileSync(`${configDirectory}/user_id`, record({ endpoint: server.url, token: "env-token", organization: "o" }));
    await run({ DATAROBOT_ENDPOINT: server.url, DATAROBOT_API_TOKEN: "env-token" });
    expect(server.requests).toHaveLength(0);
  });

  it("does nothing, and writes nothing, when nobody is signed in", async () => {
    await run();
    expect(home.list()).toEqual([]);
    configured("token: [not, a, token]\nendpoint: : :\n");
    await run();
    expect(home.list()).toEqual([".config/datarobot/drconfig.yaml"]);
    expect(server.requests).toHaveLength(0);
  });

  it.each(["false", "FALSE", "0", "off", "nonsense"])("sends no trace when the user has set it to %s", async (value) => {
    await run({ DATAROBOT_ENDPOINT: server.url, DATAROBOT_API_TOKEN: "t", DATAROBOT_API_CONSUMER_TRACKING_ENABLED: value });
    expect(server.requests[0]?.headers["x-datarobot-api-consumer-trace"]).toBeUndefined();
  });

  it("says in one debug line what became of it, never with a token", async () => {
    server.reply(answerOf("who is secret-token?", 500));
    await run({ DATAROBOT_ENDPOINT: server.url, DATAROBOT_API_TOKEN: "secret-token" });
    await run({ DATAROBOT_ENDPOINT: server.url, DATAROBOT_API_TOKEN: "secret-token\n" });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe('debug: DataRobot account: failed {"reason":"the server answered 500"}');
    expect(lines.join()).not.toContain("secret-token");
  });

  it("ends when it is told to, while a server keeps it waiting", async () => {
    const aborting = new AbortController();
    server.reply({ action: "hang", onReached: () => aborting.abort() });
    await run({ DATAROBOT_ENDPOINT: server.url, DATAROBOT_API_TOKEN: "t" }, aborting.signal);
    expect(lines).toEqual(["debug: DataRobot account: aborted undefined"]);
    expect(home.list()).toEqual([]);
  });

  it("does not reject when its own parts fail", async () => {
    const environment = new Proxy({}, { get: () => { throw new Error("secret-token"); } });
    await lookUpAccount({}, context(), { environment });
    expect(lines).toEqual(["debug: DataRobot account: the lookup failed unexpectedly undefined"]);
  });

  it("is the module's default export, and takes the directory as its option", async () => {
    await expect(accountTask({ configDirectory: `${home.path}/elsewhere` }, context(AbortSignal.abort()))).resolves.toBeUndefined();
    expect(lines).toHaveLength(1);
  });
});
