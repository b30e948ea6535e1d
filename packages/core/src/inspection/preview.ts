/**
 * The preview: events as the next command would make them, with every field and every declared property that this tool's events can have.
 * It works while telemetry is off, writes nothing, and asks nobody.
 */
import { eventToJson, type JsonValue } from "@candor/backend";
import { type Catalog, COMMAND_EVENT_TYPE, DEFAULT_EVENT_TYPE } from "../catalog/catalog.ts";
import type { Installation } from "../collector/installation.ts";
import { createSampleStamp } from "../collector/tool-stamp.ts";
import type { Draft } from "../event/event.ts";
import { sampleProperties } from "./sample-properties.ts";

type PreviewedEvent = Readonly<Record<string, JsonValue>>;

export interface Preview {
  /** The event of a command that fails, so that no field is left out. */
  readonly event: PreviewedEvent;
  /** One of each kind that the author's catalog declares, commands with properties of their own among them; empty without a catalog. */
  readonly declared: readonly PreviewedEvent[];
}

/** What the preview puts where a real event holds what only the command knows. */
const SAMPLE = { durationMs: 42, exitCode: 1, args: ["--option", "argument"], error: "the error's message" } as const;

/** Undefined where the tool's own properties cannot be worked out. */
export function preview(installation: Installation): Preview | undefined {
  const { catalog, tool } = installation.config;
  // What the tool gives in truth goes before what its catalog says it may give.
  const stamp = createSampleStamp(installation, sampleProperties(catalog?.common?.properties));
  const event = stamp(commandDraft(`${tool} …`, sampleProperties(catalog?.commands?.properties)));
  if (!event) return undefined;
  const declared = catalog ? declaredDrafts(catalog).map((draft) => stamp(draft)) : [];
  return { event: eventToJson(event), declared: declared.flatMap((each) => (each ? [eventToJson(each)] : [])) };
}

function declaredDrafts({ commands, events }: Catalog): readonly Draft[] {
  const ofEveryCommand = sampleProperties(commands?.properties);
  return [
    ...Object.entries(commands?.byPath ?? {}).map(([path, { properties }]) => commandDraft(path, { ...ofEveryCommand, ...sampleProperties(properties) })),
    ...Object.entries(events).map(([name, { type = DEFAULT_EVENT_TYPE, properties }]) => ({ type, name, metadata: sampleProperties(properties) })),
  ];
}

function commandDraft(name: string, metadata: Draft["metadata"]): Draft {
  const { args, ...outcome } = SAMPLE;
  return { type: COMMAND_EVENT_TYPE, name, args, outcome, metadata };
}
