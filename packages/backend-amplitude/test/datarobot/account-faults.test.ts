import { writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import type { PostResult } from "@candor/backend";
import { type ServerReply, startIntake } from "@candor/testing";
import { accountOf } from "../../src/datarobot.ts";
import type { AccountRefresh } from "../../src/datarobot-account.ts";
import { accountInfo, answered, answerOf, record } from "./accounts.ts";
import { NOW_MS, signedInPerTest } from "./signed-in.ts";

const { home, server, configDirectory, refresh } = signedInPerTest();

const HOSTILE: readonly (readonly [name: string, reply: ServerReply, status: "refused" | "failed"])[] = [
  ["401", answerOf("{}", 401), "refused"],
  ["403", answerOf("{}", 403), "refused"],
  ["404", answerOf(accountInfo("u2", "o2"), 404), "failed"],
  ["429", answerOf("{}", 429), "failed"],
  ["500", answerOf(accountInfo("u2", "o2"), 500), "failed"],
  ["201 with an account", answerOf(accountInfo("u2", "o2"), 201), "failed"],
  ["204", answerOf("", 204), "failed"],
  ["a web page", answerOf("<html>sign in</html>", 200, { "content-type": "text/html" }), "failed"],
  ["a web page that calls itself JSON", answerOf(" <html>sign in</html>"), "failed"],
  ["an account that calls itself a web page", answerOf(accountInfo("u2", "o2"), 200, { "content-type": "text/html" }), "failed"],
  ["an array", answerOf("[]"), "failed"],
  ["nothing", answerOf(""), "failed"],
  ["half an object", answerOf('{"uid":"u2"'), "failed"],
  ["no uid", answerOf("{}"), "failed"],
  ["an empty uid", answerOf(accountInfo("", "o2")), "failed"],
  ["a uid that is a number", answerOf(accountInfo(42, "o2")), "failed"],
  ["a uid that is an object", answerOf(accountInfo({ $ne: "" }, "o2")), "failed"],
  ["a uid that is an e-mail address", answerOf(accountInfo("jane@customer.example", "o2")), "failed"],
  ["a uid of 129 characters", answerOf(accountInfo("x".repeat(129), "o2")), "failed"],
  ["a uid of a megabyte", answerOf(accountInfo("x".repeat(1_048_576), "o2")), "failed"],
  ["a body of two megabytes", answerOf(`{"uid":"u2","pad":"${"x".repeat(2_097_152)}"}`), "failed"],
  ["a body that breaks off", { action: "truncate", body: accountInfo("u2", "o2") }, "failed"],
  ["a reset", { action: "reset", when: "after-body" }, "failed"],
];

describe("a server that answers", () => {
  it.each(HOSTILE)("%s tells nobody's id, and is not asked again for a while", async (_name, reply, status) => {
    server.reply(reply);
    await expect(refresh()).resolves.toMatchObject({ status, apiCalled: true, account: {}, reason: expect.any(String) });
    expect(home.list()).toEqual(["datarobot/user_id.failed"]);
    expect(home.read("datarobot/user_id.failed")).not.toContain('"t"');
    await expect(refresh()).resolves.toEqual({ status: "postponed", apiCalled: false, account: {} });
    expect(server.requests).toHaveLength(1);
  });

  it("a redirect does not get the token to another address", async () => {
    const elsewhere = await startIntake({ reply: answerOf(accountInfo("evil", "evil")) });
    try {
      server.reply(answerOf("", 302, { location: `${elsewhere.url}/api/v2/account/info/` }));
      await expect(refresh()).resolves.toMatchObject({ status: "failed", account: {} });
      expect(elsewhere.requests).toHaveLength(0);
    } finally {
      await elsewhere.close();
    }
  });

  it("its own words are not passed on", async () => {
    server.reply(answerOf("token secret-token is unknown", 500, { "content-type": "text/plain", "x-echo": "secret-token" }));
    expect(JSON.stringify(await refresh({ token: "secret-token" }))).not.toContain("secret-token");
  });

  it("an organization or tenant of the wrong kind costs only itself", async () => {
    server.reply(answerOf(accountInfo("u2", 5, { a: 1 })));
    await expect(refresh()).resolves.toMatchObject({ status: "fetched", account: { user_id: "u2" } });
  });

  it("nothing in its time is a failure, and one that was called off is not", async () => {
    server.reply({ action: "hang" });
    await expect(refresh({ timeoutMs: 20 })).resolves.toMatchObject({ status: "failed", apiCalled: true });
    const aborting = new AbortController();
    server.reply({ action: "hang", onReached: () => aborting.abort() });
    await expect(refresh({ token: "other", signal: aborting.signal })).resolves.toEqual({ status: "aborted", apiCalled: true, account: {} });
    await expect(refresh({ token: "other" })).resolves.toMatchObject({ status: "fetched" });
  });

  it("too late is not kept", async () => {
    const aborting = new AbortController();
    const request = (): Promise<PostResult> => {
      aborting.abort();
      return Promise.resolve(answered(200, accountInfo("u2", "o2")));
    };
    await expect(refresh({ signal: aborting.signal, request })).resolves.toMatchObject({ status: "aborted" });
    expect(home.list()).toEqual([]);
  });

  it("is not asked at all when the signal has fired before", async () => {
    await expect(refresh({ signal: AbortSignal.abort() })).resolves.toEqual({ status: "aborted", apiCalled: false, account: {} });
    expect(server.requests).toHaveLength(0);
  });
});

describe("a failed lookup", () => {
  const partial = (): void => writeFileSync(`${configDirectory()}/user_id`, record({ endpoint: server.url, token: "t" }));
  const after = (ms: number): Promise<AccountRefresh> => refresh({ now: () => NOW_MS + ms });

  it("keeps the cached id of the same credentials after a fault", async () => {
    partial();
    server.reply(answerOf("", 500));
    await expect(refresh()).resolves.toMatchObject({ status: "failed", account: { user_id: "u" } });
    await expect(refresh()).resolves.toEqual({ status: "postponed", apiCalled: false, account: { user_id: "u" } });
  });

  it("forgets the cached id of a token that is no longer accepted", async () => {
    partial();
    server.reply(answerOf("{}", 401));
    await expect(refresh()).resolves.toMatchObject({ status: "refused", account: {} });
    expect(accountOf({ configDirectory: configDirectory(), endpoint: server.url, token: "t" })).toEqual({});
  });

  it.each([
    ["a fault for ten minutes", answerOf("", 500), 600_000],
    ["a refusal for a day", answerOf("", 401), 86_400_000],
    ["an account without an organization for a day", answerOf(accountInfo("u2")), 86_400_000],
  ])("postpones the next after %s", async (_name, reply, postponedMs) => {
    server.reply(reply);
    await refresh();
    await expect(after(postponedMs - 1)).resolves.toMatchObject({ status: "postponed" });
    await expect(after(postponedMs)).resolves.toMatchObject({ status: "fetched", account: { user_id: "u2", organization_id: "o2" } });
    expect(home.list()).toEqual(["datarobot/user_id"]);
  });

  it("ends with a new token, with a new endpoint, and when the clock was set back", async () => {
    server.reply(answerOf("", 401));
    await refresh();
    await expect(refresh({ token: "new" })).resolves.toMatchObject({ status: "fetched" });
    server.reply(answerOf("", 401));
    await refresh();
    await expect(refresh({ endpoint: `http://localhost:${server.port}` })).resolves.toMatchObject({ status: "fetched" });
    server.reply(answerOf("", 401));
    await refresh();
    await expect(after(-1)).resolves.toMatchObject({ status: "fetched" });
  });

  it.each(["{", "{}", '{"endpoint":1}', "x".repeat(10_000)])("postpones nothing when its record is %.20j", async (text) => {
    writeFileSync(`${configDirectory()}/user_id.failed`, text);
    await expect(refresh()).resolves.toMatchObject({ status: "fetched" });
  });

  it("of an unknown kind postpones nothing", async () => {
    server.reply(answerOf("", 401));
    await refresh();
    const failed = home.read("datarobot/user_id.failed");
    for (const kind of ['"constructor"', "7"]) {
      writeFileSync(`${configDirectory()}/user_id.failed`, failed.replace('"refused"', kind));
      await expect(refresh({ request: () => Promise.resolve(answered(401, "{}")) })).resolves.toMatchObject({ apiCalled: true });
    }
  });
});
