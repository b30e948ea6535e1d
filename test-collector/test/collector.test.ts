/** The collector itself, as the other tests use it. */
import { existsSync } from "node:fs";
import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { sampleEvent, sampleEvents, temporaryHome } from "@candor/testing";
import { type RunningCollector, startCollector } from "../collector.ts";
import { readRecords } from "../collected-records.ts";
import { announceAbsence, describeWithCollector } from "./collector-suite.ts";
import { backendTo, send, uidsIn, uidsOf } from "./sending.ts";

jest.setTimeout(30_000);
announceAbsence();

let collector: RunningCollector | undefined;

afterEach(async () => {
  await collector?.dispose();
  collector = undefined;
});

describeWithCollector("a collector of the tests", () => {
  it("says in its own words why it does not start", async () => {
    await expect(startCollector({ configurations: ["plain", "bearer-token"] })).rejects.toThrow(/ended instead of starting:[^]*bearertokenauth/);
  });

  it("writes records with the event's attributes, body and time", async () => {
    collector = await startCollector({ configurations: ["plain"] });
    const event = sampleEvent({ exitCode: 3, metadata: { format: "table", ratio: 0.5, whole: true, nested: { list: ["a", 1] } } });
    expect(await send(backendTo(collector.address), [event])).toEqual({ status: "accepted" });
    expect(collector.records()).toEqual([
      {
        uid: event.id,
        timeMs: Date.parse(event.timestamp),
        body: "notes list",
        eventName: "command.invocation",
        resource: expect.objectContaining({ "service.name": "notes", "service.version": "1.2.3" }),
        attributes: expect.objectContaining({
          "machine.id": event.machineId,
          "command.exit_code": 3,
          "command.duration_ms": 42,
          format: "table",
          ratio: 0.5,
          whole: true,
          nested: { list: ["a", 1] },
        }),
      },
    ]);
  });

  it("comes back at the same address and keeps what it wrote", async () => {
    collector = await startCollector({ configurations: ["plain"] });
    const backend = backendTo(collector.address);
    const events = sampleEvents(3);
    await send(backend, events.slice(0, 1));
    await collector.restart();
    await send(backend, events.slice(1, 2));
    await collector.kill();
    expect(await send(backend, events.slice(2))).toMatchObject({ status: "retry" });
    await collector.start();
    await send(backend, events.slice(2));
    expect(uidsIn(collector)).toEqual(uidsOf(events));
  });

  it("leaves nothing behind", async () => {
    const started = await startCollector({ configurations: ["plain"] });
    const { directory, processId = 0 } = started;
    await started.dispose();
    expect(existsSync(directory)).toBe(false);
    expect(() => process.kill(processId, 0)).toThrow(expect.objectContaining({ code: "ESRCH" }));
  });
});

describe("the records of a file", () => {
  const line = (...uids: string[]): string =>
    JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ logRecords: uids.map((uid) => ({ attributes: [{ key: "log.record.uid", value: { stringValue: uid } }] })) }] }],
    });
  const uidsAfter = (text: string): readonly string[] => {
    const home = temporaryHome({ "events.json": text });
    try {
      return readRecords(`${home.path}/events.json`).map(({ uid }) => uid);
    } finally {
      home.dispose();
    }
  };

  it("are none without a file", () => {
    expect(readRecords("/nonexistent/events.json")).toEqual([]);
  });

  it("survive a line that lacks its end", () => {
    expect(uidsAfter(`${line("a")}${line("b")}\n${line("c")}\n`)).toEqual(["a", "b", "c"]);
  });

  it("leave out a torn request and keep what follows it", () => {
    expect(uidsAfter(`${line("a")}\n${line("torn").slice(0, -9)}${line("b", "c")}\n`)).toEqual(["a", "b", "c"]);
  });

  it("are not taken in by text that looks like a request", () => {
    expect(uidsAfter(`${line('{"resourceLogs"', "b")}\n`)).toEqual(['{"resourceLogs"', "b"]);
  });
});
