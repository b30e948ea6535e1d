/**
 * The consent rules: look at the options without which consent cannot be resolved. They are all that is looked at in a user's hands
 * while telemetry is off; every other option has a rule in `config-rules`.
 */
import type { AnyOptions } from "./config.ts";
import { checkChoice, checkWhole, isObject, type Report } from "./value-checks.ts";

/** Looks at one option and says what is wrong with it. The option has the right shape: an object where it should be one. */
export type Rule = (options: AnyOptions, report: Report) => void;

const TOOL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whether consent can be resolved with these options as they are. */
export function canResolveConsent(options: unknown): boolean {
  if (!isObject(options)) return false;
  const isSectionOrAbsent = (name: string): boolean => options[name] === undefined || isObject(options[name]);
  if (!isSectionOrAbsent("consent") || !isSectionOrAbsent("directories")) return false;
  let isSound = options["enabled"] === undefined || typeof options["enabled"] === "boolean";
  for (const rule of [checkTool, checkConsent, checkDirectories]) rule(options as unknown as AnyOptions, () => (isSound = false));
  return isSound;
}

export const checkTool: Rule = ({ tool }, report) => {
  if (typeof tool !== "string" || !TOOL_NAME.test(tool)) {
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
  const variables: unknown = consent.variables ?? [];
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
    if (typeof path !== "string" || !process.getBuiltinModule("node:path").isAbsolute(path)) {
      report(`directories.${name}`, "give an absolute path; a relative one would follow the user into any directory");
    }
  }
};

function isStore(store: unknown): boolean {
  return isObject(store) && typeof store["name"] === "string" && typeof store["read"] === "function" && typeof store["write"] === "function";
}
