/** The processes that work in a directory, as /proc tells; other platforms do not tell without further tools. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface ProcessSeen {
  readonly pid: number;
  readonly commandLine: string;
  readonly cwd: string;
}

/** Processes alive now whose working directory is `directory` or below it; none where there is no /proc. */
export function processesIn(directory: string): readonly ProcessSeen[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const cwd = readlinkSync(`/proc/${name}/cwd`);
      if (cwd !== directory && !cwd.startsWith(`${directory}/`)) return [];
      const commandLine = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      return [{ pid: Number(name), commandLine, cwd }];
    } catch {
      // It ended while we looked.
      return [];
    }
  });
}
