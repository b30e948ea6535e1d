/**
 * The catalog's rules: what is wrong with a catalog, and how to mend it. All problems are reported together, each with the place where
 * it stands. What passes has a bound and a purpose for everything, so that it can be kept to and put into words.
 */
import { checkBoolean, checkNames, checkText, checkWhole, CONTROL, isObject, type Report } from "../config/value-checks.ts";
import { sensitivityOf } from "../redaction/sensitive-name.ts";
import { COMMAND_EVENT_TYPE } from "./catalog.ts";

/** Types that mean something to candor itself. */
const RESERVED_TYPES: readonly unknown[] = [COMMAND_EVENT_TYPE, "data.deletion_request"];

const PROPERTY_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** Longest name of an event, and longest text of an enum, in characters. */
const MAX_NAME_LENGTH = 256;

/** Properties of one event altogether, and items of a list: as many as an event's metadata holds. */
const MAX_PROPERTIES = 64;
const MAX_ITEMS = 50;

/** Longest text that metadata holds, in characters. */
const MAX_TEXT_LENGTH = 1_024;

const FIELDS = {
  catalog: ["tool", "telemetryCommand", "purpose", "contact", "destination", "retentionDays", "common", "commands", "events"],
  commands: ["properties", "byPath", "extended"],
  event: ["type", "purpose", "properties"],
  property: ["type", "purpose", "required"],
} as const;

/** What each type of value is bounded by. */
const BOUNDS: Readonly<Record<string, readonly string[]>> = {
  boolean: [],
  integer: ["min", "max"],
  number: ["min", "max"],
  enum: ["values"],
  text: ["maxLength"],
  list: ["maxItems", "items"],
};

/** The other options that a catalog speaks of. */
export interface OptionsBeside {
  readonly tool?: unknown;
  readonly extendedCollection?: unknown;
  readonly metadata?: unknown;
}

/** What is wrong with a catalog, and what other options say against it; empty when nothing is. Never throws. */
export function findCatalogProblems(catalog: unknown, beside: OptionsBeside = {}): string[] {
  const problems: string[] = [];
  const report: Report = (field, problem) => problems.push(`${field}: ${problem}`);
  try {
    if (isObject(catalog)) checkBeside(catalog, checkContents(catalog, report), beside, report);
    else report("catalog", "give what defineEvents answers");
  } catch {
    // A getter or a proxy; a catalog is data.
    report("catalog", "make it plain data; it could not be read");
  }
  return problems;
}

/** Answers the names of the properties that every event may carry. */
function checkContents(catalog: Record<string, unknown>, report: Report): ReadonlySet<string> {
  checkNames("catalog", catalog, FIELDS.catalog, report);
  for (const field of ["tool", "telemetryCommand", "purpose", "contact", "destination"] as const) {
    if (catalog[field] !== undefined) checkText(`catalog.${field}`, catalog[field], report);
  }
  checkWhole("catalog.retentionDays", catalog["retentionDays"], 1, 36_500, report);
  const common = checkShared("catalog.common", catalog["common"], ["properties"], new Set(), report);
  checkCommands(catalog["commands"], common, report);
  const events = sectionOf("catalog.events", catalog["events"] ?? "missing", report);
  for (const [name, event] of Object.entries(events)) checkEvent(name, event, common, report);
  return common;
}

function checkBeside(catalog: Record<string, unknown>, common: ReadonlySet<string>, { tool, extendedCollection, metadata }: OptionsBeside, report: Report): void {
  const { tool: named, commands } = catalog;
  if (named !== undefined && tool !== undefined && named !== tool) report("catalog.tool", "write the same as in the option tool, or leave it out");
  if (extendedCollection === true && !(isObject(commands) && isObject(commands["extended"]))) {
    report("catalog.commands.extended", "declare it with its purpose, because extendedCollection is on");
  }
  for (const name of isObject(metadata) ? Object.keys(metadata) : []) {
    if (!common.has(name)) report(`metadata.${name}`, "declare it in catalog.common.properties, or leave it out");
  }
}

function checkEvent(name: string, event: unknown, common: ReadonlySet<string>, report: Report): void {
  const field = `catalog.events[${JSON.stringify(name)}]`;
  if (name.trim() !== name || name === "" || name === "__proto__" || name.length > MAX_NAME_LENGTH || CONTROL.test(name)) {
    report(field, `rename it: 1 to ${MAX_NAME_LENGTH} characters without control characters and outer spaces, and not __proto__`);
  }
  if (!isObject(event)) return report(field, "give { purpose, properties }");
  checkNames(field, event, FIELDS.event, report);
  checkText(`${field}.purpose`, event["purpose"], report);
  if (event["type"] !== undefined) checkText(`${field}.type`, event["type"], report);
  if (RESERVED_TYPES.includes(event["type"])) report(`${field}.type`, "choose another; this one means something to candor itself");
  checkProperties(`${field}.properties`, event["properties"], common, true, report);
}

