/**
 * Builds core in rooms, because a command pays for every kilobyte that it loads. There is one implementation, in CommonJS, where a room
 * can be loaded in the middle of a synchronous call:
 *
 * - `index.js` is all that a command loads while telemetry is surely off: how to tell that, and how to open the other rooms. It is one file,
 *   and the only one of which there is an ES module too.
 * - `collection.js` is the whole collector. It comes where somebody may have said yes, as one file.
 * - `recognition.js` comes with the first text in which there is a sign of a secret or a person, `coalescence.js` when batches have become
 *   many, `author-check.js` in development.
 * - `background.js`, `commands.js` and what they share: delivery and the `telemetry` commands.
 * - `carried-script.js`: the uploader, one script with everything in it, as text.
 *
 * The other entries of the ES modules hand on what the CommonJS ones export. Bundlers get doors of their own (`bundled/`), because
 * they see what is imported and not what is required by a name that is put together.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { build } from "esbuild";
import { asModules, copyLicense, readManifest, shared, withRequire, write, writeCommonJs, writeDeclarations } from "../../scripts/build-package.mjs";

const NOTICE = "/* candor's uploader: delivers what a command-line tool left in its spool. Contains proxy-from-env, (c) Rob Wu, MIT licence. */";

/** Types come from these packages, code from here: fewer files to open in every command. */
const JOINED_IN = ["@candor/backend", "@candor/backend-file"];

/** What is left out of the file that imports it: the room it is in instead, and the functions that are asked for there. */
const ROOMS = {
  collection: { "collector/whole-collector": ["createWholeCollector"] },
  "author-check": { "config/author-check": ["findAuthorProblems"], "config/option-names": ["findUnknownNames"] },
  recognition: {
    "redaction/argument-redaction": ["redactArgument", "isAnnounced"],
    "redaction/author-rules": ["authorRules"],
    "redaction/personal-shapes": ["shapesOf"],
    "redaction/recognition": ["withoutRecognised"],
  },
  coalescence: { "spool/coalescence": ["coalesce"] },
  "carried-script": { "uploader/carried-script": ["carriedScript"] },
  background: { "deletion/retry": ["retryDeletionsAtEnd"], "config/backend-check": ["findBuildProblems"] },
};

/** The rooms that a command may open, each one file, and those that it in turn leaves where they are. */
const SINGLE_ROOMS = {
  collection: ["author-check", "recognition", "coalescence", "carried-script", "background"],
  "author-check": ["background"],
  recognition: [],
  coalescence: [],
  "carried-script": [],
};

/** The room whose compiled form is kept on the machine: all that a command that records has to load beside the entry. */
const COMPILED = "collection";

/** Stands for `require` until esbuild is done with the text: in an ES module it would put a function of its own in its place. */
const MARK = "requireRoom";

/** Packages that are joined in are built from their source, so that only what is used comes along. */
const fromSource = {
  name: "from-source",
  setup(bundler) {
    for (const name of JOINED_IN) {
      const root = path.resolve("..", name.replace("@candor/", ""), "src");
      bundler.onResolve({ filter: new RegExp(`^${name}(/[a-z-]+)?$`) }, ({ path: specifier }) => ({
        path: path.join(root, `${specifier.slice(name.length + 1) || "index"}.ts`),
        sideEffects: false,
      }));
    }
    // A package that is joined in takes `post` from its own entry; the late-loading door to it would only add files.
    bundler.onResolve({ filter: /\/lazy-post\.ts$/ }, () => ({ path: "lazy-post", namespace: "unused", sideEffects: false }));
    bundler.onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "export const post = undefined; export const get = undefined;" }));
  },
};

const { publicEntries, external: dependencies } = readManifest();
const external = dependencies.filter((name) => !JOINED_IN.includes(name));
rmSync("dist", { recursive: true, force: true });

const uploader = await textOf({ entryPoints: ["src/uploader-entry.ts"], external: [], minify: true, banner: { js: NOTICE }, define: carrying("") });
// Lines end: an error that Node.js prints with its line of source must not print the whole library.
const shortened = { minify: true, lineLimit: 160 };
const library = { ...shortened, define: carrying(uploader) };

let signature;
for (const [room, others] of Object.entries(SINGLE_ROOMS)) {
  // What is evaluated from its compiled form has no loader of its own for `import()`.
  const supported = { "dynamic-import": room !== COMPILED };
  const text = await textOf({ ...library, stdin: doorOf(room), supported, plugins: [leavingOut(others)] });
  write(`dist/cjs/${room}.js`, room === COMPILED ? signed(text) : text);
}
const main = { ...library, entryPoints: ["src/index.ts"], plugins: [leavingOut(["collection"])] };
write("dist/cjs/index.js", await textOf(entryAt("__filename", main)));
write("dist/esm/index.js", asModule(await textOf(entryAt("import.meta.filename", { ...main, format: "esm" }))));
await writeOthers();
writeDeclarations("dist/cjs", publicEntries);
for (const entry of publicEntries) writeDoors(path.basename(entry, ".ts"));
copyLicense();

/** What the build puts in place of names in the source. */
function carrying(text) {
  return {
    __UPLOADER_SOURCE__: JSON.stringify(text),
    __UPLOADER_HASH__: JSON.stringify(hashOf(text)),
    __UPLOADER_BYTES__: String(Buffer.byteLength(text)),
  };
}

