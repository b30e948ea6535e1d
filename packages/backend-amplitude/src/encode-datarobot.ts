/**
 * Events in the schema of the DataRobot CLI, so that its charts in Amplitude go on. Pure. What the tool knows of the user and the
 * machine comes in the metadata and is lifted to the fields that Amplitude has for it; it never stays a property.
 *
 * Metadata wins over `os_arch` and `node_version`, as every property of an event wins over the common ones there, but not over the
 * outcome of the command, which the original does not have.
 */
import type { JsonValue, TelemetryEvent } from "@candor/backend";
import type { AmplitudeEvent } from "./amplitude-event.ts";
import { joinProperties, outcomeOf } from "./event-properties.ts";

/** Begins the names of metadata that is about the event as a whole. The device id is candor's to say. */
const LIFTED = "datarobot.";

/** One event; its timestamp must be readable. */
export function encodeDataRobotEvent(event: TelemetryEvent): AmplitudeEvent {
  const metadata = event.metadata ?? {};
  const [user_id, session_id, os_name, os_version, language] = ["user_id", "session_id", "os_name", "os_version", "language"].map((name) => metadata[LIFTED + name]);
  const properties = Object.entries(metadata).filter(([name]) => !name.startsWith(LIFTED));
  const common = { os_arch: event.arch, node_version: event.nodeVersion };
  const outcome = outcomeOf(event);
  return {
    event_type: event.name,
    ...(isText(user_id) && { user_id }),
    device_id: event.machineId,
    ...(typeof session_id === "number" && { session_id }),
    time: Date.parse(event.timestamp),
    insert_id: event.id,
    app_version: event.toolVersion,
    platform: "CLI",
    ...(isText(os_name) && { os_name }),
    ...(isText(os_version) && { os_version }),
    ...(isText(language) && { language }),
    ip: "$remote",
    event_properties: joinProperties(outcome, { ...common, ...Object.fromEntries(properties) }, Object.keys(outcome)),
  };
}

/** What is not known is left out, not sent empty. */
function isText(value: JsonValue | undefined): value is string {
  return typeof value === "string" && value !== "";
}
