/**
 * `candor catalog`: writes a tool's catalog as TELEMETRY.md, or checks that the file still says what the catalog declares. It prints
 * nothing itself and changes no file but that one.
 */
import { catalogDocument } from "@candor/core/catalog";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { loadCatalog } from "./catalog-module.ts";

export const USAGE = `usage: candor catalog <module> [--out <file>] [--check]

Writes what a tool records, as its catalog declares it, for the tool's users.

  <module>      a module that exports the catalog, as \`catalog\` or as its default; give it a file of its own
  --out <file>  where to write; default TELEMETRY.md
  --check       write nothing; exit with 1 when the file does not say what the catalog declares
`;

export interface ProgramAnswer {
  /** 0 when the file says what the catalog declares, 2 for a wrong command line, else 1. */
  readonly exitCode: 0 | 1 | 2;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command with the words that follow its name. Never rejects. */
export async function catalogCommand(words: readonly string[]): Promise<ProgramAnswer> {
  const request = parse(words);
  if (typeof request === "string") return { exitCode: 2, stdout: "", stderr: `candor: ${request}\n\n${USAGE}` };
  if (request.help) return done(USAGE);
  const { module, out, check } = request;
  const loaded = await loadCatalog(path.resolve(module));
  if (loaded.status === "failed") return failed(`${module}: ${loaded.reason}`);
  const text = catalogDocument(loaded.catalog);
  const current = read(out);
  if (current.status === "failed") return failed(current.reason);
  // A checkout on Windows may have changed the ends of lines.
  const line = firstDifference(text, current.text.replaceAll("\r\n", "\n"));
  if (line === undefined) return done(`${out} says what the catalog declares\n`);
  if (check) return failed(`${current.text === "" ? `${out} is missing` : `${out} is stale from line ${line} on`}; run: candor catalog ${module} --out ${out}`);
  try {
    writeFileSync(out, text);
  } catch (error) {
    return failed(`${out} cannot be written: ${messageOf(error)}`);
  }
  return done(`${out} is written\n`);
}

interface Request {
  readonly module: string;
  readonly out: string;
  readonly check: boolean;
  readonly help: boolean;
}

/** What is asked for, or what is wrong with it. */
function parse(words: readonly string[]): Request | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { out: { type: "string", default: "TELEMETRY.md" }, check: { type: "boolean", default: false }, help: { type: "boolean", short: "h", default: false } },
    });
    const [module = "", ...others] = positionals;
    if (!values.help && (module === "" || others.length > 0)) return "name one module";
    return { module, ...values };
  } catch (error) {
    return messageOf(error);
  }
}

type Reading = { readonly status: "read"; readonly text: string } | { readonly status: "failed"; readonly reason: string };

/** The file's text; empty where there is none. */
function read(file: string): Reading {
  try {
    return { status: "read", text: readFileSync(file, "utf8") };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { status: "read", text: "" };
    return { status: "failed", reason: `${file} cannot be read: ${messageOf(error)}` };
  }
}

/** The first line, counted from 1, in which two texts differ. */
function firstDifference(one: string, other: string): number | undefined {
  if (one === other) return undefined;
  const others = other.split("\n");
  const lines = one.split("\n");
  const index = lines.findIndex((line, at) => line !== others[at]);
  return (index < 0 ? lines.length : index) + 1;
}

function done(stdout: string): ProgramAnswer {
  return { exitCode: 0, stdout, stderr: "" };
}

function failed(reason: string): ProgramAnswer {
  return { exitCode: 1, stdout: "", stderr: `candor: ${reason}\n` };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
