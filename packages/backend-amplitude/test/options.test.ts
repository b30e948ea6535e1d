import { describe, expect, it } from "@jest/globals";
import { createInstance } from "@amplitude/analytics-node";
import { vectorsOf } from "../../core/test/vectors.ts";
import { thrownBy } from "../../backend/test/thrown-by.ts";
import { amplitudeBackend, type AmplitudeBackendOptions } from "../src/index.ts";
import { apiKey, contextWith } from "./amplitude-fixture.ts";

const make = (options: Partial<AmplitudeBackendOptions> = {}) => amplitudeBackend({ apiKey, ...options }, contextWith());

/** The error that options cause; `undefined` when they cause none. */
const refusalOf = (options: unknown): unknown => thrownBy(() => amplitudeBackend(options as AmplitudeBackendOptions, contextWith()));

describe("wrong options", () => {
  it.each<[string, unknown]>([
    ["backend must be an object", undefined],
    ["backend.apiKey is missing", {}],
    ["backend.apiKey is missing", { apiKey: "" }],
    ["backend.apiKey is missing", { apiKey: " " }],
    ["backend.apiKey is missing", { apiKey: 7 }],
    ["backend.apiKey holds a line break", { apiKey: "k-123\n" }],
    ["backend.apiKey holds a line break or another control character", { apiKey: "k-123\u0000" }],
    ["backend.apiKey is longer than 256 characters", { apiKey: "k-123".repeat(60) }],
    ['backend.serverZone must be "US" or "EU"', { apiKey, serverZone: "eu" }],
    ['backend.schema must be "candor" or "datarobot"', { apiKey, schema: "gtb" }],
    ["backend.batch must be true or false", { apiKey, batch: "yes" }],
    ["backend.gzip must be true or false", { apiKey, gzip: 1 }],
    ["backend.verbose must be true or false", { apiKey, verbose: null }],
    ["backend.insecure must be true or false", { apiKey, insecure: "no" }],
    ["backend.endpoint uses plain http", { apiKey, endpoint: "http://amplitude.example.com/batch" }],
    ["backend.endpoint holds a user name or password", { apiKey, endpoint: "https://k-123@amplitude.example.com" }],
    ["backend.endpoint", { apiKey, endpoint: 443 }],
    ["backend.timeoutMs must be a whole number of milliseconds from 1 to 2147483647", { apiKey, timeoutMs: 0 }],
    ["backend.timeoutMs", { apiKey, timeoutMs: 2 ** 31 }],
    ["backend.minIdLength", { apiKey, minIdLength: 0 }],
    ["backend.minIdLength", { apiKey, minIdLength: 17 }],
    ["backend.batchSize must be a whole number from 1 to 1999", { apiKey, batchSize: 2_000 }],
    ["backend.batchSize", { apiKey, batchSize: 1.5 }],
    ["backend.batchSize", { apiKey, batch: true, batchSize: 0 }],
    ["backend.timeoutMS is not an option; the options are apiKey, serverZone, batch, endpoint, insecure, schema, gzip, timeoutMs, minIdLength, batchSize, tls, verbose", { apiKey, timeoutMS: 1 }],
    ["backend.tls.cafile is not an option; the options are caFile, certificateFile, keyFile", { apiKey, tls: { cafile: "/ca.pem" } }],
    ["backend.tls.caFile: /nonexistent/ca.pem cannot be read", { apiKey, tls: { caFile: "/nonexistent/ca.pem" } }],
  ])("are refused at once, without a value: %s", (message, options) => {
    const refusal = refusalOf(options);
    expect(refusal).toMatchObject({ name: "CandorError", code: "ERR_CANDOR_CONFIG", message: expect.stringContaining(message) });
    expect(String(refusal)).not.toMatch(new RegExp(`k-123|${apiKey}`));
  });
});

describe("the address", () => {
  it.each(vectorsOf<{ zone: "US" | "EU"; batch: boolean }, string>("dr.amplitude_url"))("is Amplitude's: $id", ({ input, expected }) => {
    expect(make({ serverZone: input.zone, batch: input.batch }).destination).toBe(expected);
  });

  it.each([
    ["US", false],
    ["US", true],
    ["EU", false],
    ["EU", true],
  ] as const)("is the one that the SDK would choose itself (%s, batch %s)", async (serverZone, batch) => {
    let chosen = "";
    const client = createInstance();
    const transportProvider = {
      send(url: string) {
        chosen = url;
        return Promise.resolve({ status: "success", statusCode: 200 } as const);
      },
    };
    await client.init(apiKey, { serverZone, useBatch: batch, flushIntervalMillis: 0, logLevel: 0, transportProvider }).promise;
    client.track({ event_type: "x", device_id: "device-1" });
    await client.flush().promise;
    expect(make({ serverZone, batch }).destination).toBe(chosen);
  });

  it("is in the United States by default", () => {
    expect(make().destination).toBe("https://api2.amplitude.com/2/httpapi");
  });

  it("may be another one, complete, which overrides the zone and keeps its query out of sight", () => {
    expect(make({ endpoint: "https://relay.example.com/in?token=k", serverZone: "EU" }).destination).toBe("https://relay.example.com/in");
    expect(make({ endpoint: "http://relay.example.com/in", insecure: true }).destination).toBe("http://relay.example.com/in");
  });
});

describe("the limits", () => {
  it.each<[string, Partial<AmplitudeBackendOptions>, number]>([
    ["200 events in candor's schema", {}, 200],
    ["1,000 by the batch API", { batch: true }, 1_000],
    ["10 in DataRobot's", { schema: "datarobot" }, 10],
    ["what the author says", { schema: "datarobot", batchSize: 7 }, 7],
    ["1,999 at most", { batchSize: 1_999 }, 1_999],
  ])("are %s", (_, options, maxEvents) => {
    expect(make(options).limits.maxEvents).toBe(maxEvents);
  });
});
