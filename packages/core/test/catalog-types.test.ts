import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { runProcess } from "@candor/testing";
import { homePerTest } from "./home-per-test.ts";

/** The compiler has two cores of a busy machine. */
const ROOT = join(__dirname, "../../..");
const SETTINGS = JSON.stringify({
  extends: join(ROOT, "tsconfig.base.json"),
  compilerOptions: {
    noEmit: true,
    // No test uses all of the preamble.
    noUnusedLocals: false,
    typeRoots: [join(ROOT, "node_modules/@types")],
    paths: { "@candor/core": [join(ROOT, "packages/core/src/index.ts")], "@candor/backend": [join(ROOT, "packages/backend/src/index.ts")] },
  },
  include: ["*.ts", join(ROOT, "packages/backend/src/*.d.ts")],
});

const PREAMBLE = `
import { type Catalog, type CatalogCollector, type Collector, createCollector, defineEvents } from "@candor/core";
const tool = { tool: "notes", version: "1.0.0" };
const outcome = { durationMs: 1, exitCode: 0 };
${readFileSync(join(__dirname, "note-catalog.ts"), "utf8").replace(/^[^]*?(?=export const)/, "")}
const collector = createCollector({ ...tool, catalog: NOTE_CATALOG });
`;

const home = homePerTest({ "package.json": '{"type":"module"}', "tsconfig.json": SETTINGS });

/** What the compiler says of each of these lines of a tool, by the line. */
async function compile(lines: readonly string[]): Promise<readonly string[]> {
  const first = PREAMBLE.split("\n").length;
  writeFileSync(join(home.path, "tool.ts"), `${PREAMBLE}${lines.join("\n")}\n`);
  const { stdout } = await runProcess(join(ROOT, "node_modules/.bin/tsc"), ["-p", home.path, "--pretty", "false"], { environment: home.environment, cwd: home.path });
  const said = lines.map(() => "");
  for (const line of stdout.split("\n")) {
    const [, at, message] = /^tool\.ts\((\d+),\d+\): error (.*)$/.exec(line) ?? [];
    if (at !== undefined) said[Number(at) - first] = message ?? "";
    else if (/^\S/.test(line)) throw new Error(`the compiler complains elsewhere: ${line}`);
  }
  return said;
}

describe("the guide", () => {
  it("shows code that compiles, and says rightly what does not", async () => {
    const guide = readFileSync(join(ROOT, "docs/guides/catalog.md"), "utf8");
    for (const [, code = "", name = ""] of guide.matchAll(/```ts\n(\/\/ (\S+)\n[^]*?)```/g)) writeFileSync(join(home.path, name), code);
    const lines = ['import { catalog } from "./catalog.ts"; import "./main.ts";', "const noted = createCollector({ ...tool, catalog });", 'noted.track("note.added", { editor: "vi" });', 'noted.trackCommand("notes export", outcome, { format: "pdf" });'];
    expect((await compile(lines)).map((message) => message.split(" is ")[0])).toEqual(["", "", "TS2741: Property 'tag_count'", "TS2322: Type '\"pdf\"'"]);
  });
});

