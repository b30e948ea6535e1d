import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { Backend, BackendContext } from "@candor/backend";
import { backendContract, type BackendContractOptions, type BackendHarness, spyBackend, startIntake } from "@candor/testing";
import { brokenAnswers } from "./broken-answers.ts";
import { brokenConduct } from "./broken-conduct.ts";
import { referenceBackend, type Target } from "./reference-backend.ts";

const SECRET = "key-5f2b8c1d";
/** Some thirty intakes and a few deliberate waits for a limit of the suite. */
const SUITE_TIMEOUT_MS = 60_000;

async function harnessFor(build: (target: Target) => Backend, context: BackendContext): Promise<BackendHarness> {
  const intake = await startIntake();
  const afterwards: (() => void)[] = [];
  return {
    backend: build({ url: intake.url, secret: SECRET, context, afterwards }),
    received: () => Promise.resolve(intake.events().map(({ id }) => (typeof id === "string" ? id : "no id"))),
    script: (reply) => intake.script(reply),
    requestCount: () => intake.requests.length,
    secret: SECRET,
    dispose: () => {
      for (const tidy of afterwards) tidy();
      return intake.close();
    },
  };
}

/** Registers the suite with a runner of our own and runs each case by itself. */
async function failuresOf(options: Omit<BackendContractOptions, "it">): Promise<readonly string[]> {
  const cases: [name: string, run: () => Promise<void>][] = [];
  backendContract({ ...options, it: (name, run) => cases.push([name, run]) });
  const failures: string[] = [];
  for (const [name, run] of cases) {
    await run().catch(() => failures.push(name));
  }
  return failures;
}

const namesOf = (options: Omit<BackendContractOptions, "it" | "make">): readonly string[] => {
  const names: string[] = [];
  const make = (): never => {
    throw new Error("registering makes no backend");
  };
  backendContract({ ...options, make, it: (name) => names.push(name) });
  return names;
};

describe("the contract suite catches a backend that", () => {
  // One of them prints to the console in every case; this keeps it off the test report.
  beforeEach(() => void jest.spyOn(console, "warn").mockImplementation(() => undefined));
  afterEach(() => void jest.restoreAllMocks());

  it.each([...brokenAnswers, ...brokenConduct])(
    "$fault",
    async ({ build, caughtBy }) => {
      const failures = await failuresOf({ make: (context) => harnessFor(build, context) });
      expect([...failures].sort()).toEqual([...caughtBy].sort());
    },
    SUITE_TIMEOUT_MS,
  );

  it(
    "accepts everything and sends nothing",
    async () => {
      const failures = await failuresOf({ make: (context) => harnessFor(() => spyBackend(), context) });
      expect(failures).toContain("delivers each event once");
      expect(failures.length).toBeGreaterThan(namesOf({}).length / 2);
    },
    SUITE_TIMEOUT_MS,
  );
});

describe("the contract suite", () => {
  it("fails every case of a harness that hides a missing wire", async () => {
    const withoutScript = async (context: BackendContext): Promise<BackendHarness> => {
      const whole = await harnessFor(referenceBackend, context);
      return { backend: whole.backend, secret: SECRET, received: () => whole.received(), dispose: () => whole.dispose() };
    };
    expect(await failuresOf({ make: withoutScript })).toEqual(namesOf({}));
  });

  it("fails every case of a harness that declares to lack what it offers", async () => {
    const without = { credential: "it is public" };
    const skipped = namesOf({ without }).filter((name) => name.includes("(skipped: it is public)"));
    expect(skipped).toHaveLength(1);
    const failures = await failuresOf({ without, make: (context) => harnessFor(referenceBackend, context) });
    expect([...failures, ...skipped].sort()).toEqual([...namesOf({ without })].sort());
  });

  it("hands a skipped case, with the reason in its name, to the runner's skip", () => {
    const skipped: string[] = [];
    const runner = Object.assign(() => undefined, { skip: (name: string) => skipped.push(name) });
    backendContract({ it: runner, make: () => Promise.reject(new Error("not run")), without: { wire: "it writes to a file" } });
    expect(skipped).toContain("answers retry to status 503 (skipped: it writes to a file)");
    expect(skipped).not.toContain("delivers each event once (skipped: it writes to a file)");
  });

  it("gives every case a name of its own", () => {
    expect(new Set(namesOf({})).size).toBe(namesOf({}).length);
  });

  it("reads a status as the vendor does where the harness says so", async () => {
    const reading = (target: Target): Backend =>
      referenceBackend(target, { classify: ({ status }) => (status === 413 ? { status: "retry", reason: "split it" } : { status: "accepted" }) });
    const make = (context: BackendContext): Promise<BackendHarness> => harnessFor(reading, context);
    expect(await failuresOf({ make })).toContain("answers rejected to status 413");
    expect(await failuresOf({ make, readings: { 413: "retry" } })).not.toContain("answers rejected to status 413");
  });
});

describe("a backend that keeps the contract", () => {
  backendContract({ it, make: (context) => harnessFor(referenceBackend, context) });
});
