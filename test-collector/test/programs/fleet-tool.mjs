/**
 * One command of a tool that is installed beside this file: tracks as many events as its plan says and ends. The plan comes
 * as JSON in TEST_PLAN: `endpoint`, `prefix` and `count`.
 */
import { createCollector } from "@candor/core";

const { endpoint, prefix, count } = JSON.parse(process.env.TEST_PLAN);
delete process.env.TEST_PLAN;

const collector = createCollector({
  tool: "notes",
  version: "1.2.3",
  backend: { use: "otlp", endpoint },
  delivery: { minimumIntervalMs: 0 },
});
for (let index = 0; index < count; index++) collector.track("tool.use", `${prefix}/${index}`);
