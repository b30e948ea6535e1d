/**
 * The language: the user's locale as a tag such as `en-US`. Total; starts no subprocess. It answers valid tags only (BCP 47:
 * language, script, region) and drops what else a locale may say: encoding, currency, variant.
 */
import { attempt, type Environment, type Machine, realMachine } from "./machine.ts";

/**
 * The user's language, or "" when nothing tells it. Linux: the environment. macOS and Windows, where people choose it in the
 * system's settings: the environment if it says one, else the locale Node started with.
 */
export function language(machine: Machine = realMachine()): string {
  const told = languageOf(machine.environment);
  if (told !== "" || (machine.platform !== "darwin" && machine.platform !== "win32")) return told;
  return languageTag(attempt(() => machine.locale()));
}

/**
 * The language that POSIX variables ask for: the first of LC_ALL, LC_MESSAGES and LANG that is set, overridden by the first
 * entry of LANGUAGE unless it is C or POSIX, which is no language.
 */
export function languageOf(environment: Environment): string {
  const locale = [environment["LC_ALL"], environment["LC_MESSAGES"], environment["LANG"]].find((value) => value !== undefined && value !== "") ?? "";
  if (isNoLanguage(locale)) return "";
  const preferred = environment["LANGUAGE"]?.split(":").find((entry) => entry !== "");
  return languageTag(preferred ?? locale);
}

/**
 * The tag of a locale's name as Unix (`de_DE.UTF-8@euro`), macOS's AppleLocale (`en_US@currency=USD`) and Intl write it;
 * "" for C, POSIX and whatever does not begin with a language.
 */
export function languageTag(locale: string): string {
  const name = locale.trim();
  // Intl's name for the C locale.
  if (isNoLanguage(name) || /-u-va-posix$/i.test(name)) return "";
  const [languageCode = "", ...rest] = withoutEncoding(name).split(/[_-]/);
  if (!/^[a-z]{2,3}$/i.test(languageCode)) return "";
  const script = rest[0] !== undefined && /^[a-z]{4}$/i.test(rest[0]) ? rest.shift() : undefined;
  const region = rest[0] !== undefined && /^(?:[a-z]{2}|\d{3})$/i.test(rest[0]) ? rest[0] : undefined;
  const titled = script && `${script.charAt(0).toUpperCase()}${script.slice(1).toLowerCase()}`;
  return [languageCode.toLowerCase(), titled, region?.toUpperCase()].filter((part) => part !== undefined).join("-");
}

function isNoLanguage(locale: string): boolean {
  const name = withoutEncoding(locale);
  return name === "C" || name === "POSIX";
}

function withoutEncoding(locale: string): string {
  return locale.replace(/[.@].*$/s, "");
}
