/** The backend contract against a real collector. One collector serves every case; each reads the file from where it began. */
import { statSync } from "node:fs";
import { afterAll, beforeAll, it } from "@jest/globals";
import { otlpBackend } from "@candor/backend-otel";
import { backendContract } from "@candor/testing";
import { type RunningCollector, startCollector } from "../collector.ts";
import { describeWithCollector } from "./collector-suite.ts";

const secret = "f00d-cafe-token";

describeWithCollector("the otlp backend at a real collector", () => {
  let collector: RunningCollector;

  beforeAll(async () => {
    collector = await startCollector({ configurations: ["plain", "bearer-token"], variables: { COLLECTOR_TOKEN: secret } });
  });

  afterAll(() => collector.dispose());

  backendContract({
    it,
    without: { wire: "a real collector answers as it will" },
    make(context) {
      const fromByte = statSync(collector.archive, { throwIfNoEntry: false })?.size ?? 0;
      return {
        backend: otlpBackend({ endpoint: `http://${collector.address}`, headers: { authorization: `Bearer ${secret}` } }, context),
        secret,
        received: () => Promise.resolve(collector.records(fromByte).map(({ uid }) => uid)),
        dispose: () => Promise.resolve(),
      };
    },
  });
});
