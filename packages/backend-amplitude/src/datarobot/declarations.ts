/**
 * The declarations: what `commonProperties` adds to every event, for the tool's catalog, so that its users are told of it and nothing else
 * comes through under these names. Pure data.
 */

/** Longest id that `account` takes. */
const ID = { type: "text", maxLength: 128 } as const;
const NAME = { type: "text", maxLength: 64 } as const;

/** For `common.properties` of a tool's `defineEvents`. */
export const dataRobotProperties = {
  "datarobot.user_id": { ...ID, purpose: "The id of the DataRobot account that is signed in, to tell users from installations." },
  organization_id: { ...ID, purpose: "The organization of that account." },
  tenant_id: { ...ID, purpose: "The tenant of that account." },
  // The largest time that a date can hold (ECMA-262, 21.4.1.1).
  "datarobot.session_id": { type: "integer", min: 0, max: 8_640_000_000_000_000, purpose: "When this run of the tool began, to put its events together." },
  "datarobot.os_name": { ...NAME, purpose: "Which operating systems to support." },
  "datarobot.os_version": { ...NAME, purpose: "Which versions of them to support." },
  "datarobot.language": { ...NAME, purpose: "Which languages the tool's users read." },
  install_method: { ...NAME, purpose: "How the tool is installed." },
  shell: { ...NAME, purpose: "Which shells to support." },
  environment: { type: "enum", values: ["US", "EU", "JP", "custom"], purpose: "Which public DataRobot instance is used, or that it is another one." },
  datarobot_instance: { type: "text", maxLength: 256, purpose: "The address of a public instance; `custom` for any other, unless the tool's author says otherwise." },
  template_name: { ...ID, purpose: "Which of the published templates projects begin with." },
  template_id: { ...ID, purpose: "The same, by its id." },
} as const;
