/** The noop backend: accepts everything and keeps nothing. For tools that ship telemetry switched off. */
import { type BackendFactory, refuseUnknown } from "@candor/backend";

/**
 * A backend that discards events and says it did so by its name.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` for any option: whoever gives one means another backend.
 */
export const noopBackend: BackendFactory = (options) => {
  refuseUnknown(options, {});
  return {
    name: "noop",
    destination: "nowhere",
    limits: { maxEvents: 1_000, maxBytes: 1024 * 1024 },
    send: () => Promise.resolve({ status: "accepted" }),
    close: () => Promise.resolve(),
  };
};
