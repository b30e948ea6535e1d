/**
 * Creating a collector: checks the author's options and makes the collector. A mistake is one clear error where the
 * author sees it, and a silent, working tool where a user would.
 */
import type { Catalog } from "../catalog/catalog.ts";
import type { AnyOptions, CollectorOptions } from "../config/config.ts";
import { hasSoundPlaces } from "../config/consent-rules.ts";
import { circumstancesOf } from "../config/circumstances.ts";
import { type Ports, realPorts } from "../platform/ports.ts";
import type { CollectorFor } from "./catalog-collector.ts";
import type { Collector } from "./collector.ts";
import { createLightCollector } from "./light-collector.ts";
import { createWholeCollector } from "./whole-collector.ts";

/**
 * Makes the collector of a tool. Writes nothing, and looks at the disk only to tell where the tool's script lies; consent is resolved with the
 * first event.
 *
 * In development every mistake in the options is thrown together: where the tool's script lies in a checkout (its package has a
 * `.git` or `node_modules` directory and is in no `node_modules` itself), or NODE_ENV is `development` or `test`. To find them, consent is
 * looked at there, and unless everything stays on the machine each installed backend is built once. Anywhere else the
 * collector is made, does nothing, and says why in a debug line as soon as telemetry may be on.
 *
 * With a catalog `track` takes a declared name and its properties; without one, a type, any name and any properties.
 *
 * @param ports For tests: replaces files, clock and processes.
 * @throws CandorError `ERR_CANDOR_CONFIG` naming each option and its fix, in development only.
 */
export function createCollector<const C extends Catalog | undefined = undefined>(options: CollectorOptions<C>, ports?: Ports): CollectorFor<C>;
export function createCollector(options: AnyOptions, ports: Ports = realPorts()): Collector {
  const circumstances = circumstancesOf(ports);
  if (circumstances.inDevelopment || !hasSoundPlaces(options)) return createWholeCollector(options, ports, circumstances);
  return createLightCollector(options, ports, circumstances);
}
