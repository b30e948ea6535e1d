/** Golden files: what a request must look like, key by key. A value that changes from run to run stands there as the name of a rule. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

type Rule = (value: unknown) => boolean;

const isText = (value: unknown, pattern: RegExp): boolean => typeof value === "string" && pattern.test(value);

/** The rules, by the names that golden files use. */
const RULES: Readonly<Record<string, Rule>> = {
  "<UUIDv7>": (value) => isText(value, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
  "<epoch ms>": (value) => typeof value === "number" && Number.isInteger(value) && Math.abs(Date.now() - value) < 3_600_000,
  "<ISO 8601>": (value) => isText(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  "<duration ms>": (value) => typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 60_000,
  // The HMAC of the machine's id, a stored UUID, or the id of one session: which one depends on the machine of the test.
  "<device id>": (value) => isText(value, /^(?:[0-9a-f]{64}|[0-9a-f-]{36}|fallback-[0-9a-f]{32})$/),
  "<SDK and its version>": (value) => isText(value, /^amplitude-node-ts\/\d+\.\d+\.\d+$/),
  "<Go architecture>": (value) => isText(value, /^(?:amd64|arm64|386|arm)$/),
  "<Node.js version>": (value) => value === process.versions.node,
  "<OS name>": (value) => value === ({ darwin: "macOS", linux: "Linux", win32: "Windows" } as Readonly<Record<string, string>>)[process.platform],
  "<OS version>": (value) => isText(value, /^[\w.-]+$/),
  // The shell that started the tests, or the one in $SHELL.
  "<shell>": (value) => isText(value, /^[\w-]+$/),
};

/** What differs from the golden file, each with its place; empty when nothing does. */
export function differencesFrom(name: string, actual: unknown): readonly string[] {
  return compare(JSON.parse(readFileSync(join(__dirname, "golden", `${name}.json`), "utf8")), actual, "$");
}

function compare(golden: unknown, actual: unknown, place: string): readonly string[] {
  if (typeof golden === "string" && golden.startsWith("<")) {
    const rule = RULES[golden];
    if (!rule) return [`${place}: there is no rule ${golden}`];
    return rule(actual) ? [] : [`${place}: ${JSON.stringify(actual)} is no ${golden}`];
  }
  if (typeof golden !== "object" || golden === null) return golden === actual ? [] : [`${place}: ${JSON.stringify(actual)} instead of ${JSON.stringify(golden)}`];
  if (typeof actual !== "object" || actual === null) return [`${place}: ${JSON.stringify(actual)} instead of an object`];
  const [expected, found] = [golden as Readonly<Record<string, unknown>>, actual as Readonly<Record<string, unknown>>];
  return [...new Set([...Object.keys(expected), ...Object.keys(found)])].flatMap((key) => {
    if (!Object.hasOwn(found, key)) return [`${place}.${key}: is missing`];
    if (!Object.hasOwn(expected, key)) return [`${place}.${key}: is not in the golden file`];
    return compare(expected[key], found[key], `${place}.${key}`);
  });
}
