/**
 * The uploader's script: what a detached uploader runs. The library carries it as text and puts it into the private data
 * directory, so that it is there in every kind of installation, a tool bundled into one file included, and so that no
 * file from elsewhere is ever run.
 */
import { carriedScript } from "./carried-script.ts";
import { type Directories, joinPath } from "../platform/paths.ts";
import { makeDataDirectory } from "../platform/private-directory.ts";
import { writePrivateFile } from "../platform/private-file.ts";
import type { Ports } from "../platform/ports.ts";
import { namesIn, removeFile } from "../platform/entries.ts";

/** A hash of the script and its size in bytes, put in their places by the build. */
declare const __UPLOADER_HASH__: string;
declare const __UPLOADER_BYTES__: number;

/** Another version of the tool may be about to run its own script; it does so within moments. */
const KEEP_OTHERS_MS = 24 * 60 * 60_000;

const WRITTEN_ANEW_MS = 24 * 60 * 60_000;

/** Puts the script into the data directory and answers its path. @throws when it cannot be written. */
export function uploaderScript(directories: Directories, ports: Ports): string {
  const privacy = makeDataDirectory(directories.uploader, directories, ports);
  if (privacy.status === "unusable") throw new Error(privacy.reason);
  const name = `candor-uploader-${__UPLOADER_HASH__}.cjs`;
  const path = joinPath(directories.uploader, name);
  if (!isInPlace(path, ports)) {
    writePrivateFile(path, carriedScript(), ports.fileSystem);
    removeOldVersions(name, directories, ports);
  }
  return path;
}

/**
 * Whether the script lies there already. It came there whole, by a rename, under a name that says what it holds, in a directory of this
 * user's alone; comparing its text would load that text into every command that starts an uploader. What a fault of the disk
 * makes of it lasts a day at most: then it is written anew.
 */
function isInPlace(path: string, { fileSystem, clock }: Ports): boolean {
  const found = fileSystem.lstatSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === __UPLOADER_BYTES__ && Math.abs(clock.now() - found.mtimeMs) < WRITTEN_ANEW_MS;
}

function removeOldVersions(current: string, { uploader }: Directories, ports: Ports): void {
  for (const name of namesIn(uploader, ports)) {
    if (name === current || !/^candor-uploader-[0-9a-f]+\.cjs$/.test(name)) continue;
    const path = joinPath(uploader, name);
    const found = ports.fileSystem.lstatSync(path, { throwIfNoEntry: false });
    if (found && Math.abs(ports.clock.now() - found.mtimeMs) > KEEP_OTHERS_MS) removeFile(path, ports);
  }
}
