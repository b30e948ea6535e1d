#!/usr/bin/env node
/**
 * dr: the entry of a miniature of the DataRobot CLI. It makes the program, gives it telemetry, and runs it. The commands say what is to be
 * recorded of them where they are built; everything else about telemetry stands in `telemetry.ts`.
 */
import { addTelemetryCommand, instrument, runMain } from "@candor/cli/commander";
import manifest from "../package.json" with { type: "json" };
import { readConfiguration } from "./configuration.ts";
import { readDisableFlag } from "./disable-flag.ts";
import { createLog } from "./log.ts";
import { createProgram } from "./program.ts";
import { createTelemetry } from "./telemetry.ts";

const { disabled, words } = readDisableFlag(process.argv.slice(2));
const configuration = readConfiguration(process.env);
const collector = createTelemetry(manifest.version, configuration, createLog(process.argv));
const { program, self } = createProgram({ version: manifest.version, configuration, telemetryDisabled: disabled });

// The wired commands and no others, as the DataRobot CLI has it.
instrument(program, collector, { commands: "tracked" });
addTelemetryCommand(self, collector);

await runMain(program, [...process.argv.slice(0, 2), ...words]);
