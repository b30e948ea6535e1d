/**
 * Asking by an event: a `data.deletion_request` event straight through a configured backend, as GTB-78, but with the tool's name in it,
 * through the backend that is really in use, and believed only when that acknowledged it.
 */
import type { Backend, DeliveryResult, DeletionSubject, TelemetryEvent } from "@candor/backend";
import { cutIntoRequests, isDeliveryResult } from "../delivery/delivery.ts";
import { environmentFacts } from "../platform/environment.ts";
import { type Ask, failed } from "./ask.ts";

/** Asks through a backend, one event for each id. */
export function askBackend(backend: Backend): Ask {
  return async (subjects, context) => {
    const confirmed: string[] = [];
    for (const events of cutIntoRequests(subjects.map(deletionEvent), backend.limits)) {
      const { taken, reason } = await send(backend, events, context.signal);
      confirmed.push(...taken.map(({ machineId }) => machineId));
      if (reason !== undefined) return { confirmed, outcome: failed(reason) };
    }
    return { confirmed, outcome: { status: "sent", destination: `${backend.name} (${backend.destination})` } };
  };
}

/** The event that asks. Its id is the request's, so that a destination which knows ids drops a repetition. */
function deletionEvent({ requestId, requestedAt, userId, ...subject }: DeletionSubject): TelemetryEvent {
  return {
    id: requestId,
    timestamp: requestedAt,
    type: "data.deletion_request",
    name: "deletion_request",
    ...subject,
    ...environmentFacts(),
    ...(userId === undefined ? {} : { metadata: { user_id: userId } }),
  };
}

interface Taken {
  readonly taken: readonly TelemetryEvent[];
  /** Why not all of them; undefined when they were. */
  readonly reason?: string;
}

async function send(backend: Backend, events: readonly TelemetryEvent[], signal: AbortSignal): Promise<Taken> {
  try {
    const result: unknown = await backend.send(events, { signal });
    if (!isDeliveryResult(result)) return { taken: [], reason: "its answer is none of the contract's" };
    return takenOf(result, events);
  } catch (error) {
    return { taken: [], reason: String(error) };
  }
}

function takenOf(result: DeliveryResult, events: readonly TelemetryEvent[]): Taken {
  if (result.status === "accepted") return { taken: events };
  if (result.status !== "partial") return { taken: [], reason: result.reason };
  // Where refused events are only counted, any of them may be ours.
  if (result.unnamed && result.unnamed.count > 0) return { taken: [], reason: result.unnamed.reason };
  const refused = new Map(result.rejected.map(({ id, reason }) => [id, reason]));
  const [reason] = refused.values();
  return { taken: events.filter(({ id }) => !refused.has(id)), ...(reason === undefined ? {} : { reason }) };
}
