/** A catalog as the tool `notes` might declare it, for tests of what a catalog lets through and what is said of it. */
import { defineEvents } from "../src/catalog/catalog.ts";

export const NOTE_CATALOG = defineEvents({
  tool: "notes",
  purpose: "To learn which commands fail.",
  contact: "privacy@notes.example",
  destination: "A server of the authors of notes.",
  retentionDays: 90,
  common: { properties: { shell: { type: "enum", values: ["zsh", "bash"], purpose: "which shells to test with" } } },
  commands: {
    properties: { quiet: { type: "boolean", purpose: "whether output is read" } },
    byPath: { "notes export": { properties: { format: { type: "enum", values: ["md", "txt"], purpose: "which formats are used" } } } },
  },
  events: {
    "note.added": {
      purpose: "What notes are made of.",
      properties: {
        tag_count: { type: "integer", min: 0, max: 1000, purpose: "how many tags there are" },
        ratio: { type: "number", min: -1, max: 1, purpose: "how full it is" },
        format: { type: "enum", values: ["md", "txt"], purpose: "which formats are used" },
        has_body: { type: "boolean", purpose: "whether it has a body" },
        editor: { type: "text", maxLength: 16, purpose: "which editors to support" },
        flags: { type: "list", maxItems: 3, items: { type: "text", maxLength: 8 }, purpose: "which options are used" },
        parts: { type: "list", maxItems: 3, items: { type: "enum", values: ["head", "tail"] }, purpose: "which parts there are" },
      },
    },
    "note.lost": { type: "command.error", purpose: "Notes that vanish.", properties: { found: { type: "boolean", required: true, purpose: "whether it came back" } } },
    "notes.opened": { purpose: "How often it is opened." },
  },
});
