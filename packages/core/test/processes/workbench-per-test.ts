/** The bench that each test of a file has to itself, and the intake that its tool sends to. */
import { afterEach, beforeEach } from "@jest/globals";
import { type Intake, startIntake } from "@candor/testing";
import { standIn } from "../stand-in.ts";
import { createWorkbench, type Step, type Workbench, type WorkbenchOptions } from "./workbench.ts";

/** Makes both before each test, and ends them after it; for the top of a file. */
export function workbenchPerTest(options: Omit<WorkbenchOptions, "url"> = {}): { readonly intake: Intake; readonly bench: Workbench } {
  let intake: Intake | undefined;
  let bench: Workbench | undefined;
  beforeEach(async () => {
    intake = await startIntake();
    bench = createWorkbench({ url: intake.url, ...options });
  });
  afterEach(async () => {
    await bench?.dispose();
    await intake?.close();
    bench = undefined;
    intake = undefined;
  });
  return { intake: standIn("intake", () => intake), bench: standIn("bench", () => bench) };
}

/** What an ordinary run does, */
export const WORK: readonly Step[] = [["track", "at work"], ["print", "output"], ["exit", 5]];
/** and how it ends where candor has not disturbed it. */
export const UNDISTURBED = { exitCode: 5, signal: null, stdout: "output\n", stderr: "" };
