import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { eventToJson, silentLogger } from "@candor/backend";
import { sampleEvents } from "@candor/testing";
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

  it("refuses another option", () => {
    expect(() => stdoutBackend({ steam: "stderr" } as object, context)).toThrow(expect.objectContaining({ code: "ERR_CANDOR_CONFIG", message: expect.stringContaining("backend.steam") }));
  });

  it("refuses another stream", () => {
    expect(() => stdoutBackend({ stream: "file" as "stdout" }, context)).toThrow(expect.objectContaining({ code: "ERR_CANDOR_CONFIG" }));
  });
});
