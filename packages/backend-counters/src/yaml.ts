/**
 * The counters as the text of PACE's telemetry.yaml, which people read to see what is collected: four spaces a level, paths and exit
 * statuses sorted. Pure. It reads what it writes, what the PACE CLI wrote, and comments; whatever takes a YAML parser to understand is
 * not understood.
 */
import { type Counters, sortedPoints } from "./counters.ts";

const FIELDS: ReadonlySet<string> = new Set(["metric_points", "cli_version", "operating_system", "id"]);

/** The text; ends with a line end. */
export function toYaml(counters: Counters): string {
  const points = sortedPoints(counters).flatMap(([path, counts]) => [
    `    ${scalar(path)}:`,
    ...counts.flatMap(([code, count]) => [`        ${code}:`, `            cumulative_count: ${count}`]),
  ]);
  const head = points.length === 0 ? ["metric_points: {}"] : ["metric_points:", ...points];
  return [...head, `cli_version: ${scalar(counters.version)}`, `operating_system: ${scalar(counters.os)}`, `id: ${scalar(counters.id)}`, ""].join("\n");
}

/** The counters in a text; undefined when it is none of theirs, or torn. */
export function fromYaml(text: string): Counters | undefined {
  const points = new Map<string, Map<number, number>>();
  const fields = new Map<string, string>();
  let counts: Map<number, number> | undefined;
  let code: number | undefined;
  let isInPoints = false;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const { indent, key, value } = readLine(line) ?? {};
    if (key === undefined || value === undefined) return undefined;
    if (indent === 0 && FIELDS.has(key) && !fields.has(key)) {
      fields.set(key, value);
      isInPoints = key === "metric_points" && value === "";
      counts = undefined;
      code = undefined;
    } else if (!isInPoints) return undefined;
    else if (indent === 4 && value === "" && key !== "" && !points.has(key)) {
      counts = new Map();
      code = undefined;
      points.set(key, counts);
    } else if (indent === 8 && value === "" && /^-?\d{1,15}$/.test(key) && counts && !counts.has(Number(key))) code = Number(key);
    else if (indent === 12 && key === "cumulative_count" && /^\d{1,15}$/.test(value) && counts && code !== undefined && !counts.has(code)) counts.set(code, Number(value));
    else return undefined;
  }
  const [version, os, id] = ["cli_version", "operating_system", "id"].map((name) => fields.get(name));
  if (version === undefined || os === undefined || !id || !["", "{}"].includes(fields.get("metric_points") ?? "none")) return undefined;
  return { points, version, os, id };
}

interface Line {
  readonly indent: number;
  readonly key: string;
  readonly value: string;
}

const QUOTED = String.raw`"(?:[^"\\]|\\.)*"|'[^']*'`;
const LINE = new RegExp(String.raw`^( *)(${QUOTED}|-\d+|[\w/][\w ./+-]*):(?: +(${QUOTED}|\{\}|[\w/][\w ./+-]*?)?)?(?: *| +#.*)$`);

/** A path of 256 characters, each written as an escape, is shorter; the expression takes longer than its text is long. */
const MAX_LINE_LENGTH = 2_048;

function readLine(line: string): Line | undefined {
  if (line.length > MAX_LINE_LENGTH) return undefined;
  const [, indent, key, value = ""] = LINE.exec(line) ?? [];
  if (indent === undefined || key === undefined) return undefined;
  try {
    return { indent: indent.length, key: unquoted(key), value: unquoted(value) };
  } catch {
    // An escape that YAML knows and JSON does not.
    return undefined;
  }
}

function unquoted(text: string): string {
  if (text.startsWith("'")) return text.slice(1, -1);
  return text.startsWith('"') ? String(JSON.parse(text)) : text;
}

/** What JSON leaves as it is and YAML does not: there it ends a line, or is refused. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Text that YAML would take for something else than itself stands in quotes; JSON's are YAML's too. */
function scalar(text: string): string {
  const isPlain = /^[\w/](?:[\w ./+-]*[\w/])?$/.test(text);
  const isOther = /^(?:true|false|yes|no|on|off|y|n|null)$|^[\d_.e+-]+$|^0[xob]/i.test(text);
  return isPlain && !isOther ? text : JSON.stringify(text).replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
