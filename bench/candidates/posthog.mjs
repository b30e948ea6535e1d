/** PostHog's SDK for Node.js, as its documentation asks of short-lived processes: flushAt 1, flushInterval 0, await shutdown(). */
export const about = { name: "posthog", packages: ["posthog-node"], configuration: "flushAt 1, flushInterval 0; await shutdown()" };

/** Events between two flushes where nothing may be lost; the SDK's queue holds 1,000 by default and drops the oldest beyond. */
const FLUSH_EVERY = 500;

export async function open({ endpoint, longLived = false }) {
  const { PostHog } = await import("posthog-node");
  const settings = longLived ? { flushAt: FLUSH_EVERY, maxBatchSize: FLUSH_EVERY } : { flushAt: 1, flushInterval: 0 };
  const client = new PostHog("phc_bench", { host: endpoint, ...settings });
  return {
    track: (event, properties) => client.capture({ distinctId: "bench-user", event, properties }),
    close: () => client.shutdown(),
    flushEvery: FLUSH_EVERY,
    flush: () => client.flush(),
  };
}
