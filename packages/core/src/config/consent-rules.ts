/**
 * The consent rules: look at the options without which consent cannot be resolved. Every other option has a rule in `config-rules`; in
 * a user's hands none but the places are looked at while telemetry is off.
 */
import type { AnyOptions } from "./config.ts";
import { checkChoice, checkWhole, isObject, type Report } from "./value-checks.ts";

/** Looks at one option and says what is wrong with it. The option has the right shape: an object where it should be one. */
export type Rule = (options: AnyOptions, report: Report) => void;

const TOOL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whether it can be told from these options where the tool's answer and its variables are. */
export function hasSoundPlaces(options: unknown): options is AnyOptions {
  if (!isObject(options) || !isToolName(options["tool"])) return false;
  const { consent = {}, directories = {} } = options;
  if (!isObject(consent) || !isObject(directories)) return false;
  const { variables = [] } = consent;
  const { data, config } = directories;
  return Array.isArray(variables) && variables.every((variable) => isObject(variable)) && [data, config].every((path) => path === undefined || isAbsolutePath(path));
}

export const checkTool: Rule = ({ tool }, report) => {
  if (!isToolName(tool)) {
    report("tool", "use 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit");
  }
};

export const checkConsent: Rule = ({ consent }, report) => {
  if (consent === undefined) return;
  checkChoice("consent.model", consent.model, ["opt-in", "opt-out", "enforced"], report);
  checkWhole("consent.version", consent.version, 1, 1_000_000, report);
  if (consent.store !== undefined && !isStore(consent.store)) report("consent.store", "give { name, read(), write() }");
  if (consent.disableFlag !== undefined && !/^--[a-z][a-z0-9-]*$/.test(consent.disableFlag)) {
    report("consent.disableFlag", "give a long flag such as --disable-telemetry");
  }
  const variables: unknown = consent.variables === undefined ? [] : consent.variables;
  if (!Array.isArray(variables)) return report("consent.variables", "give a list");
  for (const [index, variable] of variables.entries()) {
    const option = `consent.variables[${index}]`;
    if (!isObject(variable)) report(option, "give { name, whenTrue }");
    else {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(String(variable["name"]))) report(`${option}.name`, "give the name of an environment variable");
      if (variable["whenTrue"] !== "on" && variable["whenTrue"] !== "off") report(`${option}.whenTrue`, "choose one of on, off");
    }
  }
};

export const checkDirectories: Rule = ({ directories }, report) => {
  for (const name of ["data", "config"] as const) {
    const path = directories?.[name];
    if (path === undefined) continue;
    if (!isAbsolutePath(path)) {
      report(`directories.${name}`, "give an absolute path; a relative one would follow the user into any directory");
    }
  }
};

function isStore(store: unknown): boolean {
  return isObject(store) && typeof store["name"] === "string" && typeof store["read"] === "function" && typeof store["write"] === "function";
}

function isToolName(tool: unknown): tool is string {
  return typeof tool === "string" && TOOL_NAME.test(tool);
}

function isAbsolutePath(path: unknown): path is string {
  return typeof path === "string" && process.getBuiltinModule("node:path").isAbsolute(path);
}
