/**
 * Datadog's API client: a REST client without a queue. Its documented best case is one call with all log items; they are collected
 * here, as a tool would have to.
 */
export const about = { name: "datadog", packages: ["@datadog/datadog-api-client"], configuration: "one awaited submitLog() with all items" };

export async function open({ endpoint }) {
  const { client, v2 } = await import("@datadog/datadog-api-client");
  const configuration = client.createConfiguration({
    authMethods: { apiKeyAuth: "bench" },
    baseServer: new client.BaseServerConfiguration(endpoint.replace(/\/$/, ""), {}),
  });
  const logs = new v2.LogsApi(configuration);
  const body = [];
  return {
    track: (message, additionalProperties) => void body.push({ message, service: "bench", ddsource: "nodejs", additionalProperties }),
    // A promise that nobody handles would end the tool with status 1 when the network is down.
    close: () => logs.submitLog({ body }).catch((error) => console.error(String(error))),
  };
}
