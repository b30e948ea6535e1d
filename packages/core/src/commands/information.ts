/**
 * The information: what an event of this tool holds, why, and where it goes. It works while telemetry is off, writes
 * nothing, starts no process and asks no network.
 */
import { eventToJson } from "@candor/backend";
import { type Catalog, COMMAND_EVENT_TYPE } from "../catalog/catalog.ts";
import { ADDRESS_NOTE, COMMAND_FIELDS, describeValue, eventFields, EXTENDED_FIELDS, holdsFreeText, neverRecorded, TEXT_NOTE } from "../catalog/disclosure.ts";
import type { Collector } from "../collector/collector.ts";
import { describeBackend, type Installation } from "../collector/installation.ts";
import { createSampleStamp } from "../collector/tool-stamp.ts";
import { isBackend } from "../destination/destination.ts";
import type { CommandReport } from "./report.ts";

/** Says what is recorded and why, what is not, where it goes, how long it is kept, and who answers questions. */
export function info({ installation }: Collector): CommandReport {
  const { config, directories } = installation;
  const { catalog, tool } = config;
  const consent = installation.consent();
  const example = exampleEvent(installation);
  const destinations = installation.routes(consent).map(({ backend }) => describeBackend(backend, directories));
  const collected = [
    ...COMMAND_FIELDS.map(({ content }) => content),
    ...eventFields(tool).map(({ content }) => content),
    ...(config.extendedCollection ? [EXTENDED_FIELDS.content] : []),
    ...propertyLines(catalog?.common?.properties),
    ...propertyLines(catalog?.commands?.properties),
  ];
  const never = neverRecorded(config.extendedCollection);
  const retention = { destinationDays: catalog?.retentionDays, hereBytes: config.bounds.spoolBytes };
  return {
    exitCode: 0,
    lines: [
      ...(catalog?.purpose === undefined ? [] : [catalog.purpose]),
      `While telemetry is on, ${tool} records of every command:`,
      ...collected.map((line) => `  - ${line}`),
      ...(catalog ? declaredLines(catalog) : [`It may record more, with properties of its author's choice: ${tool} declares none beforehand.`]),
      ...(catalog && holdsFreeText(catalog) ? [TEXT_NOTE] : []),
      catalog ? "It never records anything else, such as:" : "It never records by itself:",
      ...never.map((line) => `  - ${line}`),
      ...whereLines(installation, destinations),
      `What waits to be sent is kept on this machine, at most ${asSize(retention.hereBytes)}, in ${directories.data}.`,
      ...(catalog?.contact === undefined ? [] : [`Questions: ${catalog.contact}`]),
      `Telemetry is ${consent.enabled ? "on" : "off"} now: ${consent.reason}.`,
      ...(example ? ["An event looks like this:", ...JSON.stringify(example, undefined, 2).split("\n").map((line) => `  ${line}`)] : []),
    ],
    data: { collected, never, destinations, retention, enabled: consent.enabled, reason: consent.reason, ...(catalog ? { catalog } : {}), ...(example ? { example } : {}) },
  };
}

function exampleEvent(installation: Installation): ReturnType<typeof eventToJson> | undefined {
  const stamp = createSampleStamp(installation);
  const event = stamp({ type: COMMAND_EVENT_TYPE, name: `${installation.config.tool} …`, outcome: { durationMs: 42, exitCode: 0 } });
  return event && eventToJson(event);
}

/** What else is declared: of single commands, and events. */
function declaredLines({ commands = {}, events }: Catalog): string[] {
  return [
    ...Object.entries(commands.byPath ?? {}).flatMap(([path, { properties }]) => [`Of ${path}:`, ...propertyLines(properties).map((line) => `  - ${line}`)]),
    ...(Object.keys(events).length > 0 ? ["It also records, with the same versions and id:"] : []),
    ...Object.entries(events).flatMap(([name, { purpose, properties }]) => [`  - ${name}: ${purpose}`, ...propertyLines(properties).map((line) => `      - ${line}`)]),
  ];
}

function propertyLines(properties: NonNullable<Catalog["common"]>["properties"] | Catalog["events"][string]["properties"] = {}): string[] {
  return Object.entries(properties).map(([name, property]) => `${name}, ${describeValue(property)}: ${property.purpose}`);
}

function whereLines({ config, consent, routes }: Installation, destinations: readonly string[]): string[] {
  if (destinations.length === 0) return ["It is sent nowhere: no destination is configured."];
  const isHere = routes(consent()).every(({ backend }) => !isBackend(backend) && (backend.use === "file" || backend.use === "stdout"));
  return isHere ? [`It is kept on this machine: ${destinations.join(", ")}`] : thereLines(destinations, config.catalog);
}

function thereLines(destinations: readonly string[], catalog: Catalog | undefined): string[] {
  const days = catalog?.retentionDays;
  return [
    `It is sent to: ${destinations.join(", ")}`,
    ADDRESS_NOTE,
    ...(catalog?.destination === undefined ? [] : [catalog.destination]),
    days === undefined ? "How long it is kept there is not stated." : `It is kept there for ${days} days, as the author of the tool states.`,
  ];
}

function asSize(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${Math.round(bytes / (1024 * 1024))} MiB` : `${Math.round(bytes / 1024)} KiB`;
}
