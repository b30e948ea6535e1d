/**
 * Asking for consent: the door to the prompt, for a tool's own `init` command and for adapters. What is behind it is loaded when it is
 * called.
 */
import type { Collector } from "@candor/core";
import type { PromptText } from "./prompt/prompt-text.ts";

export interface AskOptions {
  /**
   * The words: GTB's, the DataRobot CLI's box, or the author's own. Default: GTB's under the opt-in model, where Enter means no; the
   * box under the opt-out model, where Enter means yes.
   */
  readonly text?: "gtb" | "datarobot" | PromptText;
  /** The product's name in the box: `DataRobot CLI`. Default: the tool's name and `CLI`. */
  readonly product?: string;
  /** A command as an example in the box: `dr templates list`. Default: none. */
  readonly example?: string;
  /** Address of a page that tells more. Default: none. */
  readonly learnMore?: string;
  /** How the user reaches the `telemetry` command: `dr self telemetry`. Default: the tool's name and `telemetry`. */
  readonly telemetryCommand?: string;
  /** Milliseconds to wait for an answer; none by then leaves everything undecided. Default 120,000. */
  readonly timeoutMs?: number;
  /** Ask nobody, as for a flag of the tool's own. Default false; `--skip-telemetry` on the command line says so too. */
  readonly skip?: boolean;
  /** What is kept with the answer: whether the tool's set-up asked, or a first run. Default `init`. */
  readonly givenBy?: "prompt" | "init";
}

export type AskOutcome =
  /** The answer is recorded; after a yes events are collected from now on. */
  | { readonly status: "answered"; readonly enabled: boolean }
  /** Nobody was asked, or somebody else decided meanwhile. Nothing is recorded. */
  | { readonly status: "not-asked"; readonly reason: string }
  /** Asked and left without an answer: Escape, the end of the input, the time limit. Nothing is recorded. */
  | { readonly status: "skipped"; readonly reason: string }
  /** Ctrl-C, in a tool that handles SIGINT and goes on; any other has ended. Nothing is recorded. */
  | { readonly status: "interrupted" }
  /** Answered and not recorded, or not asked because of a defect. The user has been told of the former. */
  | { readonly status: "failed"; readonly reason: string };

/**
 * Asks the person at the terminal for consent, where one is there and nobody has decided, and records the answer with its date, its version
 * and how it was given. Writes to standard error alone and leaves the exit status as it is. Ctrl-C is passed on as SIGINT. Never rejects.
 */
export async function askForConsent(collector: Collector, options: AskOptions = {}): Promise<AskOutcome> {
  try {
    const { askHere } = await import("./prompt/asking.ts");
    return await askHere(collector, options);
  } catch (error) {
    return { status: "failed", reason: String(error) };
  }
}
