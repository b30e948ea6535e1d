/** The tool's own files: what it keeps for telemetry besides candor's, and has candor delete when everything is to be cleared. */
import type { Installation } from "../collector/installation.ts";
import { isChoice } from "../config/config.ts";
import { moduleOf } from "../destination/backend-names.ts";
import { systemErrorCode } from "../platform/ports.ts";

/** Backends whose `path` is a file on this machine. */
const KEEPS_A_FILE: ReadonlySet<string> = new Set(["file", "counters"].map(moduleOf));

/** Deletes them; says in one sentence a file what went wrong, if something did. A directory is not a file of telemetry's and stays. */
export function deleteOwnFiles({ config, ports }: Installation): string[] {
  return config.files.flatMap((path) => {
    try {
      ports.fileSystem.rmSync(path, { force: true });
      return [];
    } catch (error) {
      return [`${path} could not be deleted: ${systemErrorCode(error) ?? String(error)}.`];
    }
  });
}

/** Files that the author chose as a destination: others may read them, so candor does not delete them. Names those that are there. */
export function chosenLogs({ config, directories, ports }: Installation): string[] {
  const paths = config.backends.flatMap((backend) => (isChoice(backend) && KEEPS_A_FILE.has(moduleOf(backend.use)) && typeof backend["path"] === "string" ? [backend["path"]] : []));
  const left = paths.filter((path) => path !== directories.localLog && ports.fileSystem.lstatSync(path, { throwIfNoEntry: false }) !== undefined);
  return left.map((path) => `What was recorded remains in ${path}, which ${config.tool} was set up to write: delete it to have that gone.`);
}
