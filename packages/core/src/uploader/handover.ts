/** The handover: what a tool tells the uploader it starts. Serialised into the child's environment. */
import type { DeletionChoice, DeliveryOptions, TaskChoice } from "../config/config.ts";
import type { ConsentOptions } from "../consent/consent.ts";
import type { BackendChoice } from "../destination/destination.ts";
import type { DirectoryOverrides } from "../platform/paths.ts";
import { parseObject } from "../platform/private-file.ts";
import type { RememberedStore } from "../consent/tool-store.ts";
import type { SpoolBounds } from "../spool/spool.ts";

/** Set only in an uploader's own environment. A collector that sees it stays off: an uploader is not watched. */
export const HANDOVER_VARIABLE = "CANDOR_UPLOADER";

export interface Handover {
  /** Generation of the lock that was taken for the child. */
  readonly generation: number;
  readonly consentId: string;
  readonly tool: string;
  readonly version: string;
  readonly backends: readonly BackendChoice[];
  readonly consent: Omit<ConsentOptions, "store">;
  /** What the tool's own store said; the uploader has none of the tool's code to ask it. */
  readonly store?: RememberedStore;
  /** The tool's flag as it was given; it may lift what the environment says. */
  readonly flag?: string;
  readonly tasks: readonly TaskChoice[];
  readonly bounds: SpoolBounds;
  readonly delivery: Required<DeliveryOptions>;
  readonly directories: DirectoryOverrides;
  readonly resolveFrom: string | undefined;
  /** `deletions`: telemetry is off, and a deletion request that waits is all the child sees to. */
  readonly purpose: "events" | "deletions";
  /** Whom to ask for deletion, as far as this process can. */
  readonly deletion: readonly DeletionChoice[];
  /** Somebody waits for the uploader's end: one attempt, at normal priority. */
  readonly awaited: boolean;
}

/** Reads the handover; undefined when there is none or it is damaged. */
export function readHandover(environment: NodeJS.ProcessEnv): Handover | undefined {
  const value = parseObject(environment[HANDOVER_VARIABLE] ?? "");
  return value && Number.isSafeInteger(value["generation"]) && typeof value["tool"] === "string"
    ? (value as unknown as Handover)
    : undefined;
}
