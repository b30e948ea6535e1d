/** Whatever the destination does, the tool behaves as without telemetry, and nothing is lost. */
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { type Intake, type ProcessResult, startIntake } from "@candor/testing";
import { SHIFTED_CLOCK, type Step, createWorkbench, until, type Workbench } from "./workbench.ts";

jest.setTimeout(60_000);

let intake: Intake;
let bench: Workbench;

beforeEach(async () => {
  intake = await startIntake();
  bench = createWorkbench({ url: intake.url, options: { delivery: { lifetimeMs: 9_000, sendTimeoutMs: 700 } } });
});

afterEach(async () => {
  await bench.dispose();
  await intake.close();
});

const names = (): readonly string[] => intake.events().map(({ name }) => String(name));
const work: readonly Step[] = [["track", "at work"], ["print", "the tool's own output"], ["complain", "the tool's own complaint"], ["exit", 5]];
const shown = ({ exitCode, signal, stdout, stderr }: ProcessResult): unknown => ({ exitCode, signal, stdout, stderr });

type Trouble = (intake: Intake, times: number) => Promise<void>;
const repeat = (times: number, reply: () => Parameters<Intake["reply"]>[0]): Parameters<Intake["reply"]> => Array.from({ length: times }, reply);

const troubles: readonly { readonly what: string; readonly begin: Trouble }[] = [
  { what: "never answers", begin: async (to, times) => to.reply(...repeat(times, () => ({ action: "hang" }))) },
  { what: "refuses connections", begin: (to) => to.pause() },
  { what: "answers byte by byte without end", begin: async (to, times) => to.reply(...repeat(times, () => ({ action: "trickle" }))) },
  { what: "resets the connection", begin: async (to, times) => to.reply(...repeat(times, () => ({ action: "reset", when: "after-body" }))) },
  { what: "answers 503", begin: async (to, times) => to.reply(...repeat(times, () => ({ action: "answer", status: 503 }))) },
  {
    what: "answers a web page with 200",
    begin: async (to, times) =>
      to.reply(...repeat(times, () => ({ action: "answer", status: 200, headers: { "content-type": "text/html" }, body: "<!doctype html><title>Log in</title>" }))),
  },
  { what: "breaks off its answer", begin: async (to, times) => to.reply(...repeat(times, () => ({ action: "truncate", body: "{" }))) },
];

describe.each(troubles)("a destination that $what", ({ begin }) => {
  it("changes nothing for the tool, and gets the event once it has healed", async () => {
    const without = await bench.run(work, { options: null });
    await begin(intake, 2);
    const withTelemetry = await bench.run(work);
    expect(shown(withTelemetry)).toEqual(shown(without));
    expect(withTelemetry.durationMs).toBeLessThan(without.durationMs + 1_500);

    // Heals within the uploader's 1, 2 and 4 seconds.
    await intake.resume();
    const isTaken = (): boolean => bench.spooled().length === 0;
    await until("the event is taken", isTaken, 15_000);
    expect(new Set(intake.events().map(({ id }) => id)).size).toBe(1);
    expect(names()).toContain("at work");
  });
});

describe("a destination that stays broken", () => {
  it.each([
    { what: "503", reply: { action: "answer", status: 503 } as const, waitMs: 3_600_000 },
    { what: "a redirect", reply: { action: "answer", status: 302, headers: { location: "http://127.0.0.1:9/elsewhere" } } as const, waitMs: 86_400_000 },
    { what: "401", reply: { action: "answer", status: 401 } as const, waitMs: 86_400_000 },
  ])("keeps the events pending and says why in status ($what); a later day delivers them", async ({ reply, waitMs }) => {
    intake.reply(...repeat(4, () => reply));
    const result = await bench.run(work);
    expect(shown(result)).toEqual({ exitCode: 5, signal: null, stdout: "the tool's own output\n", stderr: "the tool's own complaint\n" });
    await until("the uploader has begun", () => intake.requests.length > 0);
    await bench.uploadersGone(15_000);
    expect(bench.spooled()).toHaveLength(1);
    const attempts = intake.requests.length;

    // Nobody asks again before the back-off is over.
    await bench.run(work);
    await bench.uploadersGone();
    expect(intake.requests).toHaveLength(attempts);
    const status = await bench.command("status");
    expect(status.data["pending"]).toMatchObject({ events: 2 });
    expect(status.lines.join("\n")).toMatch(/Last error \((retry|blocked)/);
    expect(status.lines.join("\n")).toMatch(/Next attempt: 2/);

    // The uploader has a clock of its own: delivered in the tool's process, whose clock is later, as after a flush by hand.
    await bench.run([["flush", 5_000]], { nodeArguments: ["--import", SHIFTED_CLOCK], variables: { CLOCK_SHIFT_MS: String(waitMs) }, options: { delivery: { by: "inline" } } });
    await bench.run([["track", "the last"], ["flush", 5_000]], { options: { delivery: { by: "inline" } } });
    await until("everything is taken", () => bench.spooled().length === 0);
    const ids = intake.requests.slice(attempts).flatMap(({ body }) => JSON.parse(body) as { id: string }[]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
  });

  it("is not asked at the target of its redirect", async () => {
    const elsewhere = await startIntake();
    try {
      intake.reply({ action: "answer", status: 307, headers: { location: `${elsewhere.url}/` } });
      await bench.run(work);
      await until("the uploader has begun", () => intake.requests.length > 0);
      await bench.uploadersGone();
      expect(elsewhere.requests).toHaveLength(0);
      expect(bench.spooled()).toHaveLength(1);
    } finally {
      await elsewhere.close();
    }
  });
});

describe("a destination that takes its time", () => {
  it("gets each event once, and the tool does not wait", async () => {
    const slow = await startIntake();
    try {
      // Two answers that never come, then good ones: 0.7 s twice, and the waits between.
      slow.reply({ action: "hang" });
      const result = await bench.run(work, { options: { backend: { use: "http", endpoint: `${slow.url}/` } } });
      expect(result.exitCode).toBe(5);
      expect(result.durationMs).toBeLessThan(3_000);
      await slow.waitFor((requests) => requests.length === 2, { timeoutMs: 15_000 });
      await until("the event is taken", () => bench.spooled().length === 0);
    } finally {
      await slow.close();
    }
  });
});
