import { describe, it } from "@jest/globals";
import { backendContract, startDatadogIntake } from "@candor/testing";
import { datadogBackend, type DatadogBackendOptions } from "../src/index.ts";
import { eventIdsIn, secret } from "./datadog-entries.ts";

describe.each<[string, Partial<DatadogBackendOptions>]>([
  ["direct, compressed", {}],
  ["direct, plain", { gzip: false }],
  ["by Datadog's client, compressed", { client: "official" }],
  ["by Datadog's client, plain", { client: "official", gzip: false }],
])("the datadog backend, %s", (_, options) => {
  backendContract({
    it,
    async make(context) {
      const intake = await startDatadogIntake({ apiKey: secret });
      return {
        backend: datadogBackend({ apiKey: secret, endpoint: intake.endpoint, ...options }, context),
        secret,
        script: (reply) => intake.script(reply),
        requestCount: () => intake.requests.length,
        received: () => Promise.resolve(eventIdsIn(intake.requests)),
        dispose: () => intake.close(),
      };
    },
  });
});
