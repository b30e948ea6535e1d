/** The backend under core's own delivery: what one bad event costs, and how the user hears of it. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Backend, TelemetryEvent } from "@candor/backend";
import { type PostHogIntake, type PostHogIntakeOptions, startPostHogIntake } from "@candor/testing";
import { status } from "../../core/src/commands.ts";
import { readLosses } from "../../core/src/spool/losses.ts";
import type { Spool } from "../../core/src/spool/spool.ts";
import { type Workstation, workstation } from "../../core/test/fake-ports.ts";
import { addBatch, namedEvents, runUpload, spoolOn, stored } from "../../core/test/fixtures.ts";
import { answer, closeAll, collectorOn } from "../../core/test/options.ts";
import { posthogBackend } from "../src/index.ts";
import { contextWith, TOKEN } from "./posthog-context.ts";

let machine: Workstation;
let spool: Spool;
let intake: PostHogIntake;
const intakes: PostHogIntake[] = [];

beforeEach(() => {
  machine = workstation();
  spool = spoolOn(machine);
});
afterEach(async () => {
  await closeAll();
  await Promise.all(intakes.splice(0).map((each) => each.close()));
  machine.dispose();
});

async function backendWith(options: PostHogIntakeOptions = {}): Promise<Backend> {
  intake = await startPostHogIntake({ token: TOKEN, ...options });
  intakes.push(intake);
  return posthogBackend({ apiKey: TOKEN, host: intake.url }, contextWith());
}

const deliver = (backend: Backend): ReturnType<typeof runUpload> => runUpload(spool, [{ key: "ph", description: "posthog", backend }], { retryWaitsMs: [] });

const POISON = "e137";

describe("one poisoned event among 500", () => {
  it("costs itself, and the others arrive once each", async () => {
    const backend = await backendWith({ isPoison: ({ properties }) => properties["event_name"] === POISON });
    const events = namedEvents(500);
    addBatch(spool, events);
    expect(await deliver(backend)).toEqual({ accepted: 499, rejected: 1, failures: {} });
    expect(new Set(intake.accepted.map(({ uuid }) => uuid))).toEqual(new Set(events.filter(({ name }) => name !== POISON).map(({ id }) => id)));
    expect(intake.accepted).toHaveLength(499);
    expect(stored(spool)).toEqual([]);
    expect(readLosses(spool.directories, machine.ports)).toEqual({});
    expect(readFileSync(spool.directories.rejectedFile, "utf8").trim().split("\n").map((line) => JSON.parse(line).event.name)).toEqual([POISON]);
    // Halving 500 down to one, the other half each time.
    expect(intake.requests.length).toBeLessThanOrEqual(1 + 2 * 9);
  });

  it("is found without a search where candor can name it", async () => {
    const backend = await backendWith();
    const events = namedEvents(500).map((event): TelemetryEvent => (event.name === POISON ? { ...event, machineId: "" } : event));
    addBatch(spool, events);
    expect(await deliver(backend)).toEqual({ accepted: 499, rejected: 1, failures: {} });
    expect(intake.requests).toHaveLength(1);
    expect(intake.accepted).toHaveLength(499);
  });

  it("shows in the status", async () => {
    const backend = await backendWith({ isPoison: ({ properties }) => properties["event_name"] === POISON });
    answer(machine);
    const collector = collectorOn(machine, { backend });
    for (const { type, name } of namedEvents(500)) collector.track(type, name);
    await collector.flush({ timeoutMs: 20_000 });
    const { lines } = status(collector);
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Pending: 0 events/),
        expect.stringMatching(/^Sent to posthog \(http:\/\/127\.0\.0\.1:\d+\/batch\/\): 499 events, 1 refused/),
      ]),
    );
    expect(lines.join("\n")).not.toContain(TOKEN);
  });
});

describe("an answer that is no acknowledgement", () => {
  it.each<[string, Parameters<PostHogIntake["script"]>[0]]>([
    ["a refused connection", { action: "refuse" }],
    ["a reset amid the request", { action: "reset", when: "before-body" }],
    ["a reset before the answer", { action: "reset", when: "after-body" }],
    ["a reset amid the answer", { action: "truncate", body: '{"status":"Ok"}' }],
    ["no answer", { action: "hang" }],
    ["an answer without end", { action: "trickle" }],
    ["401", { action: "answer", status: 401, body: `API key is not valid: ${TOKEN}` }],
    ["403", { action: "answer", status: 403 }],
    ["404", { action: "answer", status: 404 }],
    ["429 with seconds", { action: "answer", status: 429, headers: { "retry-after": "30" } }],
    ["429 with a date", { action: "answer", status: 429, headers: { "retry-after": "Fri, 31 Dec 2100 23:59:59 GMT" } }],
    ["429 with nonsense", { action: "answer", status: 429, headers: { "retry-after": "soon" } }],
    ["500", { action: "answer", status: 500 }],
    ["503", { action: "answer", status: 503 }],
    ["a web page", { action: "answer", status: 200, headers: { "content-type": "text/html" }, body: "<html>log in</html>" }],
    ["malformed JSON", { action: "answer", status: 200, body: '{"status":"Ok"' }],
    ["a redirect", { action: "answer", status: 307, headers: { location: `/batch/?${TOKEN}` } }],
  ])("loses nothing and leaks nothing: %s", async (_, reply) => {
    const backend = await backendWith();
    addBatch(spool, namedEvents(3));
    await intake.script(reply);
    const before = await runUpload(spool, [{ key: "ph", description: "posthog", backend }], { retryWaitsMs: [], sendTimeoutMs: 500 });
    expect(before).toMatchObject({ accepted: 0, rejected: 0, failures: { posthog: expect.any(String) } });
    expect(JSON.stringify(before)).not.toContain(TOKEN);
    expect(stored(spool)).toEqual(["e1", "e2", "e3"]);
    expect(intake.accepted).toEqual([]);

    await intake.resume();
    const after = await runUpload(spool, [{ key: "ph", description: "posthog", backend }], { ignoreBackoff: true });
    expect(after).toEqual({ accepted: 3, rejected: 0, failures: {} });
    expect(intake.accepted).toHaveLength(3);
    expect(stored(spool)).toEqual([]);
  });

  it("splits a batch that is too large for the server", async () => {
    const backend = await backendWith();
    addBatch(spool, namedEvents(4));
    await intake.script({ action: "answer", status: 413 });
    expect(await deliver(backend)).toEqual({ accepted: 4, rejected: 0, failures: {} });
    expect(intake.requests).toHaveLength(3);
    expect(intake.accepted).toHaveLength(4);
  });
});
