/**
 * Whom we trust over TLS, and who we say we are. Adds the caller's authorities to the default ones
 * instead of replacing them, and never lowers the checks: the minimum is TLS 1.2.
 *
 * Loaded only with the HTTP client.
 */
import { readFileSync } from "node:fs";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import type { PemMaterial, TlsSettings } from "./exchange.ts";

/** What is needed for TLS with each peer; undefined for a peer that is spoken to in plain http. */
export interface Trust {
  readonly destination: SecureContext | undefined;
  readonly proxy: SecureContext | undefined;
}

/** Parsing some 150 authorities costs tens of milliseconds, and a backend sends with the same settings each time. */
const contexts = { destination: new WeakMap<TlsSettings, SecureContext>(), proxy: new WeakMap<TlsSettings, SecureContext>() };

const noSettings: TlsSettings = {};

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

function createContext(settings: TlsSettings, peer: keyof Trust): SecureContext {
  return createSecureContext({
    minVersion: "TLSv1.2",
    ...(settings.ca !== undefined && { ca: [...rootCertificates, ...extraAuthorities(), ...list(settings.ca)] }),
    // A proxy is trusted alike, and never sees our certificate.
    ...(peer === "destination" && settings.cert !== undefined && { cert: list(settings.cert) }),
    ...(peer === "destination" && settings.key !== undefined && { key: list(settings.key) }),
  });
}

/**
 * The context for one peer. It is kept as long as the settings object, which is read once.
 *
 * @throws an OpenSSL error for certificates or keys that cannot be read or do not belong together.
 */
export function contextFor(peer: keyof Trust, settings: TlsSettings = noSettings): SecureContext {
  const known = contexts[peer].get(settings);
  if (known !== undefined) return known;
  const context = createContext(settings, peer);
  contexts[peer].set(settings, context);
  return context;
}
