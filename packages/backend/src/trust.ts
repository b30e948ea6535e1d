/**
 * Whom we trust over TLS, and who we say we are. Adds the caller's authorities to the default ones
 * instead of replacing them, and never lowers the checks: the minimum is TLS 1.2.
 *
 * Loaded only with the HTTP client.
 */
import { readFileSync } from "node:fs";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import type { PemMaterial, TlsSettings } from "./exchange.ts";

/** The contexts of one attempt: a proxy is trusted alike but never sees our certificate. */
export interface Trust {
  readonly destination: SecureContext;
  readonly proxy: SecureContext;
}

function list(material: PemMaterial): (string | Buffer)[] {
  return typeof material === "string" || Buffer.isBuffer(material) ? [material] : [...material];
}

/**
 * NODE_EXTRA_CA_CERTS belongs to Node's default store, which an explicit list of authorities
 * replaces; so the file is read again here.
 */
function extraAuthorities(): Buffer[] {
  const file = process.env["NODE_EXTRA_CA_CERTS"];
  if (!file) return [];
  try {
    return [readFileSync(file)];
  } catch {
    // Node has already warned about this file at its start and goes on without it; so do we.
    return [];
  }
}

/**
 * Reads the settings.
 *
 * @throws an OpenSSL error for certificates or keys that cannot be read or do not belong together.
 */
export function createTrust(settings: TlsSettings = {}): Trust {
  const ca = settings.ca === undefined ? undefined : [...rootCertificates, ...extraAuthorities(), ...list(settings.ca)];
  const shared = { minVersion: "TLSv1.2", ...(ca && { ca }) } as const;
  const identity = {
    ...(settings.cert !== undefined && { cert: list(settings.cert) }),
    ...(settings.key !== undefined && { key: list(settings.key) }),
  };
  return { destination: createSecureContext({ ...shared, ...identity }), proxy: createSecureContext(shared) };
}
