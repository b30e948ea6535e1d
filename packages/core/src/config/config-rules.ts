/**
 * The configuration's rules: each looks at one option and says what is wrong with it and how to mend it. All
 * problems are reported together. Values that may be secrets are never repeated.
 */
import type { AnyOptions } from "./config.ts";
import { parseEndpoint } from "@candor/backend";
import { checkConsent, checkDirectories, checkTool, type Rule } from "./consent-rules.ts";
import { checkDeletion } from "./deletion-rules.ts";
import { checkBoolean, checkChoice, checkText, checkWhole, CONTROL, isObject, problemIn, type Report } from "./value-checks.ts";
import { BACKEND_NAMES } from "../destination/backend-names.ts";
import { type BackendChoice, isBackend, keyOfBackend, keyOfChoice, missingIn } from "../destination/destination.ts";

const PROVIDERS = ["candor", "gtb", "datarobot"] as const;

/** What is wrong with the options; empty when nothing is. */
export function findProblems(options: unknown): string[] {
  if (typeof options !== "object" || options === null) return ["options: pass an object with at least `tool` and `version`"];
  const problems: string[] = [];
  const report: Report = (option, problem) => problems.push(`${option}: ${problem}`);
  const shaped: Record<string, unknown> = { ...options };
  for (const section of SECTIONS) {
    const value = shaped[section];
    if (value === undefined || isObject(value) || (section === "metadata" && typeof value === "function")) continue;
    report(section, SHAPES[section] ?? "give an object");
    delete shaped[section];
  }
  for (const [option, rule] of Object.entries(RULES)) {
    // A rule that is not needed is not even compiled.
    if (shaped[option] !== undefined || REQUIRED.has(option)) rule(shaped as unknown as AnyOptions, report);
  }
  return problems;
}

/** The options that are objects; a rule below may rely on it, because what has the wrong shape is left out for it. */
const SECTIONS = ["consent", "metadata", "delivery", "bounds", "directories", "logger", "backends", "catalog", "redaction"] as const;

/** What to give, where that is more than an object. */
const SHAPES: Readonly<Partial<Record<(typeof SECTIONS)[number], string>>> = {
  metadata: "give an object, or a function that answers one",
  backends: "give an object of loaders by their names; where events go is said in `backend`",
};

const REQUIRED: ReadonlySet<string> = new Set(["tool", "version"]);

const RULES: Readonly<Record<Exclude<keyof AnyOptions, "metadata">, Rule>> = {
  tool: checkTool,
  version: ({ version }, report) => checkText("version", version, report),
  telemetryCommand: ({ telemetryCommand }, report) => {
    if (telemetryCommand !== undefined) checkText("telemetryCommand", telemetryCommand, report);
  },
  backend: ({ backend }, report) => {
    if (backend === undefined) return;
    const list: readonly unknown[] = Array.isArray(backend) ? backend : [backend];
    const path = (index: number): string => (Array.isArray(backend) ? `backend[${index}]` : "backend");
    list.forEach((entry, index) => checkBackend(path(index), entry, report));
    const keys = list.map((entry) => (isBackend(entry) ? keyOfBackend(entry) : isObject(entry) && typeof entry["use"] === "string" ? keyOfChoice(entry as BackendChoice) : undefined));
    keys.forEach((key, index) => {
      if (key !== undefined && keys.indexOf(key) < index) report(path(index), "leave it out: the same destination is listed before");
    });
  },
  backends: ({ backends }, report) => {
    for (const [name, loader] of Object.entries(backends ?? {})) {
      if (typeof loader !== "function") report(`backends.${name}`, `give a function such as () => import("…")`);
    }
  },
  enabled: ({ enabled }, report) => checkBoolean("enabled", enabled, report),
  extendedCollection: ({ extendedCollection }, report) => checkBoolean("extendedCollection", extendedCollection, report),
  consent: checkConsent,
  identity: ({ identity }, report) => {
    if (!isObject(identity)) return checkChoice("identity", identity, PROVIDERS, report);
    checkChoice("identity.use", identity["use"] ?? "", PROVIDERS, report);
    if (typeof identity["otherwise"] !== "function") report("identity.otherwise", "give a function that answers an id");
  },
  catalog: ({ catalog }, report) => {
    if (catalog !== undefined && !isObject(catalog.events)) report("catalog.events", "give an object");
  },
  tasks: ({ tasks }, report) => {
    if (tasks === undefined) return;
    if (!Array.isArray(tasks)) return report("tasks", "give a list of { use: \"…\" }");
    tasks.forEach((task, index) => checkModuleChoice(`tasks[${index}]`, task, "name a module", report));
  },
  files: ({ files }, report) => {
    const paths: unknown = files ?? [];
    const isPath = (path: unknown): boolean => typeof path === "string" && process.getBuiltinModule("node:path").isAbsolute(path);
    if (!Array.isArray(paths) || !paths.every(isPath)) report("files", "give a list of absolute paths");
  },
  redaction: ({ redaction }, report) => {
    const rules: unknown = redaction?.rules ?? [];
    if (!Array.isArray(rules) || rules.length > 32) return report("redaction.rules", "give a list of at most 32 { name, pattern }");
    rules.forEach((rule, index) => checkRedactionRule(`redaction.rules[${index}]`, rule, report));
  },
  delivery: ({ delivery }, report) => {
    if (delivery === undefined) return;
    checkChoice("delivery.by", delivery.by, ["detached", "inline", "interval"], report);
    checkChoice("delivery.uploader", delivery.uploader, ["carried", "tool"], report);
    checkChoice("delivery.mode", delivery.mode, ["at-least-once", "at-most-once"], report);
    checkChoice("delivery.durability", delivery.durability, ["track", "spill"], report);
    checkWhole("delivery.minimumIntervalMs", delivery.minimumIntervalMs, 0, 86_400_000, report);
    checkWhole("delivery.intervalMs", delivery.intervalMs, 10, 86_400_000, report);
    checkWhole("delivery.inlineTimeoutMs", delivery.inlineTimeoutMs, 0, 60_000, report);
    checkWhole("delivery.lifetimeMs", delivery.lifetimeMs, 100, 600_000, report);
    checkWhole("delivery.sendTimeoutMs", delivery.sendTimeoutMs, 10, 120_000, report);
  },
  bounds: ({ bounds }, report) => {
    if (bounds === undefined) return;
    checkWhole("bounds.bufferEvents", bounds.bufferEvents, 1, 100_000, report);
    checkWhole("bounds.batchBytes", bounds.batchBytes, 1_024, 64 * 1024 * 1024, report);
    checkWhole("bounds.spoolBytes", bounds.spoolBytes, 1_024, 1024 * 1024 * 1024, report);
    checkWhole("bounds.receiptBytes", bounds.receiptBytes, 0, 64 * 1024 * 1024, report);
    const { batchBytes = 1024 * 1024, spoolBytes = 10 * 1024 * 1024 } = bounds;
    if (batchBytes > spoolBytes) report("bounds.spoolBytes", "make it at least bounds.batchBytes");
  },
  deletion: ({ deletion }, report) => checkDeletion(deletion, report),
  userId: ({ userId }, report) => {
    if (userId !== undefined && typeof userId !== "function") report("userId", "give a function that answers an id");
  },
  supportMessage: ({ supportMessage }, report) => {
    if (supportMessage !== undefined) checkText("supportMessage", supportMessage, report);
  },
  directories: checkDirectories,
  logger: ({ logger }, report) => {
    if (logger === undefined) return;
    for (const method of ["debug", "info", "warn", "error"] as const) {
      if (typeof logger[method] !== "function") report("logger", `it has no ${method}() method`);
    }
  },
};

