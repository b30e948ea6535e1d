/**
 * The stdout backend: writes each batch as one indented JSON array, as GTB does. It is for authors at work;
 * it is never chosen by itself, and it delivers in the tool's own process, because no other has its terminal.
 */
import { type BackendFactory, CandorError, eventToJson, refuseUnknown } from "@candor/backend";

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
    send(events, { signal }) {
      if (closed || signal.aborted) return Promise.resolve({ status: "retry", reason: "closed" });
      if (events.length === 0) return Promise.resolve({ status: "accepted" });
      const text = `${JSON.stringify(events.map(eventToJson), undefined, 2)}\n`;
      return new Promise((resolve) => {
        process[stream].write(text, (error) => {
          resolve(error ? { status: "retry", reason: `${stream} cannot be written (${error.message})` } : { status: "accepted" });
        });
      });
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
};
