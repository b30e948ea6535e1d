import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { runProcess, startProcess } from "@candor/testing";
import { accountOf } from "../../src/datarobot.ts";
import { refreshAccount } from "../../src/datarobot-account.ts";
import { accountInfo, answerOf } from "./accounts.ts";
import { signedInPerTest } from "./signed-in.ts";

const USERS = ["ann", "bob"] as const;

const { home, server, configDirectory } = signedInPerTest(({ headers }) => {
  const user = headers.authorization?.replace("Bearer token-of-", "") ?? "";
  return answerOf(accountInfo(user, `org-of-${user}`));
});

describe("two users of one directory", () => {
  it("never get each other's id in one process, whoever is answered last", async () => {
    const { signal } = new AbortController();
    const wrong: string[] = [];
    const check = (user: string, found: string | undefined): void => {
      if (found !== undefined && found !== user) wrong.push(`${user} was ${found}`);
    };
    const life = async (user: string): Promise<void> => {
      const key = { configDirectory: configDirectory(), endpoint: server.url, token: `token-of-${user}` };
      for (let round = 0; round < 25; round += 1) {
        const { account } = await refreshAccount({ ...key, signal });
        if (account.user_id !== user) wrong.push(`${user} was answered ${account.user_id}`);
        for (const other of USERS) check(other, accountOf({ ...key, token: `token-of-${other}` }).user_id);
      }
    };
    await Promise.all([...USERS, ...USERS].map((user) => life(user)));
    expect(wrong).toEqual([]);
    expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(new Set(["Bearer token-of-ann", "Bearer token-of-bob"]));
  });

  it("never get each other's id in processes of their own", async () => {
    const program = join(__dirname, "programs/user.mjs");
    const results = await Promise.all(
      [...USERS, ...USERS].map(async (user) => {
        const args = [program, configDirectory(), server.url, `token-of-${user}`, "40"];
        const { stdout, stderr, exitCode } = await runProcess(process.execPath, args, { environment: home.environment });
        expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
        const { seen, statuses }: { readonly seen: readonly string[]; readonly statuses: readonly string[] } = JSON.parse(stdout);
        return { user, seen: seen.filter((account) => account !== "nobody/none"), isAnswered: statuses.includes("fetched") || statuses.includes("cached") };
      }),
    );
    for (const { user, seen, isAnswered } of results) expect({ seen, isAnswered }).toEqual({ seen: [`${user}/org-of-${user}`], isAnswered: true });
    expect(home.list()).toEqual(["datarobot/user_id"]);
  });
});

describe("first runs at the same moment", () => {
  it("end with one device id", async () => {
    const sign = `${home.path}/go`;
    const runs = Array.from({ length: 6 }, () => startProcess(process.execPath, [join(__dirname, "programs/first-run.mjs"), configDirectory(), sign], { environment: home.environment }));
    await Promise.all(runs.map((run) => run.waitForOutput("ready")));
    writeFileSync(sign, "");
    const outputs = await Promise.all(runs.map(async (run) => (await run.exited).stdout));
    const ids = outputs.flatMap((output): string[] => JSON.parse(output));
    expect(ids).toHaveLength(12);
    expect(new Set(ids)).toEqual(new Set([home.read("datarobot/device_id").trim()]));
    expect(home.list()).toEqual(["datarobot/device_id", "go"]);
  });
});
