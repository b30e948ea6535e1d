/**
 * The built package in a project of its own, as npm would lay it out: with Datadog's client, without it, or
 * with something else in its place. A copy, because a link would be resolved from the workspace, which has it.
 */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const packages = join(__dirname, "../..");

/** Where the client's files lie that the backend imports. */
const CLIENT_ROOMS = "dist/packages";

/** `real`: the one of the workspace. `absent`: none. Otherwise the source of the client's `LogsApi.js`. */
export type InstalledClient = "real" | "absent" | { readonly logsApi: string };

/** Lays the project out in `directory`; modules in it can import `@candor/backend-datadog`. */
export function installPackage(directory: string, client: InstalledClient): void {
  const modules = join(directory, "node_modules");
  const target = join(modules, "@candor/backend-datadog");
  for (const name of ["dist", "package.json"]) cpSync(join(packages, "backend-datadog", name), join(target, name), { recursive: true });
  link(join(packages, "backend"), join(modules, "@candor/backend"));
  const original = join(packages, "backend-datadog/node_modules/@datadog/datadog-api-client");
  const installed = join(modules, "@datadog/datadog-api-client");
  if (client === "real") link(original, installed);
  else if (client !== "absent") {
    write(join(installed, "package.json"), '{"name":"@datadog/datadog-api-client"}');
    write(join(installed, CLIENT_ROOMS, "datadog-api-client-v2/apis/LogsApi.js"), client.logsApi);
    for (const room of ["auth", "configuration", "servers", "http/http"]) {
      const path = `${CLIENT_ROOMS}/datadog-api-client-common/${room}.js`;
      write(join(installed, path), `module.exports = require(${JSON.stringify(join(original, path))});`);
    }
  }
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, "junction");
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
