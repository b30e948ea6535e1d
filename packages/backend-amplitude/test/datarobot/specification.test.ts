import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { DeliveryResult } from "@candor/backend";
import { type Workstation, workstation } from "../../../core/test/fake-ports.ts";
import { addBatch, namedEvents, runUpload, spoolOn, spyDestination, stored } from "../../../core/test/fixtures.ts";
import { vectorsOf } from "../../../core/test/vectors.ts";
import { withDefaults } from "../../../core/src/config/config.ts";
import { dataRobotSpecification } from "../../src/datarobot.ts";

let machine: Workstation;
beforeEach(() => {
  machine = workstation();
});
afterEach(() => machine.dispose());

describe("the specification's numbers", () => {
  it.each(vectorsOf<unknown, Readonly<Record<string, number | string>>>("drspec.constants"))("$id are the exported ones", ({ expected }) => {
    expect({
      batch_size: dataRobotSpecification.batchSize,
      flush_interval_ms: dataRobotSpecification.flushIntervalMs,
      request_timeout_ms: dataRobotSpecification.requestTimeoutMs,
      shutdown_timeout_ms: dataRobotSpecification.shutdownTimeoutMs,
      endpoint: dataRobotSpecification.endpoint,
      retention_days: dataRobotSpecification.retentionDays,
    }).toEqual(expected);
  });

  it("are the collector's own defaults where both have one", () => {
    const { delivery } = withDefaults({ tool: "dr", version: "1" });
    expect([delivery.intervalMs, delivery.sendTimeoutMs]).toEqual([dataRobotSpecification.flushIntervalMs, dataRobotSpecification.requestTimeoutMs]);
    // W-SPEC-04: the waits alone are longer than the specification's shutdown, so candor's retries are not the command's to wait for.
    expect(dataRobotSpecification.retryDelaysMs.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(dataRobotSpecification.shutdownTimeoutMs);
  });
});

interface Schedule {
  readonly attempts: number;
  readonly delays_ms: readonly number[];
  readonly then: "drop" | "delivered";
}

describe("the specification's retries", () => {
  it.each(vectorsOf<{ failures: number }, Schedule>("drspec.retry_schedule"))("$id are the uploader's, but what failed is kept", async ({ input, expected }) => {
    const spool = spoolOn(machine);
    addBatch(spool, namedEvents(1));
    const results = Array.from({ length: input.failures }, (): DeliveryResult => ({ status: "retry", reason: "busy" }));
    const destination = spyDestination("a", { results });
    await runUpload(spool, [destination], { retryWaitsMs: dataRobotSpecification.retryDelaysMs });
    expect(destination.backend.batches).toHaveLength(expected.attempts);
    expect(machine.clock.waits).toEqual(expected.delays_ms);
    // Where the specification drops the events, they wait on the disk for the next upload.
    expect(stored(spool)).toEqual(expected.then === "delivered" ? [] : ["e1"]);
  });
});