describe("with a catalog, the compiler", () => {
  it("refuses what is not declared, and says what is", async () => {
    const refusals: Readonly<Record<string, string>> = {
      'collector.track("note.gone");': `TS2345: Argument of type '"note.gone"' is not assignable to parameter of type '"note.added" | "note.lost" | "notes.opened"'.`,
      'collector.track("note.added", { length: 1 });': "TS2353: Object literal may only specify known properties, and 'length' does not exist in type",
      'collector.track("note.added", { tag_cout: 1 });': "TS2561: Object literal may only specify known properties, but 'tag_cout' does not exist in type",
      'collector.track("notes.opened", { tag_count: 1 });': "TS2353: Object literal may only specify known properties, and 'tag_count' does not exist in type",
      'collector.track("note.added", { tag_count: "1" });': "TS2322: Type 'string' is not assignable to type 'number'.",
      'collector.track("note.added", { has_body: 1 });': "TS2322: Type 'number' is not assignable to type 'boolean | undefined'.",
      'collector.track("note.added", { editor: null });': "TS2322: Type 'null' is not assignable to type 'string | undefined'.",
      'collector.track("note.added", { format: "pdf" });': `TS2322: Type '"pdf"' is not assignable to type '"md" | "txt" | undefined'.`,
      'collector.track("note.added", { parts: ["middle"] });': `TS2322: Type '"middle"' is not assignable to type '"head" | "tail"'.`,
      'collector.track("note.added", { shell: "fish" });': `TS2322: Type '"fish"' is not assignable to type '"bash" | "zsh" | undefined'.`,
      'collector.track("note.lost");': "TS2554: Expected 2 arguments, but got 1.",
      'collector.track("note.lost", {});': "TS2741: Property 'found' is missing in type '{}' but required in type",
      'collector.track("note.lost", { found: undefined });': "TS2322: Type 'undefined' is not assignable to type 'boolean'.",
      'collector.track("feature.used", "note.added", { tag_count: 1 });': "TS2345: Argument of type '\"feature.used\"' is not assignable to parameter of type 'never'.",
      'collector.trackCommand("notes list", outcome, { format: "md" });': "TS2353: Object literal may only specify known properties, and 'format' does not exist in type",
      'collector.trackCommand("notes export", outcome, { format: "pdf" });': `TS2322: Type '"pdf"' is not assignable to type '"md" | "txt" | undefined'.`,
      'collector.trackCommandExtended("notes export", [], outcome, { form: "md" });': "TS2353: Object literal may only specify known properties, and 'form' does not exist in type",
      'createCollector({ ...tool, catalog: NOTE_CATALOG, metadata: { region: "eu" } });': "TS2353: Object literal may only specify known properties, and 'region' does not exist in type",
      "createCollector({ ...tool, catalog: NOTE_CATALOG, metadata: () => ({ shell: 1 }) });": "TS2322: Type '() => { shell: 1; }' is not assignable to type",
      'defineEvents({ events: { a: { properties: {} } } });': "TS2741: Property 'purpose' is missing in type",
      'defineEvents({ events: { a: { purpose: "x", properties: { n: { type: "integer", min: 0, purpose: "x" } } } } });': "TS2322:",
      'defineEvents({ events: {}, common: { properties: { n: { type: "boolean", purpose: "x", required: true } } } });': "TS2322:",
    };
    const said = await compile(Object.keys(refusals));
    // A message that ends in the text of a whole type is compared up to it.
    const starts = Object.values(refusals).map((message, index) => (message.endsWith(".") ? said[index] : said[index]?.slice(0, message.length)));
    expect(starts).toEqual(Object.values(refusals));
  });

  it("accepts what is declared, and a collector without a catalog as it was", async () => {
    const lines = [
      'collector.track("notes.opened");',
      'collector.track("note.added");',
      'collector.track("note.added", { tag_count: 3, ratio: 0.5, format: "md", has_body: true, editor: "vi", flags: ["-x"], parts: ["head"], shell: "zsh" });',
      'collector.track("note.added", { tag_count: process.argv.length > 2 ? 1 : undefined });',
      'collector.track("note.lost", { found: false });',
      'collector.trackCommand("notes list", outcome, { quiet: true, shell: "bash" });',
      'collector.trackCommandExtended("notes export", ["x"], outcome, { quiet: true, format: "txt" });',
      'createCollector({ ...tool, catalog: NOTE_CATALOG, metadata: () => ({ shell: "bash" }) });',
      'createCollector({ ...tool, catalog: { events: { here: { purpose: "x" } } } }).track("here");',
      "const adapted: Collector = collector; void adapted;",
      "const typed: CatalogCollector<typeof NOTE_CATALOG> = collector; void typed;",
      'const free: Collector = createCollector({ ...tool, metadata: { a: 1 } }); free.track("feature.used", "export", { format: "pdf", deep: { a: [1] } });',
      'const wide = createCollector({ ...tool, catalog: defineEvents(JSON.parse("{}") as Catalog) }); wide.track("any", { any: 1, other: "x", more: ["x"] });',
    ];
    expect(await compile(lines)).toEqual(lines.map(() => ""));
  });
});

describe("without a catalog, the compiler", () => {
  const free = "const free = createCollector(tool);";

  it("accepts properties of any object type, an interface's too", async () => {
    const lines = [
      free,
      "interface Export { readonly format: string; readonly pages?: number }",
      'const properties: Export = { format: "pdf" };',
      'free.track("feature.used", "export", properties);',
      'free.trackCommand("notes export", outcome, properties);',
      'free.trackCommandExtended("notes export", ["x"], outcome, properties);',
      "createCollector({ ...tool, metadata: properties });",
      "createCollector({ ...tool, metadata: () => properties });",
      "const source: import('@candor/core').MetadataSource = () => properties; createCollector({ ...tool, metadata: source });",
      'const wide: Readonly<Record<string, unknown>> = {}; free.track("feature.used", "export", wide);',
    ];
    expect(await compile(lines)).toEqual(lines.map(() => ""));
  });

  it("refuses what holds no properties", async () => {
    const lines = ['["pdf"]', '"pdf"', "() => ({})", "Promise.resolve({})", "new Set()", "new Date()", "/x/"].map((value) => `free.track("feature.used", "export", ${value});`);
    const said = await compile([free, ...lines]);
    expect(said.map((message) => message.slice(0, 6))).toEqual(["", ...lines.map(() => "TS2345")]);
  });
});
