/**
 * The catalog: everything notes may record. TELEMETRY.md is written from it (`npm run catalog`); what does not stand here is not sent.
 */
import { defineEvents } from "@candor/core";

export const catalog = defineEvents({
  tool: "notes",
  purpose: "Which commands are used, and which of them fail, decides what is worked on next.",
  contact: "telemetry@notes.example",
  destination: "Events go to a server of the authors of notes, who alone read them.",
  retentionDays: 90,
  events: {
    "note.added": {
      purpose: "Shows what a note is made of when it is written.",
      properties: {
        tag_count: { type: "integer", min: 0, max: 100, purpose: "whether tags are used enough to be worth a command of their own" },
        has_body: { type: "boolean", purpose: "whether a note is written in one go, or filled in an editor later" },
      },
    },
  },
});
