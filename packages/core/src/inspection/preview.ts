/**
 * The preview: an event as the next command would make it, with every field that this tool's events can have. It works while telemetry is
 * off, writes nothing, and asks nobody.
 */
import { eventToJson, type JsonValue } from "@candor/backend";
import { createAdmission } from "../catalog/admission.ts";
import type { Installation } from "../collector/installation.ts";
import { redactorOf } from "../collector/tool-redactor.ts";
import { createStamp } from "../event/event.ts";

/** Stands for an id that is derived with the first event. */
const NO_ID_YET = "(made with the first event)";

/** What the preview puts where a real event holds what only the command knows. */
const SAMPLE = { durationMs: 42, exitCode: 1, args: ["--option", "argument"], error: "the error's message" } as const;

/** The event of a command that fails, so that no field is left out; undefined where the tool's own properties cannot be worked out. */
export function previewEvent(installation: Installation): Readonly<Record<string, JsonValue>> | undefined {
  const { config, ports, logger, peekId } = installation;
  const stamp = createStamp({
    toolName: config.tool,
    toolVersion: config.version,
    machineId: peekId()?.machineId ?? NO_ID_YET,
    metadata: () => (typeof config.metadata === "function" ? config.metadata({ dryRun: true }) : config.metadata),
    extendedCollection: config.extendedCollection,
    redactor: redactorOf(installation),
    admission: config.catalog && createAdmission(config.catalog, { lose: () => undefined, logger }),
    now: ports.clock.now,
    logger,
  });
  const { args, ...outcome } = SAMPLE;
  const event = stamp({ type: "command.invocation", name: `${config.tool} …`, args, outcome });
  return event && eventToJson(event);
}
