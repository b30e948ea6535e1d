/** Segment's SDK for Node.js: `closeAndFlush` with the time limit of its documentation's graceful shutdown. */
export const about = { name: "segment", packages: ["@segment/analytics-node"], configuration: "await closeAndFlush({ timeout: 5000 })" };

export async function open({ endpoint }) {
  const { Analytics } = await import("@segment/analytics-node");
  const analytics = new Analytics({ writeKey: "bench", host: endpoint.replace(/\/$/, "") });
  return {
    track: (event, properties) => analytics.track({ userId: "bench-user", event, properties }),
    close: () => analytics.closeAndFlush({ timeout: 5_000 }),
  };
}
