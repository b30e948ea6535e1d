/**
 * The TLS files: reads the private CA and the client certificate a backend is configured with. Configuration names
 * files rather than holding keys, so that no key travels through an environment or a policy.
 */
import { CandorError, type TlsSettings } from "@candor/backend";

export interface TlsFiles {
  /** PEM file with authorities to trust besides the usual ones. */
  readonly caFile?: string;
  /** PEM file with the client's certificate chain. */
  readonly certificateFile?: string;
  /** PEM file with the client's private key. */
  readonly keyFile?: string;
}

/** Reads the files. @throws CandorError `ERR_CANDOR_CONFIG` naming the file that cannot be read. */
export function readTlsFiles(files: TlsFiles | undefined): TlsSettings | undefined {
  if (!files) return undefined;
  const settings: { ca?: Buffer; cert?: Buffer; key?: Buffer } = {};
  if (files.caFile !== undefined) settings.ca = read("caFile", files.caFile);
  if (files.certificateFile !== undefined) settings.cert = read("certificateFile", files.certificateFile);
  if (files.keyFile !== undefined) settings.key = read("keyFile", files.keyFile);
  return settings;
}

function read(option: string, path: string): Buffer {
  try {
    return process.getBuiltinModule("node:fs").readFileSync(path);
  } catch (cause) {
    throw new CandorError("ERR_CANDOR_CONFIG", `backend.tls.${option}: ${path} cannot be read`, { cause });
  }
}
