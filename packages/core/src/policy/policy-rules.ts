/** The policy's rules: what a policy file may say. The published form of them is `policy.schema.json`. */

type Report = (field: string, problem: string) => void;

const TOP_FIELDS = new Set(["$schema", "version", "telemetry", "backend", "routing", "resourceAttributes", "modules", "tools"]);
const TOOL_FIELDS = new Set(["telemetry", "backend", "routing", "resourceAttributes"]);

/**
 * What is wrong with a policy; empty when nothing is. An unknown field is wrong: a misspelt `telemetry` must not pass unnoticed.
 * Only a destination's own options are left to its backend, which alone knows them all and is not built with one that it does not have: then
 * events stay where they are, while a policy that was ignored for it would send them to the author's destinations.
 */
export function findPolicyProblems(value: Record<string, unknown>): string[] {
  const problems: string[] = [];
  const report: Report = (field, problem) => problems.push(`${field}: ${problem}`);
  if (value["version"] !== 1) report("version", "must be 1");
  if (value["$schema"] !== undefined && typeof value["$schema"] !== "string") report("$schema", "must be a text");
  checkFields("", value, TOP_FIELDS, report);
  checkScope("", value, report);
  checkTexts("modules", value["modules"], report, isAbsolutePath, "must be an absolute path");
  const { tools } = value;
  if (tools === undefined) return problems;
  if (!isObject(tools)) report("tools", "must be an object of tool names");
  else {
    for (const [name, scope] of Object.entries(tools)) {
      if (!isObject(scope)) report(`tools.${name}`, "must be an object");
      else {
        checkFields(`tools.${name}.`, scope, TOOL_FIELDS, report);
        checkScope(`tools.${name}.`, scope, report);
      }
    }
  }
  return problems;
}

function checkScope(prefix: string, scope: Record<string, unknown>, report: Report): void {
  checkChoice(`${prefix}telemetry`, scope["telemetry"], ["off", "local", "allowed"], report);
  checkChoice(`${prefix}routing`, scope["routing"], ["replace", "tee"], report);
  checkTexts(`${prefix}resourceAttributes`, scope["resourceAttributes"], report, () => true, "");
  const { backend } = scope;
  if (backend === undefined) return;
  const list: readonly unknown[] = Array.isArray(backend) ? backend : [backend];
  if (list.length === 0) report(`${prefix}backend`, "must name a destination; to switch telemetry off, say so with telemetry");
  for (const [index, choice] of list.entries()) {
    const field = `${prefix}backend${Array.isArray(backend) ? `[${index}]` : ""}`;
    if (!isObject(choice) || typeof choice["use"] !== "string" || choice["use"] === "") report(field, 'must be an object with "use"');
    else {
      if (choice["endpoint"] !== undefined && typeof choice["endpoint"] !== "string") report(`${field}.endpoint`, "must be a text");
      checkHeaders(`${field}.headers`, choice["headers"], report);
    }
  }
}

/** A header is a text, or says where its value lies: `{"env": "NAME"}` or `{"file": "/path"}`. */
function checkHeaders(field: string, headers: unknown, report: Report): void {
  if (headers === undefined) return;
  if (!isObject(headers)) return report(field, "must be an object");
  for (const [name, value] of Object.entries(headers)) {
    const names = isObject(value) ? Object.keys(value) : [];
    const [only = ""] = names;
    const source = isObject(value) ? (names.length === 1 && (only === "env" || only === "file") ? value[only] : undefined) : value;
    if (typeof source !== "string" || source === "") report(`${field}.${name}`, 'must be a text, {"env": "NAME"} or {"file": "/path"}');
  }
}

function checkFields(prefix: string, value: Record<string, unknown>, known: ReadonlySet<string>, report: Report): void {
  for (const name of Object.keys(value)) if (!known.has(name)) report(`${prefix}${name}`, "is not a field of a policy");
}

function checkChoice(field: string, value: unknown, choices: readonly string[], report: Report): void {
  if (value !== undefined && !choices.includes(value as string)) report(field, `must be one of ${choices.join(", ")}`);
}

function checkTexts(field: string, value: unknown, report: Report, isValid: (text: string) => boolean, fix: string): void {
  if (value === undefined) return;
  if (!isObject(value)) return report(field, "must be an object of texts");
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string") report(`${field}.${name}`, "must be a text");
    else if (!isValid(text)) report(`${field}.${name}`, fix);
  }
}

function isAbsolutePath(path: string): boolean {
  return process.getBuiltinModule("node:path").isAbsolute(path);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
