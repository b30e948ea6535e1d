/** What `reset` says of a deletion request, held against what the receiver saw. */
import { chmodSync, chownSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import { waitUntil } from "@candor/testing";
import { type ErasureStage, erasureStage } from "./erasure.ts";
import { CONTROL, onLinux, type Report, runAs } from "./workbench.ts";

const NOBODY = 65_534;
const OTLP = join(__dirname, "..", "..", "..", "backend-otel", "dist", "cjs", "index.js");
const rootOnly = onLinux && process.getuid?.() === 0 ? describe : describe.skip;

let stage: ErasureStage;
afterEach(() => stage.dispose());

describe("what is said, held against what the receiver saw", () => {
  const otlp = (endpoint: string): Record<string, unknown> => ({ backend: { use: OTLP, endpoint }, deletion: { use: "event" } });
  const names = (): string => stage.events.requests.map(({ body }) => body).join("");

  it("through an OTLP collector alone", async () => {
    stage = await erasureStage(otlp);
    const id = await stage.use();
    const report = await stage.bench.command("reset");
    expect(report).toMatchObject({ exitCode: 0, data: { deletion: { status: "sent" } } });
    expect(report.lines[0]).toBe(`Deletion request sent for machine ID: ${id}`);
    expect(stage.events.requests.at(-1)?.path).toBe("/v1/logs");
    expect(names()).toContain("data.deletion_request");
    expect(names()).toContain(id);
  });

  it.each(["a dead collector", "a captive portal"])("through %s", async (trouble) => {
    stage = await erasureStage(otlp);
    await stage.use();
    const before = stage.events.requests.length;
    if (trouble === "a dead collector") await stage.events.pause();
    else stage.events.reply({ action: "answer", status: 200, headers: { "content-type": "text/html" }, body: "<html>log in</html>" });
    const report = await stage.bench.command("reset");
    expect(report).toMatchObject({ exitCode: 1, data: { deletion: { status: "queued" } } });
    expect(report.lines.join("\n")).not.toContain("Deletion request sent");
    expect(stage.events.requests.length - before).toBe(trouble === "a dead collector" ? 0 : 1);
    // And a later run, which has no telemetry on, tells the collector by the same package.
    await stage.events.resume();
    stage.letTimePass();
    await stage.bench.run([["track", "x"]]);
    await waitUntil("the request is confirmed", () => stage.requestFiles().length === 0, 15_000);
    expect(names()).toContain("data.deletion_request");
    await stage.bench.uploadersGone();
  });

  it("in a container without a mail program: what to write, and that nothing was sent", async () => {
    stage = await erasureStage(() => ({ deletion: { use: "email", address: "privacy@example.com" } }));
    const id = await stage.use();
    const before = stage.events.requests.length;
    const report = await stage.bench.command("reset", { variables: { SSH_TTY: "/dev/pts/9" } });
    expect(report).toMatchObject({ exitCode: 0, data: { deletion: { status: "user-action" } } });
    expect(report.lines.slice(0, 4)).toEqual([
      "Nothing has been sent yet. Write this e-mail:",
      "  To: privacy@example.com",
      "  Subject: Data Deletion Request — notes",
      `  Please delete all telemetry data associated with machine ID: ${id}`,
    ]);
    expect(report.lines.join("\n")).not.toMatch(/request sent|confirmed/);
    expect(stage.events.requests).toHaveLength(before);
    expect(stage.requestFiles()).toEqual([]);
  });

  it("of a tool that never had anybody to send to", async () => {
    stage = await erasureStage(() => ({ backend: undefined, deletion: undefined }));
    await stage.use();
    expect(await stage.bench.command("reset")).toMatchObject({ exitCode: 0, data: { deletion: { status: "not-needed" } } });
    expect(stage.events.requests).toEqual([]);
  });
});

describe("a home that cannot be written", () => {
  rootOnly("as root on Linux", () => {
    it("is told from one that has never been used: the request goes out at once, and nothing is promised for later", async () => {
      stage = await erasureStage(() => ({ identity: "gtb", delivery: { by: "inline" } }));
      mkdirSync(dirname(stage.bench.data), { recursive: true });
      for (let path = dirname(stage.bench.data); path.startsWith(stage.bench.home.path); path = dirname(path)) {
        chownSync(path, NOBODY, NOBODY);
        chmodSync(path, 0o555);
      }
      const environment = stage.bench.environmentFor([], { variables: { NOTES_TELEMETRY: "on" } });
      const run = async (): Promise<Report> => JSON.parse((await runAs(NOBODY, process.execPath, [CONTROL, "reset"], environment, "/")).stdout) as Report;
      const report = await run();
      expect(report).toMatchObject({ exitCode: 1, data: { deletion: { status: "sent" } } });
      expect(stage.asked()).toEqual([report.data["machineId"]]);
      await stage.erasure.pause();
      const failed = await run();
      expect(failed).toMatchObject({ exitCode: 1, data: { deletion: { status: "failed" } } });
      expect(failed.lines.join("\n")).toContain("It could not be kept for later either");
      expect(readdirSync(dirname(stage.bench.data))).toEqual([]);
    });
  });
});
