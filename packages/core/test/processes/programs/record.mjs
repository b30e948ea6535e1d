/**
 * The `telemetry` commands of the tool that show or send what it holds: runs the one named by the first argument, with the second as its
 * options (JSON), on the collector of TEST_PLAN. A streamed report is printed as it comes, in the form the third argument names; any
 * other as JSON.
 */
import { createCollector } from "../../../dist/esm/index.js";
import { exportData, flush, inspect } from "../../../dist/esm/commands.js";

const [name, given = "{}", form = "json"] = process.argv.slice(2);
const { options } = JSON.parse(process.env.TEST_PLAN ?? "{}");
delete process.env.TEST_PLAN;
const report = await { export: exportData, flush, inspect }[name](createCollector(options), JSON.parse(given));
if ("pieces" in report) {
  const pieces = report.pieces(form);
  let next = pieces.next();
  for (; !next.done; next = pieces.next()) {
    if (!process.stdout.write(next.value)) await new Promise((resolve) => process.stdout.once("drain", resolve));
  }
  process.exitCode = next.value;
} else {
  process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exitCode = report.exitCode;
}
