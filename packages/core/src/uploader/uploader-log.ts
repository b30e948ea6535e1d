/**
 * The uploader's log: the lines of the last run of it, and those of the vendors' packages, for a user who asked for them with
 * `<TOOL>_TELEMETRY=debug`. A detached process has no terminal to show them on.
 */
import { type Logger, silentLogger } from "@candor/backend";
import { isDebugging, lineLogger } from "../collector/logger.ts";
import type { Directories } from "../platform/paths.ts";
import { CREATE_EXCLUSIVELY } from "../platform/private-file.ts";
import type { Ports } from "../platform/ports.ts";

/** A backend may write a line for each event; what goes beyond this is left out. */
const MAX_LOG_BYTES = 1024 * 1024;

const LAST_LINE = Buffer.from(`what else this run has to say is left out: ${MAX_LOG_BYTES} bytes are enough\n`);

/** The logger of an uploader of `tool`. The log of the run before goes with the first line. */
export function uploaderLogger(tool: string, { uploaderLog }: Directories, { clock, fileSystem, host }: Ports): Logger {
  if (!isDebugging(tool, host)) return silentLogger;
  let descriptor: number | undefined;
  let bytes = 0;
  let full = false;
  return lineLogger((text) => {
    if (full) return;
    const next = Buffer.from(`${new Date(clock.now()).toISOString()} ${text}`);
    full = bytes + next.length + LAST_LINE.length > MAX_LOG_BYTES;
    const line = full ? LAST_LINE : next;
    try {
      if (descriptor === undefined) {
        fileSystem.rmSync(uploaderLog, { force: true });
        descriptor = fileSystem.openSync(uploaderLog, CREATE_EXCLUSIVELY, 0o600);
      }
      bytes += fileSystem.writeSync(descriptor, line);
    } catch {
      // A full disk, or a directory in its place: a log is worth no delivery.
      return;
    }
  });
}
