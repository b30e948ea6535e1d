import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { eventToJson, silentLogger } from "@candor/backend";
import { sampleEvent, sampleEvents } from "@candor/testing";
import { stdoutBackend } from "../../src/backends/stdout.ts";
import { vectorsOf } from "../vectors.ts";

const context = { toolName: "notes", toolVersion: "1", dataDirectory: "/nowhere", logger: silentLogger };
const patience = new AbortController().signal;

/** What is written to the stream from now on; `error` is what the stream reports. */
function capture(stream: "stdout" | "stderr", error?: Error): string[] {
  const written: string[] = [];
  jest.spyOn(process[stream], "write").mockImplementation((text: unknown, done?: unknown) => {
    written.push(String(text));
    if (typeof done === "function") done(error);
    return true;
  });
  return written;
}
afterEach(() => {
  jest.restoreAllMocks();
});

describe("the stdout backend", () => {
  it.each(vectorsOf<{ events: number }>("gtb.stdout_backend"))("$id writes one array, indented by two spaces, and a newline", async ({ input }) => {
    const events = sampleEvents(input.events);
    const written = capture("stdout");
    expect(await stdoutBackend({}, context).send(events, { signal: patience })).toEqual({ status: "accepted" });
    expect(written).toEqual([`${JSON.stringify(events.map(eventToJson), undefined, 2)}\n`]);
    expect(written[0]).toMatch(/^\[\n {2}\{\n {4}"timestamp"/);
  });

  it("writes nothing for nothing, after its end, or when it is aborted", async () => {
    const written = capture("stderr");
    const backend = stdoutBackend({ stream: "stderr" }, context);
    expect(await backend.send([], { signal: patience })).toEqual({ status: "accepted" });
    expect((await backend.send(sampleEvents(1), { signal: AbortSignal.abort() })).status).toBe("retry");
    await backend.close();
    expect((await backend.send(sampleEvents(1), { signal: patience })).status).toBe("retry");
    expect(written).toEqual([]);
  });

  it("keeps the events when the stream is closed", async () => {
    capture("stdout", new Error("EPIPE"));
    expect(await stdoutBackend({}, context).send(sampleEvents(1), { signal: patience })).toEqual({ status: "retry", reason: expect.stringContaining("EPIPE") });
  });

  it("refuses an event that JSON cannot hold, and writes nothing", async () => {
    const written = capture("stdout");
    const events = [sampleEvent({ metadata: { size: 1n as never } })];
    expect(await stdoutBackend({}, context).send(events, { signal: patience })).toEqual({ status: "rejected", reason: "an event cannot be written as JSON" });
    expect(written).toEqual([]);
  });

  it("lets no tool die of a stream whose reader has left, and leaves no listener on it", async () => {
    const before = process.stdout.listenerCount("error");
    let heardBy = 0;
    jest.spyOn(process.stdout, "write").mockImplementation((_: unknown, done?: unknown) => {
      const error = new Error("write EPIPE");
      if (typeof done === "function") done(error);
      // As Node.js does it: first the callback, then, in the same turn, whoever listens.
      process.nextTick(() => (heardBy = process.stdout.listenerCount("error") - before));
      return false;
    });
    expect((await stdoutBackend({}, context).send(sampleEvents(1), { signal: patience })).status).toBe("retry");
    expect({ heardBy, left: process.stdout.listenerCount("error") - before }).toEqual({ heardBy: 1, left: 0 });
  });

  it("listens once to a stream on which many batches wait, of which Node.js would warn the user", async () => {
    const before = process.stdout.listenerCount("error");
    const waiting: (() => void)[] = [];
    jest.spyOn(process.stdout, "write").mockImplementation((_: unknown, done?: unknown) => {
      if (typeof done === "function") waiting.push(() => void done());
      return false;
    });
    const backend = stdoutBackend({}, context);
    const sends = Array.from({ length: 11 }, () => backend.send(sampleEvents(1), { signal: patience }));
    const listening = process.stdout.listenerCount("error") - before;
    for (const done of waiting) done();
    expect(await Promise.all(sends)).toEqual(sends.map(() => ({ status: "accepted" })));
    expect({ listening, left: process.stdout.listenerCount("error") - before }).toEqual({ listening: 1, left: 0 });
  });

  it("refuses another option", () => {
    expect(() => stdoutBackend({ steam: "stderr" } as object, context)).toThrow(expect.objectContaining({ code: "ERR_CANDOR_CONFIG", message: expect.stringContaining("backend.steam") }));
  });

  it("refuses another stream", () => {
    expect(() => stdoutBackend({ stream: "file" as "stdout" }, context)).toThrow(expect.objectContaining({ code: "ERR_CANDOR_CONFIG" }));
  });
});
