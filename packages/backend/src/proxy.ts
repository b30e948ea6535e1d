/**
 * Which proxy, if any, leads to a URL. Reads the user's proxy variables or the author's choice, and
 * connects to nothing. A proxy that is named but cannot be used is a failure, never a direct route:
 * where a proxy is set, it is there to be obeyed.
 */
import { getProxyForUrl } from "proxy-from-env";
import type { PostFailure } from "./exchange.ts";
import { isLoopbackHost } from "./loopback.ts";

/** How to reach a URL. */
export type ProxyChoice =
  | { readonly status: "direct" }
  | { readonly status: "proxied"; readonly proxy: URL }
  | PostFailure;

const direct: ProxyChoice = { status: "direct" };

const unusable = (reason: string): PostFailure => ({ status: "failed", fault: "proxy", reason });

function parseProxy(value: string): ProxyChoice {
  const text = value.includes("://") ? value : `http://${value}`;
  if (!URL.canParse(text)) return unusable("the address of the proxy is not a valid URL");
  const proxy = new URL(text);
  if (proxy.protocol !== "http:" && proxy.protocol !== "https:") {
    return unusable(`the proxy speaks ${proxy.protocol.slice(0, -1)}; only http and https proxies can be used`);
  }
  return { status: "proxied", proxy };
}

/**
 * A proxy written without a scheme speaks http, as curl and Go read it; the library gives it the
 * target's scheme instead, which would try TLS with nearly every proxy there is.
 */
function restoreScheme(proxy: string): string {
  const bare = proxy.replace(/^https?:\/\//u, "");
  const names = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
  return names.some((name) => process.env[name] === bare) ? bare : proxy;
}

function chooseByEnvironment(url: URL): ProxyChoice {
  const value = getProxyForUrl(url);
  if (value === "") return direct;
  const choice = parseProxy(restoreScheme(value));
  // The loopback of a proxy on another machine is not ours, and plain http to it would cross the network.
  if (choice.status === "proxied" && isLoopbackHost(url.hostname) && !isLoopbackHost(choice.proxy.hostname)) return direct;
  return choice;
}

/**
 * Chooses the way to `url`.
 *
 * @param setting `environment`, `none`, or the URL of a proxy; see `PostRequest.proxy`.
 */
export function chooseProxy(url: URL, setting: string = "environment"): ProxyChoice {
  if (setting === "none") return direct;
  return setting === "environment" ? chooseByEnvironment(url) : parseProxy(setting);
}

/** Host and port of a proxy, for people to read; its password stays out. */
export function describeProxy(proxy: URL): string {
  return `the proxy ${proxy.host}`;
}

/** The `Proxy-Authorization` value for a proxy whose URL holds a user name; otherwise undefined. */
export function proxyAuthorization(proxy: URL): string | undefined {
  if (proxy.username === "" && proxy.password === "") return undefined;
  const plain = [proxy.username, proxy.password].map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      // A stray percent sign was meant as it stands.
      return part;
    }
  });
  return `Basic ${Buffer.from(plain.join(":")).toString("base64")}`;
}
