import { describe, expect, it } from "@jest/globals";
import { vectorsOf } from "../../core/test/vectors.ts";
import { thrownBy } from "../../backend/test/thrown-by.ts";
import { posthogBackend, type PostHogBackendOptions } from "../src/index.ts";
import { contextWith, TOKEN } from "./posthog-context.ts";

const destinationOf = (options: Partial<PostHogBackendOptions>): string => posthogBackend({ apiKey: TOKEN, ...options }, contextWith()).destination;

/** The error that options cause; `undefined` when they cause none. */
const refusalOf = (options: unknown): unknown => thrownBy(() => posthogBackend(options as PostHogBackendOptions, contextWith()));

describe("wrong options", () => {
  it.each<[string, unknown]>([
    ["backend must be an object", undefined],
    ["backend must be an object", "phc_a"],
    ["backend.apiKey is missing", {}],
    ["backend.apiKey is missing", { apiKey: "" }],
    ["backend.apiKey is missing", { apiKey: 7 }],
    ["backend.apiKey is a secret key, which must never be in a tool", { apiKey: "phx_very-secret" }],
    ["backend.apiKey is a secret key, which must never be in a tool", { apiKey: "phs_very-secret" }],
    ["backend.apiKey is not a project token", { apiKey: "phc_very-secret\n" }],
    ["backend.apiKey is not a project token", { apiKey: " phc_very-secret" }],
    ["backend.apiKey is not a project token", { apiKey: "phc_very-secret-ü" }],
    ["backend.apiKey is not a project token", { apiKey: `phc_very-secret${"a".repeat(64)}` }],
    ["backend.region must be us or eu; for a PostHog of your own give host", { apiKey: TOKEN, region: "xx" }],
    ["backend.region must be us or eu", { apiKey: TOKEN, region: "US" }],
    ["backend.region must be us or eu", { apiKey: TOKEN, region: "" }],
    ["backend.region must be us or eu", { apiKey: TOKEN, region: "toString" }],
    ["backend.region must be us or eu", { apiKey: TOKEN, region: 1 }],
    ["backend.region says the same as host", { apiKey: TOKEN, region: "eu", host: "https://posthog.example.com" }],
    ["backend.host is empty", { apiKey: TOKEN, host: "" }],
    ["backend.host is empty", { apiKey: TOKEN, host: 7 }],
    ["backend.host must begin with https://", { apiKey: TOKEN, host: "posthog.example.com" }],
    ["backend.host uses plain http", { apiKey: TOKEN, host: "http://posthog.example.com" }],
    ["backend.host holds a user name or password", { apiKey: TOKEN, host: "https://me:very-secret@posthog.example.com" }],
    ["backend.insecure", { apiKey: TOKEN, insecure: "yes" }],
    ["backend.gzip", { apiKey: TOKEN, gzip: "no" }],
    ["backend.timeoutMs", { apiKey: TOKEN, timeoutMs: 0 }],
    ["backend.timeoutMs", { apiKey: TOKEN, timeoutMs: "5000" }],
    ["backend.timeoutMs", { apiKey: TOKEN, timeoutMs: 2 ** 31 }],
    ["backend.personProfiles", { apiKey: TOKEN, personProfiles: "false" }],
    ["backend.geoip", { apiKey: TOKEN, geoip: 0 }],
    ["backend.timeoutMS is not an option; the options are apiKey, region, host, insecure, gzip, timeoutMs, tls, personProfiles, geoip", { apiKey: TOKEN, timeoutMS: 1 }],
    ["backend.tls.cafile is not an option; the options are caFile, certificateFile, keyFile", { apiKey: TOKEN, tls: { cafile: "/ca.pem" } }],
    ["backend.tls.caFile: /nonexistent/ca.pem cannot be read", { apiKey: TOKEN, tls: { caFile: "/nonexistent/ca.pem" } }],
    ["backend.tls.keyFile is missing", { apiKey: TOKEN, tls: { certificateFile: __filename } }],
  ])("are refused at once, and no secret is repeated: %s", (message, options) => {
    const refusal = refusalOf(options);
    expect(refusal).toMatchObject({ name: "CandorError", code: "ERR_CANDOR_CONFIG", message: expect.stringContaining(message) });
    expect(String(refusal)).not.toMatch(/very.?secret/);
  });
});

describe("the address of requests", () => {
  it.each<[Partial<PostHogBackendOptions>, string]>([
    [{}, "https://us.i.posthog.com/batch/"],
    [{ region: "eu" }, "https://eu.i.posthog.com/batch/"],
    [{ host: "https://posthog.example.com" }, "https://posthog.example.com/batch/"],
    [{ host: "https://posthog.example.com/" }, "https://posthog.example.com/batch/"],
    [{ host: "https://proxy.example.com/ingest//" }, "https://proxy.example.com/ingest/batch/"],
    [{ host: "https://posthog.example.com/batch" }, "https://posthog.example.com/batch/"],
    [{ host: "https://posthog.example.com/batch/" }, "https://posthog.example.com/batch/"],
    [{ host: "https://posthog.example.com/?tenant=7#x" }, "https://posthog.example.com/batch/"],
    [{ host: "http://posthog.internal:8000", insecure: true }, "http://posthog.internal:8000/batch/"],
    [{ host: "http://127.0.0.1:8000" }, "http://127.0.0.1:8000/batch/"],
  ])("follows from %j", (options, expected) => {
    expect(destinationOf(options)).toBe(expected);
  });

  const vectors = vectorsOf<{ instance: "us" | "eu" }, string>("gtb.posthog_endpoint");
  /** Sending to the US what was meant for elsewhere cannot be undone, so an unknown region is an error. */
  const unknownRegion = "gtb.posthog_endpoint#3";

  // PostHog documents /batch/ for bodies that hold a batch; GTB's /capture/ is an older address, for one event.
  it.each(vectors.filter(({ id }) => id !== unknownRegion))("is GTB's but for the path: $id", ({ input, expected }) => {
    expect(destinationOf({ region: input.instance })).toBe(expected.replace("/capture/", "/batch/"));
  });

  it.each(vectors.filter(({ id }) => id === unknownRegion))("is none where GTB takes the US: $id", ({ input, expected }) => {
    expect(expected).toContain("us.i.posthog.com");
    expect(refusalOf({ apiKey: TOKEN, region: input.instance })).toMatchObject({ code: "ERR_CANDOR_CONFIG" });
  });
});
