import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Backend, type DeliveryResult, silentLogger, type TelemetryEvent } from "@candor/backend";
import { type Intake, sampleEvent, startIntake, type TemporaryHome, temporaryHome } from "@candor/testing";
import { vectorsOf } from "../../core/test/vectors.ts";
import { countersBackend, type CountersBackendOptions } from "../src/index.ts";

const OK = { action: "answer", status: 200, body: "OK" } as const;
const LATER = { action: "answer", status: 503 } as const;

let home: TemporaryHome;
let intake: Intake;
let file: string;
let backend: Backend;

beforeEach(async () => {
  home = temporaryHome({});
  intake = await startIntake({ reply: OK });
  backend = make();
  file = join(home.path, "data", nameFor(`${intake.url}/telemetry`));
});
afterEach(async () => {
  await backend.close();
  await intake.close();
  home.dispose();
});

/** The name of the file of a relay's counts. */
function nameFor(endpoint: string): string {
  return `counters-${createHash("sha256").update(endpoint).digest("hex").slice(0, 8)}.yaml`;
}

function make(options: Partial<CountersBackendOptions> = {}): Backend {
  return countersBackend({ endpoint: `${intake.url}/telemetry`, ...options }, { toolName: "notes", toolVersion: "1.2.3", dataDirectory: join(home.path, "data"), logger: silentLogger });
}

const event = (overrides: Partial<TelemetryEvent> = {}): TelemetryEvent => sampleEvent({ name: "notes list", machineId: "m", ...overrides });
const send = (...events: readonly TelemetryEvent[]): Promise<DeliveryResult> => backend.send(events, { signal: new AbortController().signal });
/** What the relay was told of `notes list`, request by request. */
const told = (): unknown[] => intake.requests.map(({ body }) => JSON.parse(body).metric_points["notes list"][0].cumulative_count);

