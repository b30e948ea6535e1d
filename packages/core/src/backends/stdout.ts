/**
 * The stdout backend: writes each batch as one indented JSON array, as GTB does. It is for authors at work;
 * it is never chosen by itself, and it delivers in the tool's own process, because no other has its terminal.
 */
import { type BackendFactory, CandorError, eventToJson, refuseUnknown, type TelemetryEvent } from "@candor/backend";

export interface StdoutBackendOptions {
  /** Which stream of the tool; default `stdout`. */
  readonly stream?: "stdout" | "stderr";
}

/** @throws CandorError `ERR_CANDOR_CONFIG` when `stream` is something else, or for another option. */
export const stdoutBackend: BackendFactory<StdoutBackendOptions> = (options) => {
  refuseUnknown(options, { stream: true });
  const { stream = "stdout" } = options;
  if (stream !== "stdout" && stream !== "stderr") {
    throw new CandorError("ERR_CANDOR_CONFIG", "backend.stream: choose stdout or stderr");
  }
  let closed = false;
  return {
    name: "stdout",
    destination: stream,
    limits: { maxEvents: 1_000, maxBytes: 1024 * 1024 },
    async send(events, { signal }) {
      if (closed || signal.aborted) return { status: "retry", reason: "closed" };
      if (events.length === 0) return { status: "accepted" };
      const text = textOf(events);
      if (text === undefined) return { status: "rejected", reason: "an event cannot be written as JSON" };
      const error = await written(process[stream], text);
      return error ? { status: "retry", reason: `${stream} cannot be written (${error.message})` } : { status: "accepted" };
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
};

function textOf(events: readonly TelemetryEvent[]): string | undefined {
  try {
    return `${JSON.stringify(events.map(eventToJson), undefined, 2)}\n`;
  } catch {
    // It came from no spool: a bigint, a cycle, a getter that throws. No retry mends it.
    return undefined;
  }
}

/** How many writes of this process each stream has not settled. One listener serves them all: of more than ten Node.js warns the user. */
const unsettled = new WeakMap<NodeJS.WritableStream, number>();

/**
 * Writes, and answers what went wrong. A stream whose reader has left tells its listeners too, one turn after the callback; without any the
 * tool would die of events that it did not write itself.
 */
function written(stream: NodeJS.WritableStream, text: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    count(stream, 1);
    stream.write(text, (error) => {
      setImmediate(() => {
        count(stream, -1);
        resolve(error ?? undefined);
      });
    });
  });
}

function count(stream: NodeJS.WritableStream, more: 1 | -1): void {
  const before = unsettled.get(stream) ?? 0;
  if (before === 0) stream.on("error", ignore);
  unsettled.set(stream, before + more);
  if (before + more === 0) stream.removeListener("error", ignore);
}

const ignore = (): undefined => undefined;
