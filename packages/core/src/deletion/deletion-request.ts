/**
 * The deletion request on disk: what was asked, of whom, and who has not confirmed it yet. One file each, whole or not at all, so that
 * several resets never touch each other's. Anyone may add a request; only the holder of the uploader's lock changes or removes one.
 * What cannot be read is reported, never taken for done.
 */
import type { Directories } from "../platform/paths.ts";
import { joinPath } from "../platform/paths.ts";
import { inspect, makeDataDirectory } from "../platform/private-directory.ts";
import { parseObject, readPrivateFile, writePrivateFile } from "../platform/private-file.ts";
import { type Ports, systemErrorCode } from "../platform/ports.ts";
import { namesIn } from "../platform/entries.ts";
import { parseOutstanding, type Outstanding } from "./outstanding.ts";

/** One id to be erased, and the id of the request for it, which is the same in every attempt. */
interface RequestedId {
  readonly machineId: string;
  readonly requestId: string;
}

export interface DeletionRequest {
  /** Names the file. */
  readonly id: string;
  /** RFC 3339. */
  readonly requestedAt: string;
  readonly userId?: string;
  readonly ids: readonly RequestedId[];
  /** Who has not confirmed all of it. */
  readonly outstanding: readonly Outstanding[];
}

interface UnreadableRequest {
  readonly path: string;
  readonly reason: string;
}

export interface StoredRequests {
  readonly requests: readonly DeletionRequest[];
  readonly unreadable: readonly UnreadableRequest[];
}

/** A request is retried this long: a month is what the GDPR (article 12) gives the other side to answer one. */
export const KEEP_DAYS = 30;

const DAY_MS = 24 * 60 * 60_000;

const REQUEST_FILE = /^([0-9a-f-]{36})\.json$/;

/** A temporary name older than this was left by a process that was killed. */
const LITTER_AGE_MS = 60_000;

/** When a request stops being retried; milliseconds since the epoch. */
export function expiresAtMs({ requestedAt }: DeletionRequest): number {
  return Date.parse(requestedAt) + KEEP_DAYS * DAY_MS;
}

/** Every stored request, oldest first. */
export function readRequests(directories: Directories, ports: Ports): StoredRequests {
  const requests: DeletionRequest[] = [];
  const unreadable: UnreadableRequest[] = [];
  for (const name of namesOrProblem(directories, ports, unreadable).sort()) {
    const id = REQUEST_FILE.exec(name)?.[1];
    if (id === undefined) continue;
    const path = joinPath(directories.deletions, name);
    const content = readPrivateFile(path, ports.fileSystem);
    if (content.status === "missing") continue;
    const request = content.status === "read" ? parseRequest(id, content.text) : undefined;
    if (request) requests.push(request);
    else unreadable.push({ path, reason: content.status === "unreadable" ? content.reason : "damaged" });
  }
  return { requests, unreadable };
}

function namesOrProblem({ deletions }: Directories, ports: Ports, unreadable: UnreadableRequest[]): string[] {
  try {
    const privacy = inspect(deletions, ports);
    if (privacy?.status === "private") return namesIn(deletions, ports);
    if (privacy) unreadable.push({ path: deletions, reason: privacy.reason });
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== "ENOTDIR" && code !== "ENOENT") unreadable.push({ path: deletions, reason: code ?? String(error) });
  }
  return [];
}

export type KeepOutcome = { readonly status: "kept" } | { readonly status: "failed"; readonly reason: string };

/** Adds a request. */
export function keepRequest(request: DeletionRequest, directories: Directories, ports: Ports): KeepOutcome {
  for (let attempt = 1; ; attempt++) {
    const privacy = makeDataDirectory(directories.deletions, directories, ports);
    if (privacy.status === "unusable") return { status: "failed", reason: privacy.reason };
    try {
      writeRequest(request, directories, ports);
      return { status: "kept" };
    } catch (error) {
      const code = systemErrorCode(error);
      // Whoever settles the last request removes the directory, perhaps between our two steps.
      if (code === "ENOENT" && attempt < 3) continue;
      return { status: "failed", reason: `${directories.deletions} cannot be written (${code ?? String(error)})` };
    }
  }
}

/** Replaces a request. @throws the system error when the disk refuses. */
export function writeRequest({ id, ...request }: DeletionRequest, directories: Directories, { fileSystem }: Ports): void {
  writePrivateFile(joinPath(directories.deletions, `${id}.json`), `${JSON.stringify(request)}\n`, fileSystem);
}

/** Removes a request, and the directory with the last one. @throws the system error when the disk refuses. */
export function removeRequest({ id }: Pick<DeletionRequest, "id">, directories: Directories, ports: Ports): void {
  removeRequestFile(joinPath(directories.deletions, `${id}.json`), directories, ports);
}

/** As `removeRequest`, for one that cannot be read. @throws the system error when the disk refuses. */
export function removeRequestFile(path: string, { deletions }: Directories, ports: Ports): void {
  const { fileSystem, clock } = ports;
  // A place that is not ours is reported, not emptied.
  if (path === deletions) throw new Error(`${path} is not candor's own`);
  // Whatever lies there under a request's name; a link is removed, not what it leads to.
  fileSystem.rmSync(path, { force: true, recursive: true });
  try {
    for (const name of namesIn(deletions, ports)) {
      const litter = joinPath(deletions, name);
      const found = name.endsWith(".tmp") ? fileSystem.lstatSync(litter, { throwIfNoEntry: false }) : undefined;
      if (found && Math.abs(clock.now() - found.mtimeMs) > LITTER_AGE_MS) fileSystem.rmSync(litter, { force: true });
    }
    fileSystem.rmdirSync(deletions);
  } catch {
    // Others wait in it, or a new one has just come: it is removed with the last.
    return;
  }
}

function parseRequest(id: string, text: string): DeletionRequest | undefined {
  const { requestedAt, userId, ids, outstanding } = parseObject(text) ?? {};
  if (typeof requestedAt !== "string" || Number.isNaN(Date.parse(requestedAt))) return undefined;
  if (!Array.isArray(ids) || !Array.isArray(outstanding)) return undefined;
  const open = outstanding.map(parseOutstanding);
  if (!ids.every(isRequestedId) || !open.every((each) => each !== undefined) || open.length === 0) return undefined;
  return { id, requestedAt, ids, outstanding: open, ...(typeof userId === "string" ? { userId } : {}) };
}

function isRequestedId(value: unknown): value is RequestedId {
  const { machineId, requestId } = (typeof value === "object" && value !== null ? value : {}) as Partial<RequestedId>;
  return typeof machineId === "string" && typeof requestId === "string";
}
