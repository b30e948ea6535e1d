/**
 * The splices of a configuration's text: one key set, inserted or removed at the place that the YAML parser named. Pure. It
 * knows places only; whether the result means what was wanted is checked by `config-edit`. What has no clear place is refused
 * by an `Unplaceable`.
 */
import { isCollection, isNode, isPair, type Pair, type YAMLMap } from "yaml";
import type { ConfigValue } from "./config-change.ts";

/** The text cannot be changed here without touching what surrounds it. Never leaves `config-edit`. */
export class Unplaceable extends Error {}

type Nested = { readonly name: string; readonly value: ConfigValue };

/** A value as YAML. Texts are quoted always, so that `1.0` and `no` stay texts in every YAML version. */
export function literal(value: ConfigValue): string {
  if (typeof value !== "string") return String(value);
  // What JSON leaves as it is and YAML does not allow, or takes for a line end.
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Whether a value is absent: `key:` and nothing more. */
export function isEmpty(value: unknown): boolean {
  if (!isNode(value) || !value.range) return false;
  return value.range[0] === value.range[1];
}

/** Puts a literal where a pair's value stands. */
export function replaceValue(text: string, pair: Pair, replacement: string): string {
  const { value } = pair;
  if (!isNode(value) || !value.range) throw new Unplaceable();
  const [start, end] = value.range;
  const before = /\s/.test(text.charAt(start - 1)) ? "" : " ";
  const after = text.slice(start, end).endsWith("\n") ? lineEndOf(text) : start === end && /[^\s]/.test(text.charAt(end)) ? " " : "";
  return `${text.slice(0, start)}${before}${replacement}${after}${text.slice(end)}`;
}

/** Adds a pair at the end of a mapping, in the mapping's own style. */
export function insertPair(text: string, map: YAMLMap, key: string, value: ConfigValue | Nested): string {
  if (map.flow) return insertInFlow(text, map, `${key}: ${typeof value === "object" ? `{ ${value.name}: ${literal(value.value)} }` : literal(value)}`);
  const indent = indentOf(text, map);
  const lines = typeof value === "object" ? [`${indent}${key}:`, `${indent}  ${value.name}: ${literal(value.value)}`] : [`${indent}${key}: ${literal(value)}`];
  return insertLines(text, lineAfter(text, endOf(map)), lines);
}

/** Puts the first pair into a section that has none. */
export function fillSection(text: string, root: YAMLMap, pair: Pair, key: string, value: ConfigValue): string {
  return insertLines(text, lineAfter(text, endOf(pair.key)), [`${indentOf(text, root)}  ${key}: ${literal(value)}`]);
}

/** Takes out a pair: in block style its lines, with the comment that stands on them. */
export function removePair(text: string, map: YAMLMap, pair: Pair): string {
  const start = startOf(pair);
  const end = endOf(pair);
  if (map.flow) return removeFromFlow(text, map, pair);
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  if (!isIndent(text.slice(lineStart, start))) throw new Unplaceable();
  return text.slice(0, lineStart) + text.slice(lineAfter(text, end));
}

/** Adds lines at the end of a text that holds no mapping yet. */
export function appendLines(text: string, lines: readonly string[]): string {
  return insertLines(text, text.length, lines);
}

function insertInFlow(text: string, map: YAMLMap, entry: string): string {
  const last = map.items.at(-1);
  if (last) return `${text.slice(0, endOf(last))}, ${entry}${text.slice(endOf(last))}`;
  if (!map.range) throw new Unplaceable();
  const inside = map.range[0] + 1;
  return `${text.slice(0, inside)} ${entry} ${text.slice(inside)}`;
}

function removeFromFlow(text: string, map: YAMLMap, pair: Pair): string {
  const index = map.items.indexOf(pair);
  const [previous, next] = [map.items[index - 1], map.items[index + 1]];
  const start = previous ? endOf(previous) : startOf(pair);
  const end = !previous && next ? startOf(next) : endOf(pair);
  return text.slice(0, start) + text.slice(end);
}

function insertLines(text: string, place: number, lines: readonly string[]): string {
  const lineEnd = lineEndOf(text);
  const open = place > 0 && text.charAt(place - 1) !== "\n" && text.slice(0, place) !== "\uFEFF" ? lineEnd : "";
  return `${text.slice(0, place)}${open}${lines.map((line) => `${line}${lineEnd}`).join("")}${text.slice(place)}`;
}

/** Where a node's last character stands; blank lines and comments after it are not part of it. */
function endOf(node: unknown): number {
  if (isPair(node)) return endOf(isNode(node.value) && node.value.range ? node.value : node.key);
  if (isCollection(node) && !node.flow && node.items.length > 0) return endOf(node.items.at(-1));
  if (!isNode(node) || !node.range) throw new Unplaceable();
  return node.range[1];
}

function startOf({ key }: Pair): number {
  if (!isNode(key) || !key.range) throw new Unplaceable();
  return key.range[0];
}

function lineAfter(text: string, offset: number): number {
  // A block scalar ends with its line.
  if (offset > 0 && text.charAt(offset - 1) === "\n") return offset;
  const end = text.indexOf("\n", offset);
  return end === -1 ? text.length : end + 1;
}

function indentOf(text: string, map: YAMLMap): string {
  for (const pair of map.items) {
    const start = startOf(pair);
    const prefix = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
    if (isIndent(prefix)) return prefix.replace("\uFEFF", "");
  }
  throw new Unplaceable();
}

function isIndent(text: string): boolean {
  return /^\uFEFF? *$/.test(text);
}

/** The line end of the text's first line; a text without one gets `\n`. */
function lineEndOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? "\n";
}
