/**
 * The door to `post`. Loads the HTTP client with the first request, because a command that sends
 * nothing must not pay for node:http and node:tls at its start.
 */
import type { GetRequest, PostRequest, PostResult } from "./exchange.ts";

/**
 * Sends one HTTP POST and answers what became of it.
 *
 * One attempt, with one limit over all of it. Redirects are not followed: a 3xx is an answer. Never
 * rejects and writes nothing to stdout or stderr. Once it has settled, no socket and no timer is left.
 * A name that the operating system is still looking up cannot be called off: the result comes in
 * time, but until that look-up ends a process leaves only by `process.exit`.
 */
export async function post(request: PostRequest): Promise<PostResult> {
  try {
    const client = await import("./post.ts");
    return await client.post(request);
  } catch {
    // The client itself never throws: the tool was bundled or trimmed wrongly, and is not broken over that.
    return { status: "failed", fault: "network", reason: "the HTTP client of @candor/backend could not be loaded" };
  }
}

/** Sends one HTTP GET, under the same rules as `post`. */
export async function get(request: GetRequest): Promise<PostResult> {
  try {
    const client = await import("./post.ts");
    return await client.get(request);
  } catch {
    return { status: "failed", fault: "network", reason: "the HTTP client of @candor/backend could not be loaded" };
  }
}
