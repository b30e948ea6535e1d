import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { post } from "@candor/backend";
import type { Intake } from "@candor/testing";
import { startCollector } from "./otlp-intake.ts";

let collector: Intake;
beforeAll(async () => {
  collector = await startCollector();
});
afterAll(() => collector.close());

const json = { "content-type": "application/json" };
const empty = '{"resourceLogs":[]}';

it.each<[number, string, string, Readonly<Record<string, string>>, string]>([
  [200, "a request without records", "/v1/logs", json, empty],
  [200, "one below a path, with a query", "/otlp/v1/logs?tenant=7", json, empty],
  [404, "one to another signal", "/v1/traces", json, empty],
  [415, "one of another type", "/v1/logs", { "content-type": "application/x-protobuf" }, empty],
  [400, "one that is no JSON", "/v1/logs", json, empty.slice(1)],
  [400, "a field that OTLP does not have", "/v1/logs", json, '{"resourceLogs":[],"events":[]}'],
  [413, "more than 4 MiB", "/v1/logs", json, empty + " ".repeat(4 * 1024 * 1024)],
])("the fake collector answers %i to %s", async (statusCode, _, path, headers, body) => {
  expect(await post({ url: `${collector.url}${path}`, headers, body, proxy: "none" })).toMatchObject({ status: "answered", statusCode });
});
