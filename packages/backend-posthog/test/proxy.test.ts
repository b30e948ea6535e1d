import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { DeliveryResult } from "@candor/backend";
import { sampleEvent } from "@candor/testing";
import { closedPort, closeServers, openIntake, type Received, serverIdentity } from "../../backend/test/loopback.ts";
import { openProxy } from "../../backend/test/loopback-proxy.ts";
import { posthogBackend } from "../src/index.ts";
import { contextWith, forever, TOKEN } from "./posthog-context.ts";

const caFile = path.join(__dirname, "../../backend/test/certificates/test-only-ca.pem");
const variables = ["HTTPS_PROXY", "NO_PROXY"] as const;

/** A PostHog that speaks TLS. */
let posthog: { readonly port: number; readonly received: readonly Received[] };

beforeEach(async () => {
  posthog = await openIntake((response) => response.setHeader("content-type", "application/json").end('{"status":"Ok"}'), serverIdentity());
});
afterEach(async () => {
  for (const variable of variables) delete process.env[variable];
  await closeServers();
});

async function sendTo(host: string): Promise<DeliveryResult> {
  const backend = posthogBackend({ apiKey: TOKEN, host: `https://${host}:${posthog.port}`, tls: { caFile } }, contextWith());
  try {
    return await backend.send([sampleEvent()], forever());
  } finally {
    await backend.close();
  }
}

describe("the user's proxy", () => {
  it("is used, by a tunnel that sees nothing of the request", async () => {
    const proxy = await openProxy();
    process.env["HTTPS_PROXY"] = proxy.url;
    // The name leads nowhere but through the proxy.
    expect(await sendTo("intake.test")).toEqual({ status: "accepted" });
    expect(proxy.requests.map(({ method, target }) => `${method} ${target}`)).toEqual([`CONNECT intake.test:${posthog.port}`]);
    expect(posthog.received.map(({ request }) => request.url)).toEqual(["/batch/"]);
  });

  it("is not used where NO_PROXY says so", async () => {
    const proxy = await openProxy();
    process.env["HTTPS_PROXY"] = proxy.url;
    process.env["NO_PROXY"] = "127.0.0.1";
    expect(await sendTo("127.0.0.1")).toEqual({ status: "accepted" });
    expect(proxy.requests).toEqual([]);
  });

  it("is not gone round when it is down", async () => {
    process.env["HTTPS_PROXY"] = `http://ann:hunter2@127.0.0.1:${await closedPort()}`;
    const result = await sendTo("127.0.0.1");
    expect(result).toMatchObject({ status: "retry", reason: expect.stringContaining("proxy") });
    expect(JSON.stringify(result)).not.toContain("hunter2");
    expect(posthog.received).toEqual([]);
  });

  it("is not needed to find that a certificate is not trusted", async () => {
    const backend = posthogBackend({ apiKey: TOKEN, host: `https://127.0.0.1:${posthog.port}` }, contextWith());
    expect(await backend.send([sampleEvent()], forever())).toMatchObject({ status: "retry" });
    expect(posthog.received).toEqual([]);
  });
});
