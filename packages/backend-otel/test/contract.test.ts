import { describe, it } from "@jest/globals";
import { backendContract } from "@candor/testing";
import { otlpBackend } from "../src/index.ts";
import { idsIn, startCollector } from "./otlp-intake.ts";

const secret = "Bearer k-123-very-secret";

describe.each([
  ["compressed", {}],
  ["plain", { gzip: false }],
])("the otlp backend, %s", (_, options) => {
  backendContract({
    it,
    async make(context) {
      const collector = await startCollector();
      return {
        backend: otlpBackend({ endpoint: collector.url, headers: { authorization: secret }, ...options }, context),
        secret,
        script: (reply) => collector.script(reply),
        requestCount: () => collector.requests.length,
        received: () => Promise.resolve(idsIn(collector.requests)),
        dispose: () => collector.close(),
      };
    },
  });
});
