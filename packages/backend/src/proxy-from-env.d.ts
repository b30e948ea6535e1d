/** The part of `proxy-from-env` 2.1.0 that is used; the package ships no types. */
declare module "proxy-from-env" {
  /** The proxy for `url` by HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY; empty for none. */
  export function getProxyForUrl(url: URL | string): string;
}
