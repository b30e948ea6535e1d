/**
 * The stores for JSON, YAML and TOML: what is read from the text of a configuration file, and how a value gets into it. They carry no
 * parser but that of JSON; whoever keeps another format has one already, and hands it in.
 */
import { fileStore, type Setting, type StoreFileOptions } from "./file-store.ts";
import type { ConsentStore } from "./tool-store.ts";

/** The part of the `yaml` package (2.x) that `yamlStore` uses. */
export interface YamlLibrary {
  parse(text: string): unknown;
  parseDocument(text: string): YamlDocument;
}

interface YamlDocument {
  readonly errors: readonly Error[];
  getIn(keys: readonly string[]): unknown;
  setIn(keys: readonly string[], value: unknown): void;
  createNode(value: object): unknown;
  toString(): string;
}

/** The part of `@decimalturn/toml-patch` (3.x) that `tomlStore` uses. */
export interface TomlLibrary {
  parse(text: string): unknown;
  /** Answers `text` changed to hold `content`, and everything that did not change as it was. */
  patch(text: string, content: unknown): string;
}

/** Keeps the answer in a JSON file, with its indentation as it is. */
export function jsonStore(options: StoreFileOptions): ConsentStore {
  return fileStore({ ...options, parse: parseJson, update: updateJson });
}

/** Keeps the answer in a YAML file, with its comments, by the `yaml` package that the tool passes in: `yaml: YAML`. */
export function yamlStore({ yaml, ...options }: StoreFileOptions & { readonly yaml: YamlLibrary }): ConsentStore {
  return fileStore({
    ...options,
    parse: (text) => yaml.parse(text),
    update(text, settings) {
      const document = yaml.parseDocument(text);
      const [error] = document.errors;
      if (error) throw error;
      for (const { keys, value } of settings) {
        const above = keys.slice(0, -1);
        // A key with nothing after it holds no keys yet.
        if (document.getIn(above) === null) document.setIn(above, document.createNode({}));
        document.setIn(keys, value);
      }
      return document.toString();
    },
  });
}

/**
 * Keeps the answer in a TOML file, with its comments, by a library that changes a text in place and that the tool passes in:
 * `toml: await import("@decimalturn/toml-patch")`.
 */
export function tomlStore({ toml, ...options }: StoreFileOptions & { readonly toml: TomlLibrary }): ConsentStore {
  return fileStore({
    ...options,
    parse: (text) => toml.parse(text),
    update: (text, settings) => toml.patch(text, withSettings(toml.parse(text), settings)),
  });
}

function parseJson(text: string): unknown {
  return text.trim() === "" ? undefined : (JSON.parse(text.replace(BYTE_ORDER_MARK, "")) as unknown);
}

function updateJson(text: string, settings: readonly Setting[]): string {
  const content = withSettings(parseJson(text) ?? {}, settings);
  const indentation = /\n([ \t]+)"/.exec(text)?.[1] ?? 2;
  return `${JSON.stringify(content, undefined, indentation)}\n`;
}

/** The content itself, changed. */
function withSettings(content: unknown, settings: readonly Setting[]): unknown {
  for (const { keys, value } of settings) setIn(content, keys, value);
  return content;
}

function setIn(content: unknown, keys: readonly string[], value: unknown): void {
  const [key = "", ...further] = keys;
  if (typeof content !== "object" || content === null || Array.isArray(content)) throw new Error(`nothing can be set below ${keys.join(".")}`);
  const holder = content as Record<string, unknown>;
  if (further.length === 0) {
    holder[key] = value;
    return;
  }
  if (!Object.hasOwn(holder, key) || holder[key] === null) holder[key] = {};
  setIn(holder[key], further, value);
}

const BYTE_ORDER_MARK = /^\uFEFF/;
