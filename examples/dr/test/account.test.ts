/** Who is signed in: found out in the background, kept beside drconfig.yaml, and never somebody else. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { waitUntil } from "@candor/testing";
import { ANN, BOB, type DrTool, openDr } from "./dr-tool.ts";

let tool: DrTool;
beforeEach(async () => {
  tool = await openDr();
});
afterEach(() => tool.dispose());

const ACCOUNT = "/api/v2/account/info/";
const lookups = (): number => tool.api.asked().filter((path) => path === ACCOUNT).length;
const asBob = { variables: { DATAROBOT_API_TOKEN: BOB.token } };

/** Runs a command to the end of everything it started, and answers its event's user. */
async function userOf(options: { readonly variables?: Readonly<Record<string, string>> } = {}): Promise<unknown> {
  const before = tool.amplitude.accepted.length;
  await tool.run(["self", "version"], options);
  const events = await tool.events(before + 1);
  await tool.quiet();
  return events.at(-1)?.["user_id"];
}

describe("the account", () => {
  it("is looked up by one command and known to the next, which asks nobody", async () => {
    expect(await userOf()).toBeUndefined();
    await tool.cached("uid-of-ann");
    expect(await userOf()).toBe("uid-of-ann");
    expect(lookups()).toBe(1);
    expect(statSync(join(tool.home.path, ".config/datarobot/user_id")).mode & 0o777).toBe(0o600);
  });

  it("is looked up again when the token has changed, and B is never taken for A", async () => {
    await userOf();
    await tool.cached("uid-of-ann");
    expect(await userOf(asBob)).toBeUndefined();
    await tool.cached("uid-of-bob");
    expect(await userOf(asBob)).toBe("uid-of-bob");
    expect(await userOf()).toBeUndefined();
  });

  it("is looked up again when the instance has changed", async () => {
    await userOf();
    await tool.cached("uid-of-ann");
    const elsewhere = { variables: { DATAROBOT_ENDPOINT: `http://localhost:${new URL(tool.api.url).port}/api/v2`, DATAROBOT_API_TOKEN: ANN.token } };
    expect(await userOf(elsewhere)).toBeUndefined();
    await waitUntil("the other instance is asked", () => lookups() === 2);
  });

  it("is asked of no instance that only the environment names with the token of the file", async () => {
    const elsewhere = { variables: { DATAROBOT_ENDPOINT: `http://localhost:${new URL(tool.api.url).port}/api/v2` } };
    expect(await userOf(elsewhere)).toBeUndefined();
    expect(lookups()).toBe(0);
  });

  it("is nobody without a token, and nobody is asked", async () => {
    await tool.dispose();
    tool = await openDr({ config: "endpoint: {api}/api/v2\ntelemetry:\n  enabled: true\n" });
    expect([await userOf(), await userOf()]).toEqual([undefined, undefined]);
    expect(lookups()).toBe(0);
  });

  it("is nobody with a token that the instance refuses, which is not asked again by every command", async () => {
    const mistyped = { variables: { DATAROBOT_API_TOKEN: "mistyped" } };
    expect(await userOf(mistyped)).toBeUndefined();
    expect(await userOf(mistyped)).toBeUndefined();
    expect(lookups()).toBe(1);
  });

  it.each([401, 500])("stays the cached one while the instance answers %i", async (status) => {
    await userOf();
    await tool.cached("uid-of-ann");
    tool.api.answerAll({ action: "answer", status, body: "" });
    expect(await userOf()).toBe("uid-of-ann");
  });

  it("delays no command while the instance is silent, and leaves the next one anonymous", async () => {
    tool.api.answerAll({ action: "hang" });
    // The command ends and its event arrives, although the instance never answers.
    await tool.run(["self", "version"]);
    await tool.events(1);
    await waitUntil("the instance has been asked", () => lookups() === 1);
    expect((await tool.run(["self", "version"])).exitCode).toBe(0);
    expect((await tool.run(["self", "telemetry", "disable"])).exitCode).toBe(0);
    await tool.quiet();
    expect(tool.amplitude.accepted.map((event) => event["user_id"])).not.toContain("uid-of-ann");
  });

  it("of A never meets B's token, however their commands interleave", async () => {
    const users = [{ token: ANN.token, uid: "uid-of-ann" }, { token: BOB.token, uid: "uid-of-bob" }];
    // An odd count of tasks is Ann's command, an even one Bob's.
    const command = (user: number, round: number): Promise<unknown> =>
      tool.run(["run", ...Array.from({ length: 2 * round + user + 1 }, () => "missing")], { variables: { DATAROBOT_API_TOKEN: users[user]?.token ?? "" } });
    for (let round = 0; round < 6; round++) {
      // Whoever was looked up last stands in the cache; in the next round both find that record.
      const before = tool.amplitude.accepted.length;
      await Promise.all([command(0, 2 * round), command(1, 2 * round), command(0, 2 * round + 1), command(1, 2 * round + 1)]);
      await tool.events(before + 4);
      await tool.quiet();
    }
    const seen = tool.amplitude.accepted.map((event) => ({ owner: users[((event["event_properties"] as { task_count: number }).task_count + 1) % 2]?.uid, user: event["user_id"] }));
    expect(seen).toHaveLength(24);
    for (const { owner, user } of seen) expect([undefined, owner]).toContain(user);
    // The record was met by its own user and by the other one.
    expect(seen.filter(({ user }) => user !== undefined).length).toBeGreaterThan(0);
    expect(seen.filter(({ user }) => user === undefined).length).toBeGreaterThan(2);
  });
});
