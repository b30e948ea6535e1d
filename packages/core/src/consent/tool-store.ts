/**
 * The tool's own store: a configuration file of the tool's in which its users already look for the answer. It stands beside candor's
 * record and never in place of it: a "no" in either is a no, and what cannot be read is one.
 */

/** Where a tool keeps the answer in its own configuration. Nothing of it may start a process or use the network. */
export interface ConsentStore {
  /** What people call it, for `telemetry status`: `drconfig.yaml`. */
  readonly name: string;
  /** The answer as it stands there; undefined when there is none. Called whenever consent is resolved. A throw is a no. */
  readonly read: () => StoreAnswer | undefined;
  /** Writes an answer; candor has recorded it by then. A rejection is reported to the person who answered. */
  readonly write: (change: StoreChange) => Promise<void>;
}

export interface StoreAnswer {
  /** Absent where the configuration says only where events may go, and nobody has answered yet. */
  readonly enabled?: boolean;
  /** Version of the consent text that was answered. Default: the current one. */
  readonly consentVersion?: number;
  /** Whatever decides: events stay on this machine. Default false. */
  readonly localOnly?: boolean;
}

export interface StoreChange {
  readonly enabled: boolean;
  /** RFC 3339. */
  readonly answeredAt: string;
  readonly consentVersion: number;
  /** How the answer was given. */
  readonly givenBy: "command" | "prompt" | "init";
  /** Why, in the user's words; it stays on this machine. */
  readonly reason?: string;
}

/** What a store says now. */
export type StoreReading =
  | { readonly status: "none"; readonly localOnly: boolean }
  | { readonly status: "answered"; readonly enabled: boolean; readonly consentVersion?: number; readonly localOnly: boolean }
  | { readonly status: "unreadable" };

/** Reads the store; other people's code may throw or answer anything. */
export function readStore(store: ConsentStore | undefined): StoreReading {
  if (!store) return { status: "none", localOnly: false };
  try {
    const answer: unknown = store.read();
    if (answer === undefined) return { status: "none", localOnly: false };
    if (!isAnswer(answer)) return { status: "unreadable" };
    const { enabled, consentVersion, localOnly = false } = answer;
    if (enabled === undefined) return { status: "none", localOnly };
    return { status: "answered", enabled, localOnly, ...(consentVersion === undefined ? {} : { consentVersion }) };
  } catch {
    // Whatever hides behind it, a yes has not been read.
    return { status: "unreadable" };
  }
}

/** Tells the store of an answer; says in one sentence what went wrong, if something did. */
export async function writeStore(store: ConsentStore | undefined, change: StoreChange): Promise<string | undefined> {
  if (!store) return undefined;
  try {
    await store.write(change);
    return undefined;
  } catch (error) {
    return `${store.name} could not be changed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A store that says what was read before; for the uploader, which has none of the tool's code. */
export function rememberedStore({ name, reading }: RememberedStore): ConsentStore {
  return {
    name,
    read: () => {
      if (reading.status === "unreadable") throw new Error("it could not be read");
      return reading.status === "none" && !reading.localOnly ? undefined : reading;
    },
    write: () => Promise.reject(new Error("only the tool writes it")),
  };
}

/** A store's reading in a form that another process can be told. */
export interface RememberedStore {
  readonly name: string;
  readonly reading: StoreReading;
}

function isAnswer(value: unknown): value is StoreAnswer {
  if (typeof value !== "object" || value === null) return false;
  const { enabled, consentVersion, localOnly } = value as Readonly<Record<string, unknown>>;
  if (enabled === undefined && localOnly === undefined) return false;
  return is(enabled, "boolean") && is(localOnly, "boolean") && is(consentVersion, "number");
}

function is(value: unknown, type: "boolean" | "number"): boolean {
  return value === undefined || typeof value === type;
}
