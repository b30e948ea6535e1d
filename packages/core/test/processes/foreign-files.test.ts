/** Things in the spool that candor did not put there: never sent, and no hindrance. */
import { describe, expect, it } from "@jest/globals";
import { waitUntil } from "@candor/testing";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { homePerTest } from "../home-per-test.ts";
import { UNDISTURBED, WORK, workbenchPerTest } from "./workbench-per-test.ts";
import { namesAt } from "./workbench.ts";

const { intake, bench } = workbenchPerTest();
const elsewhere = homePerTest();

const names = (): readonly string[] => namesAt(intake);

describe("a spool with things in it that are not candor's", () => {
  const pending = (): string => join(bench.data, "spool", "v1", "unrecorded", "pending");
  const BATCH = "01900000-0000-7000-8000-000000000000";

  async function seed(): Promise<string> {
    // An ordinary batch of ours as a pattern, left there because nobody answers the phone.
    await intake.pause();
    await bench.run([["track", "waiting"], ["exit", 0]], { options: { delivery: { minimumIntervalMs: 60_000, lifetimeMs: 100 } } });
    await bench.uploadersGone();
    const [name] = readdirSync(pending());
    await intake.resume();
    rmSync(join(bench.data, "uploader"), { recursive: true });
    if (name === undefined) throw new Error("there is no batch to begin with");
    return readFileSync(join(pending(), name), "utf8");
  }

  async function deliverAll(): Promise<void> {
    expect(await bench.run(WORK)).toMatchObject(UNDISTURBED);
    await intake.waitFor(() => names().includes("at work"), { timeoutMs: 5_000 });
    await bench.uploadersGone();
  }

  const bodies = (): string => intake.requests.map(({ body }) => body).join("\n");

  it("neither sends nor deletes foreign files", async () => {
    await seed();
    const foreign = ["notes.txt", ".hidden", `${BATCH}.ndjson`, `${BATCH}.1.1.ndjson.bak`, "../of-ours.txt"];
    for (const name of foreign) writeFileSync(join(pending(), name), "a secret of mine\n");
    await deliverAll();
    expect(names()).toContain("waiting");
    expect(bodies()).not.toContain("secret");
    expect(foreign.map((name) => existsSync(join(pending(), name)))).toEqual(foreign.map(() => true));
  });

  it("delivers what is whole of corrupt and truncated batches, and counts the rest", async () => {
    const line = await seed();
    const second = line.replace(/"id":"[^"]+"/, '"id":"01900000-0000-7000-8000-00000000000a"').replace("waiting", "whole line");
    writeFileSync(join(pending(), `${BATCH}.2.100.ndjson`), `${second}${line.slice(0, 50)}`);
    writeFileSync(join(pending(), `${BATCH.slice(0, -1)}1.3.100.ndjson`), "\u0000\u0001garbage\n[]\n{}\n");
    writeFileSync(join(pending(), `${BATCH.slice(0, -1)}2.1.0.ndjson`), "");
    await deliverAll();
    await waitUntil("the spool is empty", () => bench.spooled().length === 0);
    expect([...names()].sort()).toEqual(["at work", "waiting", "whole line"]);
    expect((await bench.command("status")).data["lost"]).toEqual({ corrupt: 5 });
  });

  it("is not held up by a directory with the name of a batch", async () => {
    await seed();
    mkdirSync(join(pending(), `${BATCH}.1.100.ndjson`, "inside"), { recursive: true });
    await deliverAll();
    expect(names()).toContain("waiting");
    await bench.run([["track", "once more"]]);
    await intake.waitFor(() => names().includes("once more"), { timeoutMs: 5_000 });
  });

  it("never sends what a symbolic link with the name of a batch points to", async () => {
    const line = await seed();
    const secret = join(elsewhere.path, "secret");
    writeFileSync(secret, `a secret of mine\n${line.replace("waiting", "a secret event")}`);
    symlinkSync(secret, join(pending(), `${BATCH}.1.100.ndjson`));
    await deliverAll();
    expect(bodies()).not.toContain("secret");
    expect(readFileSync(secret, "utf8")).toContain("a secret of mine");
    expect(names()).toContain("waiting");
  });

  it("is not held up by a symbolic link with the name of a batch that points nowhere", async () => {
    await seed();
    symlinkSync("/nowhere", join(pending(), `${BATCH}.1.100.ndjson`));
    await deliverAll();
    expect(names()).toContain("waiting");
  });

  it("never joins what a symbolic link points to into a batch", async () => {
    const line = await seed();
    const secret = join(elsewhere.path, "secret");
    writeFileSync(secret, line.replace("waiting", "a secret event"));
    symlinkSync(secret, join(pending(), `${BATCH}.1.100.ndjson`));
    for (let index = 0; index < 70; index++) {
      writeFileSync(join(pending(), `01900000-0000-7000-8000-0000000001${String(index).padStart(2, "0")}.1.100.ndjson`), line);
    }
    await deliverAll();
    await bench.run([["track", "once more"]]);
    await intake.waitFor(() => names().includes("once more"), { timeoutMs: 5_000 });
    await bench.uploadersGone();
    expect(bodies()).not.toContain("secret");
  });

  it("recovers a segment of a dead process and leaves a link beside it alone", async () => {
    const line = await seed();
    const secret = join(elsewhere.path, "secret");
    writeFileSync(secret, line.replace("waiting", "a secret event"));
    const open = join(bench.data, "spool", "v1", "unrecorded", "open");
    const killed = bench.start([["track", "recovered"], ["print", "ready"], ["hang"]]);
    await killed.waitForOutput("ready");
    killed.child.kill("SIGKILL");
    await killed.exited;
    const dead = readdirSync(open)[0]?.split(".", 1)[0] ?? "";
    symlinkSync(secret, join(open, `${dead}.00000002.ndjson`));
    await deliverAll();
    expect(bodies()).not.toContain("secret");
    expect(names()).toContain("recovered");
  });
});
