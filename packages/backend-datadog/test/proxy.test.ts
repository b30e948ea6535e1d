import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { sampleEvent } from "@candor/testing";
import { closeServers, openIntake, serverIdentity } from "../../backend/test/loopback.ts";
import { openProxy } from "../../backend/test/loopback-proxy.ts";
import { datadogBackend } from "../src/index.ts";
import { contextWith, secret } from "./datadog-entries.ts";

const caFile = join(__dirname, "../../backend/test/certificates/test-only-ca.pem");
const variables = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];
const before = new Map(variables.map((name) => [name, process.env[name]]));

beforeEach(() => {
  for (const name of variables) delete process.env[name];
});
afterEach(async () => {
  await closeServers();
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

/** `intake.test` resolves nowhere: a request that arrives came through the proxy. */
async function sendTo(host: string, client: "direct" | "official") {
  const proxy = await openProxy();
  const intake = await openIntake((response) => response.writeHead(202).end("{}"), serverIdentity());
  process.env["HTTPS_PROXY"] = proxy.url;
  const backend = datadogBackend({ apiKey: secret, endpoint: `https://${host}:${intake.port}/api/v2/logs`, tls: { caFile }, client }, contextWith());
  const result = await backend.send([sampleEvent()], { signal: new AbortController().signal });
  return { result, proxied: proxy.requests.length, arrived: intake.received.length };
}

describe.each(["direct", "official"] as const)("the user's proxy (%s)", (client) => {
  it("is obeyed", async () => {
    expect(await sendTo("intake.test", client)).toEqual({ result: { status: "accepted" }, proxied: 1, arrived: 1 });
  });

  it("is left out where NO_PROXY says so", async () => {
    process.env["NO_PROXY"] = "127.0.0.1";
    expect(await sendTo("127.0.0.1", client)).toEqual({ result: { status: "accepted" }, proxied: 0, arrived: 1 });
  });
});