function checkBackend(option: string, entry: unknown, report: Report): void {
  if (isBackend(entry)) return;
  if (typeof entry !== "object" || entry === null) return report(option, `give { use: "…" } or a live backend`);
  if (looksLive(entry)) return report(option, `give the live backend its ${missingIn(entry).join(", ")}; or name a backend by use`);
  if (!checkModuleChoice(option, entry, `name a built-in backend (${BACKEND_NAMES.join(", ")}) or a module`, report)) return;
  const { use, endpoint, insecure } = entry as { use?: unknown; endpoint?: unknown; insecure?: unknown };
  if (use === "http" && endpoint === undefined) report(`${option}.endpoint`, "give the address to send events to, or an empty text for a dry run");
  if (endpoint === undefined || endpoint === "") return;
  if (typeof endpoint !== "string") return report(`${option}.endpoint`, "give an address as text");
  const parsed = parseEndpoint(endpoint, { field: "it", insecure: insecure === true });
  if (parsed.status === "invalid") report(`${option}.endpoint`, parsed.problem);
}

/** Whether an object that is no backend was meant as a live one. */
function looksLive(entry: object): boolean {
  return !("use" in entry) && ["limits", "send", "close"].some((part) => part in entry);
}

function checkRedactionRule(option: string, rule: unknown, report: Report): void {
  if (!isObject(rule)) return report(option, "give { name, pattern }");
  if (typeof rule["name"] !== "string" || !/^[a-z][a-z0-9-]{0,31}$/.test(rule["name"])) {
    report(`${option}.name`, "use 1 to 32 small letters, digits and '-', beginning with a letter; it stands in place of what is found");
  }
  const { pattern } = rule;
  // Not instanceof: the author's code may run in a realm of its own.
  if (Object.prototype.toString.call(pattern) !== "[object RegExp]") report(`${option}.pattern`, "give a regular expression");
  else if (new RegExp(pattern as RegExp, "").test("")) report(`${option}.pattern`, "make it match at least one character; now it matches an empty text");
}

/** What another process is to load, and with which options. Answers whether a module is named at all. */
function checkModuleChoice(option: string, entry: unknown, fix: string, report: Report): boolean {
  const use = isObject(entry) ? entry["use"] : undefined;
  if (!isObject(entry) || typeof use !== "string" || use === "" || CONTROL.test(use) || use.length > 256) {
    report(`${option}.use`, fix);
    return false;
  }
  for (const [name, value] of Object.entries(entry)) {
    const problem = problemIn(value);
    if (problem) report(`${option}.${name}`, problem);
  }
  return true;
}
