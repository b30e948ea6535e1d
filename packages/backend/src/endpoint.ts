/**
 * The address of a destination, as an author or an operator writes it. Checks it once, before
 * anything is sent, and says in one sentence what is wrong and how to put it right.
 *
 * A problem never repeats the value: a mistyped address may hold a password anywhere in it.
 */
import { isLoopbackHost } from "./loopback.ts";

/** GTB's limit for an endpoint (GTB-57). */
const maxEndpointBytes = 2048;

/** What reading an address answers. `problem` is a sentence that names the field and the fix. */
export type ParsedEndpoint =
  | { readonly status: "valid"; readonly url: URL }
  | { readonly status: "invalid"; readonly problem: string };

/** How an address is read. */
export interface EndpointOptions {
  /** The configuration field that the problem names. Default: `endpoint`. */
  readonly field?: string;
  /** Allows plain http to another machine. Default: false. */
  readonly insecure?: boolean;
}

/**
 * Reads the address of a destination: at most 2048 bytes, http or https, a host, no user name or
 * password, no white space or control characters. Plain http goes to this machine only, unless
 * `insecure`.
 */
export function parseEndpoint(value: string, options: EndpointOptions = {}): ParsedEndpoint {
  const field = options.field ?? "endpoint";
  const invalid = (problem: string): ParsedEndpoint => ({ status: "invalid", problem: `${field} ${problem}` });

  if (typeof value !== "string" || value === "") return invalid("is empty: give an address such as https://collector.example.com");
  if (Buffer.byteLength(value) > maxEndpointBytes) return invalid(`is longer than ${maxEndpointBytes} bytes: give a shorter address`);
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for; `\p{Cc}` would load ICU's tables
  if (/[\s\u0000-\u001f\u007f-\u009f]/.test(value)) return invalid("holds white space or a control character: remove it");

  // The authority is read from the raw text, because the URL parser mends what is better refused:
  // it takes `https:///host` and `https:host` for a host, and forgets an empty user name.
  const authority = authorityOf(value);
  if (authority === undefined) return invalid("must begin with https:// (or http:// for this machine)");
  if (authority === "") return invalid("names no host: give an address such as https://collector.example.com");
  if (authority.includes("@")) return invalid("holds a user name or password: remove it and pass credentials in a header");
  const url = parsed(value);
  if (!url) return invalid("is not a valid URL: check the host name and the port");
  if (url.protocol === "http:" && options.insecure !== true && !isLoopbackHost(url.hostname)) {
    return invalid("uses plain http to another machine: use https://, or set insecure if the network is trusted");
  }
  return { status: "valid", url };
}

/** What stands between the scheme and the path; undefined where the scheme is another one. */
function authorityOf(value: string): string | undefined {
  const start = value.indexOf("://") + "://".length;
  const scheme = value.slice(0, start).toLowerCase();
  if (scheme !== "https://" && scheme !== "http://") return undefined;
  let end = start;
  while (end < value.length && !"/?#\\".includes(value.charAt(end))) end++;
  return value.slice(start, end);
}

function parsed(value: string): URL | undefined {
  try {
    return new URL(value);
  } catch {
    // Asking beforehand whether it can be parsed would parse it twice.
    return undefined;
  }
}

/** The part of an address that people may see: origin and path, without user name, query or fragment. */
export function describeEndpoint(url: URL): string {
  return url.pathname === "/" ? url.origin : `${url.origin}${url.pathname}`;
}
