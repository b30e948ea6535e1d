/**
 * The configuration: what an author may choose, its defaults and its limits. Every problem is reported at
 * once, each naming the option and the fix. It reads no file and no environment.
 */
import type { Backend, DeletionRequestor, Logger } from "@candor/backend";
import type { Catalog } from "../catalog/catalog.ts";
import type { CommonProperties } from "../catalog/declared-properties.ts";
import type { ConsentOptions } from "../consent/consent.ts";
import { type BackendChoice, isBackend } from "../destination/destination.ts";
import type { GivenProperties } from "../event/event.ts";
import type { IdentityChoice } from "../identity/identity.ts";
import type { DirectoryOverrides } from "../platform/paths.ts";
import type { RedactionRule } from "../redaction/author-rules.ts";
import type { SpoolBounds } from "../spool/spool.ts";

/** Loads a backend module; for tools that are bundled into one file, where a name alone finds nothing. */
export type BackendLoader = () => Promise<unknown>;

/** Properties for every event, worked out when the first one is recorded. `dryRun`: nothing will be sent. */
export type MetadataSource = (run: { readonly dryRun: boolean }) => GivenProperties;

/** A task of the uploader's: the specifier of a module whose default export is a `BackgroundTask`, and its options. */
export interface TaskChoice {
  readonly use: string;
  readonly [option: string]: unknown;
}

/** How to ask for deletion. */
export type DeletionChoice =
  | { readonly use: "http"; readonly endpoint: string; readonly headers?: Readonly<Record<string, string>>; readonly insecure?: boolean }
  | { readonly use: "email"; readonly address: string }
  /** A `data.deletion_request` event through the configured backends. */
  | { readonly use: "event" };

export interface DeliveryOptions {
  /**
   * When events are delivered. `detached` (default): by a short-lived background process, after the tool has ended.
   * `inline`: the same, but the tool waits for it, at most `inlineTimeoutMs`; chosen by itself where a background process
   * would die with the tool (process 1 of a container, serverless). `interval`: by the tool's own process every
   * `intervalMs`, for tools that run long; a delivery under way does not keep the tool from ending. A live backend or `stdout` is always served by the tool's own process.
   */
  readonly by?: "detached" | "inline" | "interval";
  /** `at-least-once` (default) deletes a batch after the acknowledgement, `at-most-once` before sending. */
  readonly mode?: "at-least-once" | "at-most-once";
  /**
   * What the background process runs. `carried` (default): the script that candor carries; it loads backends by name from where
   * the tool is installed. `tool`: the tool's own script, started again without arguments; for tools bundled into one file with
   * backends in it. Such a tool must call `serveAsUploader` before anything else.
   */
  readonly uploader?: "carried" | "tool";
  /**
   * When an event is on disk: at `track` (default; survives SIGKILL), or when what was tracked is spilled: when the event loop
   * turns, `bounds.bufferEvents` are reached, or the process ends.
   */
  readonly durability?: "track" | "spill";
  /** Least milliseconds between two uploads of the tool on this machine. Default 10,000. */
  readonly minimumIntervalMs?: number;
  /** Milliseconds between deliveries of a long-running process. Default 30,000 (the DataRobot specification's). */
  readonly intervalMs?: number;
  /** Limit of inline delivery at the end of the process. Default 3,000 (the DataRobot CLI's). */
  readonly inlineTimeoutMs?: number;
  /** Hard limit of a detached uploader's life, and of one delivery at intervals, in milliseconds. Default 30,000. */
  readonly lifetimeMs?: number;
  /** Limit of one attempt to send. Default 10,000. */
  readonly sendTimeoutMs?: number;
}

export interface BoundOptions extends Partial<SpoolBounds> {
  /** Events held in memory. Default 1,000, as GTB. */
  readonly bufferEvents?: number;
}

export interface RedactionOptions {
  /** What this tool knows to be private and candor cannot, such as a customer's number; at most 32, besides the built-in rules. */
  readonly rules?: readonly RedactionRule[];
}

/** Properties of every event: those the catalog declares, or without one any. */
type CommonMetadata<C extends Catalog | undefined> = [C] extends [Catalog] ? CommonProperties<C> : GivenProperties;

