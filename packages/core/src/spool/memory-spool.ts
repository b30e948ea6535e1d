/**
 * The memory spool: events that no disk takes, on their way to a destination. The same uploader serves it; only its files are
 * in memory, so an acknowledgement of a fan-out holds from one flush to the next, and nothing survives the process.
 */
import type { TelemetryEvent } from "@candor/backend";
import type { Installation } from "../collector/installation.ts";
import { createMemoryFileSystem } from "../platform/memory-file-system.ts";
import type { LossCounts } from "./loss-counts.ts";
import { readLosses } from "./losses.ts";
import { createSegment } from "./segment.ts";
import { formatLine } from "./batch.ts";
import { createSpool, measureSpool, prepareSpool, type Spool } from "./spool.ts";

export interface MemorySpool {
  readonly spool: Spool;
  /** Events in it that at least one destination lacks. */
  readonly events: number;
  /** Puts events in, as one batch or more. */
  add(events: readonly TelemetryEvent[]): void;
  /** What was lost since the last call. */
  takeLosses(): LossCounts;
}

export type CreateMemorySpool = (installation: Installation, consentId: string) => MemorySpool;

/** A spool in memory for one consent of an installation. */
export function createMemorySpool({ config, directories, ports }: Installation, consentId: string): MemorySpool {
  const memory = { ...ports, fileSystem: createMemoryFileSystem(ports.clock.now, ports.host.userId()) };
  const spool = createSpool(consentId, directories, config.bounds, memory);
  prepareSpool(spool);
  return {
    spool,
    get events() {
      return measureSpool(spool).events;
    },
    add(events) {
      const segment = createSegment(spool);
      for (const event of events) {
        const line = formatLine(event);
        if (segment.bytes > 0 && segment.bytes + Buffer.byteLength(line) > config.bounds.batchBytes) segment.seal();
        const outcome = segment.append(line);
        if (outcome.status === "refused") throw new Error(outcome.reason);
      }
      segment.seal();
    },
    takeLosses() {
      const losses = readLosses(directories, memory);
      memory.fileSystem.rmSync(directories.lossesFile, { force: true });
      return losses;
    },
  };
}
