/**
 * The certificates and the key that the configuration names. It names files and never holds a key, so
 * that no key travels through a policy, an environment or a log. Node.js refuses a client's certificate or
 * key that it cannot use, but passes over authorities that it cannot read, so those are looked at here.
 */
import { CandorError } from "./errors.ts";
import type { TlsSettings } from "./exchange.ts";
import { refuseUnknown } from "./read-option.ts";

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
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option of a file that cannot be read or holds no
 * authority, an option that there is not, and the one that is missing where a certificate comes without
 * its key or a key without its certificate.
 */
export function readTlsFiles(files: TlsFiles | undefined): TlsSettings | undefined {
  if (files) refuseUnknown(files, { caFile: true, certificateFile: true, keyFile: true }, "backend.tls");
  const ca = contentOf("caFile", files?.caFile);
  const cert = contentOf("certificateFile", files?.certificateFile);
  const key = contentOf("keyFile", files?.keyFile);
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? "certificateFile" : "keyFile";
    throw new CandorError("ERR_CANDOR_CONFIG", `backend.tls.${missing} is missing: a client certificate needs both certificateFile and keyFile`);
  }
  if (ca !== undefined && !holdsCertificate(ca)) {
    throw new CandorError("ERR_CANDOR_CONFIG", `backend.tls.caFile: ${files?.caFile} holds no certificate that can be read; give the path of a PEM file`);
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

/** Whether there is a certificate for Node.js to trust. The binary form is none: only PEM is read for an authority. */
function holdsCertificate(content: Buffer): boolean {
  if (!content.includes("-----BEGIN ")) return false;
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  try {
    void new X509Certificate(content);
    return true;
  } catch {
    // Torn, or something else in PEM form.
    return false;
  }
}
