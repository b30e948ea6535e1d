/**
 * The stores for JSON and for YAML: what is read from the text of a configuration file, and how a value gets into it. They carry no parser
 * but that of JSON; whoever keeps YAML has one already, and hands it in.
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

function parseJson(text: string): unknown {
  return text.trim() === "" ? undefined : (JSON.parse(text.replace(BYTE_ORDER_MARK, "")) as unknown);
}

function updateJson(text: string, settings: readonly Setting[]): string {
  const content = parseJson(text) ?? {};
  for (const { keys, value } of settings) setIn(content, keys, value);
  const indentation = /\n([ \t]+)"/.exec(text)?.[1] ?? 2;
  return `${JSON.stringify(content, undefined, indentation)}\n`;
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
