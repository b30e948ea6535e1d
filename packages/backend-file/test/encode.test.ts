import { describe, expect, it } from "@jest/globals";
import { eventToJson } from "@candor/backend";
import { sampleEvent } from "@candor/testing";
import { encodeBatch, encodeLine } from "../src/encode.ts";

describe("encoding", () => {
  it("keeps an event on one line whatever its text holds", () => {
    const event = sampleEvent({ name: "a\nb\r\n\u2028c", error: "\ud800", metadata: { "new\nline": ["\n"] } });
    const line = encodeLine(event);
    expect(line.indexOf("\n")).toBe(line.length - 1);
    expect(JSON.parse(line)).toEqual(eventToJson(event));
  });

  it("joins the lines of a batch as UTF-8", () => {
    const events = [sampleEvent({ name: "漢字" }), sampleEvent()];
    expect(Buffer.from(encodeBatch(events)).toString("utf8")).toBe(events.map(encodeLine).join(""));
  });
});
