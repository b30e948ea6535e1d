/** The noop backend: accepts everything and keeps nothing. For tools that ship telemetry switched off. */
import type { BackendFactory } from "@candor/backend";

/** A backend that discards events and says it did so by its name. */
export const noopBackend: BackendFactory = () => ({
  name: "noop",
  destination: "nowhere",
  limits: { maxEvents: 1_000, maxBytes: 1024 * 1024 },
  send: () => Promise.resolve({ status: "accepted" }),
  close: () => Promise.resolve(),
});
