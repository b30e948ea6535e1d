/** Deletion requests of real processes: waiting, killed, called off, and met by others. */
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { deletionOf, type ErasureStage, erasureStage } from "./erasure.ts";
import { onLinux, type Report } from "./workbench.ts";

let stage: ErasureStage;
beforeEach(async () => {
  stage = await erasureStage();
});
afterEach(() => stage.dispose());

/** Resets where the endpoint cannot be reached; then an uploader asks it again, and waits for an answer that does not come. */
async function leaveUploaderAsking(): Promise<void> {
  await stage.erasure.pause();
  await stage.bench.command("reset");
  await stage.erasure.resume();
  stage.letTimePass();
  stage.erasure.reply({ action: "hang" });
  await stage.bench.run([["track", "x"]]);
  await stage.erasure.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
}

describe("a reset while nobody can be reached", () => {
  it("says that the request waits, and a later run with telemetry off makes it; nothing else leaves", async () => {
    const id = await stage.use();
    await stage.erasure.pause();
    const report = await stage.bench.command("reset");
    expect(report.exitCode).toBe(1);
    expect(deletionOf(report)).toMatchObject({ status: "queued" });
    expect(report.lines.join("\n")).not.toContain("Deletion request sent");

    await stage.erasure.resume();
    await stage.bench.run([["track", "too soon"]]);
    await stage.bench.uploadersGone();
    expect(stage.asked()).toEqual([]);

    stage.letTimePass();
    const sentBefore = stage.events.requests.length;
    await stage.bench.run([["track", "while telemetry is off"], ["exit", 3]]);
    await stage.erasure.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
    await stage.bench.uploadersGone();
    expect(stage.asked()).toEqual([id]);
    expect(stage.requestFiles()).toEqual([]);
    expect((await stage.bench.command("status")).data["deletions"]).toEqual([]);
    await stage.bench.run([["track", "later"]]);
    await stage.bench.uploadersGone();
    expect(stage.asked()).toEqual([id]);
    expect(stage.events.requests).toHaveLength(sentBefore);
  });

  it("begins anew after it: a later yes has another id, and the request still goes out", async () => {
    const id = await stage.use();
    await stage.erasure.pause();
    await stage.bench.command("reset");
    await stage.erasure.resume();
    stage.letTimePass();
    const again = await stage.use();
    await stage.erasure.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
    await stage.bench.uploadersGone();
    expect(stage.asked()).toEqual([id]);
    expect(again).not.toBe(id);
    expect(stage.events.events().map(({ machine_id: machineId }) => machineId)).toEqual([id, again]);
  });

  it("can be called off, also while an uploader is asking", async () => {
    await stage.use();
    await leaveUploaderAsking();
    expect(await stage.bench.command("callOff")).toMatchObject({ exitCode: 0 });
    await stage.bench.uploadersGone();
    expect(stage.requestFiles()).toEqual([]);
    await stage.bench.run([["track", "x"]]);
    await stage.bench.uploadersGone();
    expect(stage.erasure.requests).toHaveLength(1);
  });
});

describe("SIGKILL", () => {
  it("of a reset that waits for the answer loses no request: the next run makes it again", async () => {
    const id = await stage.use();
    stage.erasure.reply({ action: "hang" });
    const { child, exited } = stage.startReset();
    await stage.erasure.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });
    child.kill("SIGKILL");
    await exited;
    expect(stage.requestFiles()).toHaveLength(1);
    expect((await stage.bench.command("status")).data).toMatchObject({ enabled: false, deletions: [{ status: "waiting", machineIds: [id] }] });
    await stage.bench.run([["track", "x"]]);
    await stage.erasure.waitFor((requests) => requests.length === 2, { timeoutMs: 15_000 });
    await stage.bench.uploadersGone();
    expect(stage.asked()).toEqual([id, id]);
    expect(stage.requestFiles()).toEqual([]);
  });

  (onLinux ? describe : describe.skip)("of the uploader that asks", () => {
    it("loses none either", async () => {
      const id = await stage.use();
      await leaveUploaderAsking();
      for (const { pid } of stage.bench.uploaders()) process.kill(pid, "SIGKILL");
      await stage.bench.uploadersGone();
      await stage.bench.run([["track", "x"]]);
      await stage.erasure.waitFor((requests) => requests.length === 2, { timeoutMs: 15_000 });
      await stage.bench.uploadersGone();
      expect(stage.asked()).toEqual([id, id]);
      expect(stage.requestFiles()).toEqual([]);
    });
  });
});

describe("a reset that meets others", () => {
  it("stops the uploader in the middle of a request, then asks", async () => {
    await stage.use();
    stage.events.reply({ action: "hang" });
    await stage.bench.run([["track", "in flight"]]);
    await stage.events.waitFor((requests) => requests.length === 2, { timeoutMs: 15_000 });
    const report = await stage.bench.command("reset");
    expect(report).toMatchObject({ exitCode: 0 });
    expect(deletionOf(report).status).toBe("sent");
    await stage.bench.uploadersGone();
    expect([stage.asked().length, stage.events.requests.length, stage.bench.spooled()]).toEqual([1, 2, []]);
  });

  it.each([1, 2, 3])("and two at once both say what is true (round %i)", async () => {
    const id = await stage.use();
    const both = [stage.startReset(), stage.startReset()];
    const reports = (await Promise.all(both.map(({ exited }) => exited))).map(({ stdout }) => JSON.parse(stdout) as Report);
    const saying = reports.map((report) => deletionOf(report).status);
    expect(saying.filter((status) => status !== "sent" && status !== "queued")).toEqual([]);
    expect(stage.asked().includes(id) || !saying.includes("sent")).toBe(true);
    // Whatever one of them left, the next run settles.
    stage.letTimePass();
    await stage.bench.run([["track", "x"]]);
    await stage.bench.uploadersGone();
    expect(new Set(stage.asked())).toEqual(new Set([id]));
    expect(stage.requestFiles()).toEqual([]);
    expect((await stage.bench.command("status")).data).toMatchObject({ enabled: false, deletions: [] });
  });
});
