/**
 * The relay's part: what an upload of counts is to Graphite. Pure. A relay takes the upload, holds the key that no tool should hold, and
 * sends these on; it answers 400 to an upload that cannot be read, 502 where Graphite refuses, and 200 with `OK` else.
 *
 * One series for each command and exit status, named `cli.telemetry.cumulative_count`. Its tags: `command_0` and so on for the words of the
 * command's path, `cli_version`, `exit_code`, `id`, `operating_system`.
 */
import { isRecord } from "@candor/backend";
import { MAX_NUMBER, MAX_SERIES, MAX_TEXT_LENGTH } from "./bounds.ts";
import type { CountersDocument } from "./counters.ts";

export type { CountersDocument } from "./counters.ts";

/** What stands in a body. */
export type ReadUpload = { readonly status: "read"; readonly upload: CountersDocument } | { readonly status: "invalid"; readonly reason: string };

/** One data point of Grafana Cloud's HTTP API for Graphite (`POST <endpoint>/metrics`, an array of these). */
export interface GraphitePoint {
  readonly name: string;
  /** Seconds between two points. */
  readonly interval: number;
  readonly value: number;
  /** `name=value`, sorted by the names. */
  readonly tags: readonly string[];
  /** Seconds since 1970. */
  readonly time: number;
}

const SERIES = "cli.telemetry.cumulative_count";

/** Tags for the words of a path; what is behind them stands in the last. No tool has commands that deep. */
const MAX_WORDS = 16;

/** Reads the body of an upload. Whoever can reach the relay may send one, so nothing of it is believed. */
export function readUpload(body: string): ReadUpload {
  const invalid = (reason: string): ReadUpload => ({ status: "invalid", reason });
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return invalid("it is not JSON");
  }
  if (!isRecord(value) || !isRecord(value["metric_points"])) return invalid("it holds no metric_points");
  const { cli_version: version, operating_system: os, id, metric_points: points } = value;
  if (![version, os, id].every(isText)) return invalid("cli_version, operating_system and id must be texts of at most 256 characters");
  const paths = Object.entries(points);
  const counts = paths.flatMap(([, codes]): [string, unknown][] => (isRecord(codes) ? Object.entries(codes) : [["", codes]]));
  if (counts.length > MAX_SERIES) return invalid(`it holds more than ${MAX_SERIES} counts`);
  if (!paths.every(([path]) => path !== "" && path.length <= MAX_TEXT_LENGTH)) return invalid("a command is too long");
  if (!counts.every(([code, point]) => /^-?\d{1,15}$/.test(code) && isRecord(point) && isCount(point["cumulative_count"]))) return invalid("a count is no whole number");
  return { status: "read", upload: value as unknown as CountersDocument };
}

/** The upload in Graphite's plain text, a line for each series, without line ends; `time` in seconds since 1970. */
export function graphiteLines(upload: CountersDocument, time: number): string[] {
  return seriesOf(upload).map(({ tags, value }) => `${[SERIES, ...tags].join(";")} ${value} ${time}`);
}

/** The upload for Grafana Cloud's HTTP API; `time` in seconds since 1970, `interval` in seconds. */
export function graphitePoints(upload: CountersDocument, { time, interval }: { readonly time: number; readonly interval: number }): GraphitePoint[] {
  return seriesOf(upload).map(({ tags, value }) => ({ name: SERIES, interval, value, tags, time }));
}

/** By path, then by exit status. */
function seriesOf({ metric_points: points, cli_version: version, operating_system: os, id }: CountersDocument): { readonly tags: readonly string[]; readonly value: number }[] {
  return Object.entries(points)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([path, codes]) =>
      Object.entries(codes)
        .toSorted(([left], [right]) => Number(left) - Number(right))
        .map(([code, { cumulative_count: value }]) => {
          const words = wordsOf(path).map((word, index): [string, string] => [`command_${index}`, word]);
          const tags: [string, string][] = [["cli_version", version], ...words, ["exit_code", code], ["id", id], ["operating_system", os]];
          return { value, tags: tags.toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([name, text]) => `${name}=${tagValue(text)}`) };
        }),
    );
}

function wordsOf(path: string): string[] {
  const words = path.split(" ");
  return words.length <= MAX_WORDS ? words : [...words.slice(0, MAX_WORDS - 1), words.slice(MAX_WORDS - 1).join(" ")];
}

/** Graphite ends a tag at `;`, a line's part at white space, and takes no value that is empty or begins with `~`. */
function tagValue(text: string): string {
  return text.replace(/[\s;\p{Cc}]/gu, "_").replace(/^~/, "_") || "unknown";
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.length <= MAX_TEXT_LENGTH;
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= MAX_NUMBER;
}
