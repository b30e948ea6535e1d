/**
 * What a contract case is made of: the harness that an author supplies, the bench a case stands on, and
 * the few assertions every case shares. It knows no single case.
 */
import assert from "node:assert/strict";
import type { Backend, BackendContext, DeliveryResult, TelemetryEvent } from "@candor/backend";
import type { ScriptedReply } from "./intake-reply.ts";

/** One backend and its destination, made for one case and shared with no other. */
export interface BackendHarness {
  readonly backend: Backend;
  /** The ids of the events that arrived at the destination, one entry an arrival. */
  received(): Promise<readonly string[]>;
  /** Makes the destination misbehave: for the next request, or from now on for `refuse`. */
  script?(reply: ScriptedReply): void | Promise<void>;
  /** Requests that reached the destination so far; comes together with `script`. */
  requestCount?(): number;
  /** The credential that the backend was built with. */
  readonly secret?: string;
  /** Releases the destination. The suite has closed the backend by then. */
  dispose(): Promise<void>;
}

/** What a backend may lack by its nature. */
export type Capability =
  /** It speaks HTTP to a destination whose answers the harness can script. */
  | "wire"
  /** It authenticates with a credential that the harness can name. */
  | "credential";

/** What a case works with. */
export interface Bench {
  readonly harness: BackendHarness;
  readonly backend: Backend;
  /** What the backend was built with; the data directory is empty when `make` is called. */
  readonly context: BackendContext;
  /** Every line the backend logged, fields included, as text. */
  readonly logLines: readonly string[];
  /** The verdict on an answer with this HTTP status, where the vendor's documentation differs. */
  readonly expectedFor: (httpStatus: number, otherwise: DeliveryResult["status"]) => DeliveryResult["status"];
  /** As the harness's, for cases that need the wire. */
  readonly script: (reply: ScriptedReply) => Promise<void>;
  readonly requestCount: () => number;
  /** Timers set by the backend or its harness since it was built that keep the process alive. */
  readonly liveTimers: () => number;
}

export interface ContractCase {
  /** A sentence in the present tense; unique in the suite. */
  readonly name: string;
  /** The case is skipped for a backend that declares to lack any of these. */
  readonly needs: readonly Capability[];
  run(bench: Bench): Promise<void>;
}

/** A signal that never aborts. */
export function patience(): AbortSignal {
  return new AbortController().signal;
}

/** Sends and turns a throw, early or late, into a failed assertion. */
export async function send(backend: Backend, events: readonly TelemetryEvent[], signal: AbortSignal = patience()): Promise<DeliveryResult> {
  let result: DeliveryResult;
  try {
    result = await backend.send(events, { signal });
  } catch (error) {
    throw new assert.AssertionError({ message: `send must answer, not throw; it threw ${String(error)}` });
  }
  assert.ok(typeof result === "object" && result !== null, "send must answer with a result");
  return result;
}

/** Asserts the status of a result and, where it needs one, that it carries a reason. */
export function assertStatus(result: DeliveryResult, expected: DeliveryResult["status"], situation: string): void {
  const detail = "reason" in result ? ` (${result.reason})` : "";
  assert.equal(result.status, expected, `${situation}: expected ${expected}, got ${result.status}${detail}`);
  if ("reason" in result) assert.ok(result.reason.trim() !== "", `${situation}: the reason is empty`);
}

/**
 * Asserts that two values are the same as JSON. Strict equality compares prototypes too, and those of
 * arrays made by Node.js are foreign in a runner that tests in a sandbox.
 */
export function assertSame(actual: unknown, expected: unknown, what: string): void {
  assert.equal(JSON.stringify(actual), JSON.stringify(expected), what);
}

/** Asserts that exactly these events arrived, each once. */
export async function assertReceived(harness: BackendHarness, events: readonly TelemetryEvent[]): Promise<void> {
  assertSame(sorted(await harness.received()), sorted(events.map(({ id }) => id)), "the events that arrived");
}

function sorted(ids: readonly string[]): readonly string[] {
  return [...ids].sort((left, right) => left.localeCompare(right));
}
