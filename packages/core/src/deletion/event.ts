/**
 * The event deletion requestor: a `data.deletion_request` event straight through the configured backends, as GTB-78, but
 * with the tool's name in it, through the backends that are really in use, and believed only when each acknowledged it.
 */
import type { Backend, DeletionRequestor, TelemetryEvent } from "@candor/backend";
import { environmentFacts } from "../platform/environment.ts";
import { createEventId } from "../event/event-id.ts";

export interface EventDeletionOptions {
  readonly backends: readonly Backend[];
  readonly now?: () => number;
}

/** A requestor over backends; one without a destination says that nothing was sent. */
export function eventDeletionRequestor({ backends, now = Date.now }: EventDeletionOptions): DeletionRequestor {
  return {
    name: "event",
    async requestDeletion(subject, { signal }) {
      const real = backends.filter(({ name }) => name !== "noop");
      if (real.length === 0) return { status: "impossible", reason: "no destination is configured, so none holds data" };
      const nowMs = now();
      const event: TelemetryEvent = {
        id: createEventId(nowMs),
        timestamp: new Date(nowMs).toISOString(),
        type: "data.deletion_request",
        name: "deletion_request",
        ...subject,
        ...environmentFacts(),
      };
      const failures: string[] = [];
      for (const backend of real) {
        const result = await sendSafely(backend, event, signal);
        if (result !== undefined) failures.push(`${backend.name} ${backend.destination}: ${result}`);
      }
      if (failures.length > 0) return { status: "failed", reason: failures.join("; ") };
      return { status: "sent", destination: real.map(({ name, destination }) => `${name} ${destination}`).join(", ") };
    },
  };
}

/** Why the event was not taken; undefined when it was. */
async function sendSafely(backend: Backend, event: TelemetryEvent, signal: AbortSignal): Promise<string | undefined> {
  try {
    const result = await backend.send([event], { signal });
    if (result.status === "accepted") return undefined;
    return result.status === "partial" ? (result.rejected[0]?.reason ?? "refused") : result.reason;
  } catch (error) {
    return String(error);
  }
}