export interface CollectorOptions<C extends Catalog | undefined = undefined> {
  /** The tool's name: letters, digits, `.`, `_` and `-`. Names its directories and variables. */
  readonly tool: string;
  /** The tool's version, as it should appear in events. */
  readonly version: string;
  /** The `telemetry` command as users type it, for candor's own texts: `dr self telemetry`. Default: the tool's name and `telemetry`. */
  readonly telemetryCommand?: string;
  /** Where events go: a choice, a live backend, or a list of them (fan-out). None means dry run. */
  readonly backend?: BackendChoice | Backend | readonly (BackendChoice | Backend)[];
  /**
   * Loaders by the names used in `backend`, for tools that are bundled into one file. Served by the tool's own process before it
   * ends, unless `delivery.uploader` is `tool`.
   */
  readonly backends?: Readonly<Record<string, BackendLoader>>;
  /** The author's own switch; false makes a collector that does nothing. Default true. */
  readonly enabled?: boolean;
  readonly consent?: ConsentOptions;
  /** How the installation's id is derived. Default `candor`. */
  readonly identity?: IdentityChoice;
  /**
   * What the tool may record, made with `defineEvents`. With it, `track` takes what is declared, and nothing else leaves the tool: see
   * `CatalogCollector`. Default: none; the tool may record anything.
   */
  readonly catalog?: C;
  /**
   * Properties added to every event; an event's own win. What costs something to find out is given as a function: it is called with
   * the first event, so never while telemetry is off.
   */
  readonly metadata?: CommonMetadata<C> | ((...run: Parameters<MetadataSource>) => CommonMetadata<C>);
  /**
   * Work that telemetry needs and no command may wait for, such as looking up who is signed in. The uploader does it beside
   * delivering, and only while consent stands; what it finds out the next command reads. Default: none.
   */
  readonly tasks?: readonly TaskChoice[];
  /** Absolute paths of files that the tool itself keeps for telemetry only; `reset` deletes them with candor's own. Default: none. */
  readonly files?: readonly string[];
  /** Record redacted arguments and error messages of commands. Default false. */
  readonly extendedCollection?: boolean;
  /** What is taken out of every text besides what candor recognises. It is a net, not a licence to record secrets. */
  readonly redaction?: RedactionOptions;
  readonly delivery?: DeliveryOptions;
  readonly bounds?: BoundOptions;
  /**
   * How `reset` asks for deletion: a choice, a live requestor of your own, or a list of them, all of which are asked. Default: the event
   * requestor. A live requestor is asked again by the tool's own process, before it ends and within `delivery.inlineTimeoutMs`.
   */
  readonly deletion?: DeletionChoice | DeletionRequestor | readonly (DeletionChoice | DeletionRequestor)[];
  /** The id of the person under which the author's events travel, if they carry one. Called by `reset` alone, to have it erased as well. */
  readonly userId?: () => string | undefined;
  /** Shown when a deletion request could not be sent. */
  readonly supportMessage?: string;
  readonly directories?: DirectoryOverrides;
  /** Where candor's diagnostic lines go. Default: nowhere, or stderr under `<TOOL>_TELEMETRY=debug`. */
  readonly logger?: Logger;
}

/** Options with a catalog, or without one. */
export type AnyOptions = CollectorOptions<Catalog | undefined>;

/** The options with every default filled in. */
export interface Config {
  readonly tool: string;
  readonly version: string;
  readonly telemetryCommand: string;
  readonly backends: readonly (BackendChoice | Backend)[];
  readonly loaders: Readonly<Record<string, BackendLoader>>;
  readonly enabled: boolean;
  readonly consent: ConsentOptions;
  readonly identity: IdentityChoice;
  readonly catalog: Catalog | undefined;
  readonly metadata: GivenProperties | MetadataSource;
  readonly tasks: readonly TaskChoice[];
  readonly files: readonly string[];
  readonly extendedCollection: boolean;
  readonly redaction: RedactionOptions;
  readonly delivery: Required<DeliveryOptions>;
  readonly bounds: SpoolBounds & { readonly bufferEvents: number };
  readonly deletion: readonly (DeletionChoice | DeletionRequestor)[];
  readonly userId: (() => string | undefined) | undefined;
  readonly supportMessage: string | undefined;
  readonly directories: DirectoryOverrides;
}

/** Fills in the defaults. The options are assumed to be valid. */
export function withDefaults(options: AnyOptions): Config {
  const { backend, deletion = { use: "event" } } = options;
  return {
    tool: options.tool,
    version: options.version,
    telemetryCommand: options.telemetryCommand ?? `${options.tool} telemetry`,
    backends: backend === undefined ? [] : isList(backend) ? backend : [backend],
    loaders: options.backends ?? {},
    enabled: options.enabled ?? true,
    consent: options.consent ?? {},
    identity: options.identity ?? "candor",
    catalog: options.catalog,
    metadata: options.metadata ?? {},
    tasks: options.tasks ?? [],
    files: options.files ?? [],
    extendedCollection: options.extendedCollection ?? false,
    redaction: options.redaction ?? {},
    delivery: {
      by: "detached",
      uploader: "carried",
      mode: "at-least-once",
      durability: "track",
      minimumIntervalMs: 10_000,
      intervalMs: 30_000,
      inlineTimeoutMs: 3_000,
      lifetimeMs: 30_000,
      sendTimeoutMs: 10_000,
      ...defined(options.delivery),
    },
    bounds: { bufferEvents: 1_000, batchBytes: 1024 * 1024, spoolBytes: 10 * 1024 * 1024, receiptBytes: 1024 * 1024, ...defined(options.bounds) },
    deletion: isList(deletion) ? deletion : [deletion],
    userId: options.userId,
    supportMessage: options.supportMessage,
    directories: options.directories ?? {},
  };
}

/** Without what is present but undefined, as `{ ...settings.telemetry }` easily makes it. */
function defined<Options extends object>(options: Options | undefined): Options | undefined {
  return options && (Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options);
}

/** Whether the value is one serialisable choice rather than a live backend. */
export function isChoice(backend: BackendChoice | Backend): backend is BackendChoice {
  return !isBackend(backend);
}

/** Whether the author asks for deletion by code of his own rather than by a choice. */
export function isRequestor(deletion: DeletionChoice | DeletionRequestor): deletion is DeletionRequestor {
  return "requestDeletion" in deletion;
}

function isList<Item extends object>(value: Item | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value);
}
