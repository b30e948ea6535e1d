/** `disable` and `reset`: when they return, not one more byte leaves, whatever was under way. */
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { type Intake, startIntake } from "@candor/testing";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createWorkbench, onLinux, until, type Workbench } from "./workbench.ts";

jest.setTimeout(60_000);

const onLinuxOnly = onLinux ? it : it.skip;
const RACERS = 30;
const CONSENTED = { without: ["NOTES_TELEMETRY"] } as const;

let intake: Intake;
let bench: Workbench;

beforeEach(async () => {
  intake = await startIntake();
  bench = createWorkbench({ url: intake.url, consent: "stored" });
  expect((await bench.command("enable")).data["enabled"]).toBe(true);
});

afterEach(async () => {
  await bench.dispose();
  await intake.close();
});

const names = (): readonly string[] => intake.events().map(({ name }) => String(name));

async function runTwentyTimes(): Promise<void> {
  const results = await Promise.all(Array.from({ length: 20 }, (_, index) => bench.run([["track", `after the no ${index}`], ["exit", 3]], CONSENTED)));
  for (const result of results) expect(result).toMatchObject({ exitCode: 3, stdout: "", stderr: "" });
  await bench.uploadersGone();
}

describe.each(["disable", "reset"] as const)("%s while an uploader waits for an answer", (name) => {
  /** One request for `reset`: the deletion request itself. */
  const further = name === "reset" ? 1 : 0;

  it("leaves nothing, and nothing is sent by any later run", async () => {
    intake.reply({ action: "hang" });
    await bench.run([["track", "under way"]]);
    await intake.waitFor((requests) => requests.length === 1, { timeoutMs: 15_000 });

    const report = await bench.command(name);
    const requests = intake.requests.length;
    expect(report.exitCode).toBe(0);
    expect(requests).toBe(1 + further);
    expect(bench.spooled()).toEqual([]);

    await bench.uploadersGone(2_000);
    await runTwentyTimes();
    expect(intake.requests).toHaveLength(requests);
    expect(bench.spooled()).toEqual([]);
    if (name === "reset") expect(intake.events().map(({ type }) => type)).toEqual(["tool.use", "data.deletion_request"]);
  });

  it("leaves nothing while the uploader waits to try again", async () => {
    intake.reply({ action: "answer", status: 503 }, { action: "answer", status: 503 });
    await bench.run([["track", "to be tried again"]]);
    await intake.waitFor((requests) => requests.length === 2, { timeoutMs: 15_000 });
    const report = await bench.command(name);
    expect(report.exitCode).toBe(0);
    expect(bench.spooled()).toEqual([]);
    await bench.uploadersGone(2_000);
    expect(names().filter((event) => event === "to be tried again")).toHaveLength(2);
    expect(intake.requests).toHaveLength(2 + further);
  });

  it("leaves nothing of a tool that still runs and has events", async () => {
    const tool = bench.start([["track", "of a running tool"], ["print", "ready"], ["hang"]]);
    await tool.waitForOutput("ready");
    const report = await bench.command(name);
    expect(report.exitCode).toBe(0);
    expect(bench.spooled()).toEqual([]);
    tool.child.kill("SIGTERM");
    expect((await tool.exited).signal).toBe("SIGTERM");
    await bench.uploadersGone();
    expect(bench.spooled()).toEqual([]);
    expect(names()).toEqual(name === "reset" ? ["deletion_request"] : []);
  });

  it("stops a long-running tool that delivers by itself", async () => {
    intake.reply({ action: "hang" });
    const tool = bench.start([["track", "first"], ["trackEvery", "interval", 20], ["hang"]], { options: { delivery: { by: "interval", intervalMs: 200 } } });
    await intake.waitFor((requests) => requests.length >= 1, { timeoutMs: 15_000 });
    const report = await bench.command(name);
    const requests = intake.requests.length;
    expect(report).toMatchObject({ exitCode: 0 });
    // The tool goes on tracking; more than one of its intervals passes while twenty other runs come and go.
    await runTwentyTimes();
    expect(intake.requests).toHaveLength(requests);
    tool.child.kill("SIGTERM");
    await tool.exited;
    await bench.uploadersGone();
    expect(intake.requests).toHaveLength(requests);
    expect(bench.spooled()).toEqual([]);
  });
});

