/**
 * From a fault of the disk to the outcome of a delivery. Pure. A fault that may pass by itself is
 * `retry`; a path that somebody has to put right is `blocked`. It never rejects data and never quotes
 * the system's message, which may hold other people's paths.
 */
import type { DeliveryResult } from "@candor/backend";
import { errorCode } from "./file-system.ts";

/** Code of a refusal made here, beside the system's own codes. */
const REFUSED = "ERR_FILE_REFUSED";

/** An error saying that the path must not be written to; `reason` is shown in `telemetry status`. */
export function refusal(reason: string): Error {
  return Object.assign(new Error(reason), { code: REFUSED });
}

/** What the system's codes mean for the person reading `telemetry status`. */
const words: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "disk quota exceeded",
  EIO: "the disk failed",
  EMFILE: "too many open files",
  ENOENT: "the directory disappeared",
  ENOSPC: "no space left on the disk",
  ENOTDIR: "a part of the path is not a directory",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
};

/** The outcome for anything thrown while appending. */
export function classifyFault(error: unknown): DeliveryResult {
  const code = errorCode(error);
  if (code === REFUSED && error instanceof Error) return { status: "blocked", reason: error.message };
  // What O_NOFOLLOW answers for a link, and open for a directory, that appeared after the check.
  if (code === "ELOOP") return { status: "blocked", reason: "the event file is a symbolic link" };
  if (code === "EISDIR") return { status: "blocked", reason: "the event file is a directory" };
  const detail = words[code] ?? "unexpected fault";
  return { status: "retry", reason: `cannot write the event file: ${detail}${code === "" ? "" : ` (${code})`}` };
}
