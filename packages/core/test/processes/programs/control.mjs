/**
 * The `telemetry` command of the tool: runs the command named by its first argument on the collector of TEST_PLAN, prints
 * the report as JSON and ends with its exit code.
 */
import { createCollector } from "../../../dist/esm/index.js";
import { disable, enable, reset, status } from "../../../dist/esm/commands.js";

const callOff = (collector) => reset(collector, { cancelDeletion: true });
const commands = { callOff, disable, enable, reset, status };

const { options } = JSON.parse(process.env.TEST_PLAN ?? "{}");
delete process.env.TEST_PLAN;
const report = await commands[process.argv[2]](createCollector(options));
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exitCode = report.exitCode;
