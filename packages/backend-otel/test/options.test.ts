import { describe, expect, it } from "@jest/globals";
import type { LogFields } from "@candor/backend";
import { vectorsOf } from "../../core/test/vectors.ts";
import { thrownBy } from "../../backend/test/thrown-by.ts";
import { otlpBackend, type OtlpBackendOptions } from "../src/index.ts";
import { contextWith } from "./otlp-intake.ts";

const endpoint = "https://collector.example.com";

const destinationOf = (options: OtlpBackendOptions): string => otlpBackend(options, contextWith()).destination;

/** The error that options cause; `undefined` when they cause none. */
const refusalOf = (options: unknown): unknown => thrownBy(() => otlpBackend(options as OtlpBackendOptions, contextWith()));

describe("wrong options", () => {
  it.each<[string, unknown]>([
    ["backend must be an object", undefined],
    ["backend.endpoint is empty", {}],
    ["backend.endpoint", { endpoint: 4318 }],
    ["backend.endpoint uses plain http", { endpoint: "http://collector.example.com" }],
    ["backend.endpoint holds a user name or password", { endpoint: "https://me:pw@collector.example.com" }],
    ["backend.insecure", { endpoint, insecure: "yes" }],
    ["backend.gzip", { endpoint, gzip: "no" }],
    ["backend.timeoutMs", { endpoint, timeoutMs: 0 }],
    ["backend.timeoutMs", { endpoint, timeoutMs: "5000" }],
    ["backend.timeoutMs", { endpoint, timeoutMs: 2 ** 31 }],
    ["backend.headers", { endpoint, headers: ["authorization"] }],
    ['backend.headers "a b" is not a header name', { endpoint, headers: { "a b": "1" } }],
    ['backend.headers "x\\r\\ny" is not a header name', { endpoint, headers: { "x\r\ny": "1" } }],
    ['backend.headers "x-key" has a value', { endpoint, headers: { "x-key": 7 } }],
    ['backend.headers "Content-Type" is set by the backend', { endpoint, headers: { "Content-Type": "text/plain" } }],
    ['backend.headers "content-encoding" is set by the backend', { endpoint, headers: { "content-encoding": "br" } }],
    ["backend.resourceAttributes", { endpoint, resourceAttributes: "service.name=x" }],
    ['backend.resourceAttributes "a"', { endpoint, resourceAttributes: { a: null } }],
    ['backend.resourceAttributes "a"', { endpoint, resourceAttributes: { a: Number.NaN } }],
    ['backend.resourceAttributes ""', { endpoint, resourceAttributes: { "": "x" } }],
    ["backend.resourceAttributes are longer than 8192 bytes together", { endpoint, resourceAttributes: { a: "x".repeat(5_000), b: "é".repeat(2_000) } }],
    ["backend.timeoutMS is not an option; the options are endpoint, headers, gzip, timeoutMs, endpointIsComplete, insecure, tls, resourceAttributes", { endpoint, timeoutMS: 1 }],
    ["backend.tls.cafile is not an option; the options are caFile, certificateFile, keyFile", { endpoint, tls: { cafile: "/ca.pem" } }],
    ["backend.tls.caFile: /nonexistent/ca.pem cannot be read", { endpoint, tls: { caFile: "/nonexistent/ca.pem" } }],
    ["backend.tls.certificateFile must be the path", { endpoint, tls: { certificateFile: 7 } }],
    ["backend.tls.keyFile is missing", { endpoint, tls: { certificateFile: __filename } }],
    ["backend.tls.certificateFile is missing", { endpoint, tls: { keyFile: __filename } }],
  ])("are refused at once: %s", (message, options) => {
    expect(refusalOf(options)).toMatchObject({ name: "CandorError", code: "ERR_CANDOR_CONFIG", message: expect.stringContaining(message) });
  });

  it("are refused without repeating a header's value", () => {
    const refusal = refusalOf({ endpoint, headers: { authorization: "Bearer k-123\n" } });
    expect(refusal).toMatchObject({ code: "ERR_CANDOR_CONFIG" });
    expect(String(refusal)).not.toContain("k-123");
  });
});

describe("the endpoint", () => {
  it.each([
    [endpoint, `${endpoint}/v1/logs`],
    [`${endpoint}/`, `${endpoint}/v1/logs`],
    [`${endpoint}/otlp//`, `${endpoint}/otlp/v1/logs`],
    [`${endpoint}/v1/logs`, `${endpoint}/v1/logs`],
    [`${endpoint}/otlp/v1/logs/`, `${endpoint}/otlp/v1/logs`],
    [`${endpoint}/v1/traces`, `${endpoint}/v1/traces/v1/logs`],
    ["http://localhost:4318", "http://localhost:4318/v1/logs"],
  ])("leads from %s to %s", (given, destination) => {
    expect(destinationOf({ endpoint: given })).toBe(destination);
  });

  it("may be plain http to another machine when the author says so", () => {
    expect(destinationOf({ endpoint: "http://collector.example.com:4318", insecure: true })).toBe("http://collector.example.com:4318/v1/logs");
  });

  it("keeps its query out of sight", () => {
    expect(destinationOf({ endpoint: `${endpoint}?token=k-123` })).toBe(`${endpoint}/v1/logs`);
  });

  interface GtbInput {
    readonly url: string;
    readonly insecure?: boolean;
  }
  type GtbEndpoint = { readonly error: true } | { readonly error?: never; readonly host: string; readonly path: string };

  const vectors = vectorsOf<GtbInput, GtbEndpoint>("gtb.otel_endpoint").map(({ id, input, expected }) => ({
    id,
    options: { endpoint: input.url, insecure: input.insecure === true },
    // A slash at the end is trimmed, so that none stands twice.
    destination: expected.error ? undefined : `${expected.host}${expected.path.replace("//", "/")}`,
  }));

  it.each(vectors.filter(({ destination }) => destination === undefined))("is refused as by GTB: $id", ({ options }) => {
    expect(refusalOf(options)).toMatchObject({ code: "ERR_CANDOR_CONFIG", message: expect.stringContaining("backend.endpoint") });
  });

  it.each(vectors.filter(({ destination }) => destination !== undefined))("is read as by GTB: $id", ({ options, destination }) => {
    expect(destinationOf(options)).toBe(`https://${destination}`);
  });
});

describe("headers", () => {
  it.each(vectorsOf<string, boolean>("gtb.sensitive_header"))("give a hint by name where they carry a credential, and never by value: $id", ({ input, expected }) => {
    const lines: { message: string; fields: LogFields | undefined }[] = [];
    otlpBackend({ endpoint, headers: { [input]: "k-123" } }, contextWith(lines));
    const hints = lines.filter(({ message }) => message.includes("looks like a credential"));
    expect(hints.map(({ fields }) => fields)).toEqual(expected ? [{ header: input }] : []);
    expect(JSON.stringify(lines)).not.toContain("k-123");
  });
});
