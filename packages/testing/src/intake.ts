/**
 * A fake HTTP destination on the loopback interface. It records every request and answers as scripted.
 * It imitates no vendor: a vendor's intake is this one with that vendor's reply. Events that wait for
 * something are woken by requests, never by polling.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { gunzipSync } from "node:zlib";
import type { JsonValue } from "@candor/backend";
import { type AnswerReply, type IntakeRequest, playReply, type ScriptedReply, type ServerReply } from "./intake-reply.ts";

type JsonObject = { readonly [key: string]: JsonValue };

const DEFAULT_WAIT_MS = 5_000;

/** The answer of an intake that was given none: 200 and a small JSON object. */
const POSITIVE_ANSWER: AnswerReply = {
  action: "answer",
  status: 200,
  headers: { "content-type": "application/json" },
  body: '{"status":"ok"}',
};

export interface IntakeOptions {
  /** What is answered when no scripted reply is left. Default: 200 with `{"status":"ok"}`. */
  readonly reply?: ServerReply | ((request: IntakeRequest) => ServerReply);
}

export interface Intake {
  /** `http://127.0.0.1:<port>`, without a slash at the end; the same after `pause` and `resume`. */
  readonly url: string;
  readonly port: number;
  /** Every request in the order its body ended. */
  readonly requests: readonly IntakeRequest[];
  /** Queues replies; each serves one request, in the order the requests begin. */
  reply(...replies: readonly ServerReply[]): void;
  /** As `reply` for one reply; `refuse` stops listening, until `resume`. */
  script(reply: ScriptedReply): Promise<void>;
  /** The objects of every body that is a JSON array, whatever was answered. Throws for any other body. */
  events(): readonly JsonObject[];
  /** Resolves once `predicate` holds for the recorded requests. Rejects after `timeoutMs` (default 5,000). */
  waitFor(predicate: (requests: readonly IntakeRequest[]) => boolean, options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Stops listening and cuts open connections: connecting is then refused. */
  pause(): Promise<void>;
  /** Listens again on the same port. */
  resume(): Promise<void>;
  /** Ends the intake and every open connection. May be called more than once. */
  close(): Promise<void>;
}

/** Starts an intake on a free port of 127.0.0.1. */
export async function startIntake(options: IntakeOptions = {}): Promise<Intake> {
  const queue: ServerReply[] = [];
  const requests: IntakeRequest[] = [];
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();

  function record(request: IntakeRequest): void {
    requests.push(request);
    for (const check of waiting) check();
  }

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const scripted = queue.shift();
    if (scripted?.action === "reset" && scripted.when === "before-body") {
      record(describe(message, Buffer.alloc(0), false));
      playReply(scripted, response);
      return;
    }
    const { bytes, complete } = await readBody(message);
    const request = describe(message, bytes, complete);
    record(request);
    const otherwise = options.reply ?? POSITIVE_ANSWER;
    if (complete) playReply(scripted ?? (typeof otherwise === "function" ? otherwise(request) : otherwise), response);
  }

  const server = createServer((message, response) => {
    serve(message, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });

  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        server.off("error", reject);
        resolve();
      });
    });
  await listen(0);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the intake got no TCP port");
  const { port } = address;

  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      // The callback's error only says that the server was not listening, which is the aim.
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    reply: (...replies) => void queue.push(...replies),
    script: async (reply) => {
      if (reply.action === "refuse") await stop();
      else queue.push(reply);
    },
    events: () => requests.flatMap(({ body }) => parseEvents(body)),
    waitFor: (predicate, { timeoutMs = DEFAULT_WAIT_MS } = {}) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!predicate(requests)) return;
          clearTimeout(limit);
          waiting.delete(check);
          resolve();
        };
        const limit = setTimeout(() => {
          waiting.delete(check);
          reject(new Error(`the intake waited ${timeoutMs} ms in vain; it has seen ${requests.length} request(s)`));
        }, timeoutMs);
        waiting.add(check);
        check();
      }),
    pause: stop,
    resume: () => (server.listening ? Promise.resolve() : listen(port)),
    close: stop,
  };
}

function describe(message: IncomingMessage, rawBody: Buffer, complete: boolean): IntakeRequest {
  return {
    method: message.method ?? "",
    path: message.url ?? "",
    headers: message.headers,
    rawBody,
    body: (message.headers["content-encoding"] === "gzip" ? gunzipped(rawBody) : rawBody).toString("utf8"),
    complete,
  };
}

function gunzipped(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes);
  } catch {
    // Cut off, or gzip by name only: the bytes themselves are then the best account of the request.
    return bytes;
  }
}

async function readBody(message: IncomingMessage): Promise<{ readonly bytes: Buffer; readonly complete: boolean }> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    return { bytes: Buffer.concat(chunks), complete: message.complete };
  } catch {
    // The client went away in the middle; what came so far is part of the record.
    return { bytes: Buffer.concat(chunks), complete: false };
  }
}

function parseEvents(body: string): readonly JsonObject[] {
  if (body === "") return [];
  const parsed: unknown = JSON.parse(body);
  if (!isObjectList(parsed)) throw new Error(`the intake received a body that is not a JSON array of objects: ${body.slice(0, 200)}`);
  return parsed;
}

function isObjectList(value: unknown): value is readonly JsonObject[] {
  return Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null && !Array.isArray(item));
}
