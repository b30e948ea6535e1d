import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { PostResult } from "@candor/backend";
import { type Intake, type ServerReply, startIntake, type TemporaryHome, temporaryHome } from "@candor/testing";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { accountOf } from "../../src/datarobot.ts";
import { type AccountRefresh, type AccountRefreshOptions, refreshAccount } from "../../src/datarobot-account.ts";
import { accountInfo, answered, answerOf, record } from "./accounts.ts";

const NOW_MS = 1_767_323_045_000;

let home: TemporaryHome;
let configDirectory: string;
let server: Intake;
beforeEach(async () => {
  home = temporaryHome({ "datarobot/": "" });
  configDirectory = `${home.path}/datarobot`;
  server = await startIntake({ reply: answerOf(accountInfo("u2", "o2", "t2")) });
});
afterEach(async () => {
  await server.close();
  home.dispose();
});

function refresh(options: Partial<AccountRefreshOptions> = {}): Promise<AccountRefresh> {
  return refreshAccount({ configDirectory, endpoint: server.url, token: "t", signal: new AbortController().signal, now: () => NOW_MS, ...options });
}

interface Input {
  readonly cache: Readonly<Record<string, string>> | string | null;
  readonly endpoint: string;
  readonly token: string;
  readonly api: string;
}

interface Expected {
  readonly user_id: string | null;
  readonly organization_id?: string | null;
  readonly tenant_id?: string | null;
  readonly api_called: boolean;
  readonly cache_written?: boolean;
}

/** The API as a vector tells it: `ok(uid,org,tenant)`, `network error`, `401`, `not called`. */
function scripted(api: string): { readonly calls: string[]; readonly request: (request: { url: URL | string }) => Promise<PostResult> } {
  const calls: string[] = [];
  const [, uid, org, tenant] = /^ok\((\w+),(\w+),(\w+)\)$/.exec(api) ?? [];
  return {
    calls,
    request: ({ url }) => {
      calls.push(String(url));
      if (uid !== undefined) return Promise.resolve(answered(200, accountInfo(uid, org, tenant === "null" ? null : tenant)));
      if (api === "401") return Promise.resolve(answered(401, "{}"));
      return Promise.resolve({ status: "failed", fault: "network", reason: "the connection was refused" });
    },
  };
}

describe("the table of the document", () => {
  it.each(vectorsOf<Input, Expected>("dr.user_id"))("$id holds", async ({ input, expected }) => {
    if (input.cache !== null) writeFileSync(`${configDirectory}/user_id`, typeof input.cache === "string" ? input.cache : JSON.stringify(input.cache));
    const { calls, request } = scripted(input.api);
    const { account, apiCalled, ...result } = await refresh({ endpoint: input.endpoint, token: input.token, request });
    expect({ user_id: account.user_id ?? null, api_called: apiCalled }).toEqual({ user_id: expected.user_id, api_called: expected.api_called });
    expect(account.organization_id ?? null).toBe(expected.organization_id ?? null);
    expect(account.tenant_id ?? null).toBe(expected.tenant_id ?? null);
    expect(calls).toEqual(expected.api_called ? [`${input.endpoint}/api/v2/account/info/`] : []);
    if (expected.cache_written) expect(result).toMatchObject({ status: "fetched", cacheWritten: true });
    // What the next command reads is what the lookup answered.
    expect(accountOf({ configDirectory, endpoint: input.endpoint, token: input.token })).toEqual(account);
  });

  it("asks nobody when the cache has everything", async () => {
    writeFileSync(`${configDirectory}/user_id`, record({ endpoint: server.url, token: "t", organization: "o" }));
    await expect(refresh()).resolves.toEqual({ status: "cached", apiCalled: false, account: { user_id: "u", organization_id: "o" } });
    expect(server.requests).toHaveLength(0);
  });

  it("asks nobody when there is no token", async () => {
    await expect(refresh({ token: "" })).resolves.toEqual({ status: "signed-out", apiCalled: false, account: {} });
    expect(home.list()).toEqual([]);
  });

  it("asks again when the token has changed, and keeps the new user", async () => {
    await refresh({ token: "a" });
    server.reply(answerOf(accountInfo("b-uid", "o")));
    await expect(refresh({ token: "b" })).resolves.toMatchObject({ status: "fetched", account: { user_id: "b-uid" } });
    expect(accountOf({ configDirectory, endpoint: server.url, token: "a" })).toEqual({});
  });
});

describe("the request", () => {
  it("is one GET with the token, the tool's name and the command's trace", async () => {
    await refresh({ token: "secret-token", userAgent: "DataRobot CLI version: 1.2.3", consumerTrace: "datarobot.cli.telemetry" });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      method: "GET",
      path: "/api/v2/account/info/",
      body: "",
      headers: {
        accept: "application/json",
        authorization: "Bearer secret-token",
        "user-agent": "DataRobot CLI version: 1.2.3",
        "x-datarobot-api-consumer-trace": "datarobot.cli.telemetry",
      },
    });
  });

  it("never goes over plain http to another machine unless the author says so", async () => {
    const { calls, request } = scripted("ok(u,o,t)");
    const endpoint = "http://datarobot.customer.example";
    await expect(refresh({ endpoint, request })).resolves.toMatchObject({ status: "failed", apiCalled: false, account: {} });
    expect(calls).toEqual([]);
    await expect(refresh({ endpoint, request, insecure: true })).resolves.toMatchObject({ status: "fetched" });
  });

  it("keeps neither e-mail address nor name nor token on the disk", async () => {
    await refresh({ token: "secret-token" });
    for (const file of home.list()) expect(home.read(file)).not.toMatch(/jane|roe|@|secret-token/i);
    expect(home.list()).toEqual(["datarobot/user_id"]);
  });

  it("fails without a word of the token when the token cannot be sent", async () => {
    const result = await refresh({ token: "secret\r\nX-Evil: 1" });
    expect(result).toMatchObject({ status: "failed", account: {} });
    expect(JSON.stringify(result)).not.toContain("secret");
    const throwing = await refresh({ token: "other-secret", request: () => Promise.reject(new Error("other-secret")) });
    expect(JSON.stringify(throwing)).not.toContain("other-secret");
  });
});

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
  const partial = (): void => writeFileSync(`${configDirectory}/user_id`, record({ endpoint: server.url, token: "t" }));
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
    expect(accountOf({ configDirectory, endpoint: server.url, token: "t" })).toEqual({});
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
    writeFileSync(`${configDirectory}/user_id.failed`, text);
    await expect(refresh()).resolves.toMatchObject({ status: "fetched" });
  });

  it("of an unknown kind postpones nothing", async () => {
    server.reply(answerOf("", 401));
    await refresh();
    const failed = home.read("datarobot/user_id.failed");
    for (const kind of ['"constructor"', "7"]) {
      writeFileSync(`${configDirectory}/user_id.failed`, failed.replace('"refused"', kind));
      await expect(refresh({ request: scripted("401").request })).resolves.toMatchObject({ apiCalled: true });
    }
  });
});

describe("a directory that cannot be written", () => {
  it("costs the cache and nothing else", async () => {
    writeFileSync(`${home.path}/file`, "");
    await expect(refresh({ configDirectory: `${home.path}/file` })).resolves.toMatchObject({ status: "fetched", account: { user_id: "u2" }, cacheWritten: false });
    server.reply(answerOf("", 500));
    await expect(refresh({ configDirectory: `${home.path}/file` })).resolves.toMatchObject({ status: "failed" });
    expect(home.list()).toEqual(["file"]);
  });
});
