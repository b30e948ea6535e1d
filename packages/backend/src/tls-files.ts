/**
 * The certificates and the key that the configuration names. It names files and never holds a key, so
 * that no key travels through a policy, an environment or a log. What the files hold is judged by the
 * HTTP client, not here.
 */
import { CandorError } from "./errors.ts";
import type { TlsSettings } from "./exchange.ts";

/** Paths of PEM files. */
export interface TlsFiles {
  /** Authorities that are trusted besides those Node.js trusts. */
  readonly caFile?: string;
  /** The chain of the client's certificate. */
  readonly certificateFile?: string;
  /** The private key of that certificate. */
  readonly keyFile?: string;
}

/**
 * Reads the files that are named; undefined when there are none.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option of a file that cannot be read, and the one
 * that is missing where a certificate comes without its key or a key without its certificate.
 */
export function readTlsFiles(files: TlsFiles | undefined): TlsSettings | undefined {
  const ca = contentOf("caFile", files?.caFile);
  const cert = contentOf("certificateFile", files?.certificateFile);
  const key = contentOf("keyFile", files?.keyFile);
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? "certificateFile" : "keyFile";
    throw new CandorError("ERR_CANDOR_CONFIG", `backend.tls.${missing} is missing: a client certificate needs both certificateFile and keyFile`);
  }
  if (ca === undefined && cert === undefined) return undefined;
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}

function contentOf(option: keyof TlsFiles, path: unknown): Buffer | undefined {
  if (path === undefined) return undefined;
  if (typeof path !== "string") throw new CandorError("ERR_CANDOR_CONFIG", `backend.tls.${option} must be the path of a PEM file`);
  try {
    return process.getBuiltinModule("node:fs").readFileSync(path);
  } catch (cause) {
    throw new CandorError("ERR_CANDOR_CONFIG", `backend.tls.${option}: ${path} cannot be read; give the path of a PEM file`, { cause });
  }
}
