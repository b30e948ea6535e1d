import { describe, expect, it } from "@jest/globals";
import { sampleEvent, sampleEvents } from "@candor/testing";
import { sdkLogger } from "../src/sdk-logger.ts";
import { apiKey, contextWith, standWith } from "./amplitude-fixture.ts";

function loggerWith(verbose = false) {
  const lines: string[] = [];
  return { lines, logger: sdkLogger(contextWith(lines).logger, { verbose, apiKey }) };
}

describe("a line of the SDK", () => {
  it.each([
    ["log", false, "debug"],
    ["log", true, "info"],
    ["debug", false, "debug"],
    ["debug", true, "debug"],
    ["warn", false, "warn"],
    ["warn", true, "warn"],
    ["error", false, "error"],
    ["error", true, "error"],
  ] as const)("goes from %s, verbose %s, to %s", (from, verbose, to) => {
    const { lines, logger } = loggerWith(verbose);
    logger[from]("queue is full");
    expect(lines).toEqual([`${to}: [amplitude] queue is full`]);
  });

  it("never holds the API key", () => {
    const { lines, logger } = loggerWith();
    logger.error(`key ${apiKey} is bad`, `(${apiKey})`);
    expect(lines).toEqual(["error: [amplitude] key *** is bad (***)"]);
  });

  it("never holds an event, as an object or written out", () => {
    const { lines, logger } = loggerWith();
    logger.log("Initial event", { event_type: "notes list" });
    logger.log('Final event: {"event_type":"notes list"}');
    expect(lines).toEqual(["debug: [amplitude] Initial event", "debug: [amplitude] Final event: …"]);
  });

  it("is written once, however often it comes", () => {
    const { lines, logger } = loggerWith();
    for (let i = 0; i < 3; i++) logger.warn("queue is full");
    expect(lines).toHaveLength(1);
  });
});

describe("the log of a send", () => {
  it("says what the server answered, at debug", async () => {
    const { intake, lines, send } = await standWith();
    intake.reply({ action: "answer", status: 503 });
    await send(sampleEvent());
    expect(lines).toContain("debug: [amplitude] HTTP response code: 503");
    expect(lines.filter((line) => !line.startsWith("debug: [amplitude] "))).toEqual([]);
  });

  it("says so at info where the author wants it", async () => {
    const { lines, send } = await standWith({ verbose: true });
    await send(sampleEvent());
    expect(lines).toContain("info: [amplitude] HTTP response code: 200");
  });

  it("passes the SDK's error on when it refuses an event", async () => {
    const { lines, send } = await standWith();
    await send(sampleEvent({ name: " " }));
    expect(lines.filter((line) => line.startsWith("error: [amplitude] "))).toHaveLength(1);
  });

  it("holds nothing of the events or the key, and does not grow with their number", async () => {
    const { lines, send } = await standWith();
    await send(...sampleEvents(50));
    expect(lines.length).toBeLessThan(10);
    expect(lines.join("\n")).not.toMatch(new RegExp(`notes|0123456789abcdef|${apiKey}|success`));
  });
});
