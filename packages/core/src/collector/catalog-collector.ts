/**
 * The catalog's collector: a collector as TypeScript shows it to an author who has declared a catalog. It narrows what may be tracked
 * to what is declared; everything else is any collector's.
 */
import { type Catalog, DEFAULT_EVENT_TYPE } from "../catalog/catalog.ts";
import type { CommandProperties, EventProperties, PropertyArguments } from "../catalog/declared-properties.ts";
import type { CommandOutcome, Draft, ExtendedOutcome, GivenProperties } from "../event/event.ts";
import type { Collector } from "./collector.ts";

/**
 * A collector that records what its catalog declares. Where the compiler does not look (JavaScript, a wider type), an event that is not
 * declared is dropped and counted as `undeclared`, a property as `undeclared-property`, a value that does not fit as
 * `invalid-property`; a property that is dropped leaves its event as it is.
 */
export interface CatalogCollector<C extends Catalog> extends Omit<Collector, "track" | "trackCommand" | "trackCommandExtended"> {
  /** Records that something declared happened, under the type that its declaration names. */
  // Not EventName<C>: the compiler would name the alias where it can list the names.
  track<Name extends keyof C["events"] & string>(name: Name, ...properties: PropertyArguments<EventProperties<C, Name>>): void;
  /**
   * For adapters, which know a collector only as a `Collector` and say what type an event is of; no author can call it. The catalog
   * holds for them too, and the type is the declared one.
   */
  track(type: never, name: never, properties: never): void;
  /** Records a finished command; `path` is its full path without arguments. */
  trackCommand<Path extends string>(path: Path, outcome: CommandOutcome, properties?: CommandProperties<C, Path>): void;
  /** As `trackCommand`; arguments and error are kept only under `extendedCollection`, redacted. */
  trackCommandExtended<Path extends string>(path: Path, args: readonly string[], outcome: ExtendedOutcome, properties?: CommandProperties<C, Path>): void;
}

/** The collector for a catalog, or for none. */
export type CollectorFor<C extends Catalog | undefined> = [C] extends [Catalog] ? CatalogCollector<C> : Collector;

/** What `track` was called with: an author names the event, and no type; an adapter, which knows of no catalog, both. */
export function declaredDraft(first: string, second?: string | GivenProperties, third?: GivenProperties): Draft {
  return typeof second === "string" ? { type: first, name: second, metadata: third } : { type: DEFAULT_EVENT_TYPE, name: first, metadata: second };
}
