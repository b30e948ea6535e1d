/**
 * Appending to the live file. It refuses whatever is not a plain file of this user: a symbolic link,
 * a directory, a pipe, another user's file or directory.
 *
 * The bytes of a batch go in by one O_APPEND write, which the system keeps whole beside other
 * processes' writes. Interleavings: rotated by another process between open and write, the batch
 * stands in the rotated file; deleted in between (`maxFiles: 1`), it is written again to the new one.
 */
import { constants } from "node:fs";
import { dirname } from "node:path";
import { refusal } from "./classify.ts";
import { errorCode, type FileStatus, type FileSystem, type OpenFile, statusIfPresent } from "./file-system.ts";
import { type RotationBounds, rotateWhenFull } from "./rotate.ts";

const LINE_FEED = 0x0a;

/** How often a batch is written anew when each time the file was deleted under it. */
const MAX_WRITES = 3;

/** O_NOFOLLOW and O_NONBLOCK are absent on Windows, which has no pipes in directories either. */
const OPEN_FLAGS =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Appends `bytes`, whole lines, rotating first where they would overfill the file. Once `signal` is
 * aborted nothing is written any more.
 *
 * Rejects with the system's error, or a refusal, when the bytes are not in the file.
 */
export async function append(bounds: RotationBounds, bytes: Uint8Array, signal: AbortSignal, fileSystem: FileSystem): Promise<void> {
  await ensureDirectory(dirname(bounds.path), fileSystem);
  for (let writes = 0; writes < MAX_WRITES; writes += 1) {
    signal.throwIfAborted();
    const existing = await statusIfPresent(fileSystem, bounds.path);
    if (existing !== undefined) refuseForeign(existing);
    await rotateWhenFull(bounds, bytes.byteLength, fileSystem);
    const file = await fileSystem.open(bounds.path, OPEN_FLAGS, 0o600);
    try {
      const before = await file.stat();
      refuseForeign(before);
      const gap = await endsWithinLine(file, before.size);
      signal.throwIfAborted();
      await writeWhole(file, before.size, gap ? startingOnNewLine(bytes) : bytes);
      if ((await file.stat()).nlink > 0) return;
    } finally {
      await file.close();
    }
  }
  throw new Error("the file was deleted during each write");
}

/** Makes the directory where it is missing; the nearest one that exists decides whether that is allowed. */
async function ensureDirectory(path: string, fileSystem: FileSystem): Promise<void> {
  let status: FileStatus;
  try {
    status = await fileSystem.stat(path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    // Under sudo, a directory made here would stay root's in the user's home.
    await ensureDirectory(dirname(path), fileSystem);
    await fileSystem.mkdir(path, { recursive: true, mode: 0o700 });
    return;
  }
  // Root may own the directory (/var/log, /tmp): it can read our files anyway. Another user may not.
  if (status.uid !== 0 && !isOurs(status)) throw refusal("the directory of the event file belongs to another user");
}

function refuseForeign(status: FileStatus): void {
  if (status.isSymbolicLink()) throw refusal("the event file is a symbolic link");
  if (status.isDirectory()) throw refusal("the event file is a directory");
  if (!status.isFile()) throw refusal("the event file is not a regular file");
  if (!isOurs(status)) throw refusal("the event file belongs to another user");
}

/** Windows has no user ids; its access lists decide alone. */
function isOurs(status: FileStatus): boolean {
  return process.geteuid === undefined || status.uid === process.geteuid();
}

/** A line without an end is what a full disk or a power cut left of an earlier write. */
async function endsWithinLine(file: OpenFile, sizeBytes: number): Promise<boolean> {
  if (sizeBytes === 0) return false;
  const last = new Uint8Array(1);
  const { bytesRead } = await file.read(last, 0, 1, sizeBytes - 1);
  return bytesRead === 1 && last[0] !== LINE_FEED;
}

function startingOnNewLine(bytes: Uint8Array): Uint8Array {
  const line = new Uint8Array(bytes.byteLength + 1);
  line[0] = LINE_FEED;
  line.set(bytes, 1);
  return line;
}

/**
 * Writes all or takes back what was written. Only a tail that is surely ours is cut off: the file
 * must have grown by exactly our part. A short write means that the disk is full to the last block,
 * so no other process can append between that look and the cut. Where the tail cannot be cut, the
 * next append begins on a new line.
 */
async function writeWhole(file: OpenFile, sizeBefore: number, bytes: Uint8Array): Promise<void> {
  const { bytesWritten } = await file.write(bytes, 0, bytes.byteLength, null);
  if (bytesWritten === bytes.byteLength) return;
  const { size } = await file.stat();
  if (size === sizeBefore + bytesWritten) await file.truncate(sizeBefore);
  throw Object.assign(new Error("short write"), { code: "ENOSPC" });
}
