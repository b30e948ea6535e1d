import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "@jest/globals";
import type { Backend, TelemetryEvent } from "@candor/backend";
import { addBatch, namedEvents, runUpload, spoolOn } from "./fixtures.ts";
import { workstationPerTest } from "./workstation-per-test.ts";

const machine = workstationPerTest();

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const BATCH = 10;

/** Remembers no event, and looks at every request which of the earlier ones somebody else remembers. */
function forgetfulBackend(): Backend & { readonly alive: number[] } {
  const alive: number[] = [];
  const earlier: WeakRef<TelemetryEvent>[] = [];
  return {
    alive,
    name: "forgetful",
    destination: "nowhere",
    limits: { maxEvents: BATCH, maxBytes: 1024 * 1024 },
    async send(events) {
      // A WeakRef keeps its target until the job that made it or asked it is over.
      await new Promise((resolve) => setImmediate(resolve));
      // Twice: the first may only end what V8 had begun before, and keeps whatever was alive then.
      collectGarbage();
      collectGarbage();
      alive.push(earlier.filter((event) => event.deref() !== undefined).length);
      for (const event of events) earlier.push(new WeakRef(event));
      return { status: "accepted" };
    },
    close: () => Promise.resolve(),
  };
}

it("forgets the batches it is done with, however many there are", async () => {
  const spool = spoolOn(machine);
  for (let batch = 0; batch < 5; batch++) addBatch(spool, namedEvents(BATCH, 1 + BATCH * batch));
  const backend = forgetfulBackend();
  await runUpload(spool, [{ key: "a", description: "a nowhere", backend }]);
  expect(backend.alive).toHaveLength(5);
  // V8 may still hold the one that it looked at last; a batch would be all of its events.
  expect(Math.max(...backend.alive)).toBeLessThan(BATCH);
});
