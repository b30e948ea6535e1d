import { createServer, type Server } from "node:https";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { DeliveryResult } from "@candor/backend";
import { sampleEvent } from "@candor/testing";
import { otlpBackend, type TlsFiles } from "../src/index.ts";
import { contextWith } from "./otlp-intake.ts";

const file = (name: string): string => join(__dirname, "../../backend/test/certificates", `test-only-${name}.pem`);
const content = (name: string): string => readFileSync(file(name), "utf8");

const clientFiles: TlsFiles = { certificateFile: file("client"), keyFile: file("client.key") };

/** A collector that takes data only from a client whose certificate our authority signed. */
let collector: Server;
let subjects: unknown[];

beforeEach(async () => {
  subjects = [];
  collector = createServer({ cert: content("server"), key: content("server.key"), ca: content("ca"), requestCert: true, rejectUnauthorized: true }, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    subjects.push(subject?.CN);
    request.resume().on("end", () => response.setHeader("connection", "close").end("{}"));
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  const closed = new Promise((resolve) => collector.close(resolve));
  collector.closeAllConnections();
  await closed;
});

async function sendWith(tls: TlsFiles | undefined): Promise<DeliveryResult> {
  const address = collector.address();
  if (address === null || typeof address === "string") throw new Error("the collector does not listen on a port");
  const backend = otlpBackend({ endpoint: `https://127.0.0.1:${address.port}`, ...(tls !== undefined && { tls }) }, contextWith());
  try {
    return await backend.send([sampleEvent()], { signal: new AbortController().signal });
  } finally {
    await backend.close();
  }
}

describe("TLS", () => {
  it.each<[string, TlsFiles | undefined]>([
    ["without the collector's authority", undefined],
    ["without a client certificate", { caFile: file("ca") }],
    ["with a client certificate, but without the collector's authority", clientFiles],
    ["with a key that does not belong to the certificate", { caFile: file("ca"), certificateFile: file("client"), keyFile: file("server.key") }],
  ])("keeps the batch %s", async (_, tls) => {
    expect(await sendWith(tls)).toMatchObject({ status: "retry" });
    expect(subjects).toHaveLength(0);
  });

  it("delivers with a private authority and a client certificate", async () => {
    expect(await sendWith({ caFile: file("ca"), ...clientFiles })).toEqual({ status: "accepted" });
    expect(subjects).toEqual([expect.stringContaining("client")]);
  });
});
