/**
 * The edit of drconfig.yaml: applies a change to the text and leaves every other byte as it is: comments, order, quotes, line
 * ends. The YAML library's own output would rewrite them, so it only tells where things stand. Pure. Each result is parsed
 * again and must mean exactly what was wanted; otherwise the edit is refused.
 */
import { type Document, isMap, isScalar, type Pair, parseDocument, type YAMLMap } from "yaml";
import type { ConfigValue, DrConfigChange } from "./config-change.ts";
import { appendLines, fillSection, insertPair, isEmpty, literal, removePair, replaceValue, Unplaceable } from "./config-splice.ts";
import { isRecord } from "./json.ts";

/** Opening brackets in a configuration; drconfig.yaml itself nests two levels deep and has none. */
const MAX_BRACKETS = 500;
/** Spaces before a line; each level needs at least one. */
const MAX_INDENT = 100;
/** Signs on one line that may each begin a level: `- - a`. */
const MAX_INDICATORS = 100;

export type ConfigEdit = { readonly status: "edited"; readonly text: string } | { readonly status: "refused"; readonly reason: string };

/** What a YAML text holds: its nodes with their places, and its plain value. Undefined when it is not one mapping. */
export function parseConfig(text: string): { readonly document: Document; readonly value: Readonly<Record<string, unknown>> } | undefined {
  if (!isShallow(text)) return undefined;
  try {
    // `error` keeps the library from printing warnings, which `silent` would too, but that lets a second document pass.
    const document = parseDocument(text, { logLevel: "error", prettyErrors: false });
    if (document.errors.length > 0) return undefined;
    // The library's bound on aliases: a short text must not become a huge value.
    const value: unknown = document.toJS({ maxAliasCount: 100 }) ?? {};
    return isRecord(value) ? { document, value } : undefined;
  } catch {
    // Too many aliases, or nesting that exhausts the stack.
    return undefined;
  }
}

/**
 * Whether the text nests as little as a configuration does. The parser descends once a level, and a stack that ends inside of a
 * regular expression ends the whole process, which no `catch` can prevent. Brackets and dashes count wherever they stand.
 */
function isShallow(text: string): boolean {
  if ((text.match(/[[{]/g)?.length ?? 0) > MAX_BRACKETS) return false;
  return text.split("\n").every((line) => line.search(/\S/) <= MAX_INDENT && (line.match(/[-?:](?=\s|$)/g)?.length ?? 0) <= MAX_INDICATORS);
}

/** Applies a change to the text of a configuration. */
export function editConfig(text: string, change: DrConfigChange): ConfigEdit {
  const before = parseConfig(text);
  if (!before) return { status: "refused", reason: "it is not a YAML mapping" };
  try {
    const removed = change.remove.reduce(removeKey, text);
    const edited = Object.entries(change.set).reduce((current, [path, value]) => setKey(current, path, value), removed);
    const wanted = changed(before.value, change);
    const { isDeepStrictEqual } = process.getBuiltinModule("node:util");
    if (isDeepStrictEqual(parseConfig(edited)?.value, wanted)) return { status: "edited", text: edited };
  } catch (error) {
    if (!(error instanceof Unplaceable)) throw error;
  }
  return { status: "refused", reason: "it is written in a way that cannot be changed without touching the rest" };
}

/** What the configuration must mean afterwards. */
function changed(value: Readonly<Record<string, unknown>>, { set, remove }: DrConfigChange): Record<string, unknown> {
  const result: Record<string, unknown> = { ...value };
  const paths = [...remove, ...Object.keys(set)].map((path) => splitPath(path));
  for (const name of new Set(paths.flatMap(([section]) => (section === undefined ? [] : namesOf(value, section))))) {
    // A copy, because a section may also stand elsewhere, by an alias, and must not change there.
    if (isRecord(result[name])) result[name] = { ...result[name] };
  }
  for (const path of remove) {
    const { parent, key } = parentOf(result, path);
    if (isRecord(parent)) for (const name of namesOf(parent, key)) delete parent[name];
  }
  for (const [path, wanted] of Object.entries(set)) {
    const { name, parent, key } = parentOf(result, path);
    if (isRecord(parent)) parent[namesOf(parent, key)[0] ?? key] = wanted;
    else result[name] = { [key]: wanted };
  }
  return result;
}

interface Place {
  /** The section's name as it is spelt there. */
  readonly name: string;
  readonly parent: unknown;
  readonly key: string;
}

function parentOf(value: Record<string, unknown>, path: string): Place {
  const [section, key] = splitPath(path);
  if (section === undefined) return { name: key, parent: value, key };
  const name = namesOf(value, section)[0] ?? section;
  return { name, parent: value[name], key };
}

function namesOf(value: Readonly<Record<string, unknown>>, name: string): string[] {
  return Object.keys(value).filter((key) => key.toLowerCase() === name);
}

function removeKey(text: string, path: string): string {
  const [section, key] = splitPath(path);
  let current = text;
  for (;;) {
    const root = parseConfig(current)?.document.contents;
    const map = section === undefined ? root : isMap(root) ? findPair(root, section)?.value : undefined;
    const pair = isMap(map) ? findPair(map, key) : undefined;
    if (!isMap(map) || !pair) return current;
    // Two spellings of one key are two keys to YAML and one to the DataRobot CLI.
    current = removePair(current, map, pair);
  }
}

function setKey(text: string, path: string, value: ConfigValue): string {
  const [section, key] = splitPath(path);
  const root = parseConfig(text)?.document.contents;
  if (!isMap(root)) {
    if (isScalar(root) && root.source !== undefined && root.source !== "") throw new Unplaceable();
    return appendLines(text, section === undefined ? [`${key}: ${literal(value)}`] : [`${section}:`, `  ${key}: ${literal(value)}`]);
  }
  if (section === undefined) return setIn(text, root, key, value);
  const pair = findPair(root, section);
  if (!pair) return insertPair(text, root, section, { name: key, value });
  if (isMap(pair.value)) return setIn(text, pair.value, key, value);
  if (isEmpty(pair.value) && root.flow !== true) return fillSection(text, root, pair, key, value);
  return replaceValue(text, pair, `{ ${key}: ${literal(value)} }`);
}

function setIn(text: string, map: YAMLMap, key: string, value: ConfigValue): string {
  const pair = findPair(map, key);
  return pair ? replaceValue(text, pair, literal(value)) : insertPair(text, map, key, value);
}

function findPair(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && typeof key.value === "string" && key.value.toLowerCase() === name);
}

function splitPath(path: string): readonly [section: string | undefined, key: string] {
  const dot = path.indexOf(".");
  return dot === -1 ? [undefined, path] : [path.slice(0, dot), path.slice(dot + 1)];
}
