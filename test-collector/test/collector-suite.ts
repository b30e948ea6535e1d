/**
 * What becomes of tests that need the collector: run, skipped, or failed. A machine without Go skips them; one that has Go
 * and says CANDOR_TEST_COLLECTOR=required, as .ci/run does, must have built it.
 */
import { describe } from "@jest/globals";
import { findCollector } from "../collector-binary.ts";

/**
 * Registers a suite that needs the collector, skipped where there is none.
 *
 * @throws where it is required and not built: the whole test file fails, saying what to do.
 */
export function describeWithCollector(name: string, suite: () => void): void {
  const { status } = findCollector();
  if (status === "not-built" && process.env["CANDOR_TEST_COLLECTOR"] === "required") {
    throw new Error("Go is on this machine and the collector is not built: run node test-collector/build.mjs");
  }
  (status === "built" ? describe : describe.skip)(name, suite);
}

/** One line for people when the tests are skipped; for one test file to print, on behalf of all. */
export function announceAbsence(): void {
  const { status } = findCollector();
  if (status === "no-go") process.stderr.write("collector: its tests are skipped, no Go on this machine\n");
  if (status === "not-built") process.stderr.write("collector: its tests are skipped; to have them, run node test-collector/build.mjs\n");
}
