/**
 * Amplitude's SDK for Node.js. Its documentation asks a process that ends to await `flush().promise`; a flush interval of 0 spares
 * it the ten seconds for which the SDK's timer would keep the process alive after that.
 */
export const about = {
  name: "amplitude",
  packages: ["@amplitude/analytics-node"],
  configuration: "flushIntervalMillis 0; await init().promise and flush().promise",
};

export async function open({ endpoint, longLived = false }) {
  const { createInstance } = await import("@amplitude/analytics-node");
  const client = createInstance();
  const settings = { serverUrl: `${endpoint}2/httpapi`, ...(longLived ? {} : { flushIntervalMillis: 0 }) };
  await client.init("0123456789abcdef0123456789abcdef", settings).promise;
  return {
    track: (name, properties) => void client.track(name, properties, { user_id: "bench-user" }),
    close: () => client.flush().promise,
    flushEvery: 1_000,
    flush: () => client.flush().promise,
  };
}
