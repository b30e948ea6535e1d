import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { findPolicyProblems } from "../src/policy/policy-rules.ts";

/** The part of JSON Schema that the published schema uses; a keyword beyond it fails the test that meets it. */
interface Schema {
  readonly [keyword: string]: unknown;
}

const SCHEMA = JSON.parse(readFileSync(join(__dirname, "../policy.schema.json"), "utf8")) as Schema;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

const KEYWORDS: Readonly<Record<string, (limit: never, value: unknown, schema: Schema) => boolean>> = {
  $ref: (path: string, value) => fits(path.slice(2).split("/").reduce<unknown>((at, part) => (at as Schema)[part], SCHEMA) as Schema, value),
  type: (type: string, value) => (type === "object" ? isObject(value) : type === "array" ? Array.isArray(value) : typeof value === type),
  const: (only: unknown, value) => value === only,
  enum: (choices: readonly unknown[], value) => choices.includes(value),
  minLength: (least: number, value) => typeof value !== "string" || value.length >= least,
  pattern: (pattern: string, value) => typeof value !== "string" || new RegExp(pattern, "u").test(value),
  required: (names: readonly string[], value) => !isObject(value) || names.every((name) => Object.hasOwn(value, name)),
  properties: (properties: Readonly<Record<string, Schema>>, value) => !isObject(value) || Object.entries(properties).every(([name, schema]) => !Object.hasOwn(value, name) || fits(schema, value[name])),
  additionalProperties: (rest: Schema | false, value, { properties }) =>
    !isObject(value) || Object.keys(value).every((name) => (isObject(properties) && Object.hasOwn(properties, name)) || (rest !== false && fits(rest, value[name]))),
  minItems: (least: number, value) => !Array.isArray(value) || value.length >= least,
  items: (schema: Schema, value) => !Array.isArray(value) || value.every((item) => fits(schema, item)),
  oneOf: (schemas: readonly Schema[], value) => schemas.filter((schema) => fits(schema, value)).length === 1,
  ...Object.fromEntries(["$schema", "$defs", "title", "description", "default"].map((name) => [name, () => true])),
};

function fits(schema: Schema, value: unknown): boolean {
  return Object.entries(schema).every(([keyword, limit]) => {
    const check = KEYWORDS[keyword];
    if (!check) throw new Error(`the schema has a keyword that this test does not know: ${keyword}`);
    return check(limit as never, value, schema);
  });
}

const HTTP = { use: "http", endpoint: "https://fleet.example.com" };
const withHeader = (value: unknown): object => ({ version: 1, backend: { ...HTTP, headers: { a: value } } });

const VALID: readonly object[] = [
  { version: 1 },
  { version: 1, $schema: "https://example.com/policy.schema.json" },
  { version: 1, telemetry: "off" },
  { version: 1, telemetry: "local", routing: "tee" },
  { version: 1, telemetry: "allowed", routing: "replace", backend: HTTP },
  { version: 1, backend: [HTTP, { use: "otlp", tls: { caFile: "/ca.pem" }, useStandardEnvironment: true }] },
  { version: 1, resourceAttributes: {}, modules: {}, tools: {} },
  { version: 1, resourceAttributes: { a: "b" }, modules: { otlp: "/usr/lib/otlp" } },
  { version: 1, tools: { notes: {}, other: { telemetry: "off", backend: [HTTP], routing: "tee", resourceAttributes: { a: "" } } } },
  withHeader("text"),
  withHeader({ env: "TOKEN" }),
  withHeader({ file: "/token" }),
];

const INVALID: readonly object[] = [
  {},
  { version: 1, backend: [] },
  { version: 2 },
  { version: "1" },
  { version: 1, telemetri: "off" },
  { version: 1, telemetry: "on" },
  { version: 1, telemetry: null },
  { version: 1, telemetry: true },
  { version: 1, routing: "both" },
  { version: 1, backend: null },
  { version: 1, backend: "http" },
  { version: 1, backend: {} },
  { version: 1, backend: { use: "" } },
  { version: 1, backend: { use: 1 } },
  { version: 1, backend: [HTTP, null] },
  { version: 1, backend: [[HTTP]] },
  { version: 1, backend: { ...HTTP, headers: [] } },
  { version: 1, backend: { ...HTTP, headers: null } },
  withHeader(""),
  withHeader(1),
  withHeader(null),
  withHeader([]),
  withHeader({}),
  withHeader({ env: "" }),
  withHeader({ file: 1 }),
  { version: 1, resourceAttributes: [] },
  { version: 1, resourceAttributes: { a: 1 } },
  { version: 1, modules: "x" },
  { version: 1, modules: { a: null } },
  { version: 1, tools: [] },
  { version: 1, tools: { notes: "off" } },
  { version: 1, tools: { notes: { modules: {} } } },
  { version: 1, tools: { notes: { version: 1 } } },
  { version: 1, tools: { notes: { telemetry: "no" } } },
  { version: 1, tools: { notes: { backend: { endpoint: "https://x.example" } } } },
];

/** What is wrong only on a closer look. */
const SUBTLE: readonly object[] = [
  { version: 1, $schema: 1 },
  { version: 1, backend: { ...HTTP, endpoint: 1 } },
  withHeader({ env: "TOKEN", file: "/token" }),
  withHeader({ env: "TOKEN", other: 1 }),
  withHeader({ env: null, file: "/token" }),
];

const judge = (document: object): { rules: boolean; schema: boolean } => ({ rules: findPolicyProblems(document as Record<string, unknown>).length === 0, schema: fits(SCHEMA, document) });

describe("the policy's rules and its published schema", () => {
  it.each(VALID.map((document) => [JSON.stringify(document), document] as const))("both take %s", (_, document) => {
    expect(judge(document)).toEqual({ rules: true, schema: true });
  });

  it.each(INVALID.map((document) => [JSON.stringify(document), document] as const))("both refuse %s", (_, document) => {
    expect(judge(document)).toEqual({ rules: false, schema: false });
  });

  it.each(SUBTLE.map((document) => [JSON.stringify(document), document] as const))("agree in refusing %s", (_, document) => {
    expect(judge(document)).toEqual({ rules: false, schema: false });
  });

  it.each(["otlp", "./otlp", "../otlp", "file:///otlp"])("do not take %j as the place of a module", (place) => {
    expect(findPolicyProblems({ version: 1, modules: { otlp: place } })).toEqual(["modules.otlp: must be an absolute path"]);
  });

  it("name every fault with its field", () => {
    const problems = findPolicyProblems({ version: 3, routing: "x", backend: [HTTP, {}], tools: { notes: { telemetry: "x" }, other: 1 } });
    expect(problems.map((problem) => problem.split(":")[0])).toEqual(["version", "routing", "backend[1]", "tools.notes.telemetry", "tools.other"]);
  });
});
