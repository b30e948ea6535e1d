/** The kept compilation: writes what this process had to compile, at its end, for those that come after it. */
import { type CompiledRoom, compiledBy } from "./compiled-room.ts";
import { type Directories, joinPath } from "./paths.ts";
import type { Ports } from "./ports.ts";
import { inspect } from "./private-directory.ts";
import { writePrivateFile } from "./private-file.ts";

/** V8 forgets the compiled form of what a process has not run for some collections of garbage. */
const LONGEST_RUN_SECONDS = 2;

/** Two versions of Node.js that take turns must not each write it in every command; nor must one that cannot write it try in every command. */
const WRITTEN_ANEW_MS = 24 * 60 * 60_000;

/** More than events may ever take: they come first. */
const LEFT_FREE_BYTES = 64 * 1024 * 1024;

/** What a process that was killed while it wrote has left. */
const ABANDONED_MS = 60 * 60_000;

/** Keeps the compiled form of what has run until now, in a data directory that is there. Never throws. */
export function keepCompilation(room: CompiledRoom, directories: Directories, ports: Ports): void {
  try {
    if (process.uptime() <= LONGEST_RUN_SECONDS && isDue(directories, ports)) write(room, directories, ports);
  } catch {
    // The next command compiles as this one did.
    return;
  }
}

function write({ script, text }: CompiledRoom, { data, compiledFile }: Directories, ports: Ports): void {
  removeAbandoned(data, compiledFile, ports);
  try {
    const code = script.createCachedData();
    writePrivateFile(compiledFile, Buffer.concat([compiledBy(), text, code, code]), ports.fileSystem);
  } catch {
    // An empty file does not count, and says when it was tried.
    writePrivateFile(compiledFile, "", ports.fileSystem);
  }
}

function isDue({ data, compiledFile }: Directories, ports: Ports): boolean {
  const { fileSystem, clock } = ports;
  if (inspect(data, ports)?.status !== "private") return false;
  const found = fileSystem.lstatSync(compiledFile, { throwIfNoEntry: false });
  if (found && Math.abs(clock.now() - found.mtimeMs) <= WRITTEN_ANEW_MS) return false;
  const { bavail, bsize } = fileSystem.statfsSync(data);
  return bavail * bsize >= LEFT_FREE_BYTES;
}

function removeAbandoned(data: string, compiledFile: string, { fileSystem, clock }: Ports): void {
  for (const name of fileSystem.readdirSync(data)) {
    const path = joinPath(data, name);
    if (!path.startsWith(`${compiledFile}.`)) continue;
    const found = fileSystem.lstatSync(path, { throwIfNoEntry: false });
    if (found && Math.abs(clock.now() - found.mtimeMs) > ABANDONED_MS) fileSystem.rmSync(path, { force: true });
  }
}
