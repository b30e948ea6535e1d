/**
 * The device id of a machine without an id of its own: a random UUID that lies in the configuration directory. It derives
 * nothing from the machine; that is the identity "datarobot" of the collector, which asks here last.
 */
import { joinPath } from "./paths.ts";
import { errorCode, type FileSystem, readPrivateFile, realFileSystem, replacePrivateFile, writeBeside } from "./private-file.ts";

export interface DeviceIdOptions {
  /** The DataRobot CLI's configuration directory; see `configDirectory`. */
  readonly configDirectory: string;
  readonly fileSystem?: FileSystem;
}

/** A UUID has 36 characters, and `fallback-` with 32 digits, which the old CLI wrote, has 41. */
const MAX_ID_LENGTH = 128;
const MAX_BYTES = 4_096;

/**
 * A function that answers the persisted id. The first call reads `<config>/device_id`, whatever form the id in it has, or
 * makes a UUID and writes it there; of two processes that do so at once, both answer the id of the first. Where nothing can
 * be written it answers `fallback-` and 32 hex digits, the same for as long as the process lives. Never throws.
 */
export function persistedDeviceId({ configDirectory, fileSystem = realFileSystem() }: DeviceIdOptions): () => string {
  let id: string | undefined;
  return () => (id ??= readOrCreate(configDirectory, fileSystem));
}

function readOrCreate(configDirectory: string, fileSystem: FileSystem): string {
  const uuid = process.getBuiltinModule("node:crypto").randomUUID();
  const temporary = `fallback-${uuid.replaceAll("-", "")}`;
  if (!configDirectory) return temporary;
  const file = joinPath(configDirectory, "device_id");
  const found = readId(file, fileSystem);
  if (found.status === "foreign") return temporary;
  if (found.status === "found") return found.id;
  try {
    if (found.status === "missing") createExclusively(file, `${uuid}\n`, fileSystem);
    // Nobody writes a blank file; whoever meets one replaces it.
    else replacePrivateFile(file, `${uuid}\n`, fileSystem);
    // Another process may have been first, so what counts is what lies there now.
    const kept = readId(file, fileSystem);
    return kept.status === "found" ? kept.id : temporary;
  } catch {
    return temporary;
  }
}

type FoundId = { readonly status: "found"; readonly id: string } | { readonly status: "missing" | "blank" | "foreign" };

/** `foreign`: something that is no id and not ours to overwrite. */
function readId(file: string, fileSystem: FileSystem): FoundId {
  const content = readPrivateFile(file, { maxBytes: MAX_BYTES, fileSystem });
  if (content.status === "missing") return { status: "missing" };
  if (content.status === "unreadable") return { status: "foreign" };
  const id = content.text.trim();
  if (id === "") return { status: "blank" };
  return id.length <= MAX_ID_LENGTH && !/[\s\p{C}]/u.test(id) ? { status: "found", id } : { status: "foreign" };
}

/**
 * Makes the file with all of its content in one step that only one process can win: a second name for a finished file. On
 * file systems without such names (FAT) the file is opened exclusively, and a reader may meet it blank for an instant.
 */
function createExclusively(file: string, text: string, fileSystem: FileSystem): void {
  const temporary = writeBeside(file, text, fileSystem);
  try {
    fileSystem.linkSync(temporary, file);
  } catch (error) {
    if (errorCode(error) === "EEXIST") return;
    try {
      fileSystem.writeFileSync(file, text, { flag: "wx", mode: 0o600 });
    } catch (second) {
      if (errorCode(second) !== "EEXIST") throw second;
    }
  } finally {
    fileSystem.rmSync(temporary, { force: true });
  }
}
