/**
 * The certificates and the key that the configuration names. It names files and never holds a key, so
 * that no key travels through a policy, an environment or a log. Node.js refuses a client's certificate or
 * key that it cannot use, but passes over authorities that it cannot read, so those are looked at here.
 */
import { CandorError } from "./errors.ts";
import type { TlsSettings } from "./exchange.ts";
import { invalidOption, isRecord, refuseUnknown } from "./read-option.ts";

/** Absolute paths of PEM files. */
export interface TlsFiles {
  /** Authorities that are trusted besides those Node.js trusts. */
  readonly caFile?: string;
  /** The chain of the client's certificate. */
  readonly certificateFile?: string;
  /** The private key of that certificate. */
  readonly keyFile?: string;
}

const OPTIONS = { caFile: true, certificateFile: true, keyFile: true } as const;

/**
 * Checks how the files are named, and opens none: that there is no other option, that each is named by its whole path, because the
 * background process runs in another directory than the tool and the tool in any directory, and that a certificate comes with its key.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` naming the option, or the one that is missing.
 */
export function checkTlsFiles(files: unknown): TlsFiles | undefined {
  if (files === undefined || files === null) return undefined;
  if (!isRecord(files)) throw invalidOption("backend.tls", `must be an object; its options are ${Object.keys(OPTIONS).join(", ")}`);
  refuseUnknown<TlsFiles>(files, OPTIONS, "backend.tls");
  const paths = process.getBuiltinModule("node:path");
  for (const [option, path] of Object.entries(files)) {
    if (path === undefined) continue;
    if (typeof path !== "string") throw invalidOption(`backend.tls.${option}`, "must be the path of a PEM file");
    if (!paths.isAbsolute(path)) throw invalidOption(`backend.tls.${option}`, "must be an absolute path: give the whole path of a PEM file");
  }
  if ((files["certificateFile"] === undefined) !== (files["keyFile"] === undefined)) {
    const missing = files["certificateFile"] === undefined ? "certificateFile" : "keyFile";
    throw invalidOption(`backend.tls.${missing}`, "is missing: a client certificate needs both certificateFile and keyFile");
  }
  return files;
}

/**
 * Reads the files that are named; undefined when there are none.
 *
 * @throws CandorError `ERR_CANDOR_CONFIG` for what `checkTlsFiles` refuses, and naming the option of a file that cannot be read or holds
 * no authority.
 */
export function readTlsFiles(files: TlsFiles | undefined): TlsSettings | undefined {
  const { caFile, certificateFile, keyFile } = checkTlsFiles(files) ?? {};
  const ca = contentOf("caFile", caFile);
  const cert = contentOf("certificateFile", certificateFile);
  const key = contentOf("keyFile", keyFile);
  if (ca !== undefined && !holdsCertificate(ca)) {
    throw invalidOption("backend.tls.caFile:", `${caFile} holds no certificate that can be read; give the path of a PEM file`);
  }
  if (ca === undefined && cert === undefined) return undefined;
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}

function contentOf(option: keyof TlsFiles, path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
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
