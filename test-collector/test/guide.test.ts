/** docs/guides/operations.md: the configurations it shows are the files that run here, and they do what it says. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { Backend } from "@candor/backend";
import { sampleEvent, sampleEvents, temporaryHome, type TemporaryHome } from "@candor/testing";
import { textOf } from "../collected-records.ts";
import { type RunningCollector, startCollector } from "../collector.ts";
import { describeWithCollector } from "./collector-suite.ts";
import { arrivals, backendTo, certificateFile, send, sorted, uidsIn, uidsOf } from "./sending.ts";

jest.setTimeout(30_000);

const TOKEN = "f00d-cafe-token";
const OTHER_TOKEN = "second-token";
const LOOK_MS = 20;
const ARRIVAL_LIMIT_MS = 20_000;

const guide = readFileSync(resolve(__dirname, "../../docs/guides/operations.md"), "utf8");

describe("the operations guide", () => {
  it.each(["guide", "mutual-tls"])("shows configurations/%s.yaml byte for byte", (name) => {
    const file = readFileSync(join(__dirname, "../configurations", `${name}.yaml`), "utf8");
    expect(guide).toContain(`\`\`\`yaml\n${file}\`\`\`\n`);
  });
});

describeWithCollector("the guide's collector", () => {
  let home: TemporaryHome;
  let warehouse: RunningCollector;
  let collector: RunningCollector;
  let backend: Backend;

  beforeEach(async () => {
    home = temporaryHome();
    warehouse = await startCollector({ configurations: ["plain"] });
  });

  afterEach(async () => {
    await collector.dispose();
    await warehouse.dispose();
    home.dispose();
  });

  async function start(variables: Readonly<Record<string, string>> = {}, configurations: readonly string[] = ["guide"]): Promise<void> {
    const tokens = join(home.path, "tokens");
    writeFileSync(tokens, `${TOKEN} # the first\n${OTHER_TOKEN} # the next\n`);
    collector = await startCollector({
      configurations,
      variables: {
        COLLECTOR_CERTIFICATE: certificateFile("server.pem"),
        COLLECTOR_KEY: certificateFile("server.key.pem"),
        COLLECTOR_CLIENT_CA: certificateFile("ca.pem"),
        COLLECTOR_TOKENS: tokens,
        COLLECTOR_WAREHOUSE: `http://${warehouse.address}`,
        ...variables,
      },
    });
    backend = client(TOKEN);
  }

  function client(token: string, identity: Readonly<Record<string, string>> = {}): Backend {
    return backendTo("", {
      endpoint: `https://${collector.address}`,
      headers: { authorization: `Bearer ${token}` },
      tls: { caFile: certificateFile("ca.pem"), ...identity },
    });
  }

  async function untilWarehouseHas(count: number): Promise<void> {
    const endsAtMs = performance.now() + ARRIVAL_LIMIT_MS;
    while (arrivals(warehouse).size < count) {
      if (performance.now() > endsAtMs) throw new Error(`the warehouse has ${arrivals(warehouse).size} of ${count} events after ${ARRIVAL_LIMIT_MS} ms`);
      await pause(LOOK_MS);
    }
  }

  it("refuses a token that is not in its file, and takes each of those that are", async () => {
    await start();
    expect(await send(client("unknown"), sampleEvents(1))).toMatchObject({ status: "blocked" });
    const events = sampleEvents(2);
    for (const [index, token] of [TOKEN, OTHER_TOKEN].entries()) {
      expect(await send(client(token), events.slice(index, index + 1))).toEqual({ status: "accepted" });
    }
    expect(uidsIn(collector)).toEqual(uidsOf(events));
  });

  it("takes a token that was added to its file while it runs", async () => {
    await start();
    const added = client("added-token");
    expect(await send(added, sampleEvents(1))).toMatchObject({ status: "blocked" });
    writeFileSync(join(home.path, "tokens"), `${TOKEN}\nadded-token\n`);
    const endsAtMs = performance.now() + ARRIVAL_LIMIT_MS;
    while ((await send(added, sampleEvents(1))).status !== "accepted") {
      if (performance.now() > endsAtMs) throw new Error("the token was not noticed");
      await pause(LOOK_MS);
    }
    expect(await send(client(OTHER_TOKEN), sampleEvents(1))).toMatchObject({ status: "blocked" });
    expect(await send(backend, sampleEvents(1))).toEqual({ status: "accepted" });
  });

  it("asks for a certificate too when mutual-tls.yaml is laid over it", async () => {
    await start({}, ["guide", "mutual-tls"]);
    expect(await send(backend, sampleEvents(1))).toMatchObject({ status: "retry" });
    const withCertificate = client(TOKEN, { certificateFile: certificateFile("client.pem"), keyFile: certificateFile("client.key.pem") });
    expect(await send(withCertificate, sampleEvents(1))).toEqual({ status: "accepted" });
  });

  it("writes every event to the archive and to the warehouse", async () => {
    await start();
    const events = sampleEvents(300);
    expect(await send(backend, events)).toEqual({ status: "accepted" });
    expect(uidsIn(collector)).toEqual(uidsOf(events));
    await untilWarehouseHas(events.length);
    expect(uidsIn(warehouse)).toEqual(uidsOf(events));
  });

  it("goes on while the warehouse is down, and loses nothing when it is killed meanwhile", async () => {
    await start();
    await warehouse.stop();
    const events = sampleEvents(300);
    for (let from = 0; from < events.length; from += 100) {
      expect(await send(backend, events.slice(from, from + 100))).toEqual({ status: "accepted" });
    }
    expect(uidsIn(collector)).toEqual(uidsOf(events));
    await collector.kill();
    await warehouse.start();
    await collector.start();
    await untilWarehouseHas(events.length);
    expect(sorted(arrivals(warehouse).keys())).toEqual(uidsOf(events));
  });

  it("sends the tools away when its queue is full, so that they keep their events", async () => {
    await start({ COLLECTOR_QUEUE_EVENTS: "512" });
    await warehouse.stop();
    let taken = 0;
    for (; taken < 20; taken++) {
      const result = await send(backend, sampleEvents(100));
      if (result.status === "accepted") continue;
      expect(result).toMatchObject({ status: "retry", reason: expect.stringContaining("503") });
      break;
    }
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(20);
  });

  it("samples whole installations, and acknowledges what it leaves out", async () => {
    await start({ COLLECTOR_SAMPLING_PERCENTAGE: "25" });
    const machines = Array.from({ length: 200 }, (_, index) => createHash("sha256").update(String(index)).digest("hex"));
    for (let round = 0; round < 2; round++) {
      const events = machines.map((machineId) => sampleEvent({ machineId }));
      expect(await send(backend, events)).toEqual({ status: "accepted" });
    }
    const kept = new Map<string, number>();
    for (const { attributes } of collector.records()) {
      const machine = textOf(attributes["machine.id"]);
      kept.set(machine, (kept.get(machine) ?? 0) + 1);
    }
    expect([...kept.values()].filter((count) => count !== 2)).toEqual([]);
    // The choice is a hash of the machine's id, here always the same: 25 % of 200 is 50.
    expect(kept.size).toBeGreaterThan(30);
    expect(kept.size).toBeLessThan(70);
  });
});
