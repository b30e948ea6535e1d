/**
 * The option names: finds what an author wrote that no option is called. It looks at no value. What has names of the author's own is left
 * alone: metadata, loaders, the options of a backend or a task, and live objects.
 */
import type { ConsentOptions, LegacyVariable } from "../consent/consent.ts";
import type { IdentityChoice } from "../identity/identity.ts";
import type { DirectoryOverrides } from "../platform/paths.ts";
import type { RedactionRule } from "../redaction/author-rules.ts";
import type { AnyOptions, BoundOptions, DeletionChoice, DeliveryOptions, RedactionOptions } from "./config.ts";
import { checkNames, isObject, type Report } from "./value-checks.ts";

/** The names of a type; the compiler refuses one too few as well as one too many. */
type NamesOf<Options> = Readonly<Record<keyof Options, true>>;

type Names = Readonly<Record<string, true>>;

const OPTIONS: NamesOf<AnyOptions> = {
  tool: true,
  version: true,
  telemetryCommand: true,
  backend: true,
  backends: true,
  enabled: true,
  consent: true,
  identity: true,
  catalog: true,
  metadata: true,
  tasks: true,
  files: true,
  extendedCollection: true,
  redaction: true,
  delivery: true,
  bounds: true,
  deletion: true,
  userId: true,
  supportMessage: true,
  directories: true,
  logger: true,
};

const CONSENT: NamesOf<ConsentOptions> = { model: true, version: true, disableFlag: true, variables: true, store: true };
const VARIABLE: NamesOf<LegacyVariable> = { name: true, whenTrue: true };
const IDENTITY: NamesOf<Exclude<IdentityChoice, string>> = { use: true, otherwise: true };
const REDACTION: NamesOf<RedactionOptions> = { rules: true };
const RULE: NamesOf<RedactionRule> = { name: true, pattern: true };
const BOUNDS: NamesOf<BoundOptions> = { bufferEvents: true, batchBytes: true, spoolBytes: true, receiptBytes: true };
const DIRECTORIES: NamesOf<DirectoryOverrides> = { data: true, config: true };
const DELIVERY: NamesOf<DeliveryOptions> = {
  by: true,
  mode: true,
  uploader: true,
  durability: true,
  minimumIntervalMs: true,
  intervalMs: true,
  inlineTimeoutMs: true,
  lifetimeMs: true,
  sendTimeoutMs: true,
};

/** The ways of asking for deletion that are chosen by name. */
const DELETION: { readonly [Use in DeletionChoice["use"]]: NamesOf<Extract<DeletionChoice, { use: Use }>> } = {
  http: { use: true, endpoint: true, headers: true, insecure: true },
  email: { use: true, address: true },
  event: { use: true },
};

/** Every name that no option has, with the place where it stands, and how to mend it. Options of any shape are taken. */
export function findUnknownNames(options: unknown): string[] {
  const problems: string[] = [];
  const report: Report = (name, problem) => problems.push(`${name}: ${problem}`);
  const check = (place: string, given: unknown, names: Names): void => {
    if (isObject(given)) checkNames(place, given, Object.keys(names), report);
  };
  const checkEach = (place: string, list: unknown, names: Names): void => {
    if (Array.isArray(list)) list.forEach((given, index) => check(`${place}[${index}]`, given, names));
  };
  if (!isObject(options)) return problems;
  const { consent, identity, redaction, delivery, bounds, deletion, directories } = options;
  check("", options, OPTIONS);
  check("consent", consent, CONSENT);
  if (isObject(consent)) checkEach("consent.variables", consent["variables"], VARIABLE);
  check("identity", identity, IDENTITY);
  check("redaction", redaction, REDACTION);
  if (isObject(redaction)) checkEach("redaction.rules", redaction["rules"], RULE);
  check("delivery", delivery, DELIVERY);
  check("bounds", bounds, BOUNDS);
  if (Array.isArray(deletion)) deletion.forEach((way, index) => checkWay(`deletion[${index}]`, way, report));
  else checkWay("deletion", deletion, report);
  check("directories", directories, DIRECTORIES);
  return problems;
}

/** A requestor of the author's own may hold anything, and what is no way of asking is told by its own rule. */
function checkWay(place: string, way: unknown, report: Report): void {
  if (!isObject(way) || "requestDeletion" in way) return;
  const names = Object.entries(DELETION).find(([use]) => use === way["use"])?.[1];
  if (names) checkNames(place, way, Object.keys(names), report);
}