function checkCommands(commands: unknown, common: ReadonlySet<string>, report: Report): void {
  const ofAll = checkShared("catalog.commands", commands, FIELDS.commands, common, report);
  if (!isObject(commands)) return;
  const { byPath, extended } = commands;
  for (const [path, command] of Object.entries(sectionOf("catalog.commands.byPath", byPath, report))) {
    checkShared(`catalog.commands.byPath[${JSON.stringify(path)}]`, command ?? "missing", ["properties"], new Set([...common, ...ofAll]), report);
  }
  if (extended === undefined) return;
  if (!isObject(extended)) return report("catalog.commands.extended", "give { purpose }");
  checkNames("catalog.commands.extended", extended, ["purpose"], report);
  checkText("catalog.commands.extended.purpose", extended["purpose"], report);
}

/** A section whose properties no call can be asked for. Answers the names it declares. */
function checkShared(field: string, given: unknown, fields: readonly string[], taken: ReadonlySet<string>, report: Report): ReadonlySet<string> {
  const section = sectionOf(field, given, report);
  checkNames(field, section, fields, report);
  return checkProperties(`${field}.properties`, section["properties"], taken, false, report);
}

function checkProperties(field: string, given: unknown, taken: ReadonlySet<string>, mayRequire: boolean, report: Report): ReadonlySet<string> {
  const names = Object.keys(sectionOf(field, given, report));
  if (names.length + taken.size > MAX_PROPERTIES) report(field, `declare at most ${MAX_PROPERTIES}, those of every event included`);
  for (const name of names) {
    const place = `${field}.${name}`;
    if (!PROPERTY_NAME.test(name)) report(place, "rename it: a letter, then up to 63 letters, digits, '.', '_' or '-'");
    if (taken.has(name)) report(place, "leave it out: it is declared for more events already");
    checkProperty(place, name, (given as Record<string, unknown>)[name], mayRequire, report);
  }
  return new Set(names);
}

function checkProperty(field: string, name: string, declaration: unknown, mayRequire: boolean, report: Report): void {
  if (!isObject(declaration)) return report(field, "give { type, purpose } and the type's bounds");
  checkText(`${field}.purpose`, declaration["purpose"], report);
  checkBoolean(`${field}.required`, declaration["required"], report);
  if (declaration["required"] === true && !mayRequire) report(`${field}.required`, "leave it out: no call can be asked for it");
  checkValue(field, declaration, Object.keys(BOUNDS), FIELDS.property, report);
  if (declaration["type"] === "text" && sensitivityOf(name) !== "none") report(field, "rename it: a text of this name is masked, whatever it holds");
}

function checkValue(field: string, declaration: Record<string, unknown>, types: readonly string[], fields: readonly string[], report: Report): void {
  const { type, min, max, values, maxLength, maxItems, items } = declaration;
  const bounds = types.includes(String(type)) ? BOUNDS[String(type)] : undefined;
  if (!bounds) return report(`${field}.type`, `choose one of ${types.join(", ")}`);
  checkNames(field, declaration, [...fields, ...bounds], report);
  if (bounds.includes("min")) checkRange(field, type === "integer", min, max, report);
  if (type === "enum") checkValues(`${field}.values`, values, report);
  if (type === "text") checkWhole(`${field}.maxLength`, maxLength ?? 0, 1, MAX_TEXT_LENGTH, report);
  if (type !== "list") return;
  checkWhole(`${field}.maxItems`, maxItems ?? 0, 1, MAX_ITEMS, report);
  if (isObject(items)) checkValue(`${field}.items`, items, ["enum", "text"], ["type"], report);
  else report(`${field}.items`, "give { type, … } of an enum or a text");
}

function checkRange(field: string, isWhole: boolean, min: unknown, max: unknown, report: Report): void {
  const isBound = isWhole ? Number.isSafeInteger : Number.isFinite;
  for (const [name, bound] of [["min", min], ["max", max]] as const) {
    if (!isBound(bound)) report(`${field}.${name}`, `give a ${isWhole ? "whole " : ""}number`);
  }
  if (Number(min) > Number(max)) report(`${field}.max`, "make it at least min");
}

function checkValues(field: string, values: unknown, report: Report): void {
  const isText = (value: unknown): boolean => typeof value === "string" && value !== "" && value.length <= MAX_NAME_LENGTH && !CONTROL.test(value);
  if (!Array.isArray(values) || values.length === 0 || !values.every(isText)) {
    return report(field, `list the texts it may be, each of 1 to ${MAX_NAME_LENGTH} characters without control characters`);
  }
  if (new Set(values).size < values.length) report(field, "list each text once");
}

/** The section's fields; none where it is left out, or is no object, which is reported. */
function sectionOf(field: string, given: unknown, report: Report): Record<string, unknown> {
  if (given === undefined) return {};
  if (isObject(given)) return given;
  report(field, "give an object");
  return {};
}
