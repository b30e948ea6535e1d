/**
 * The uploader's script: finds the file that a detached uploader runs. Normally it lies beside candor's own code. In a
 * tool that was bundled into one file it does not; then the copy that the bundle carries is put into the
 * private data directory and run from there.
 */
import { type Directories, joinPath } from "./paths.ts";
import { makePrivateDirectory } from "./private-directory.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";
import type { Ports } from "./ports.ts";

/** The script's source, put in its place by the build. Undefined when the code runs unbuilt. */
declare const __UPLOADER_SOURCE__: string | undefined;

/** Read once: the build puts the whole text wherever the name stands. */
const carried = typeof __UPLOADER_SOURCE__ === "undefined" ? undefined : __UPLOADER_SOURCE__;

const FILE_NAME = "candor-uploader.cjs";

/** The path of the script. @throws when there is neither a file nor a copy, or the copy cannot be written. */
export function uploaderScript(directories: Directories, ports: Ports): string {
  if (carried === undefined) throw new Error("the uploader exists only in built code");
  return besideCandor(ports, carried) ?? intoDataDirectory(directories, ports, carried);
}

/**
 * candor's built files lie at most two directories below the script. In a bundle those places are strangers', so a file is
 * run only if it is the shipped one and belongs to whoever owns the code that is asking, or to root.
 */
function besideCandor({ fileSystem }: Ports, source: string): string | undefined {
  const here = import.meta.url;
  if (!here) return undefined;
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  const owner = fileSystem.statSync(fileURLToPath(here), { throwIfNoEntry: false })?.uid;
  for (const place of ["./", "../", "../../"]) {
    const path = fileURLToPath(new URL(place + FILE_NAME, here));
    const found = fileSystem.lstatSync(path, { throwIfNoEntry: false });
    if (!found?.isFile() || (found.uid !== owner && found.uid !== 0)) continue;
    if (fileSystem.readFileSync(path, "utf8") === source) return path;
  }
  return undefined;
}

function intoDataDirectory(directories: Directories, ports: Ports, source: string): string {
  const privacy = makePrivateDirectory(directories.uploader, ports);
  if (privacy.status === "unusable") throw new Error(privacy.reason);
  const path = joinPath(directories.uploader, FILE_NAME);
  const present = readPrivateFile(path, ports.fileSystem);
  // Compared whole, every time: what runs is what was shipped, whatever else may have written there.
  if (present.status !== "read" || present.text !== source) writePrivateFile(path, source, ports.fileSystem);
  return path;
}
