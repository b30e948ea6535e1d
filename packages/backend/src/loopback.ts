/**
 * Which hosts are this machine. Plain http is allowed to them and to nothing else, because what goes
 * to loopback never crosses a network. Decides by the spelling alone and resolves no name.
 */

/**
 * Tells whether a URL's `hostname` is this machine: 127.0.0.0/8, `[::1]`, `localhost` or a name below
 * it (RFC 6761). The URL parser has already rewritten other spellings of an IPv4 address, so
 * `127.0.0.1.example.com` cannot pass for one.
 */
export function isLoopbackHost(hostname: string): boolean {
  const lower = hostname.toLowerCase();
  const name = lower.endsWith(".") ? lower.slice(0, -1) : lower;
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  return name === "[::1]" || name === "::1" || (name.startsWith("127.") && /^127(?:\.\d{1,3}){3}$/.test(name));
}
