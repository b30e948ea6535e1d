/**
 * The scope: what events may hold beyond what candor itself puts into each, as far as the tool's configuration bounds it. Whoever promises a
 * user something may promise no more than this.
 */
import { declaredValues } from "../catalog/disclosure.ts";
import type { Collector } from "../collector/collector.ts";

export interface EventScope {
  /** Properties of the author's choice: `none` can get in, those that the catalog declares, or `any`. */
  readonly properties: "none" | "declared" | "any";
  /** Arguments and error messages are recorded, redacted. */
  readonly extended: boolean;
  /** Events may carry an id of the person. */
  readonly person: boolean;
}

/** Without a catalog nothing keeps `track`, `metadata` or an adapter from recording what they please. */
export function scopeOf({ installation }: Pick<Collector, "installation">): EventScope {
  const { catalog, extendedCollection, userId } = installation.config;
  const declares = catalog !== undefined && declaredValues(catalog).length > 0;
  return { properties: catalog === undefined ? "any" : declares ? "declared" : "none", extended: extendedCollection, person: userId !== undefined };
}
