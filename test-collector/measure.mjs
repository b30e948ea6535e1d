/**
 * Measures what one collector node takes: the very requests that the otlp backend makes, from concurrent senders that open
 * a connection for each request, as uploaders do; against `configurations/plain.yaml` and `configurations/guide.yaml`.
 * Prints the table of docs/guides/operations.md. Needs the built workspace and the built collector. Linux only: it
 * reads the collector's processor time from /proc. Senders and collector share the machine.
 *
 * Usage: node test-collector/measure.mjs [seconds a row, default 5]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { otlpBackend } from "../packages/backend-otel/dist/esm/index.js";
import { sampleEvents } from "../packages/testing/dist/esm/index.js";

const here = import.meta.dirname;
const certificate = (name) => path.join(here, `../packages/backend/test/certificates/test-only-${name}.pem`);
const seconds = Number(process.argv[2] ?? 5);
const TOKEN = "measured-token";

/** Sixteen uploaders at once; one event, a day's use of one person, and the backend's largest batch. */
const SENDERS = 16;
const BATCHES = [1, 20, 512];

/** Clock ticks of /proc/<pid>/stat: 100 a second on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100;

const workshop = mkdtempSync(path.join(os.tmpdir(), "candor-measure-"));
try {
  const { startCollector } = await loadCollector();
  const warehouse = await startWarehouse();
  print(`${os.cpus()[0]?.model ?? "unknown processor"}, ${os.cpus().length} processors, ${SENDERS} senders, ${seconds} s a row\n`);
  print("| configuration | events a request | requests/s | events/s | median | 99th percentile | Collector's processors | peak memory |");
  print("| --- | --- | --- | --- | --- | --- | --- | --- |");
  for (const configuration of ["plain", "guide"]) {
    for (const events of BATCHES) print(await measure(startCollector, configuration, events, warehouse));
  }
  warehouse.close();
} finally {
  rmSync(workshop, { recursive: true, force: true });
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

/** `collector.ts` is made for the tests, which compile it themselves. */
async function loadCollector() {
  const outfile = path.join(workshop, "collector.cjs");
  await build({
    entryPoints: [path.join(here, "collector.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    define: { __dirname: JSON.stringify(here) },
  });
  return createRequire(import.meta.url)(outfile);
}

/** The second destination of the guide's configuration: takes everything. */
function startWarehouse() {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** The request that the backend makes for so many events: its headers and its compressed body. */
async function captureRequest(count) {
  let captured;
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      captured = { headers: { ...request.headers }, body: Buffer.concat(chunks) };
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const backend = otlpBackend(
    { endpoint: `http://127.0.0.1:${server.address().port}`, headers: { authorization: `Bearer ${TOKEN}` } },
    { toolName: "notes", toolVersion: "1.2.3", dataDirectory: workshop, logger },
  );
  const { status } = await backend.send(sampleEvents(count), { signal: new AbortController().signal });
  if (status !== "accepted") throw new Error(`the request could not be captured: ${status}`);
  await backend.close();
  server.close();
  delete captured.headers.host;
  return captured;
}

async function measure(startCollector, configuration, events, warehouse) {
  const tokens = path.join(workshop, "tokens");
  writeFileSync(tokens, `${TOKEN}\n`);
  const variables = {
    COLLECTOR_CERTIFICATE: certificate("server"),
    COLLECTOR_KEY: certificate("server.key"),
    COLLECTOR_TOKENS: tokens,
    COLLECTOR_WAREHOUSE: `http://127.0.0.1:${warehouse.address().port}`,
  };
  const collector = await startCollector({ configurations: [configuration], variables });
  try {
    const secure = configuration === "guide";
    const { headers, body } = await captureRequest(events);
    const target = { ...address(collector.address), path: "/v1/logs", method: "POST", agent: false, headers, ...(secure && { ca: readFileSync(certificate("ca")) }) };
    const send = () => post(secure ? httpsRequest : httpRequest, target, body);
    await send();

    const latencies = [];
    const refusals = new Map();
    const ticksBefore = processorTicks(collector.processId);
    const startedAt = performance.now();
    const endsAt = startedAt + seconds * 1000;
    await Promise.all(
      Array.from({ length: SENDERS }, async () => {
        while (performance.now() < endsAt) {
          const sentAt = performance.now();
          const status = await send();
          if (status === 200) latencies.push(performance.now() - sentAt);
          else refusals.set(status, (refusals.get(status) ?? 0) + 1);
        }
      }),
    );
    const tookSeconds = (performance.now() - startedAt) / 1000;
    const processors = (processorTicks(collector.processId) - ticksBefore) / TICKS_PER_SECOND / tookSeconds;
    latencies.sort((left, right) => left - right);
    const requests = latencies.length / tookSeconds;
    const row = [
      `\`${configuration}.yaml\``,
      events,
      Math.round(requests).toLocaleString("en"),
      Math.round(requests * events).toLocaleString("en"),
      `${percentile(latencies, 0.5).toFixed(1)} ms`,
      `${percentile(latencies, 0.99).toFixed(1)} ms`,
      processors.toFixed(2),
      `${Math.round(peakMemoryKib(collector.processId) / 1024)} MiB`,
    ];
    const refused = [...refusals].map(([status, count]) => ` (${count} answered ${status})`).join("");
    return `| ${row.join(" | ")} |${refused}`;
  } finally {
    await collector.dispose();
  }
}

function address(hostAndPort) {
  const [host, port] = hostAndPort.split(":");
  return { host, port };
}

function post(request, target, body) {
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...target, headers: { ...target.headers, "content-length": body.length } }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** utime and stime; the name before them, in parentheses, may hold spaces. */
function processorTicks(processId) {
  const fields = readFileSync(`/proc/${processId}/stat`, "utf8").split(") ")[1].split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function peakMemoryKib(processId) {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${processId}/status`, "utf8"))[1]);
}
