/** The kept compilation: writes what this process had to compile, at its end, for those that come after it. */
import { type CompiledRoom, compiledBy } from "./compiled-room.ts";
import type { Directories } from "./paths.ts";
import type { Ports } from "./ports.ts";
import { inspect } from "./private-directory.ts";
import { writePrivateFile } from "./private-file.ts";

/** V8 forgets the compiled form of what a long-lived process has not run for a while. */
const LONGEST_RUN_SECONDS = 60;

/** Two versions of Node.js that take turns must not each write it in every command. */
const WRITTEN_ANEW_MS = 60 * 60_000;

/** Keeps the compiled form of what has run until now, in a data directory that is there. Never throws. */
export function keepCompilation({ script, text }: CompiledRoom, { data, compiledFile }: Directories, ports: Ports): void {
  try {
    if (process.uptime() > LONGEST_RUN_SECONDS || inspect(data, ports)?.status !== "private" || !isDue(compiledFile, ports)) return;
    const code = script.createCachedData();
    writePrivateFile(compiledFile, Buffer.concat([compiledBy(), text, code, code]), ports.fileSystem);
  } catch {
    // The disk is full, or may not be written: the next command compiles as this one did.
  }
}

function isDue(path: string, { fileSystem, clock }: Ports): boolean {
  const found = fileSystem.lstatSync(path, { throwIfNoEntry: false });
  return !found || Math.abs(clock.now() - found.mtimeMs) > WRITTEN_ANEW_MS;
}
