/** The spool that each test of a file has on its machine, and what is counted of it. */
import { beforeEach } from "@jest/globals";
import { readLosses } from "../src/spool/losses.ts";
import type { Spool, SpoolBounds } from "../src/spool/spool.ts";
import type { LossCounts } from "../src/spool/loss-counts.ts";
import { spoolOn } from "./fixtures.ts";
import { standIn } from "./stand-in.ts";
import type { WorkstationPerTest } from "./workstation-per-test.ts";

export interface SpoolPerTest extends Spool {
  /** Puts another spool in the place of this one, within a test: of the machine as it is then. */
  renew(bounds?: Partial<SpoolBounds>): void;
}

/** Has one made before each test; for the top of a file, below the machine. */
export function spoolPerTest(machine: WorkstationPerTest): SpoolPerTest {
  let spool: SpoolPerTest | undefined;
  const renew: SpoolPerTest["renew"] = (bounds) => {
    spool = { ...spoolOn(machine, bounds), renew };
  };
  beforeEach(() => renew());
  return standIn("spool", () => spool);
}

/** What was lost so far, by reason. */
export function lossesOf({ directories, ports }: Spool): LossCounts {
  return readLosses(directories, ports);
}
