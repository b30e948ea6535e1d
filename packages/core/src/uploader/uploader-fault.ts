/** The uploader's fault: what made the last uploader fail, kept for `status` and `doctor`, because it has no terminal. */
import type { Directories } from "../platform/paths.ts";
import { parseObject, readPrivateFile, writePrivateFile } from "../platform/private-file.ts";
import type { Ports } from "../platform/ports.ts";

export interface UploaderFault {
  /** RFC 3339. */
  readonly at: string;
  readonly message: string;
}

/** Writes down what went wrong. @throws when the disk refuses that too. */
export function recordFault(error: unknown, { faultFile }: Directories, { clock, fileSystem }: Ports): void {
  const fault: UploaderFault = { at: new Date(clock.now()).toISOString(), message: String(error) };
  writePrivateFile(faultFile, `${JSON.stringify(fault)}\n`, fileSystem);
}

/** Forgets the last fault: an uploader has worked since. */
export function clearFault({ faultFile }: Directories, { fileSystem }: Ports): void {
  fileSystem.rmSync(faultFile, { force: true });
}

/** The last fault, if the last uploader failed. */
export function readFault({ faultFile }: Directories, { fileSystem }: Ports): UploaderFault | undefined {
  const content = readPrivateFile(faultFile, fileSystem);
  const fault = content.status === "read" ? parseObject(content.text) : undefined;
  return typeof fault?.["message"] === "string" ? { at: String(fault["at"]), message: fault["message"] } : undefined;
}
