/** The catalog: everything that dr may record. `dr self telemetry info` shows it to its users, and TELEMETRY.md is made from it. */
import { dataRobotProperties } from "@candor/backend-amplitude/datarobot";
import { defineEvents } from "@candor/core";
import { PUBLISHED_COMPONENTS } from "./published-components.ts";
import { PREREQUISITES } from "./prerequisites.ts";

export const catalog = defineEvents({
  tool: "dr",
  telemetryCommand: "dr self telemetry",
  purpose: "Usage is recorded to learn which commands and templates are of use, and where they fail.",
  contact: "https://docs.datarobot.com/cli/telemetry",
  destination: "Amplitude, which looks up the region of the address that events come from; read by the makers of the tool.",
  retentionDays: 90,
  common: { properties: dataRobotProperties },
  commands: {
    properties: {
      command_kind: { type: "enum", values: ["core", "plugin"], purpose: "Whether the command is the tool's own or a plugin's." },
      plugin_version: { type: "text", maxLength: 64, purpose: "Which version of a plugin is in use." },
    },
    byPath: {
      "dr start": {
        properties: {
          yes_flag: { type: "boolean", purpose: "Whether questions are asked." },
          validation_violations: { type: "integer", min: 0, max: 1_000, purpose: "How many prerequisites are missing." },
          missing_deps: { type: "list", maxItems: 10, items: { type: "enum", values: PREREQUISITES }, purpose: "Which of the known prerequisites are missing." },
        },
      },
      "dr dotenv validate": {
        properties: { validation_violations: { type: "integer", min: 0, max: 10_000, purpose: "How many variables are missing." } },
      },
      "dr run": { properties: { task_count: { type: "integer", min: 0, max: 10_000, purpose: "How many tasks are run at once." } } },
      "dr task run": { properties: { task_count: { type: "integer", min: 0, max: 10_000, purpose: "How many tasks are run at once." } } },
      "dr auth set-url": {
        properties: { url: { type: "enum", values: ["US", "EU", "JP", "custom"], purpose: "Which public instance is chosen, or that it is another one." } },
      },
      "dr component add": { properties: { component_name: { type: "enum", values: [...PUBLISHED_COMPONENTS, "custom"], purpose: "Which of the published components are used." } } },
      "dr component update": { properties: { component_name: { type: "enum", values: [...PUBLISHED_COMPONENTS, "custom"], purpose: "Which of the published components are used." } } },
      "dr plugin install": { properties: { plugin_name: { type: "text", maxLength: 64, purpose: "Which plugins are used, by the name in their manifest." } } },
      "dr plugin update": { properties: { plugin_name: { type: "text", maxLength: 64, purpose: "Which plugins are used, by the name in their manifest." } } },
      "dr plugin uninstall": { properties: { plugin_name: { type: "text", maxLength: 64, purpose: "Which plugins are given up, by the name in their manifest." } } },
    },
  },
  events: {},
});
