import { describe, expect, it } from "@jest/globals";
import { isSensitiveHeader, silentLogger } from "@candor/backend";
import { backendContract, sampleEvent, startIntake } from "@candor/testing";
import { createDestination } from "../../src/destination/backend-registry.ts";
import { intakesPerTest } from "../intakes-per-test.ts";
import { vectorsOf } from "../vectors.ts";

/** A registry that knows no more than the built-in names. */
const ALONE = { loaders: {}, modules: {}, environment: {}, resolveFrom: undefined };

const intakes = intakesPerTest();

describe("the http backend and the contract", () => {
  backendContract({
    it,
    without: { credential: "its headers are the author's own" },
    async make(context) {
      const intake = await startIntake();
      const { backend } = await createDestination({ use: "http", endpoint: intake.url }, { ...context, ...ALONE });
      return { backend, script: (reply) => intake.script(reply), requestCount: () => intake.requests.length, received: async () => intake.events().map(({ id }) => (typeof id === "string" ? id : "")), dispose: () => intake.close() };
    },
  });
});

describe("the http backend", () => {
  /** GTB takes a redirect that nobody followed for a delivery; candor keeps the events. */
  const undelivered = ["gtb.http_send_error#3", "gtb.http_send_error#4"];

  it.each(vectorsOf<{ status: number | "network" }, { error: boolean }>("gtb.http_send_error"))("$id", async ({ id, input, expected }) => {
    const intake = await intakes.startWith(input.status === "network" ? { action: "refuse" } : { action: "answer", status: input.status });
    const context = { toolName: "notes", toolVersion: "1", dataDirectory: "/nowhere", logger: silentLogger, ...ALONE };
    const { backend } = await createDestination({ use: "http", endpoint: intake.url }, context);
    const { status } = await backend.send([sampleEvent()], { signal: new AbortController().signal });
    expect(status !== "accepted").toBe(undelivered.includes(id) ? true : expected.error);
    await backend.close();
  });

  it.each(vectorsOf<string, boolean>("gtb.sensitive_header"))("$id: knows a header that looks like a credential", ({ input, expected }) => {
    expect(isSensitiveHeader(input)).toBe(expected);
  });

  it("posts one JSON array in GTB's form, with the author's headers and the tool's name", async () => {
    const intake = await intakes.start();
    const context = { toolName: "notes", toolVersion: "1.2.3", dataDirectory: "/nowhere", logger: silentLogger, ...ALONE };
    const { backend, description } = await createDestination({ use: "http", endpoint: `${intake.url}/e?key=secret`, headers: { "x-team": "a" } }, context);
    await backend.send([sampleEvent({ name: "e1" }), sampleEvent({ name: "e2" })], { signal: new AbortController().signal });
    expect(intake.requests).toHaveLength(1);
    expect(intake.requests[0]).toMatchObject({ method: "POST", path: "/e?key=secret", headers: { "content-type": "application/json", "user-agent": "notes/1.2.3 candor", "x-team": "a" } });
    expect(intake.events()).toMatchObject([{ name: "e1", machine_id: expect.any(String) }, { name: "e2" }]);
    expect(description).not.toContain("secret");
    await backend.close();
  });

  it("is not built on options it cannot use", async () => {
    const context = { toolName: "notes", toolVersion: "1", dataDirectory: "/nowhere", logger: silentLogger, ...ALONE };
    for (const options of [{}, { endpoint: "" }, { endpoint: "http://x.example" }, { endpoint: "https://x.example", haeders: {} }, { endpoint: "https://x.example", tls: { caFile: "/does/not/exist" } }]) {
      await expect(createDestination({ use: "http", ...options }, context)).rejects.toMatchObject({ code: "ERR_CANDOR_CONFIG" });
    }
  });

  it.each<[string, unknown]>([
    ["timeoutMs", "5000"],
    ["timeoutMs", 0],
    ["timeoutMs", -5],
    ["gzip", "yes"],
    ["insecure", "true"],
  ])("refuses %s: %j, which would have it wait no time or do without", async (option, value) => {
    const context = { toolName: "notes", toolVersion: "1", dataDirectory: "/nowhere", logger: silentLogger, ...ALONE };
    const refusal: unknown = await createDestination({ use: "http", endpoint: "https://x.example", [option]: value }, context).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "ERR_CANDOR_CONFIG", message: expect.stringContaining(`backend.${option} must be`) });
  });

  it("refuses an event that JSON cannot hold, and makes no request", async () => {
    const intake = await intakes.start();
    const context = { toolName: "notes", toolVersion: "1", dataDirectory: "/nowhere", logger: silentLogger, ...ALONE };
    const { backend } = await createDestination({ use: "http", endpoint: intake.url }, context);
    const result = await backend.send([sampleEvent({ metadata: { size: 1n as never } })], { signal: new AbortController().signal });
    expect(result).toEqual({ status: "rejected", reason: "an event cannot be written as JSON" });
    expect(intake.requests).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ["a name that is none", { "a b": "hunter2" }, 'backend.headers "a b" is not a header name'],
    ["a value beyond HTTP's letters", { a: "hunter2\u{1f642}" }, 'backend.headers "a" has a value that HTTP does not allow'],
    ["the type of a body that is candor's to write", { "Content-Type": "hunter2" }, 'backend.headers "Content-Type" is set by the backend itself'],
    ["an encoding of a body that is candor's to write", { "content-encoding": "hunter2" }, 'backend.headers "content-encoding" is set by the backend itself'],
    ["a text in place of them", "hunter2", "backend.headers must be an object"],
  ])("refuses headers with %s, and repeats no value", async (_, headers, problem) => {
    const context = { toolName: "notes", toolVersion: "1", dataDirectory: "/nowhere", logger: silentLogger, ...ALONE };
    const refusal: unknown = await createDestination({ use: "http", endpoint: "https://x.example", headers }, context).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "ERR_CANDOR_CONFIG", message: expect.stringContaining(problem) });
    expect(String(refusal)).not.toContain("hunter2");
  });
});
