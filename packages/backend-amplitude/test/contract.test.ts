import { describe, it } from "@jest/globals";
import { backendContract, startAmplitudeIntake } from "@candor/testing";
import { amplitudeBackend, type AmplitudeBackendOptions } from "../src/index.ts";
import { apiKey, idsIn } from "./amplitude-fixture.ts";

describe.each<[string, Partial<AmplitudeBackendOptions>, string]>([
  ["in candor's schema", {}, "/2/httpapi"],
  ["in DataRobot's schema", { schema: "datarobot" }, "/2/httpapi"],
  ["by the batch API", { batch: true, gzip: false }, "/batch"],
  ["in DataRobot's schema by the batch API, at length", { schema: "datarobot", batch: true, verbose: true }, "/batch"],
])("the amplitude backend, %s", (_, options, path) => {
  backendContract({
    it,
    async make(context) {
      const intake = await startAmplitudeIntake({ apiKey });
      return {
        backend: amplitudeBackend({ apiKey, endpoint: `${intake.url}${path}`, ...options }, context),
        secret: apiKey,
        script: (reply) => intake.script(reply),
        requestCount: () => intake.requests.length,
        received: () => Promise.resolve(idsIn(intake.requests)),
        dispose: () => intake.close(),
      };
    },
  });
});
