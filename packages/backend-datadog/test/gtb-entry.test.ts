import { describe, expect, it } from "@jest/globals";
import { type GtbEvent, gtbEvent } from "../../core/test/gtb-event.ts";
import { vectorsOf } from "../../core/test/vectors.ts";
import { encodeEvents } from "../src/encode.ts";
import { datadogBackend, type DatadogSite } from "../src/index.ts";
import { contextWith, entriesOf, secret } from "./datadog-entries.ts";

interface GtbInput {
  readonly event: GtbEvent;
  readonly api_key: string;
}

interface GtbRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly Readonly<Record<string, string>>[];
}

/** Differences that are meant, by the vector's id. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  "gtb.datadog#1": "duration, exit code and versions are not dropped; candor writes the timestamp with milliseconds, and the address is that of v2",
  "gtb.datadog_region#8": "an unknown region is refused with the list of sites, because data must not go to another country by a typing error",
};

/** GTB posts to the earlier intake; the host is the same. */
const asV2 = (url: string): string => url.replace("/v1/input", "/api/v2/logs");

describe("GTB's entry", () => {
  it.each(vectorsOf<GtbInput, GtbRequest>("gtb.datadog"))(`is kept, and added to: $id`, ({ id, input, expected }) => {
    expect(DIFFERENCES).toHaveProperty([id]);
    const { entries } = encodeEvents([gtbEvent(input.event)], { sentAtMs: Date.parse(input.event["timestamp"] ?? ""), source: "gtb", tags: "" });
    const [{ timestamp: gtbTimestamp, ...gtbEntry } = {}] = expected.body;
    expect(entries).toEqual([expect.objectContaining(gtbEntry)]);
    expect(entries).toEqual([expect.objectContaining({ event_time: gtbTimestamp, duration: 142_000_000, exit_code: 1, os_version: "6.8.0", node_version: "go1.26.1" })]);
    const [written] = entriesOf(JSON.stringify(entries));
    expect(Date.parse(written?.timestamp ?? "")).toBe(Date.parse(gtbTimestamp ?? ""));
    expect(datadogBackend({ apiKey: input.api_key }, contextWith()).destination).toBe(asV2(expected.url));
  });
});

describe("GTB's region", () => {
  const vectors = vectorsOf<string, string>("gtb.datadog_region");

  it.each(vectors.filter(({ id }) => !(id in DIFFERENCES)))("leads to the same host: $id", ({ input, expected }) => {
    expect(datadogBackend({ apiKey: secret, site: input as DatadogSite }, contextWith()).destination).toBe(asV2(expected));
  });

  it.each(vectors.filter(({ id }) => id in DIFFERENCES))("is refused where GTB guesses: $id", ({ input }) => {
    expect(() => datadogBackend({ apiKey: secret, site: input as DatadogSite }, contextWith())).toThrow("backend.site is not a site of Datadog");
  });
});