describe("disable while a large body is on its way to a slow destination", () => {
  let server: Server;
  let sockets: Socket[];
  let received: number;
  let endings: string[];
  let holding: boolean;

  beforeEach(async () => {
    sockets = [];
    received = 0;
    endings = [];
    holding = true;
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on("data", (chunk) => {
        received += chunk.length;
        // Reads the beginning, then nothing until the test lets it.
        if (holding) socket.pause();
      });
      socket.on("error", (error: NodeJS.ErrnoException) => endings.push(error.code ?? "error"));
      socket.on("end", () => endings.push("end"));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });

  const toTheSlowOne = (): { options: Record<string, unknown> } => ({
    options: { backend: { use: "http", endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` } },
  });

  /**
   * Sends a megabyte, of which the destination has read the beginning when this resolves. Answers how many bytes have reached
   * its side of the connection, read or not; it takes no more until it reads on.
   */
  async function beginTheBody(): Promise<number> {
    await bench.run([["trackMany", "large", 1_000, 5_000]], toTheSlowOne());
    await until("the destination has read the beginning", () => received > 0, 15_000);
    let before = -1;
    let unread = 0;
    await until("the connection is full", () => {
      before = unread;
      unread = receiveQueue((server.address() as AddressInfo).port);
      return unread > 0 && unread === before;
    });
    // One chunk may lie between the kernel and the test, read and not yet reported.
    return received + unread + 65_536;
  }

  function readOn(): void {
    holding = false;
    for (const socket of sockets) socket.resume();
  }

  onLinuxOnly("cuts the connection, so that what the destination had not taken never arrives", async () => {
    const arrived = await beginTheBody();
    const report = await bench.command("disable", toTheSlowOne());
    expect(report.exitCode).toBe(0);
    expect(bench.spooled()).toEqual([]);
    await bench.uploadersGone(2_000);
    readOn();
    await until("the connection has ended", () => endings.length > 0 || sockets.every((socket) => socket.destroyed));
    expect(sockets).toHaveLength(1);
    expect(received).toBeLessThanOrEqual(arrived);
  });

  onLinuxOnly("ends even an uploader that hears nothing any more", async () => {
    const arrived = await beginTheBody();
    const [uploader] = bench.uploaders();
    process.kill(uploader?.pid ?? 0, "SIGSTOP");
    const report = await bench.command("disable", toTheSlowOne());
    expect(report.exitCode).toBe(0);
    expect(bench.uploaders()).toEqual([]);
    expect(bench.spooled()).toEqual([]);
    readOn();
    await until("the connection has ended", () => endings.length > 0 || sockets.every((socket) => socket.destroyed));
    expect(sockets).toHaveLength(1);
    expect(received).toBeLessThanOrEqual(arrived);
  });
});

describe("disable and many tools ending at once", () => {
  it.each([1, 2, 3, 4])("lets nothing through after it has returned (round %i)", async (round) => {
    const racers = Array.from({ length: RACERS }, (_, index) =>
      bench.start([["track", `racer ${index}`], ["print", "tracked"], ["waitForInput"]], { input: "" }),
    );
    // `disable` meets them in another phase each round: before, among and after their ends.
    await racers[(round - 1) * 9]?.waitForOutput("tracked");
    const report = await bench.command("disable");
    const received = new Set(names());
    const requests = intake.requests.length;
    expect(report).toMatchObject({ exitCode: 0, lines: ["Telemetry disabled.", "All pending events have been discarded."] });
    for (const result of await Promise.all(racers.map(({ exited }) => exited))) {
      expect(result).toMatchObject({ exitCode: 0, signal: null, stdout: "tracked\n", stderr: "" });
    }
    await bench.uploadersGone();
    expect(intake.requests).toHaveLength(requests);

    // A new yes is not a yes to what was collected before it.
    await bench.command("enable");
    const status = await bench.command("status");
    expect(status.data["pending"]).toMatchObject({ events: 0 });
    await bench.run([["track", "after the new yes"]]);
    await intake.waitFor(() => names().includes("after the new yes"), { timeoutMs: 15_000 });
    await bench.uploadersGone();
    await bench.run([["track", "and once more"]]);
    await intake.waitFor(() => names().includes("and once more"), { timeoutMs: 15_000 });
    await bench.uploadersGone();
    const late = names().filter((name) => name.startsWith("racer") && !received.has(name));
    expect(late).toEqual([]);
    expect(bench.spooled()).toEqual([]);
  });

  it("keeps the no when enable and disable race with running tools for a while", async () => {
    const tools = Array.from({ length: 10 }, (_, index) => bench.start([["track", `old ${index}`], ["print", "tracked"], ["hang"]]));
    for (const tool of tools) await tool.waitForOutput("tracked");
    await bench.command("disable");
    await bench.command("enable");
    // These hold events of the consent that was withdrawn, and end under a new one.
    for (const tool of tools) tool.child.kill("SIGTERM");
    await Promise.all(tools.map(({ exited }) => exited));
    await bench.run([["track", "new"]]);
    await intake.waitFor(() => names().includes("new"), { timeoutMs: 15_000 });
    await bench.uploadersGone();
    expect(names()).toEqual(["new"]);
    expect(bench.spooled()).toEqual([]);
  });

  it("keeps the no over tools that are killed right after they tracked", async () => {
    const tools = Array.from({ length: 5 }, (_, index) => bench.start([["print", "started"], ["track", `old ${index}`], ["print", "tracked"], ["hang"]]));
    for (const tool of tools) await tool.waitForOutput("started");
    await bench.command("disable");
    for (const tool of tools) await tool.waitForOutput("tracked");
    for (const tool of tools) tool.child.kill("SIGKILL");
    await Promise.all(tools.map(({ exited }) => exited));
    await bench.command("enable");
    await bench.run([["track", "new"]]);
    await intake.waitFor(() => names().includes("new"), { timeoutMs: 15_000 });
    await bench.uploadersGone();
    expect(names()).toEqual(["new"]);
    expect(bench.spooled()).toEqual([]);
  });
});

/** Bytes that the kernel holds for the accepted connection on this local port (proc(5), /proc/net/tcp). */
function receiveQueue(port: number): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const connections = readFileSync("/proc/net/tcp", "utf8").split("\n").map((line) => line.trim().split(/\s+/));
  const established = connections.find(([, address, , state]) => address === local && state === "01");
  return Number.parseInt(established?.[4]?.split(":")[1] ?? "0", 16);
}
