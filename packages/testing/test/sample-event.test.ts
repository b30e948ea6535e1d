import { describe, expect, it } from "@jest/globals";
import { sampleEvent, sampleEvents } from "@candor/testing";

describe("a sample event", () => {
  it("has a UUIDv7 of its own that tells when it was tracked", () => {
    const events = sampleEvents(5000);
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(events.filter(({ id }) => !uuid.test(id))).toEqual([]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(5000);
    const { id, timestamp } = sampleEvent();
    expect(parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toBe(Date.parse(timestamp));
  });

  it("takes what a test overrides", () => {
    expect(sampleEvent({ name: "notes add", exitCode: 2 })).toMatchObject({ name: "notes add", exitCode: 2, toolName: "notes" });
  });
});
