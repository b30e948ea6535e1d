import { describe, it } from "@jest/globals";
import { backendContract, startPostHogIntake } from "@candor/testing";
import { posthogBackend } from "../src/index.ts";
import { idsIn, TOKEN } from "./posthog-context.ts";

describe.each([
  ["compressed", {}],
  ["plain", { gzip: false }],
  ["with profiles and places", { personProfiles: true, geoip: true }],
])("the posthog backend, %s", (_, options) => {
  backendContract({
    it,
    async make(context) {
      const intake = await startPostHogIntake({ token: TOKEN });
      return {
        backend: posthogBackend({ apiKey: TOKEN, host: intake.url, ...options }, context),
        secret: TOKEN,
        script: (reply) => intake.script(reply),
        requestCount: () => intake.requests.length,
        received: () => Promise.resolve(idsIn(intake.requests)),
        dispose: () => intake.close(),
      };
    },
  });
});