/** By its first words the entry knows the room that was built with it, wherever somebody has put the two. */
function signed(text) {
  signature = `/*! candor ${hashOf(text)} */`;
  return signature + text;
}

/** The main entry knows where it lies, and so where the room is whose compiled form may be kept. */
function entryAt(place, { define, ...options }) {
  return { ...options, define: { ...define, __ENTRY__: place, __ROOM_SIGNATURE__: JSON.stringify(signature) } };
}

function hashOf(text) {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

async function textOf({ plugins = [], ...options }) {
  const { outputFiles } = await build({ ...shared, format: "cjs", external, write: false, ...options, plugins: [...plugins, fromSource] });
  return asRequired(outputFiles[0].text);
}

/** A room's own entry: the functions that other rooms ask it for. */
function doorOf(room) {
  const contents = Object.entries(ROOMS[room]).map(([file, names]) => `export { ${names.join(", ")} } from "./${file}.ts";`);
  return { contents: contents.join("\n"), resolveDir: "src", loader: "ts" };
}

/** What the entries share beside the main one, and the rooms behind them. */
async function writeOthers() {
  const modules = "dist/modules";
  const entryPoints = [...publicEntries.filter((entry) => entry !== "src/index.ts"), "src/background.ts"];
  // Side by side, so that a room is found from each of them by the same path.
  const places = { outdir: modules, chunkNames: "shared-[hash]" };
  await build({ ...asModules, ...library, ...places, external, entryPoints, plugins: [leavingOut(["carried-script"]), fromSource] });
  await writeCommonJs(modules, "dist/cjs", shortened);
  for (const file of readdirSync("dist/cjs").filter((name) => name.endsWith(".js"))) {
    write(`dist/cjs/${file}`, asRequired(readFileSync(`dist/cjs/${file}`, "utf8")));
  }
  rmSync(modules, { recursive: true });
}

/** Builtins are fetched in a way that works in every bundle too: in an ES module that a bundler made there is no `require`. */
function asRequired(text) {
  return withRequire(text)
    .replaceAll(`${MARK}("`, 'require("')
    .replaceAll(/\brequire\("(node:[a-z/_]+)"\)/g, 'process.getBuiltinModule("$1")');
}

/** The ES module finds the rooms beside the CommonJS form of it. */
function asModule(text) {
  const opened = text.replaceAll(/\brequire\("\.\/([a-z-]+\.js)"\)/g, (_, file) => opening(`../cjs/${file}`));
  // On a line of its own, by which tools that only look at a file know it for an ES module.
  const exported = opened.replace(/export\{[^}]*\};?\s*$/, (exports) => `\n${exports}`);
  return `${exported}\n${openRoom("index")}`;
}

function opening(file) {
  return `openRoom("${file}", () => require("${file}"))`;
}

/**
 * A bundler that does not go by the door that is meant for it sees the `require`; then this file is somewhere else, under any name, and
 * what lies beside it is the tool's.
 * Behind a question mark development servers tell versions of a module apart.
 */
function openRoom(entry) {
  return `function openRoom(file, bundled) {
  if (/\\/core\\/dist\\/esm\\/${entry}\\.js(?:\\?|$)/.test(import.meta.url)) {
    const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);
    if (isCandor(require)) return require(file);
  }
  return bundled();
}
function isCandor(require) {
  try {
    return require("../../package.json").name === "@candor/core";
  } catch {
    return false;
  }
}
`;
}

/** Puts a function that opens the room in the place of each that is in one of `rooms`, and leaves the background where it is. */
function leavingOut(rooms) {
  const places = new Map(rooms.flatMap((room) => Object.entries(ROOMS[room]).map(([file, names]) => [path.resolve("src", `${file}.ts`), { room, names }])));
  return {
    name: "leaving-out",
    setup(bundler) {
      bundler.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path: specifier, resolveDir, kind }) => {
        if (specifier.endsWith("/background.ts") && kind === "dynamic-import") return { path: "./background.js", external: true };
        const file = path.resolve(resolveDir, specifier);
        return places.has(file) ? { path: file, namespace: "room", sideEffects: false } : undefined;
      });
      bundler.onLoad({ filter: /.*/, namespace: "room" }, ({ path: file }) => {
        const { room, names } = places.get(file);
        const compiled = room === COMPILED ? `openCompiledRoom("${room}.js") ?? ` : "";
        const lines = [
          ...(compiled ? [`import { openCompiledRoom } from "./platform/compiled-room.ts";`] : []),
          `let opened; const room = () => (opened ??= ${compiled}${MARK}("./${room}.js"));`,
          ...names.map((name) => `export const ${name} = (...given) => room().${name}(...given);`),
        ];
        return { contents: lines.join("\n"), resolveDir: "src" };
      });
    },
  };
}

/** The doors of an entry: one for Node.js, one for bundlers, and the types. */
function writeDoors(entry) {
  const names = Object.keys(createRequire(import.meta.url)(path.resolve(`dist/cjs/${entry}.js`))).join(", ");
  write(`dist/esm/bundled/${entry}.js`, `export { ${names} } from "../../cjs/${entry}.js";\n`);
  if (entry !== "index") {
    write(`dist/esm/${entry}.js`, `const { ${names} } = ${opening(`../cjs/${entry}.js`)};\nexport { ${names} };\n${openRoom(entry)}`);
  }
  write(`dist/esm/${entry}.d.ts`, `export * from "../cjs/${entry}.js";\n`);
}
