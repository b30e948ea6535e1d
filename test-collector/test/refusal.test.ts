/** A collector that refuses: the sender, until it brings the right credential, or for now, while it lacks memory. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { TelemetryEvent } from "@candor/backend";
import type { CollectorOptions } from "@candor/core";
import { sampleEvent, sampleEvents, temporaryHome, type TemporaryHome } from "@candor/testing";
import { answer, closeAll, collectorOn } from "../../packages/core/test/options.ts";
import { type Workstation, workstation } from "../../packages/core/test/fake-ports.ts";
import { type RunningCollector, startCollector } from "../collector.ts";
import { describeWithCollector } from "./collector-suite.ts";
import { backendTo, send, uidsIn, uidsOf } from "./sending.ts";

jest.setTimeout(30_000);

const TOKEN = "f00d-cafe-token";

const basic = (credentials: string): string => `Basic ${Buffer.from(credentials).toString("base64")}`;

let collector: RunningCollector;
let home: TemporaryHome;

beforeEach(() => {
  home = temporaryHome();
});

afterEach(async () => {
  await collector.dispose();
  home.dispose();
});

const startWithToken = (): Promise<RunningCollector> => startCollector({ configurations: ["plain", "bearer-token"], variables: { COLLECTOR_TOKEN: TOKEN } });

const startWithPassword = (): Promise<RunningCollector> => {
  const file = join(home.path, "htpasswd");
  writeFileSync(file, "fleet:pass word\n");
  return startCollector({ configurations: ["plain", "basic-auth"], variables: { COLLECTOR_HTPASSWD: file } });
};

describeWithCollector("a collector that asks for a credential", () => {
  describe.each([
    ["a token", startWithToken, "Bearer wrong", `Bearer ${TOKEN}`],
    ["a password", startWithPassword, basic("fleet:wrong"), basic("fleet:pass word")],
  ])("%s", (_, start, wrong, right) => {
    it.each([
      ["no credential", {}],
      ["a wrong credential", { authorization: wrong }],
    ])("answers blocked to %s", async (__, headers) => {
      collector = await start();
      const result = await send(backendTo(collector.address, { headers }), sampleEvents(2));
      expect(result).toMatchObject({ status: "blocked", reason: expect.stringContaining("401") });
      expect(JSON.stringify(result)).not.toContain("wrong");
      expect(collector.records()).toEqual([]);
    });

    it("delivers with the right one", async () => {
      collector = await start();
      const events = sampleEvents(20);
      expect(await send(backendTo(collector.address, { headers: { authorization: right } }), events)).toEqual({ status: "accepted" });
      expect(uidsIn(collector)).toEqual(uidsOf(events));
    });
  });
});

describeWithCollector("a tool with a wrong token", () => {
  let machine: Workstation;

  beforeEach(() => {
    machine = workstation();
    answer(machine);
  });

  afterEach(async () => {
    await closeAll();
    machine.dispose();
  });

  const optionsWith = (token: string): Partial<CollectorOptions> => ({
    backend: { use: "otlp", endpoint: `http://${collector.address}`, headers: { authorization: `Bearer ${token}` } },
    backends: { otlp: () => import("@candor/backend-otel") },
    delivery: { by: "interval" },
  });

  it("keeps its events, says why, and delivers each once when the token is right", async () => {
    collector = await startWithToken();
    const tool = collectorOn(machine, optionsWith("wrong"));
    for (let index = 0; index < 5; index++) tool.track("tool.use", `e${index}`);
    expect(await tool.flush()).toMatchObject({ status: "pending", reason: expect.stringContaining("401") });
    await tool.close();
    expect(collector.records()).toEqual([]);

    const mended = collectorOn(machine.startProcess(), optionsWith(TOKEN));
    mended.track("tool.use", "e5");
    expect(await mended.flush()).toEqual({ status: "delivered" });
    expect(collector.records().map(({ body }) => body)).toEqual(["e0", "e1", "e2", "e3", "e4", "e5"]);
  });
});

describeWithCollector("a collector short of memory", () => {
  it("answers retry, and takes the same batch when it has memory again", async () => {
    collector = await startCollector({ configurations: ["plain", "memory-limit"], variables: { COLLECTOR_LIMIT_MIB: "2" } });
    const backend = backendTo(collector.address);
    // The limiter measures every 100 ms; until its first look it lets everything in.
    const early: TelemetryEvent[] = [];
    for (let event = sampleEvent(); (await send(backend, [event])).status === "accepted"; event = sampleEvent()) early.push(event);

    const events = sampleEvents(20);
    expect(await send(backend, events)).toMatchObject({ status: "retry", reason: expect.stringContaining("503") });
    expect(uidsIn(collector)).toEqual(uidsOf(early));

    await collector.restart({ COLLECTOR_LIMIT_MIB: "512" });
    expect(await send(backend, events)).toEqual({ status: "accepted" });
    expect(uidsIn(collector)).toEqual(uidsOf([...early, ...events]));
  });
});

(process.platform === "linux" ? describeWithCollector : describe.skip)("a collector whose disk is full", () => {
  it("answers retry, and takes the same batch when it has room again", async () => {
    collector = await startCollector({ configurations: ["plain"], variables: { COLLECTOR_ARCHIVE: "/dev/full" } });
    const backend = backendTo(collector.address);
    const events = sampleEvents(20);
    expect(await send(backend, events)).toMatchObject({ status: "retry", reason: expect.stringContaining("503") });

    await collector.restart({ COLLECTOR_ARCHIVE: collector.archive });
    expect(await send(backend, events)).toEqual({ status: "accepted" });
    expect(uidsIn(collector)).toEqual(uidsOf(events));
  });
});
