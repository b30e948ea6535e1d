/**
 * A tool that does what it is told, line by line: `track <name>`, `load <name>` (most of a megabyte of events), `flush`; each line is answered with
 * `done`. It first says under which consent it collects. When its input ends it ends, as a tool does.
 */
import { createInterface } from "node:readline";
import { createCollector } from "../../../dist/esm/index.js";

const collector = createCollector(JSON.parse(process.env.TEST_PLAN ?? "{}"));
delete process.env.TEST_PLAN;
process.stdout.write(`${JSON.stringify({ consentId: collector.enabled ? collector.installation.consent().consentId : null })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const [word, name] = line.split(" ");
  if (word === "track") collector.track("tool.use", name);
  if (word === "flush") void collector.flush({ timeoutMs: 500 });
  if (word === "load") for (let index = 0; index < 700; index++) collector.track("tool.use", name, { filler: "of no meaning ".repeat(70) });
  process.stdout.write("done\n");
}
