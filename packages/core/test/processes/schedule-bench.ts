/**
 * The bench of the schedules: what they happen to. A destination that counts every byte, tools that do what they are told, the user's
 * commands, all in processes of their own, and chance that can be repeated.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { waitUntil } from "@candor/testing";

const PROGRAMS = join(__dirname, "programs");

/** A source of chance (mulberry32); the same seed has the same numbers. */
export function chance(seed: number): { readonly below: (limit: number) => number; readonly oneOf: <Item>(items: readonly Item[]) => Item } {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, oneOf: (items) => items[below(items.length)] as (typeof items)[number] };
}

/** A request, and what was allowed when it began. */
export interface Arrival<Phase> {
  readonly phase: Phase;
  readonly text: () => string;
}

export interface Destination<Phase> {
  readonly url: string;
  /** How it answers from now on. */
  mood: "accepts" | "hangs" | "is busy" | "reads slowly";
  /** What is allowed from now on. */
  phase: Phase;
  readonly arrivals: readonly Arrival<Phase>[];
  /** Bytes received on any connection, whole requests or not. */
  bytes(): number;
  /** Resolves when all that had arrived by now has been counted. */
  settled(): Promise<void>;
  /**
   * While it has stopped reading: how many bytes have reached its side, read or not, once no more come. Undefined while it reads, and
   * where the system does not tell.
   */
  reached(): Promise<number | undefined>;
  /** Reads on where it had stopped; resolves when nothing more comes. */
  readOn(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a destination. */
export async function startDestination<Phase>(phase: Phase): Promise<Destination<Phase>> {
  const sockets: Socket[] = [];
  const own = new Set<Socket>();
  const held: ServerResponse[] = [];
  const stopped = new Set<IncomingMessage>();
  const arrivals: Arrival<Phase>[] = [];
  const server = createServer((request, response) => {
    if (request.url === "/settled") {
      own.add(request.socket);
      response.end();
      return;
    }
    let text = "";
    arrivals.push({ phase: destination.phase, text: () => text });
    request.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (destination.mood !== "reads slowly") return;
      request.pause();
      stopped.add(request);
    });
    // A withdrawal cuts the connection.
    request.on("error", () => undefined).on("close", () => stopped.delete(request)).on("end", () => {
      stopped.delete(request);
      if (destination.mood === "hangs") held.push(response);
      else response.writeHead(destination.mood === "is busy" ? 503 : 200, { "content-type": "application/json" }).end("{}");
    });
  });
  server.on("connection", (socket) => sockets.push(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const destination: Destination<Phase> = {
    url,
    mood: "accepts",
    phase,
    arrivals,
    bytes: () => sockets.reduce((sum, socket) => sum + (own.has(socket) ? 0 : socket.bytesRead), 0),
    // The kernel hands over in order of arrival, and this request arrives last.
    settled: () =>
      new Promise((resolve, reject) => {
        get(`${url}/settled`, { agent: false }, (response) => response.resume().on("end", resolve)).on("error", reject);
      }),
    async reached() {
      const now = (): number => destination.bytes() + receiveQueue((server.address() as AddressInfo).port);
      if (stopped.size === 0 || process.platform !== "linux") return undefined;
      let latest = -1;
      const holdsStill = (): boolean => {
        const before = latest;
        latest = now();
        return before === latest;
      };
      await waitUntil("the connection is full", holdsStill, 15_000);
      return latest;
    },
    async readOn() {
      if (destination.mood === "reads slowly") destination.mood = "accepts";
      for (const request of stopped) request.resume();
      await waitUntil("what was being read has ended", () => stopped.size === 0, 15_000);
      await destination.settled();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return destination;
}

export interface Report {
  readonly exitCode: number;
  readonly lines: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Operator {
  /** Runs a `telemetry` command and answers its report when it has returned. */
  run(command: "enable" | "disable" | "reset" | "status", options: object): Promise<Report>;
  end(): void;
}

/** Starts the process that the user's commands run in. */
export function startOperator(environment: Readonly<Record<string, string>>, cwd: string): Operator {
  const child = spawn(process.execPath, [join(PROGRAMS, "operator.mjs")], { env: environment, cwd, stdio: ["pipe", "pipe", "inherit"] });
  const waiting = new Map<number, (report: Report) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, report } = JSON.parse(line) as { id: number; report: Report };
    waiting.get(id)?.(report);
    waiting.delete(id);
  });
  let lastId = 0;
  return {
    run: (command, options) =>
      new Promise((resolve) => {
        const id = ++lastId;
        waiting.set(id, resolve);
        child.stdin.write(`${JSON.stringify({ id, command, options })}\n`);
      }),
    end: () => void child.kill("SIGKILL"),
  };
}

export interface ToldTool {
  /** The consent it collects under; null where it collects nothing. */
  readonly consentId: string | null;
  readonly ended: Promise<unknown>;
  /** Resolves when it has done what it was told, or has ended. */
  tell(line: string): Promise<unknown>;
  /** Closes its input, upon which it ends by itself. */
  finish(): void;
  kill(): void;
}

/** Starts a tool; resolves when it has resolved consent. */
export async function startTool(options: object, environment: Readonly<Record<string, string>>, cwd: string): Promise<ToldTool> {
  const child: ChildProcess = spawn(process.execPath, [join(PROGRAMS, "told-tool.mjs")], {
    env: { ...environment, TEST_PLAN: JSON.stringify(options) },
    cwd,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error("the tool has no input or output");
  const ended = once(child, "exit");
  stdin.on("error", () => undefined);
  const lines = createInterface({ input: stdout });
  const [first] = (await once(lines, "line")) as [string];
  const { consentId } = JSON.parse(first) as { consentId: string | null };
  return {
    consentId,
    ended,
    tell(line) {
      const done = Promise.race([once(lines, "line"), once(lines, "close"), ended]);
      stdin.write(`${line}\n`);
      return done;
    },
    finish: () => void stdin.end(),
    kill: () => void child.kill("SIGKILL"),
  };
}

/** Bytes that the kernel holds for connections accepted on this local port (proc(5), /proc/net/tcp). */
function receiveQueue(port: number): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const connections = readFileSync("/proc/net/tcp", "utf8").split("\n").map((line) => line.trim().split(/\s+/));
  return connections.reduce((sum, [, address, , state, queues = ""]) => (address === local && state !== LISTENING ? sum + Number.parseInt(queues.split(":")[1] ?? "0", 16) : sum), 0);
}

const LISTENING = "0A";
