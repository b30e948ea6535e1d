/**
 * The catalog: what a tool may record, declared by its author, each thing with its bounds and its purpose. It is data and no more:
 * `catalog-rules` checks it, `admission` keeps to it, `disclosure` puts it into words for the tool's users.
 */
import type { EventType } from "@candor/backend";

/** What a property may hold. Whatever does not fit costs the property; only a text that is too long is cut, visibly, with `…`. */
export type ValueDeclaration =
  | { readonly type: "boolean" }
  /** A whole number, both bounds included. */
  | { readonly type: "integer"; readonly min: number; readonly max: number }
  /** Any finite number, both bounds included. */
  | { readonly type: "number"; readonly min: number; readonly max: number }
  | { readonly type: "enum"; readonly values: readonly string[] }
  /** A text of at most `maxLength` UTF-16 units (up to 1,024), redacted before it is cut. The one type that can hold what nobody foresaw. */
  | { readonly type: "text"; readonly maxLength: number }
  /** At most `maxItems` values (up to 50), each of the same kind. */
  | { readonly type: "list"; readonly maxItems: number; readonly items: ItemDeclaration };

/** What a list may hold. */
export type ItemDeclaration =
  | { readonly type: "enum"; readonly values: readonly string[] }
  | { readonly type: "text"; readonly maxLength: number };

/** A property, and why it is wanted: a sentence for the tool's users. */
export type PropertyDeclaration = ValueDeclaration & {
  readonly purpose: string;
  /** The compiler asks for it. At run time an event without it is recorded all the same. Default false. */
  readonly required?: boolean;
};

/** A property that candor's own adapters or `metadata` fill, so that no call can be asked for it. */
export type OptionalPropertyDeclaration = PropertyDeclaration & { readonly required?: false };

export interface EventDeclaration {
  /** The event's type as it is sent. Default `feature.used`. */
  readonly type?: EventType;
  /** Why the event is wanted: a sentence for the tool's users. */
  readonly purpose: string;
  /** Default: none. */
  readonly properties?: Readonly<Record<string, PropertyDeclaration>>;
}

/** What the events of commands may hold beside path, duration, exit status and signal, which every one of them has. */
export interface CommandsDeclaration {
  /** Of every command. */
  readonly properties?: Readonly<Record<string, OptionalPropertyDeclaration>>;
  /** Of one command, by the name of its event: its full path, such as `notes tag add`. */
  readonly byPath?: Readonly<Record<string, { readonly properties: Readonly<Record<string, OptionalPropertyDeclaration>> }>>;
  /** Redacted arguments and error messages; must stand here where `extendedCollection` is on. */
  readonly extended?: { readonly purpose: string };
}

export interface Catalog {
  /** The tool's name as in `createCollector`, for the text of TELEMETRY.md. */
  readonly tool?: string;
  /** The `telemetry` command as users type it, for the text of TELEMETRY.md. Default: the tool's name and `telemetry`. */
  readonly telemetryCommand?: string;
  /** Why the tool records anything at all: a sentence or two for its users. */
  readonly purpose?: string;
  /** Who answers questions: an e-mail address, or that of a page. */
  readonly contact?: string;
  /** Where events end up and who reads them there, in words. The address itself is known to `telemetry info`. */
  readonly destination?: string;
  /** Days for which events are kept at the destination. */
  readonly retentionDays?: number;
  /** Properties that any event may carry: from `metadata`, or from the call. */
  readonly common?: { readonly properties: Readonly<Record<string, OptionalPropertyDeclaration>> };
  /** Commands themselves need no declaration: instrumenting the tool declares them. Their properties do. */
  readonly commands?: CommandsDeclaration;
  /** What `track` may record, by name. */
  readonly events: Readonly<Record<string, EventDeclaration>>;
}

/** The type of an event whose declaration names none. */
export const DEFAULT_EVENT_TYPE: EventType = "feature.used";

/** The type of a command's event, which needs no declaration. */
export const COMMAND_EVENT_TYPE: EventType = "command.invocation";

/** Answers the catalog as it is, typed by what stands in it. In development `createCollector` checks it, and `candor catalog` anywhere. */
export function defineEvents<const C extends Catalog>(catalog: C): C {
  return catalog;
}
