/**
 * The file backend: `accepted` means that every event of the batch stands in the file. It opens the
 * file for each batch and holds nothing in between. Sends of one backend take turns; a fault of the
 * disk is an answer, never a throw. What was accepted survives the death of the process; it is not
 * forced to the medium, so a power cut can take the last batches.
 */
import { join } from "node:path";
import { type Backend, type BackendContext, type BackendFactory, CandorError, type DeliveryResult, readPath, refuseUnknown, type TelemetryEvent } from "@candor/backend";
import { append } from "./append.ts";
import { classifyFault } from "./classify.ts";
import { encodeBatch } from "./encode.ts";
import { type FileSystem, realFileSystem } from "./file-system.ts";
import type { RotationBounds } from "./rotate.ts";

export interface FileBackendOptions {
  /** Absolute path of the live file. Default: `telemetry.log` in the tool's data directory. */
  readonly path?: string;
  /** The file is rotated before it grows beyond this many bytes. Default: 1 MiB. */
  readonly maxBytes?: number;
  /** Files kept, the live one included; 1 to 1,000. Default: 5. */
  readonly maxFiles?: number;
}

/** 1 MiB a batch, the size of one batch file in the spool. */
const LIMITS = { maxEvents: 1000, maxBytes: 1_048_576 } as const;
const DEFAULT_MAX_BYTES = 1_048_576;
const DEFAULT_MAX_FILES = 5;
const MAX_FILES = 1000;

/**
 * Builds a backend that appends events to a private file on this machine.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option and the fix.
 */
export const fileBackend: BackendFactory<FileBackendOptions> = (options, context) => createFileBackend(options, context);

/** As `fileBackend`, on a given file system. */
export function createFileBackend(
  options: FileBackendOptions,
  context: Pick<BackendContext, "dataDirectory" | "logger">,
  fileSystem: FileSystem = realFileSystem,
): Backend {
  const bounds = readOptions(options, context.dataDirectory);
  const unsettled = new Set<Promise<DeliveryResult>>();
  let lastTurn: Promise<unknown> = Promise.resolve();
  let closed = false;

  async function appendInTurn(bytes: Uint8Array, signal: AbortSignal): Promise<DeliveryResult> {
    const turn = lastTurn.then(() => append(bounds, bytes, signal, fileSystem));
    lastTurn = turn.catch(() => undefined);
    try {
      await turn;
      return { status: "accepted" };
    } catch (error) {
      const result = signal.aborted ? ABORTED : classifyFault(error);
      context.logger.debug("telemetry file not written", { reason: "reason" in result ? result.reason : result.status });
      return result;
    }
  }

  async function deliver(events: readonly TelemetryEvent[], signal: AbortSignal): Promise<DeliveryResult> {
    if (closed) return { status: "retry", reason: "the file backend is closed" };
    if (signal.aborted) return ABORTED;
    if (events.length === 0) return { status: "accepted" };
    let bytes: Uint8Array;
    try {
      bytes = encodeBatch(events);
    } catch {
      // The types forbid such a value (a cycle, a bigint), plain JavaScript does not; no retry mends it.
      return { status: "rejected", reason: "an event cannot be written as JSON" };
    }
    return orAborted(appendInTurn(bytes, signal), signal);
  }

  return {
    name: "file",
    destination: bounds.path,
    limits: LIMITS,
    send(events, { signal }) {
      const result = deliver(events, signal).finally(() => unsettled.delete(result));
      unsettled.add(result);
      return result;
    },
    async close() {
      closed = true;
      await Promise.allSettled(unsettled);
    },
  };
}

const ABORTED: DeliveryResult = { status: "retry", reason: "aborted before the events were written" };

/**
 * The result, or `retry` as soon as the signal aborts: a hanging network file system must not hold the
 * caller. A write already begun may still finish; the resend then repeats the same ids.
 */
function orAborted(result: Promise<DeliveryResult>, signal: AbortSignal): Promise<DeliveryResult> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(ABORTED);
    signal.addEventListener("abort", onAbort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function readOptions(options: FileBackendOptions, dataDirectory: string): RotationBounds {
  if (typeof options !== "object" || options === null) {
    throw new CandorError("ERR_CANDOR_CONFIG", "backend: options must be an object; use {} for the defaults");
  }
  refuseUnknown(options, { path: true, maxBytes: true, maxFiles: true });
  return {
    path: readPath(options.path ?? join(dataDirectory, "telemetry.log"), "telemetry.log in the data directory"),
    maxBytes: readCount("maxBytes", options.maxBytes ?? DEFAULT_MAX_BYTES, Number.MAX_SAFE_INTEGER),
    maxFiles: readCount("maxFiles", options.maxFiles ?? DEFAULT_MAX_FILES, MAX_FILES),
  };
}

function readCount(field: string, value: unknown, max: number): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1 && value <= max) return value;
  throw new CandorError("ERR_CANDOR_CONFIG", `backend.${field} must be a whole number from 1 to ${max}; correct it, or leave it out for the default`);
}
