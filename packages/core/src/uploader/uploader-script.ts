/**
 * The uploader's script: what a detached uploader runs. The library carries it as text and puts it into the private data
 * directory, so that it is there in every kind of installation, a tool bundled into one file included, and so that no
 * file from elsewhere is ever run.
 */
import { type Directories, joinPath } from "../platform/paths.ts";
import { makeDataDirectory } from "../platform/private-directory.ts";
import { readPrivateFile, writePrivateFile } from "../platform/private-file.ts";
import type { Ports } from "../platform/ports.ts";
import { namesIn, removeFile } from "../spool/spool.ts";

/** The script and a hash of it, put in their places by the build. Undefined when the code runs unbuilt. */
declare const __UPLOADER_SOURCE__: string | undefined;
declare const __UPLOADER_HASH__: string | undefined;

/** Read once: the build puts the whole text wherever the name stands. */
const carried = typeof __UPLOADER_SOURCE__ === "undefined" ? undefined : __UPLOADER_SOURCE__;

/** Another version of the tool may be about to run its own script; it does so within moments. */
const KEEP_OTHERS_MS = 24 * 60 * 60_000;

/** Puts the script into the data directory and answers its path. @throws when it cannot be written. */
export function uploaderScript(directories: Directories, ports: Ports): string {
  if (carried === undefined) throw new Error("the uploader exists only in built code");
  const privacy = makeDataDirectory(directories.uploader, directories, ports);
  if (privacy.status === "unusable") throw new Error(privacy.reason);
  const name = `candor-uploader-${__UPLOADER_HASH__}.cjs`;
  const path = joinPath(directories.uploader, name);
  const present = readPrivateFile(path, ports.fileSystem);
  // Compared whole, every time: what runs is what was shipped, whatever else may have written there.
  if (present.status !== "read" || present.text !== carried) {
    writePrivateFile(path, carried, ports.fileSystem);
    removeOldVersions(name, directories, ports);
  }
  return path;
}

function removeOldVersions(current: string, { uploader }: Directories, ports: Ports): void {
  for (const name of namesIn(uploader, ports)) {
    if (name === current || !/^candor-uploader-[0-9a-f]+\.cjs$/.test(name)) continue;
    const path = joinPath(uploader, name);
    const found = ports.fileSystem.lstatSync(path, { throwIfNoEntry: false });
    if (found && Math.abs(ports.clock.now() - found.mtimeMs) > KEEP_OTHERS_MS) removeFile(path, ports);
  }
}
