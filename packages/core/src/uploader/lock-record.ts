/**
 * The lock record: what a generation of the uploader's lock says, and whether it may be believed. It reads; `uploader-lock` takes
 * and gives back.
 */
import { livenessOf } from "../platform/owner.ts";
import { type Directories, joinPath } from "../platform/paths.ts";
import { parseObject, readPrivateFile } from "../platform/private-file.ts";
import type { Ports } from "../platform/ports.ts";
import { namesIn } from "../platform/entries.ts";

type LockState = "starting" | "running" | "released";

export interface LockRecord {
  readonly state: LockState;
  readonly owner: string;
  /** A detached uploader may be killed by whoever must stop it; the tool itself may not. */
  readonly kind: "detached" | "in-process";
  /** When the last upload began; milliseconds since the epoch. */
  readonly startedAt: number;
  /** Since when the holder has it; the same, unless it was taken for something else than an upload. */
  readonly heldSince: number;
  /** How long the holder can live; it is believed no longer. */
  readonly lifetimeMs: number;
}

/** A child that was spawned but has not reported within this time is given up. */
export const START_EXPIRES_MS = 10_000;

/** How much longer than its lifetime a holder is believed. */
const GRACE_MS = 30_000;

/** The record of one generation; undefined when it is gone. */
export function readLock(generation: number, directories: Directories, ports: Ports): LockRecord | undefined {
  const path = pathOf(generation, directories);
  const content = readPrivateFile(path, ports.fileSystem);
  if (content.status === "missing") return undefined;
  const record = content.status === "read" ? parseObject(content.text) : undefined;
  const state = record?.["state"];
  if (state === "starting" || state === "running" || state === "released") {
    const startedAt = Number(record?.["startedAt"]) || 0;
    return {
      state,
      owner: String(record?.["owner"]),
      kind: record?.["kind"] === "detached" ? "detached" : "in-process",
      startedAt,
      heldSince: Number(record?.["heldSince"]) || startedAt,
      lifetimeMs: Number(record?.["lifetimeMs"]) || 0,
    };
  }
  // Created a moment ago and not yet written, or torn: believed as long as a start is.
  const createdAt = ports.fileSystem.lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return { state: "starting", owner: "", kind: "in-process", startedAt: createdAt, heldSince: createdAt, lifetimeMs: 0 };
}

/** The highest generation on disk and what it says. */
export function currentLock(directories: Directories, ports: Ports): LockRecord | undefined {
  const generation = highestGeneration(directories, ports);
  return generation > 0 ? readLock(generation, directories, ports) : undefined;
}

/** Whether the record's owner may still be uploading. */
export function isHeld(record: LockRecord, ports: Ports): boolean {
  const ageMs = ports.clock.now() - record.heldSince;
  switch (record.state) {
    case "released":
      return false;
    case "starting":
      return ageMs >= 0 && ageMs < START_EXPIRES_MS;
    case "running": {
      // Past its lifetime it is stuck or suspended; if it ever wakes, it sees the higher generation before it sends.
      return Math.abs(ageMs) < record.lifetimeMs + GRACE_MS && livenessOf(record.owner, ports) !== "dead";
    }
  }
}

/** The highest generation on disk; 0 when there is none. */
export function highestGeneration(directories: Directories, ports: Ports): number {
  return Math.max(0, ...generations(directories, ports));
}

/** All generations on disk. */
export function generations(directories: Directories, ports: Ports): number[] {
  return namesIn(directories.uploader, ports).flatMap((name) => {
    const parts = /^(\d{1,15})\.json$/.exec(name);
    return parts ? [Number(parts[1])] : [];
  });
}

/** The file of a generation. */
export function pathOf(generation: number, directories: Directories): string {
  return joinPath(directories.uploader, `${generation}.json`);
}
