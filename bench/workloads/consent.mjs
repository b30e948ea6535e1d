/** The user's yes: records it in the home that the environment names, as `telemetry enable` does. */
import { enable } from "@candor/core/commands";
import { createBenchCollector } from "../candidates/candor.mjs";

const { exitCode, lines } = await enable(await createBenchCollector({}));
if (exitCode !== 0) throw new Error(lines.join(" "));
