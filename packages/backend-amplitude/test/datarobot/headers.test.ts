import { validateHeaderValue } from "node:http";
import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { apiConsumerTrace, telemetryHeaders, userAgent } from "../../src/datarobot.ts";

interface Input {
  readonly v: string;
  readonly os: string;
  readonly arch: string;
  readonly session?: string;
  readonly device?: string;
  readonly enabled: boolean;
}

describe("the user agent", () => {
  it.each(vectorsOf<Input, string>("drspec.user_agent"))("$id is the specification's", ({ input, expected }) => {
    expect(userAgent({ version: input.v, os: input.os, arch: input.arch, sessionId: input.session ?? "", enabled: input.enabled })).toBe(expected);
  });

  it("names no session unless the author passes one, and takes Node's names", () => {
    expect(userAgent({ version: "1", os: "win32", arch: "x64", enabled: true })).toBe("DataRobot CLI version: 1 (windows/amd64)");
  });
});

describe("the telemetry headers", () => {
  it.each(vectorsOf<Input, Readonly<Record<string, string>>>("drspec.headers"))("$id are the specification's", ({ input, expected }) => {
    const { session, device } = input;
    const asked = { ...(session === undefined ? {} : { sessionId: session }), ...(device === undefined ? {} : { deviceId: device }) };
    expect(telemetryHeaders({ version: input.v, os: input.os, enabled: input.enabled, ...asked })).toEqual(expected);
  });

  it("name neither session nor device while telemetry is off, or unless the author passes them", () => {
    const bare = { "X-DataRobot-Api-Consumer": "cli", "X-DataRobot-CLI-Version": "1", "X-DataRobot-CLI-Platform": "linux" };
    expect(telemetryHeaders({ version: "1", os: "linux", enabled: false, sessionId: 5, deviceId: "d" })).toEqual(bare);
    expect(telemetryHeaders({ version: "1", os: "linux", enabled: true })).toEqual(bare);
  });

  it("can be sent, whatever they are made of", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        const headers = telemetryHeaders({ version: left, os: right, sessionId: left, deviceId: right, enabled: true });
        const agent = userAgent({ version: left, os: right, arch: left, sessionId: right, enabled: true });
        for (const value of [...Object.values(headers), agent, apiConsumerTrace(`dr ${left}`)]) validateHeaderValue("x", value);
      }),
    );
    expect(telemetryHeaders({ version: "1\r\nX-Evil: 1", os: "linux", enabled: true })["X-DataRobot-CLI-Version"]).toBe("1X-Evil: 1");
  });
});

describe("the consumer trace", () => {
  it.each(vectorsOf<string, string>("dr.api_consumer_trace"))("$id is the dotted path", ({ input, expected }) => {
    expect(apiConsumerTrace(input)).toBe(expected);
  });
});
