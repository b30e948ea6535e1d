/** A collector that is down for an hour, on a clock that the test moves, while a tool is used once a minute. */
import { afterEach, beforeEach, expect, it, jest } from "@jest/globals";
import { type Workstation, workstation } from "../../packages/core/test/fake-ports.ts";
import { answer, closeAll, collectorOn } from "../../packages/core/test/options.ts";
import { type RunningCollector, startCollector } from "../collector.ts";
import { describeWithCollector } from "./collector-suite.ts";
import { type Relay, startRelay } from "./relay.ts";

jest.setTimeout(30_000);

const MINUTE_MS = 60_000;
/** Back-off doubles from a minute to an hour; with jitter it begins at half of that. */
const MOST_ATTEMPTS_IN_AN_HOUR = 12;

let collector: RunningCollector;
let relay: Relay;
let machine: Workstation;

beforeEach(async () => {
  collector = await startCollector({ configurations: ["plain"] });
  // Counts the attempts; behind it, nothing listens while the collector is down.
  relay = await startRelay(collector.address);
  machine = workstation();
  answer(machine);
});

afterEach(async () => {
  await closeAll();
  machine.dispose();
  await relay.close();
  await collector.dispose();
});

/** One command: a process of the tool that tracks one event and delivers if it is time to. */
async function command(name: string): Promise<void> {
  const tool = collectorOn(machine.startProcess(), {
    backend: { use: "otlp", endpoint: `http://${relay.address}` },
    backends: { otlp: () => import("@candor/backend-otel") },
    delivery: { by: "interval" },
  });
  tool.track("tool.use", name);
  await tool.close();
}

describeWithCollector("a collector that is down for an hour", () => {
  it("is asked a few times, and then gets every event in order of time, once", async () => {
    await command("before");
    expect(collector.records().map(({ body }) => body)).toEqual(["before"]);

    await collector.stop();
    const attemptsBefore = relay.connections();
    const names = Array.from({ length: 60 }, (_, minute) => `minute ${minute}`);
    for (const name of names) {
      await command(name);
      machine.clock.advance(MINUTE_MS);
    }
    const attempts = relay.connections() - attemptsBefore;
    expect(attempts).toBeGreaterThan(1);
    expect(attempts).toBeLessThanOrEqual(MOST_ATTEMPTS_IN_AN_HOUR);

    await collector.start();
    machine.clock.advance(60 * MINUTE_MS);
    await command("after");

    const records = collector.records();
    expect(records.map(({ body }) => body)).toEqual(["before", ...names, "after"]);
    expect(new Set(records.map(({ uid }) => uid)).size).toBe(records.length);
    const times = records.map(({ timeMs }) => timeMs);
    expect(times).toEqual([...times].sort((left, right) => left - right));
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(120 * MINUTE_MS);
  });

  it("takes what was tracked while it was down, although its answers were lost as it came back", async () => {
    await collector.stop();
    for (let index = 0; index < 20; index++) await command(`e${index}`);
    await collector.start();
    machine.clock.advance(60 * MINUTE_MS);
    relay.breakAt({ when: "answer" }, () => undefined);
    await command("e20");
    machine.clock.advance(60 * MINUTE_MS);
    await command("e21");

    const bodies = collector.records().map(({ body }) => body);
    const expected = Array.from({ length: 22 }, (_, index) => `e${index}`);
    expect(new Set(bodies)).toEqual(new Set(expected));
    const uids = new Map(collector.records().map(({ body, uid }) => [body, uid]));
    expect(collector.records().filter(({ body, uid }) => uids.get(body) !== uid)).toEqual([]);
    expect(bodies.length).toBe(expected.length + 21);
  });
});
