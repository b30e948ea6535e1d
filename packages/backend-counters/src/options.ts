/**
 * The options of the backend, as an author or an operator writes them, and the settings they amount to. Everything is checked here, once,
 * and nothing is read from the environment. No problem repeats a value.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { CandorError, invalidOption, isRecord, parseEndpoint, readFlag, readPath, readTimeout, readTlsFiles, refuseUnknown, type TlsFiles, type TlsSettings } from "@candor/backend";

export interface CountersBackendOptions {
  /** The relay that takes the counts and answers `OK`. Plain http is for this machine, unless `insecure`. */
  readonly endpoint: string;
  /**
   * Absolute path of the file in which the counts stand that this relay has acknowledged; no other destination's. Default: one for each
   * `endpoint`, in the tool's data directory.
   */
  readonly path?: string;
  /** Allow plain http to another machine. Default: false. */
  readonly insecure?: boolean;
  /** Limit of one request in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number;
  /** Files with a private authority and a client certificate. */
  readonly tls?: TlsFiles;
}

/** Options after the check. */
export interface CountersSettings {
  readonly url: URL;
  readonly path: string;
  readonly timeoutMs: number;
  readonly tls: TlsSettings | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Checks the options.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option and the fix.
 */
export function readOptions(options: CountersBackendOptions, dataDirectory: string): CountersSettings {
  if (!isRecord(options)) throw invalidOption("backend", 'must be an object: give { use: "counters", endpoint: "https://…" }');
  refuseUnknown(options, { endpoint: true, path: true, insecure: true, timeoutMs: true, tls: true });
  const parsed = parseEndpoint(options.endpoint, { field: "backend.endpoint", insecure: readFlag("insecure", options.insecure, false) });
  if (parsed.status === "invalid") throw new CandorError("ERR_CANDOR_CONFIG", parsed.problem);
  return {
    url: parsed.url,
    path: readPath(options.path ?? join(dataDirectory, fileFor(parsed.url)), "a file in the data directory"),
    timeoutMs: readTimeout(options.timeoutMs, DEFAULT_TIMEOUT_MS),
    tls: readTlsFiles(options.tls),
  };
}

/** What one relay has acknowledged is not what another has. */
function fileFor({ href }: URL): string {
  return `counters-${createHash("sha256").update(href).digest("hex").slice(0, 8)}.yaml`;
}
