/**
 * The receiver: a destination in every state a network can be in, in a process of its own so that it does not disturb what is
 * measured. It answers each vendor's positive answer and counts the events it acknowledged by their marks, each once. The intake of
 * `@candor/testing` keeps every request for a test to look at; this one keeps nothing but bits, because a million events pass through.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createPlainServer } from "node:net";
import { gunzipSync } from "node:zlib";

/** The states of a destination, in the order in which tables show them. */
export const STATES = ["instant", "150 ms", "refused", "never answers", "503"];

/** Starts it. `endpoints` maps a state to an address with a slash at its end. */
export async function startReceiver() {
  const child = fork(import.meta.filename, { execArgv: [], env: { PATH: process.env.PATH } });
  const [endpoints] = await once(child, "message");
  let asking = Promise.resolve();
  const ask = (question) =>
    (asking = asking.then(async () => {
      child.send(question);
      return (await once(child, "message"))[0];
    }));
  return {
    endpoints,
    /** What arrived of a run: unique acknowledged events, duplicates, requests, bytes, and the first request's instant (`hrtime`, ms). */
    tally: (run) => ask({ tally: run }),
    /** Forgets a run. */
    forget: (run) => ask({ forget: run }),
    async close() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}

/** Counts the marks `#<run>.<sequence>#` in bytes; calls `found` with the run and the sequence. */
export function eachMark(bytes, found) {
  for (let at = bytes.indexOf("#"); at >= 0; at = bytes.indexOf("#", at)) {
    const text = bytes.latin1Slice(at + 1, at + 16);
    if (text[6] === "." && text[14] === "#") {
      found(text.slice(0, 6), Number(text.slice(7, 14)));
      at += 16;
    } else at += 1;
  }
}

const tallies = new Map();

function tallyOf(run) {
  let tally = tallies.get(run);
  if (!tally) tallies.set(run, (tally = { events: 0, duplicates: 0, requests: 0, bytes: 0, firstAtMs: undefined, seen: new Uint8Array(64) }));
  return tally;
}

function enlarged(bits, index) {
  const larger = new Uint8Array(2 * (index + 1));
  larger.set(bits);
  return larger;
}

/** A request may hold the events of several runs; it counts for each. */
function record(body, request, acknowledged, atMs) {
  const bytes = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
  const touched = new Set();
  let lastRun;
  let tally;
  eachMark(bytes, (run, sequence) => {
    if (run !== lastRun) {
      tally = tallyOf(run);
      touched.add(tally);
      lastRun = run;
    }
    if (!acknowledged) return;
    if (sequence >> 3 >= tally.seen.length) tally.seen = enlarged(tally.seen, sequence >> 3);
    const bit = 1 << (sequence & 7);
    if (tally.seen[sequence >> 3] & bit) tally.duplicates++;
    else tally.events++;
    tally.seen[sequence >> 3] |= bit;
  });
  for (const each of touched) {
    each.requests++;
    each.bytes += body.length;
    each.firstAtMs ??= atMs;
  }
}

const ANSWERS = [
  [/^\/2\/httpapi/, 200, '{"code":200,"events_ingested":1,"payload_size_bytes":1,"server_upload_time":1}'],
  [/^\/batch/, 200, '{"status":"Ok"}'],
  [/^\/v1\/logs/, 200, "{}"],
  [/^\/v1\/batch/, 200, '{"success":true}'],
  [/^\/api\/v2\/logs/, 202, "{}"],
  [/^\//, 200, '{"status":"ok"}'],
];

function answering({ status, delayMs = 0 }) {
  const server = createServer((request, response) => {
    const atMs = Number(process.hrtime.bigint()) / 1e6;
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const answer = () => {
        const [, positive, body] = ANSWERS.find(([path]) => path.test(request.url));
        response.writeHead(status ?? positive, { "content-type": "application/json" }).end(status ? "" : body);
        record(Buffer.concat(chunks), request, status === undefined, atMs);
      };
      if (delayMs > 0) setTimeout(answer, delayMs);
      else answer();
    });
  });
  server.keepAliveTimeout = 60_000;
  return server;
}

async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}/`;
}

async function serve() {
  // Whoever gives up resets its connection.
  const silent = createPlainServer((socket) => socket.resume().on("error", () => undefined));
  // A port that was free a moment ago refuses.
  const gone = createPlainServer();
  const refused = await listen(gone);
  gone.close();
  process.on("message", ({ tally, forget }) => {
    if (forget !== undefined) tallies.delete(forget);
    const { seen: _, ...counts } = tally === undefined ? {} : (tallies.get(tally) ?? { events: 0, duplicates: 0, requests: 0, bytes: 0 });
    process.send(counts);
  });
  process.on("disconnect", () => process.exit(0));
  process.send({
    instant: await listen(answering({})),
    "150 ms": await listen(answering({ delayMs: 150 })),
    refused,
    "never answers": await listen(silent),
    503: await listen(answering({ status: 503 })),
  });
}

if (process.argv[1] === import.meta.filename) await serve();
