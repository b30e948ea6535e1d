/**
 * The disclosure: what events hold, in words for the tool's users. `telemetry info` and TELEMETRY.md say the same because both take it
 * from here; neither adds a claim of its own.
 */
import type { Catalog, ItemDeclaration, ValueDeclaration } from "./catalog.ts";

/** Fields of the event's JSON form, and what is in them. */
export interface DisclosedField {
  readonly fields: readonly string[];
  readonly content: string;
}

/** What every event carries. */
export function eventFields(tool: string): readonly DisclosedField[] {
  return [
    { fields: ["id", "timestamp"], content: "a random id of the event, and when it happened" },
    { fields: ["type", "name"], content: "what happened" },
    { fields: ["machine_id"], content: "a pseudonymous id of this installation, the same in each of its events" },
    { fields: ["tool_name", "version"], content: `the name and version of ${tool}` },
    { fields: ["os", "os_version", "arch", "node_version"], content: "the operating system and its version, the kind of processor, the version of Node.js" },
    { fields: ["dropped_events"], content: "how many events were dropped or lost since it was last said; on some events only" },
  ];
}

/** What the event of a command carries beside that. */
export const COMMAND_FIELDS: readonly DisclosedField[] = [
  { fields: ["name"], content: "the command's full path by the tool's own names, without what was typed after it" },
  { fields: ["duration_ms"], content: "how long it took, in milliseconds" },
  { fields: ["exit_code", "signal"], content: "how it ended: its exit status, and the signal that ended it, if one did" },
];

/** What extended collection adds. */
export const EXTENDED_FIELDS: DisclosedField = {
  fields: ["args", "error"],
  content: "arguments and error messages, with what looks like a secret taken out",
};

/** What is to be said where a catalog lets texts into events. */
export const TEXT_NOTE = "A text is what the tool puts there, with what looks like a secret taken out.";

/** What candor never puts into an event; an author's text may hold anything. */
export function neverRecorded(extended: boolean): readonly string[] {
  return [...(extended ? [] : ["arguments and error messages"]), "environment variables and the contents of files"];
}

/** What no sender can prevent. */
export const ADDRESS_NOTE = "As with every request, the destination sees the network address that events come from.";

/** Whether a catalog lets a text into an event that nobody listed beforehand. */
export function holdsFreeText(catalog: Catalog): boolean {
  return declaredValues(catalog).some((value) => value.type === "text" || (value.type === "list" && value.items.type === "text"));
}

/** Every property that a catalog lets into an event of any kind. */
export function declaredValues({ common, commands = {}, events }: Catalog): readonly ValueDeclaration[] {
  const sections = [common, commands, ...Object.values(commands.byPath ?? {}), ...Object.values(events)];
  return sections.flatMap((section) => Object.values(section?.properties ?? {}));
}

/** What a property may hold: `a whole number from 0 to 1000`. Names of values go through `quote`. */
export function describeValue(declaration: ValueDeclaration, quote: (value: string) => string = (value) => value): string {
  switch (declaration.type) {
    case "boolean":
      return "true or false";
    case "integer":
      return `a whole number from ${declaration.min} to ${declaration.max}`;
    case "number":
      return `a number from ${declaration.min} to ${declaration.max}`;
    case "list":
      return `up to ${declaration.maxItems} of these: ${describeItem(declaration.items, quote)}`;
    default:
      return describeItem(declaration, quote);
  }
}

function describeItem(declaration: ItemDeclaration, quote: (value: string) => string): string {
  if (declaration.type === "text") return `a text of at most ${declaration.maxLength} characters`;
  return `one of ${declaration.values.map(quote).join(", ")}`;
}