describe("the counters backend", () => {
  it.each(vectorsOf<{ status: number; body: string }, { ok: boolean }>("pace.upload_result"))("believes only the relay's own answer: $id", async ({ input: { status, body }, expected }) => {
    intake.reply({ action: "answer", status, body });
    expect((await send(event())).status).toBe(expected.ok ? "accepted" : "retry");
  });

  it.each([[201, "retry"], [401, "blocked"], [302, "blocked"], [400, "rejected"], [429, "retry"]])("reads status %d as %s", async (status, expected) => {
    intake.reply({ action: "answer", status, body: "OK" });
    expect(await send(event())).toMatchObject({ status: expected, reason: expect.stringContaining(String(status)) });
  });

  it("posts what PACE posts, to where PACE's relay would be", async () => {
    await send(event({ toolVersion: "v1.16.0", os: "darwin" }));
    const [request] = intake.requests;
    expect(request).toMatchObject({ method: "POST", path: "/telemetry", headers: { "content-type": "application/json", "user-agent": "notes/1.2.3 candor" } });
    expect(request?.body).toBe('{"metric_points":{"notes list":{"0":{"cumulative_count":1}}},"cli_version":"v1.16.0","operating_system":"darwin","id":"m"}');
  });

  it("adds to what the relay has acknowledged, across processes", async () => {
    await send(event(), event());
    await backend.close();
    backend = make();
    await send(event());
    expect(told()).toEqual([2, 3]);
  });

  it("says the same again where the relay did not answer, and counts nothing twice", async () => {
    intake.reply(LATER);
    const batch = [event(), event()];
    expect((await send(...batch)).status).toBe("retry");
    expect(readdirSync(home.path)).not.toContain("data");
    expect((await send(...batch)).status).toBe("accepted");
    expect(told()).toEqual([2, 2]);
  });

  it("loses no count of sends at the same time", async () => {
    await Promise.all(Array.from({ length: 8 }, () => send(event())));
    expect(new Set(told())).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
    await send(event());
    expect(told().at(-1)).toBe(9);
  });

  it("tells what another send has failed with again, and not twice", async () => {
    const failing = event();
    const stop = new AbortController();
    let first: Promise<DeliveryResult> | undefined;
    await new Promise<void>((resolve) => {
      intake.reply({ action: "hang", onReached: resolve });
      first = backend.send([failing], { signal: stop.signal });
    });
    expect((await send(event())).status).toBe("accepted");
    stop.abort();
    expect(await first).toMatchObject({ status: "retry" });
    expect((await send(failing)).status).toBe("accepted");
    expect(told()).toEqual([1, 2, 2]);
  });

  it("keeps a file that only its user can read, in a directory of the same kind", async () => {
    await send(event());
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(home.path, "data")).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(home.path, "data"))).toEqual([basename(file)]);
    expect(readFileSync(file, "utf8")).toContain("    notes list:\n        0:\n            cumulative_count: 1\n");
  });

  it.each(["漢", "\u0001"])("reads its own file when it is as large as it can be: 2,000 names of %j", async (character) => {
    const events = Array.from({ length: 2_000 }, (_, index) => event({ name: String(index).padEnd(256, character) }));
    await send(...events);
    await send(event({ name: events[0]?.name ?? "" }));
    expect(readdirSync(join(home.path, "data"))).toEqual([basename(file)]);
    expect(Object.keys(JSON.parse(intake.requests.at(-1)?.body ?? "").metric_points)).toHaveLength(2_000);
  });

  it("keeps apart what two relays have acknowledged", async () => {
    const other = make({ endpoint: `${intake.url}/other` });
    for (const each of [backend, other, backend]) await each.send([event()], { signal: new AbortController().signal });
    await other.close();
    expect(intake.requests.map(({ path }) => path)).toEqual(["/telemetry", "/other", "/telemetry"]);
    expect(told()).toEqual([1, 1, 2]);
  });

  it("writes over what a killed process has left of a write", async () => {
    mkdirSync(join(home.path, "data"), { mode: 0o700 });
    writeFileSync(`${file}.tmp`, "torn");
    expect(await send(event())).toEqual({ status: "accepted" });
    expect(readdirSync(join(home.path, "data"))).toEqual([basename(file)]);
  });

  it("makes no request and no file for events without a name", async () => {
    expect(await send(event({ name: "" }))).toEqual({ status: "accepted" });
    expect(intake.requests).toHaveLength(0);
    expect(readdirSync(home.path)).not.toContain("data");
  });

  it.each(["", "metric_points:\n    no", "cli_version: v1\n"])("sets aside what it does not understand, once the relay has the new counts (%j)", async (text) => {
    mkdirSync(join(home.path, "data"), { mode: 0o700 });
    writeFileSync(file, text);
    intake.reply(LATER);
    await send(event());
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(await send(event())).toEqual({ status: "accepted" });
    expect(readFileSync(`${file}.damaged`, "utf8")).toBe(text);
  });

  it("follows no link, neither to read nor to write", async () => {
    mkdirSync(join(home.path, "data"), { mode: 0o700 });
    symlinkSync(join(home.path, "elsewhere"), file);
    expect(await send(event())).toMatchObject({ status: "blocked", reason: expect.stringContaining("link") });
    expect(intake.requests).toHaveLength(0);
    expect(readdirSync(home.path)).not.toContain("elsewhere");
  });

  it("keeps the batch where the counts cannot be written down, and the relay is told the same again", async () => {
    writeFileSync(join(home.path, "data"), "in the way");
    expect(await send(event())).toMatchObject({ status: "retry", reason: expect.stringContaining("written down") });
    expect((await send(event())).status).toBe("retry");
    expect(told()).toEqual([1, 1]);
  });

  it("does not say that it passed on a request for deletion", async () => {
    const request = event({ type: "data.deletion_request", name: "deletion_request" });
    expect(await send(event(), request)).toMatchObject({ status: "rejected", rejected: [{ id: request.id }] });
    expect(intake.requests).toHaveLength(0);
  });

  it.each<[string, object, string]>([
    ["no endpoint", { endpoint: "" }, "backend.endpoint"],
    ["an endpoint with a password", { endpoint: "https://u:hunter2@relay.example" }, "backend.endpoint"],
    ["a relative path", { path: "counters.yaml" }, "backend.path"],
    ["a path with a line break", { path: "/a\nb" }, "backend.path"],
    ["a misspelt option", { intervall: 1 }, "backend.intervall"],
  ])("refuses %s by its name", (_what, options, field) => {
    expect(() => make(options)).toThrow(field);
    expect(() => make(options)).not.toThrow("hunter2");
  });
});
