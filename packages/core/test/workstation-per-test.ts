/** The machine that each test of a file has to itself, gone after it with the collectors of `collectorOn`. */
import { afterEach, beforeEach } from "@jest/globals";
import { type Workstation, workstation } from "./fake-ports.ts";
import { closeAll } from "./options.ts";
import { standIn } from "./stand-in.ts";

export interface WorkstationPerTest extends Workstation {
  /** Puts another machine in the place of this one, within a test. */
  renew(): void;
}

/** Has `make` make one before each test; for the top of a file. */
export function workstationPerTest(make: () => Workstation = workstation): WorkstationPerTest {
  let machine: WorkstationPerTest | undefined;
  const renew = (): void => {
    machine?.dispose();
    machine = { ...make(), renew };
  };
  beforeEach(renew);
  afterEach(async () => {
    await closeAll();
    machine?.dispose();
    machine = undefined;
  });
  return standIn("machine", () => machine);
}
