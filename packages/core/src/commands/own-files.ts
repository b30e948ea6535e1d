/** The tool's own files: what it keeps for telemetry besides candor's, and has candor delete when everything is to be cleared. */
import type { Installation } from "../collector/installation.ts";

/** Deletes them; says in one sentence a file what went wrong, if something did. A directory is not a file of telemetry's and stays. */
export function deleteOwnFiles({ config, ports }: Installation): string[] {
  return config.files.flatMap((path) => {
    try {
      ports.fileSystem.rmSync(path, { force: true });
      return [];
    } catch (error) {
      return [`${path} could not be deleted: ${String(error)}.`];
    }
  });
}
