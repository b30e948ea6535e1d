import { writeFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import type { PostResult } from "@candor/backend";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { accountOf } from "../../src/datarobot.ts";
import { accountInfo, answered, answerOf, record } from "./accounts.ts";
import { signedInPerTest } from "./signed-in.ts";

const { home, server, configDirectory, refresh } = signedInPerTest();

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
    if (input.cache !== null) writeFileSync(`${configDirectory()}/user_id`, typeof input.cache === "string" ? input.cache : JSON.stringify(input.cache));
    const { calls, request } = scripted(input.api);
    const result = await refresh({ endpoint: input.endpoint, token: input.token, request });
    const { account, apiCalled } = result;
    expect({ user_id: account.user_id ?? null, api_called: apiCalled }).toEqual({ user_id: expected.user_id, api_called: expected.api_called });
    expect(account.organization_id ?? null).toBe(expected.organization_id ?? null);
    expect(account.tenant_id ?? null).toBe(expected.tenant_id ?? null);
    expect(calls).toEqual(expected.api_called ? [`${input.endpoint}/api/v2/account/info/`] : []);
    expect(result.status === "fetched" && result.cacheWritten).toBe(expected.cache_written ?? false);
    // What the next command reads is what the lookup answered.
    expect(accountOf({ configDirectory: configDirectory(), endpoint: input.endpoint, token: input.token })).toEqual(account);
  });

  it("asks nobody when the cache has everything", async () => {
    writeFileSync(`${configDirectory()}/user_id`, record({ endpoint: server.url, token: "t", organization: "o" }));
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
    expect(accountOf({ configDirectory: configDirectory(), endpoint: server.url, token: "a" })).toEqual({});
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

describe("a directory that cannot be written", () => {
  it("costs the cache and nothing else", async () => {
    writeFileSync(`${home.path}/file`, "");
    await expect(refresh({ configDirectory: `${home.path}/file` })).resolves.toMatchObject({ status: "fetched", account: { user_id: "u2" }, cacheWritten: false });
    server.reply(answerOf("", 500));
    await expect(refresh({ configDirectory: `${home.path}/file` })).resolves.toMatchObject({ status: "failed" });
    expect(home.list()).toEqual(["file"]);
  });
});
