/**
 * Argument redaction: what a list of arguments tells beyond its texts, because the shell has already said where each value
 * begins and ends. It looks at one argument and its neighbours; what stands within a text is the business of `redaction`.
 */
import { MASK } from "./masks.ts";
import { isSensitiveFlag } from "./sensitive-name.ts";

/** An argument that is an option, so that the flag before it has no value. */
const OPTION = /^--[A-Za-z][\w.-]*(?:=|$)|^-[A-Za-z]$|^--$/;
const ASSIGNMENT = /^(-{0,2}([\w.-]{1,128}))=/;
const HEADER = /^((?:[\w-]{1,64}=["']?)?([\w-]{1,64}):\s*)(?=\S)/;
const AUTHORIZATION = /^((?:[\w.-]{1,64}=["']?)?(?:proxy-)?authorization:\s*)((?:bearer|basic|digest|apikey|negotiate|token)\s+)?\S/i;
const SCHEME = /^(?:bearer|basic|digest|apikey|negotiate)$/i;
/** What tells a credential from a word, for schemes that are words themselves: `create basic shop`. */
const CREDENTIAL = /^(?=\S{0,128}(?:\d|=|[a-z][A-Z]))\S{8,}/;
/** Verbs whose next two words are a name and its value: `config set password x`. */
const SETTERS = new Set(["set", "add", "put", "store"]);

/**
 * `-p` is a password's usual short flag, and a port's, and a path's: what can be none of the two others counts as a secret.
 * No other short flag announces anything by itself.
 */
const PORT_OR_PATH = /^\d{1,5}(?:[:/-]\w{1,15}){0,3}$|^(?:\.{1,2}|~|[A-Za-z]:)?[\\/]|^\.{1,2}$/;
/** As MySQL and others take it, glued: with a letter and something that no option's name holds; not `-port=80`, nor `-p53/udp`. */
const GLUED_PASSWORD = /^-p(?![\w-]{1,64}=|\d{1,5}[:/-]\w{1,15}$)(?=\S{0,128}[A-Za-z])(?=\S{0,128}[\d!@#$%^&*+?])/;
/** As curl takes it: the user's name, a colon and the password; two numbers are a user and a group. */
const CREDENTIALS_FLAG = /^(?:-u|--(?:proxy-)?user)$/;
const CREDENTIALS = /^(?!\d+:\d+$|\+)[^\s:/]{0,128}:(?!\/\/)/;
const GLUED_CREDENTIALS = /^(-u|--(?:proxy-)?user=)(?!\d+:\d+$)[^\s:/=]{0,128}:(?!\/\/)/;

/** An argument ends where its value ends, so that a value with spaces goes as a whole. `previous` is the argument before it. */
export function redactArgument(arg: string, previous: string | undefined, redactText: (text: string) => string): string {
  if (typeof arg !== "string") return "";
  const assignment = ASSIGNMENT.exec(arg);
  if (assignment?.[2] !== undefined && isSensitiveFlag(assignment[2])) return `${redactText(assignment[1] ?? "")}=${MASK}`;
  const authorization = AUTHORIZATION.exec(arg);
  if (authorization) return `${authorization[1] ?? ""}${authorization[2] ?? ""}${MASK}`;
  const header = HEADER.exec(arg);
  if (header?.[2] !== undefined && isSensitiveFlag(header[2])) return `${header[1] ?? ""}${MASK}`;
  const credentials = GLUED_CREDENTIALS.exec(arg);
  if (credentials) return `${credentials[1] ?? ""}${MASK}`;
  if (GLUED_PASSWORD.test(arg)) return `-p${MASK}`;
  // Four numbers after `--version`, which as a text of their own would be an address.
  return previous !== undefined && /^--?[\w-]{0,64}version$/i.test(previous) && /^[\d.]{1,64}$/.test(arg) ? arg : redactText(arg);
}

/** Tells whether the arguments before `index` say that a secret stands there. */
export function isAnnounced(args: readonly string[], index: number): boolean {
  const [verb, name, value] = [args[index - 2], args[index - 1], args[index]];
  if (typeof name !== "string" || typeof value !== "string" || value === "" || OPTION.test(value)) return false;
  if (name === "-p") return !PORT_OR_PATH.test(value);
  if (CREDENTIALS_FLAG.test(name)) return CREDENTIALS.test(value);
  if (/^--?[A-Za-z][\w.-]*$/.test(name)) return name.length > 2 && isSensitiveFlag(name.replace(/^-+/, ""));
  if (SCHEME.test(name)) return /^bearer$/i.test(name) || /authorization:?$/i.test(verb ?? "") || CREDENTIAL.test(value);
  if (/^-{0,2}[\w.-]{1,128}[:=]$/.test(name)) return isSensitiveFlag(name.slice(0, -1)) && !SCHEME.test(value);
  return verb !== undefined && SETTERS.has(verb) && isSensitiveFlag(name) && /^[\w.-]+$/.test(name);
}
