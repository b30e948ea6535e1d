/** The name under which a tool's requests are made. Pure. */

/**
 * The value of `user-agent`: `notes/1.2.3 candor`. A version may hold any text, a header only what HTTP carries; so whatever is not
 * printable ASCII becomes `_`. A request with another value could never be made, and its events would wait for ever.
 */
export function userAgent({ toolName, toolVersion }: { readonly toolName: string; readonly toolVersion: string }): string {
  return `${toolName}/${toolVersion} candor`.replaceAll(/[^\u0020-\u007e]/gu, "_");
}
