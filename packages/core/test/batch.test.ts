import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { sampleEvent } from "@candor/testing";
import { formatBatchName, formatLine, parseBatchName, parseLines } from "../src/spool/batch.ts";
import { createEventId } from "../src/event/event-id.ts";
import { namedEvents, names } from "./fixtures.ts";
import { vectorsOf } from "./vectors.ts";

const ID = "019b7d6e-3c2a-7abc-8def-0123456789ab";

describe("the name of a batch", () => {
  it.each([
    "", ".ndjson", `${ID}.ndjson`, `${ID}.1.ndjson`, `${ID}.1.2.json`, `${ID}.1.2.ndjson.tmp`, `${ID}.1.2.ndjson.joined`, `x${ID}.1.2.ndjson`, `${ID}.-1.2.ndjson`,
    `${ID}.1.2..ndjson`, `${ID}.1.2.A.ndjson`, `${ID}.1e3.2.ndjson`, `${ID}.1.2.ndjson\n`, `${ID}.1.2.a/../b.ndjson`, `${ID.toUpperCase()}.1.2.ndjson`, "telemetry-spill-1774951200000000000-0.json",
  ])("is foreign: %j", (name) => {
    expect(parseBatchName(name)).toBeUndefined();
  });

  it("survives the way out and back", () => {
    const key = fc.stringMatching(/^[0-9a-f]{8}$/);
    const name = fc.record({ id: fc.nat().map((ms) => createEventId(ms)), events: fc.nat(999_999_999), bytes: fc.nat(999_999_999), acknowledged: fc.uniqueArray(key, { maxLength: 4 }) });
    fc.assert(
      fc.property(name, (parts) => {
        expect(parseBatchName(formatBatchName(parts))).toEqual({ ...parts, acknowledged: [...parts.acknowledged].sort() });
      }),
    );
  });

  it("is the same whoever acknowledged first", () => {
    const parts = { id: ID, events: 1, bytes: 2 };
    expect(formatBatchName({ ...parts, acknowledged: ["b", "a"] })).toBe(formatBatchName({ ...parts, acknowledged: ["a", "b"] }));
  });

  it.each(vectorsOf<unknown, string>("gtb.spill_name"))("$id is not taken over: candor orders batches by UUIDv7 and counts in the name", ({ expected }) => {
    expect(parseBatchName(expected)).toBeUndefined();
    expect(formatBatchName({ id: ID, events: 3, bytes: 120, acknowledged: [] })).toBe(`${ID}.3.120.ndjson`);
  });
});

describe("the lines of a batch", () => {
  it("survive the way out and back, whatever the text", () => {
    const text = fc.string({ unit: "binary", minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.record({ name: text, error: text, value: text }), { maxLength: 8 }), (parts) => {
        const events = parts.map(({ name, error, value }) => sampleEvent({ name, error, metadata: { [value]: value, "\n": "\r\n\u2028" } }));
        expect(parseLines(events.map(formatLine).join(""))).toEqual({ events, corrupt: 0 });
      }),
    );
  });

  it("survive with half a surrogate pair", () => {
    const event = sampleEvent({ name: "\ud800", error: "\udfff\ud800" });
    expect(formatLine(event)).not.toMatch(/\p{Surrogate}/u);
    expect(parseLines(Buffer.from(formatLine(event)).toString("utf8")).events).toEqual([event]);
  });

  it("lose at most the last one, and count it, when the file is cut anywhere", () => {
    const events = namedEvents(3).map((event) => ({ ...event, name: `${event.name} é🙂` }));
    const whole = Buffer.from(events.map(formatLine).join(""));
    for (let length = 0; length <= whole.length; length++) {
      const kept = whole.subarray(0, length);
      const complete = kept.filter((byte) => byte === 0x0a).length;
      const { events: read, corrupt } = parseLines(kept.toString("utf8"));
      expect(read.slice(0, complete)).toEqual(events.slice(0, complete));
      expect(read.length - complete + corrupt).toBeLessThanOrEqual(1);
      const isTorn = length > 0 && kept[length - 1] !== 0x0a;
      expect(read.length + corrupt).toBe(complete + (isTorn ? 1 : 0));
    }
  });

  it.each(["x", "[]", "null", "1", "{}", '{"id":"a"}', '{"id":1,"timestamp":"","type":"","name":"","machineId":"","toolName":"","toolVersion":"","os":"","arch":""}', "\u0000\u0000", '{"id"'])(
    "are corrupt, once each: %j",
    (line) => {
      const [event] = namedEvents(1);
      if (!event) throw new Error("no event");
      const { events, corrupt } = parseLines(`${line}\n${formatLine(event)}${line}\n`);
      expect(names(events)).toEqual(["e1"]);
      expect(corrupt).toBe(2);
    },
  );

  it("are none in an empty file", () => {
    expect(parseLines("")).toEqual({ events: [], corrupt: 0 });
    expect(parseLines("\n\n")).toEqual({ events: [], corrupt: 0 });
  });
});
