/**
 * The document: a catalog as TELEMETRY.md, for people who read about a tool before they run it. The same catalog makes the same text,
 * so that a check can tell a stale file; it says nothing that only an installation knows, such as an address.
 */
import type { Catalog, PropertyDeclaration } from "./catalog.ts";
import { ADDRESS_NOTE, COMMAND_FIELDS, describeValue, type DisclosedField, eventFields, EXTENDED_FIELDS, holdsFreeText, neverRecorded, TEXT_NOTE } from "./disclosure.ts";

type Properties = Readonly<Record<string, PropertyDeclaration>>;

const ORIGIN = "<!-- Written by `candor catalog` from the tool's catalog: change the catalog and run it again, not this file. -->";

/** The Markdown text, ending with a newline. The catalog is assumed to have no mistakes; see `findCatalogProblems`. */
export function catalogDocument(catalog: Catalog): string {
  const tool = catalog.tool ?? "this tool";
  const { commands = {}, events } = catalog;
  const blocks = [
    ORIGIN,
    `# What ${tool} records`,
    ...(catalog.purpose === undefined ? [] : [catalog.purpose]),
    `While telemetry is on, ${tool} records what is listed on this page. Anything else is dropped before it reaches the disk or the network, and counted.`,
    "## With every event",
    table(["field", "what it holds"], eventFields(tool).map(fieldRow)),
    ...propertyTable(catalog.common?.properties),
    "## Commands",
    "Every command is one event of the type `command.invocation`, recorded when it ends.",
    table(["field", "what it holds"], COMMAND_FIELDS.map(fieldRow)),
    ...(commands.extended ? [`Beside that, ${code("args")} and ${code("error")}: ${EXTENDED_FIELDS.content}. ${commands.extended.purpose}`] : []),
    ...propertyTable(commands.properties),
    ...Object.entries(commands.byPath ?? {}).flatMap(([path, { properties }]) => [`### ${code(path)}`, ...propertyTable(properties)]),
    ...(Object.keys(events).length > 0 ? ["## Events"] : []),
    ...Object.entries(events).flatMap(([name, event]) => [`### ${code(name)}`, event.purpose, ...propertyTable(event.properties)]),
    "## Never recorded",
    neverRecorded(commands.extended !== undefined).map((line) => `- ${line}`).join("\n"),
    ...(holdsFreeText(catalog) ? [TEXT_NOTE] : []),
    "## Where it goes, and how long it is kept",
    [
      `- ${catalog.destination ?? "The destination is named by the command below."}`,
      `- ${catalog.retentionDays === undefined ? "How long it is kept there is not stated." : `It is kept there for ${catalog.retentionDays} days.`}`,
      `- ${ADDRESS_NOTE}`,
      "- On your machine, what waits to be sent lies in a directory that only you can read, and is bounded in size.",
    ].join("\n"),
    "## Your choice",
    table(
      ["command", "what it does"],
      CHOICES.map(([command, effect]) => [code(`${catalog.telemetryCommand ?? (catalog.tool === undefined ? "telemetry" : `${catalog.tool} telemetry`)} ${command}`), effect]),
    ),
    ...(catalog.contact === undefined ? [] : ["## Questions", catalog.contact]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

const CHOICES = [
  ["info", "show what is recorded, where it goes, and an example"],
  ["status", "show whether telemetry is on, who decided it, and how much waits to be sent"],
  ["inspect", "show the exact events that wait; with `--sent` those that were sent, with `--preview` what would be sent"],
  ["export", "print everything that is held on this machine"],
  ["disable", "turn it off, and discard what has not been sent"],
  ["reset", "the same, and ask for deletion of what was sent"],
] as const;

function propertyTable(properties: Properties = {}): string[] {
  const rows = Object.entries(properties).map(([name, property]) => [code(name), describeValue(property, code), property.purpose]);
  return rows.length === 0 ? [] : [table(["property", "what it holds", "what for"], rows)];
}

function fieldRow({ fields, content }: DisclosedField): readonly string[] {
  return [fields.map(code).join(", "), content];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}

/** A code span, which no backtick inside can end. */
function code(text: string): string {
  const [longest = ""] = (text.match(/`+/g) ?? []).sort((one, other) => other.length - one.length);
  if (longest === "") return `\`${text}\``;
  const fence = "`".repeat(longest.length + 1);
  return `${fence} ${text} ${fence}`;
}
