/**
 * Whatever the destination does, the tool behaves as without telemetry, and nothing is lost. The uploader's own waits of 1,
 * 2 and 4 seconds are part of it, so the destinations of a test are tried beside each other, each with a home of its own.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { type Intake, type ProcessResult, type ScriptedReply, startIntake, waitUntil } from "@candor/testing";
import { createWorkbench, SHIFTED_CLOCK, type Step, type Workbench } from "./workbench.ts";

type Reply = Exclude<ScriptedReply, { action: "refuse" }>;

const GOOD: Reply = { action: "answer", status: 200, headers: { "content-type": "application/json" }, body: "{}" };

const work: readonly Step[] = [["track", "at work"], ["print", "the tool's own output"], ["complain", "the tool's own complaint"], ["exit", 5]];
const shown = ({ exitCode, signal, stdout, stderr }: ProcessResult): unknown => ({ exitCode, signal, stdout, stderr });
const asWithout = { exitCode: 5, signal: null, stdout: "the tool's own output\n", stderr: "the tool's own complaint\n" };

interface Scene {
  readonly intake: Intake;
  readonly bench: Workbench;
  /** What the destination does from now on. */
  readonly behave: (reply: Reply) => void;
}

/** A destination and a home for one trouble. */
async function inScene(run: (scene: Scene) => Promise<void>): Promise<void> {
  let current: Reply = GOOD;
  const intake = await startIntake({ reply: () => current });
  const bench = createWorkbench({ url: intake.url, options: { delivery: { lifetimeMs: 9_000, sendTimeoutMs: 700 } } });
  try {
    await run({ intake, bench, behave: (reply) => void (current = reply) });
  } finally {
    await bench.dispose();
    await intake.close();
  }
}

const journalOf = ({ bench }: Scene): string => bench.home.list().filter((path) => path.endsWith("destinations.json")).map((path) => bench.home.read(path)).join("");

describe("a destination in trouble", () => {
  const troubles: readonly { readonly what: string; readonly reply: Reply | "refuse" }[] = [
    { what: "never answers", reply: { action: "hang" } },
    { what: "refuses connections", reply: "refuse" },
    { what: "answers byte by byte without end", reply: { action: "trickle" } },
    { what: "resets the connection", reply: { action: "reset", when: "after-body" } },
    { what: "answers 503", reply: { action: "answer", status: 503 } },
    { what: "answers a web page with 200", reply: { action: "answer", status: 200, headers: { "content-type": "text/html" }, body: "<!doctype html><title>Log in</title>" } },
    { what: "breaks off its answer", reply: { action: "truncate", body: "{" } },
  ];

  it("changes nothing for the tool, and gets the event once it has healed", async () => {
    const outcomes: Record<string, unknown> = {};
    await Promise.all(
      troubles.map(({ what, reply }) =>
        inScene(async (scene) => {
          const { bench, intake, behave } = scene;
          if (reply === "refuse") await intake.pause();
          else behave(reply);
          const result = await bench.run(work);
          await waitUntil(`${what}: the uploader has met the trouble`, () => journalOf(scene).includes("lastError"), 20_000);
          const kept = bench.spooled().length;
          behave(GOOD);
          await intake.resume();
          await waitUntil(`${what}: the event is taken`, () => bench.spooled().length === 0, 20_000);
          outcomes[what] = { shown: shown(result), kept, ids: new Set(intake.events().map(({ id }) => id)).size };
        }),
      ),
    );
    expect(outcomes).toEqual(Object.fromEntries(troubles.map(({ what }) => [what, { shown: asWithout, kept: 1, ids: 1 }])));
  });

  it("can be watched by a user who asks for debug lines: the uploader writes its own into a file that the tool names", async () => {
    await inScene(async ({ bench, behave }) => {
      behave({ action: "answer", status: 401 });
      await bench.command("enable", { without: ["NOTES_TELEMETRY"] });
      const { stderr } = await bench.run(work, { variables: { NOTES_TELEMETRY: "debug" } });
      await bench.uploadersGone();
      const [, path] = /^\[candor\] debug: what the uploader has to say goes to (.+)$/m.exec(stderr) ?? [];
      expect(readFileSync(path ?? "", "utf8")).toMatch(/^20\S+Z \[candor\] debug: http .*\b401\b/m);
    });
  });

  it("gets everything later when it heals only after its back-off, and status says why until then", async () => {
    const lasting = [
      { what: "retry", reply: { action: "answer", status: 503 } as const, backOffMs: 3_600_000 },
      { what: "blocked", reply: { action: "answer", status: 302, headers: { location: "http://127.0.0.1:9/elsewhere" } } as const, backOffMs: 86_400_000 },
      { what: "blocked", reply: { action: "answer", status: 401 } as const, backOffMs: 86_400_000 },
    ];
    await Promise.all(
      lasting.map(({ what, reply, backOffMs }) =>
        inScene(async (scene) => {
          const { bench, intake, behave } = scene;
          behave(reply);
          expect(shown(await bench.run(work))).toEqual(asWithout);
          await waitUntil("the uploader has met the trouble", () => journalOf(scene).includes("lastError"), 20_000);
          await bench.uploadersGone(20_000);
          expect(bench.spooled()).toHaveLength(1);
          const attempts = intake.requests.length;

          behave(GOOD);
          expect(shown(await bench.run(work))).toEqual(asWithout);
          await bench.uploadersGone();
          expect(intake.requests).toHaveLength(attempts);
          const status = await bench.command("status");
          expect(status.data["pending"]).toMatchObject({ events: 2 });
          expect(status.lines.join("\n")).toContain(`Last error (${what}`);
          expect(status.lines.join("\n")).toContain("Next attempt: 2");

          // An uploader has a clock of its own; interval delivery goes by the tool's, which is later here.
          const later = bench.start([["track", "later"], ["hang"]], {
            nodeArguments: ["--import", SHIFTED_CLOCK],
            variables: { CLOCK_SHIFT_MS: String(backOffMs) },
            options: { delivery: { by: "interval", intervalMs: 300 } },
          });
          await waitUntil("everything is taken", () => bench.spooled().length === 0 && intake.requests.length > attempts, 20_000);
          later.child.kill("SIGKILL");
          await later.exited;
          const taken = intake.requests.slice(attempts).flatMap(({ body }) => JSON.parse(body) as { id: string }[]);
          expect(new Set(taken.map(({ id }) => id)).size).toBe(3);
        }),
      ),
    );
  });

  it("is not asked at the target of its redirect", async () => {
    const elsewhere = await startIntake();
    try {
      await inScene(async (scene) => {
        scene.behave({ action: "answer", status: 307, headers: { location: `${elsewhere.url}/` } });
        await scene.bench.run(work);
        await waitUntil("the uploader has met the redirect", () => journalOf(scene).includes("lastError"));
        await scene.bench.uploadersGone();
        expect(elsewhere.requests).toHaveLength(0);
        expect(scene.bench.spooled()).toHaveLength(1);
      });
    } finally {
      await elsewhere.close();
    }
  });
});
