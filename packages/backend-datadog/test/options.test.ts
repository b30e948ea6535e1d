import { describe, expect, it } from "@jest/globals";
import type { LogFields } from "@candor/backend";
import { thrownBy } from "../../backend/test/thrown-by.ts";
import { datadogBackend, type DatadogBackendOptions, type DatadogSite } from "../src/index.ts";
import { contextWith, secret } from "./datadog-entries.ts";

const apiKey = secret;

/** The error that options cause; `undefined` when they cause none. */
const refusalOf = (options: unknown): unknown => thrownBy(() => datadogBackend(options as DatadogBackendOptions, contextWith()));

describe("wrong options", () => {
  it.each<[string, unknown]>([
    ["backend must be an object", undefined],
    ["backend.apiKey must be an API key", {}],
    ["backend.apiKey", { apiKey: "" }],
    ["backend.apiKey", { apiKey: 7 }],
    ["backend.apiKey", { apiKey: "k-123 456" }],
    ["backend.apiKey", { apiKey: "k-123\r\nx-evil: 1" }],
    ["backend.apiKey", { apiKey: "k".repeat(513) }],
    ["backend.site is not a site of Datadog: give one of datadoghq.com, us3.datadoghq.com", { apiKey, site: "datadoghq.org" }],
    ["uk1", { apiKey, site: "us2" }],
    ["backend.site", { apiKey, site: "" }],
    ["backend.site", { apiKey, site: "toString" }],
    ["backend.site", { apiKey, site: 1 }],
    ["backend.site", { apiKey, site: "evil.example/?.datadoghq.com" }],
    ["backend.endpoint is empty", { apiKey, endpoint: "" }],
    ["backend.endpoint uses plain http", { apiKey, endpoint: "http://relay.example.com/api/v2/logs" }],
    ["backend.endpoint holds a user name or password", { apiKey, endpoint: "https://me:pw@relay.example.com" }],
    ["backend.insecure", { apiKey, insecure: "yes" }],
    ["backend.source", { apiKey, source: "" }],
    ["backend.source", { apiKey, source: "a,b" }],
    ["backend.source", { apiKey, source: "s".repeat(101) }],
    ["backend.tags must be an object", { apiKey, tags: ["env:prod"] }],
    ['backend.tags "Env" is not a key', { apiKey, tags: { Env: "prod" } }],
    ['backend.tags "a:b" is not a key', { apiKey, tags: { "a:b": "prod" } }],
    ['backend.tags "a,b" is not a key', { apiKey, tags: { "a,b": "prod" } }],
    ['backend.tags "" is not a key', { apiKey, tags: { "": "prod" } }],
    ['backend.tags "os" is set by the backend', { apiKey, tags: { os: "linux" } }],
    ['backend.tags "env" must have text', { apiKey, tags: { env: 1 } }],
    ['backend.tags "env" must have text', { apiKey, tags: { env: "" } }],
    ['backend.tags "env" must have text without a comma', { apiKey, tags: { env: "prod,admin:yes" } }],
    ["backend.tags are longer than 800 bytes", { apiKey, tags: Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`key${index}`, "value"])) }],
    ["backend.gzip", { apiKey, gzip: "no" }],
    ["backend.timeoutMs", { apiKey, timeoutMs: 0 }],
    ["backend.timeoutMs", { apiKey, timeoutMs: 2 ** 31 }],
    ["backend.client", { apiKey, client: "sdk" }],
    ["backend.timeoutMS is not an option; the options are apiKey, site, endpoint, insecure, source, tags, gzip, timeoutMs, tls, client", { apiKey, timeoutMS: 1 }],
    ["backend.tls.cafile is not an option; the options are caFile, certificateFile, keyFile", { apiKey, tls: { cafile: "/ca.pem" } }],
    ["backend.tls.caFile: /nonexistent/ca.pem cannot be read", { apiKey, tls: { caFile: "/nonexistent/ca.pem" } }],
  ])("are refused at once: %s", (message, options) => {
    expect(refusalOf(options)).toMatchObject({ name: "CandorError", code: "ERR_CANDOR_CONFIG", message: expect.stringContaining(message) });
  });

  it("are refused without repeating the key", () => {
    const refusal = refusalOf({ apiKey: "k-123 456" });
    expect(refusal).toMatchObject({ code: "ERR_CANDOR_CONFIG" });
    expect(String(refusal)).not.toContain("k-123");
  });
});

describe("the destination", () => {
  const destinationOf = (options: Partial<DatadogBackendOptions>): string => datadogBackend({ apiKey, ...options }, contextWith()).destination;

  it.each<[DatadogSite, string]>([
    ["datadoghq.com", "datadoghq.com"],
    ["us3.datadoghq.com", "us3.datadoghq.com"],
    ["us5.datadoghq.com", "us5.datadoghq.com"],
    ["datadoghq.eu", "datadoghq.eu"],
    ["ap1.datadoghq.com", "ap1.datadoghq.com"],
    ["ap2.datadoghq.com", "ap2.datadoghq.com"],
    ["ddog-gov.com", "ddog-gov.com"],
    ["us2.ddog-gov.com", "us2.ddog-gov.com"],
    ["uk1.datadoghq.com", "uk1.datadoghq.com"],
    ["us1", "datadoghq.com"],
    ["us3", "us3.datadoghq.com"],
    ["us5", "us5.datadoghq.com"],
    ["eu1", "datadoghq.eu"],
    ["ap1", "ap1.datadoghq.com"],
    ["ap2", "ap2.datadoghq.com"],
    ["gov", "ddog-gov.com"],
    ["gov2", "us2.ddog-gov.com"],
    ["uk1", "uk1.datadoghq.com"],
  ])("of site %s is its logs intake", (site, domain) => {
    expect(destinationOf({ site })).toBe(`https://http-intake.logs.${domain}/api/v2/logs`);
  });

  it("is the author's address as it is, site or no site, with its query out of sight", () => {
    expect(destinationOf({ site: "eu1", endpoint: "https://relay.example.com/logs/?token=k-123" })).toBe("https://relay.example.com/logs/");
  });

  it("may be plain http to another machine when the author says so", () => {
    expect(destinationOf({ endpoint: "http://relay.example.com:8080/api/v2/logs", insecure: true })).toBe("http://relay.example.com:8080/api/v2/logs");
  });

  it("never holds the key", () => {
    const lines: { message: string; fields: LogFields | undefined }[] = [];
    const { name, destination } = datadogBackend({ apiKey }, contextWith(lines));
    expect(JSON.stringify({ name, destination, lines })).not.toContain(apiKey);
    expect(lines.map(({ message }) => message)).toEqual(["every user of the tool can read the API key of the datadog backend"]);
  });
});
