#!/usr/bin/env node
/**
 * notes: the tool's entry. It makes the program, gives it telemetry, and runs it. The commands know nothing of
 * telemetry; everything that concerns it stands between the two marks below, and in the catalog of what is recorded.
 */
import { addTelemetryCommand, instrument } from "@candor/cli/commander";
import { createCollector } from "@candor/core";
import manifest from "../package.json" with { type: "json" };
import { catalog } from "./catalog.ts";
import type { Note } from "./note.ts";
import { createProgram } from "./program.ts";

const program = createProgram(manifest.version, { onAdded });

// --- telemetry begins
const collector = createCollector({
  tool: "notes",
  version: manifest.version,
  catalog,
  // A development build sets no endpoint: then nothing is sent, whatever the user answered.
  backend: { use: "http", endpoint: process.env.NOTES_TELEMETRY_ENDPOINT ?? "" },
  delivery: { minimumIntervalMs: Number(process.env.NOTES_UPLOAD_INTERVAL_MS ?? 10_000) },
});
instrument(program, collector);
addTelemetryCommand(program, collector);

function onAdded({ tags, body }: Note): void {
  collector.track("note.added", { tag_count: tags.length, has_body: body !== "" });
}
// --- telemetry ends

program.parseAsync().catch((error: unknown) => program.error(`error: ${error instanceof Error ? error.message : String(error)}`));
