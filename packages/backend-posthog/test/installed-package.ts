/** A directory in which the packages lie as npm installs them: built, and found by name. */
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type TemporaryHome, temporaryHome } from "@candor/testing";

/** Makes a home with `files` in its folder `tool`, where `packages` are installed. */
export function toolHome(files: Readonly<Record<string, string>>, packages: readonly string[]): TemporaryHome {
  const home = temporaryHome(Object.fromEntries(Object.entries(files).map(([name, content]) => [`tool/${name}`, content])));
  for (const name of packages) {
    const link = join(home.path, "tool/node_modules/@candor", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve(__dirname, "../..", name), link, "junction");
  }
  return home;
}
