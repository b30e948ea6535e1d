/**
 * The contract suite: every backend passes it, ours and other people's. It knows no test runner: it
 * registers cases with the runner's own `it` and asserts with node:assert. A case is skipped only for
 * what the backend declares to lack, and its name then says so.
 */
import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import type { BackendContext, DeliveryResult, Logger } from "@candor/backend";
import { answerCases } from "./contract-answers.ts";
import type { BackendHarness, Bench, Capability, ContractCase } from "./contract-case.ts";
import { conductCases } from "./contract-conduct.ts";
import { discretionCases } from "./contract-discretion.ts";
import { faultCases } from "./contract-faults.ts";
import { watchTimers } from "./contract-watch.ts";

/** The part of a runner's `it` that the suite uses: that of jest, vitest, mocha and node:test. */
export interface ContractRunner {
  (name: string, run: () => Promise<void>): unknown;
  /** Where the runner has it, skipped cases are shown as skipped; elsewhere they pass by name only. */
  skip?(name: string, run: () => Promise<void>): unknown;
}

export interface BackendContractOptions {
  readonly it: ContractRunner;
  /**
   * Makes a backend with a destination of its own; called once a case. The context holds an empty private
   * data directory, removed after the case, and a logger that the suite reads.
   */
  make(context: BackendContext): BackendHarness | Promise<BackendHarness>;
  /** What the backend lacks by its nature, and why: `{ wire: "it writes to a local file" }`. Default: nothing. */
  readonly without?: Readonly<Partial<Record<Capability, string>>>;
  /** Where the vendor's documentation reads an HTTP status in another way than the contract. Default: nowhere. */
  readonly readings?: Readonly<Record<number, DeliveryResult["status"]>>;
}

const declarationCase: ContractCase = {
  name: "has a harness that keeps to its declarations",
  needs: [],
  run: () => Promise.resolve(),
};

/** Registers the whole suite with the runner. Call it inside a `describe`, or at the top of a test file. */
export function backendContract(options: BackendContractOptions): void {
  for (const each of [declarationCase, ...conductCases, ...answerCases, ...faultCases, ...discretionCases]) {
    const reasons = each.needs.map((need) => options.without?.[need]).filter((reason) => reason !== undefined);
    if (reasons.length === 0) {
      options.it(each.name, () => runCase(each, options));
    } else {
      const skip = options.it.skip?.bind(options.it) ?? options.it;
      skip(`${each.name} (skipped: ${reasons.join(", ")})`, () => Promise.resolve());
    }
  }
}

async function runCase(each: ContractCase, options: BackendContractOptions): Promise<void> {
  const dataDirectory = realpathSync(mkdtempSync(join(tmpdir(), "candor-contract-")));
  const logLines: string[] = [];
  // A version is any text, and more than a header can carry.
  const context: BackendContext = { toolName: "notes", toolVersion: "1.2.3-β", dataDirectory, logger: recorder(logLines) };
  const timers = watchTimers();
  try {
    const harness = await timers.run(() => options.make(context));
    try {
      checkDeclarations(harness, options.without ?? {});
      const bench = { ...benchFor(harness, options.readings ?? {}), context, logLines, liveTimers: timers.alive };
      await timers.run(() => each.run(bench));
    } finally {
      await harness.backend.close();
      await harness.dispose();
    }
  } finally {
    timers.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

/** A capability is either shown or declared missing, so that no case is skipped by oversight. */
function checkDeclarations(harness: BackendHarness, without: Readonly<Partial<Record<Capability, string>>>): void {
  const shown: Record<Capability, boolean> = {
    wire: harness.script !== undefined && harness.requestCount !== undefined,
    credential: harness.secret !== undefined && harness.secret !== "",
  };
  for (const capability of ["wire", "credential"] as const) {
    assert.notEqual(shown[capability], without[capability] !== undefined, `the harness must either offer "${capability}" or say under "without" why not`);
  }
}

function benchFor(
  harness: BackendHarness,
  readings: Readonly<Record<number, DeliveryResult["status"]>>,
): Omit<Bench, "context" | "logLines" | "liveTimers"> {
  return {
    harness,
    backend: harness.backend,
    expectedFor: (httpStatus, otherwise) => readings[httpStatus] ?? otherwise,
    script: async (reply) => {
      assert.ok(harness.script !== undefined, "this case needs a harness with script");
      await harness.script(reply);
    },
    requestCount: () => {
      assert.ok(harness.requestCount !== undefined, "this case needs a harness with requestCount");
      return harness.requestCount();
    },
  };
}

function recorder(lines: string[]): Logger {
  const record = (...line: readonly unknown[]): void => {
    lines.push(line.map((part) => inspect(part, { depth: 8 })).join(" "));
  };
  return { debug: record, info: record, warn: record, error: record };
}
