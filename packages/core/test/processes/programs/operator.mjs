/**
 * The user's side of the schedules: runs `telemetry` commands on the tools it is told of, one line of JSON for each, and answers each with
 * its report on a line. One process serves many homes, so that a thousand schedules need no thousand starts of Node.js.
 */
import { createInterface } from "node:readline";
import { createCollector } from "../../../dist/esm/index.js";
import { disable, enable, reset, status } from "../../../dist/esm/commands.js";

const commands = { disable, enable, reset, status };

for await (const line of createInterface({ input: process.stdin })) {
  const { id, command, options } = JSON.parse(line);
  // Not awaited: the commands of different schedules overlap.
  void commands[command](createCollector(options)).then((report) => process.stdout.write(`${JSON.stringify({ id, report })}\n`));
}
