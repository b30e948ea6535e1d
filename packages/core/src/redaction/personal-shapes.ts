/**
 * Personal shapes: addresses and places that tell who somebody is: e-mail and network addresses, home directories, the
 * user's name in a path. It asks the machine nothing; whose home it is comes as an argument.
 */
import { once } from "./once.ts";
import type { ShapeRule } from "./redaction-rules.ts";

const ADDRESS_MASK = "<redacted-ip>";

const OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";

/** This machine, any machine, a network mask: they tell nobody apart. */
const NOBODY = /^(?:127\.|0\.0\.0\.0|255\.255\.)/;

/** Names of accounts that are no person's, and of folders that many paths hold. */
const NO_PERSON = once(
  () =>
    new RegExp(
      "^(?:.{0,2}|admin\\w*|app|apps|bin|build\\w*|cache|ci|codespace|config|container|data|debian|default|deploy\\w*|dev|docker|ec2-user|" +
        "git\\w*|guest|home|jenkins|lib|local|mnt|node|nobody|nonroot|opt|private|project\\w*|public|root|runner\\w*|service|shared|src|srv|" +
        "test\\w*|tmp|ubuntu|usr|user\\w*|vagrant|var|vscode|work\\w*|www\\S*)$",
      "i",
    ),
);

/** What is known of the machine's user. */
export interface Person {
  /** Home directories, as the environment and as the user database have them. */
  readonly homes: readonly string[];
}

/**
 * A colon-separated text is an address when it could be nothing else: IPv6 in full, or abbreviated and with a digit in it,
 * since `std::add` is a name; six pairs are a network card's.
 */
function maskColons(match: string): string {
  if (/^[:0]*:[01]?$/.test(match)) return match;
  const groups = match.split(":");
  if (groups.length === 6 && groups.every((group) => group.length === 2)) return "<redacted-mac>";
  const halves = match.split("::");
  if (halves.length > 2 || halves.some((half) => half.startsWith(":") || half.endsWith(":"))) return match;
  const isAddress = halves.length === 1 ? groups.length === 8 : groups.length <= 8 && /\d/.test(match);
  return isAddress ? ADDRESS_MASK : match;
}

export const personalShapes = once((): readonly ShapeRule[] => [
  {
    name: "e-mail address",
    hint: /@|%40/,
    // Not the `git@` of a repository's address, nor a package's `name@1.2.3`, nor an image's `name@2x.png`.
    pattern: /(?<![\p{L}\p{N}._+-])(?!git@)[\p{L}\p{N}._+-]+(?:@|%40)(?!v?\d+\.\d|\dx\.)[\p{L}\p{N}.-]+\.\p{L}{2,}/gu,
    replace: "<redacted-email>",
  },
  {
    name: "IPv4 address",
    hint: /\d\.\d{1,3}\.\d{1,3}\.\d/,
    // Four numbers are a version after `v`, `version`, `~`, `==`, in a file's or a folder's name, and after `name@` when the first has one digit.
    pattern: new RegExp(
      `(?<![\\w.~^-]|[=<>~!]=|version\\W{1,4}|\\bver\\W{1,3}|[\\w.)-][\\\\/])(?<!\\w@(?=\\d\\.))${OCTET}(?:\\.${OCTET}){3}(?!\\w|\\.\\d|[-+][A-Za-z])`,
      "gi",
    ),
    replace: (match) => (NOBODY.test(match) ? match : ADDRESS_MASK),
  },
  {
    name: "IPv6 or hardware address",
    hint: /:[0-9a-f]{0,4}:/i,
    pattern: /(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi,
    replace: maskColons,
  },
  {
    name: "home directory",
    hint: /\/(?:home|Users|root)|~/,
    pattern: /(?<![\w.~@\]-])(?<!:\/)(?:(?:\/(?:var|usr|export|mnt\/[a-z]|cygdrive\/[a-z]|[a-z]))?\/(?:home|Users)\/+[^\s/\\:"'`<>|,;)\]}]+|(?:\/var)?\/root(?![\w-]|\.\w))|(?<![\w./~@-])~[a-z_][\w-]{0,31}(?=\/)/g,
    replace: "~",
  },
  {
    name: "Windows home directory",
    hint: /[\\/](?:users|home|documents and settings)[\\/]/i,
    // On a drive, a server or a Linux under Windows. A name may hold spaces where a further folder shows that it is still the path.
    pattern:
      /(?:\b[A-Za-z]:|\\\\[\w.$-]{1,64}(?:\\{1,4}[\w.-]{1,64})?)[\\/]{1,4}(?:Users|home|Documents and Settings)[\\/]{1,4}(?:[^\\/:*?"<>|\r\n]{1,64}(?=[\\/])|[^\s\\/:*?"'<>|,;)\]}]+)/gi,
    replace: "~",
  },
]);

const PATH_SIGN = /[\\/]/;

/** Rules for one person: the home wherever it lies, and the user's name as a part of any path. */
export function shapesOf({ homes }: Person): readonly ShapeRule[] {
  const places = homes.map((home) => home.replace(/[\\/]+$/, "")).filter((home) => home.length > 3);
  const names = places.map((home) => home.slice(1 + Math.max(home.lastIndexOf("/"), home.lastIndexOf("\\")))).filter((name) => !NO_PERSON().test(name));
  const ruleOf = (name: string, pattern: string, replace: string): ShapeRule => ({ name, hint: PATH_SIGN, pattern: new RegExp(pattern, "giu"), replace });
  const homeRule = (home: string): ShapeRule =>
    ruleOf("own home directory", `(?<![\\p{L}\\p{N}_.~-])${anySlashes(home)}(?![\\p{L}\\p{N}_-])`, "~");
  const nameRule = (name: string): ShapeRule =>
    ruleOf("own name in a path", `(?<=[\\\\/][._~-]?)${escaped(name)}(?![\\p{L}\\p{N}])`, "<user>");
  return [...[...new Set(places)].map(homeRule), ...[...new Set(names)].map(nameRule)];
}

/** A path as it stands in text: with either slash, doubled where it is escaped. */
function anySlashes(path: string): string {
  const [first = "", ...rest] = path.split(/[\\/]+/).map(escaped);
  return `${first === "" ? "[\\\\/]" : `${first}[\\\\/]{1,4}`}${rest.join("[\\\\/]{1,4}")}`;
}

function escaped(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}/]/g, "\\$&");
}
