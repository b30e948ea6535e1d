/**
 * What exactly goes over the wire for a `PostRequest`. Pure: reads the request, refuses what cannot
 * be sent, and opens nothing. The framing headers are decided here and by nobody else.
 */
import { validateHeaderName, validateHeaderValue } from "node:http";
import type { PostFailure, PostRequest } from "./exchange.ts";
import { chooseProxy, proxyAuthorization } from "./proxy.ts";

/** A request that can be sent. */
export interface RequestPlan {
  readonly status: "planned";
  readonly url: URL;
  readonly proxy: URL | undefined;
  /** The request target: the path, or the whole URL for an http target behind a proxy (RFC 9112, 3.2.2). */
  readonly path: string;
  /** Everything but `content-length`, which follows from the body as sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Headers that belong to the connection or frame the message; the caller's are ignored. */
const ownHeaders = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "proxy-authorization",
  "transfer-encoding",
  "upgrade",
]);

const unsendable = (reason: string): PostFailure => ({ status: "failed", fault: "network", reason });

function readUrl(value: URL | string): URL | PostFailure {
  const text = String(value);
  if (!URL.canParse(text)) return unsendable("the address is not a valid URL");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return unsendable("the address must begin with https:// or http://");
  if (url.username !== "" || url.password !== "") return unsendable("the address must not hold a user name or password");
  return url;
}

function readHeaders(headers: Readonly<Record<string, string>>): Map<string, string> | PostFailure {
  const read = new Map([["user-agent", "candor"]]);
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      // The error's own words would quote the name raw, and it may hold line breaks.
      return unsendable(`the header ${JSON.stringify(name)} holds a character that HTTP does not allow`);
    }
    const key = name.toLowerCase();
    if (!ownHeaders.has(key)) read.set(key, value);
  }
  return read;
}

/** The same bytes as a Buffer. Not a copy: a request may be large. */
function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Works out what to send and by which way. */
export function planRequest(request: PostRequest): RequestPlan | PostFailure {
  const url = readUrl(request.url);
  if (!(url instanceof URL)) return url;
  const headers = readHeaders(request.headers ?? {});
  if (!(headers instanceof Map)) return headers;
  const choice = chooseProxy(url, request.proxy);
  if (choice.status === "failed") return choice;

  headers.set("host", url.host);
  if (request.gzip === true) headers.set("content-encoding", "gzip");
  const proxy = choice.status === "proxied" ? choice.proxy : undefined;
  let path = `${url.pathname}${url.search}`;
  // An http target goes through the proxy in the open; for https the tunnel carries these.
  if (proxy !== undefined && url.protocol === "http:") {
    path = `${url.origin}${path}`;
    const authorization = proxyAuthorization(proxy);
    if (authorization !== undefined) headers.set("proxy-authorization", authorization);
  }
  const body = typeof request.body === "string" ? Buffer.from(request.body) : viewOf(request.body);
  return { status: "planned", url, proxy, path, headers: Object.fromEntries(headers), body };
}
