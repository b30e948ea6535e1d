import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "@jest/globals";
import { buildSync } from "esbuild";
import { post } from "../src/index.ts";
import { arrival, certificate, closedPort, closeServers, openIntake, openTcp, serverIdentity } from "./loopback.ts";
import { openProxy } from "./loopback-proxy.ts";

afterEach(closeServers);

/**
 * Runs a script with the package bundled into it in a process of its own, which must come to its end
 * by itself, and answers what it printed. `candor` is the package's index.
 */
async function runScript(script: string, environment: NodeJS.ProcessEnv = {}): Promise<{ stdout: string; stderr: string }> {
  const bundle = buildSync({
    stdin: { contents: `const before = new Set(process.moduleLoadList);\nconst candor = require("./index.ts");\n${script}`, resolveDir: path.join(__dirname, "../src") },
    bundle: true,
    platform: "node",
    target: "node20",
    write: false,
  });
  const child = promisify(execFile)(process.execPath, ["-"], { timeout: 20_000, env: { PATH: process.env["PATH"], ...environment } });
  child.child.stdin?.end(bundle.outputFiles[0]?.text);
  return child;
}

describe("the index of the package", () => {
  it("loads no module of Node before the first post", async () => {
    const { url } = await openIntake((response) => response.end());
    const script = `
      const listLoaded = () => process.moduleLoadList.filter((name) => name.startsWith("NativeModule ") && !before.has(name));
      const atStart = listLoaded();
      candor.post({ url: ${JSON.stringify(url)}, body: "x" }).then(() => console.log(JSON.stringify({ atStart, after: listLoaded() })));
    `;
    expect(JSON.parse((await runScript(script)).stdout)).toEqual({
      atStart: [],
      after: expect.arrayContaining(["NativeModule http", "NativeModule tls", "NativeModule zlib"]),
    });
  });

  it("exports a post that sends", async () => {
    const { url } = await openIntake((response, { body }) => response.end(body));
    expect(await post({ url, body: "echo" })).toMatchObject({ status: "answered", body: "echo" });
  });
});

describe("a process that posts", () => {
  it("ends by itself and prints nothing, whatever became of the requests", async () => {
    const answering = await openIntake((response) => response.end("12345678"));
    const secure = await openIntake((response) => response.end("12345678"), serverIdentity());
    const silent = await openTcp((socket) => socket.on("error", () => socket.destroy()).resume());
    const broken = await openTcp((socket) => socket.on("error", () => socket.destroy()).once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n")));
    const proxy = await openProxy();
    const hung = await openProxy({ hangs: (client) => client.resume() });
    const tls = { ca: certificate("ca") };
    const requests = [
      { url: answering.url, body: "x" },
      { url: answering.url, body: "x", gzip: true },
      { url: answering.url, body: "x", maxResponseBytes: 1 },
      { url: secure.url, body: "x", tls },
      { url: secure.url, body: "x", tls, maxResponseBytes: 1 },
      { url: secure.url, body: "x" },
      { url: secure.url, body: "x", tls, proxy: proxy.url },
      { url: secure.url, body: "x", tls, proxy: hung.url, timeoutMs: 200 },
      { url: silent.url, body: "x", timeoutMs: 200 },
      { url: silent.url.replace("http", "https"), body: "x", timeoutMs: 200 },
      { url: broken.url, body: "x" },
      { url: `http://127.0.0.1:${await closedPort()}`, body: "x" },
      { url: "nonsense", body: "x" },
    ];
    const script = `
      const signal = new AbortController();
      const requests = ${JSON.stringify(requests)};
      const stopped = { url: ${JSON.stringify(silent.url)}, body: "x", timeoutMs: 60_000, signal: signal.signal };
      const faults = Promise.all([...requests, ...Array(12).fill(stopped)].map((request) => candor.post({ timeoutMs: 60_000, ...request })));
      setTimeout(() => signal.abort(), 200);
      faults.then((results) => { process.exitCode = results.length; require("node:fs").writeSync(1, results.map((r) => r.fault ?? r.statusCode).join(" ")); });
    `;
    const run = runScript(script);
    // The number of results is the exit code, so that only a natural end with all of them can give it.
    await expect(run).rejects.toMatchObject({
      code: requests.length + 12,
      killed: false,
      stdout: `200 200 response-too-large 200 response-too-large network 200 timeout timeout timeout truncated network network${" aborted".repeat(12)}`,
      stderr: "",
    });
  });

  it("takes back what it sent even when it exits with the abort", async () => {
    const end = arrival<unknown>();
    const begun = arrival<void>();
    const silent = await openTcp((socket) => {
      socket.once("data", () => begun.resolve());
      socket.once("end", () => end.resolve("closed, not reset"));
      socket.once("error", end.resolve);
    });
    const gate = await openIntake((response) => void begun.promise.then(() => response.end()));
    const script = `
      const controller = new AbortController();
      void candor.post({ url: ${JSON.stringify(silent.url)}, body: "x", signal: controller.signal });
      candor.post({ url: ${JSON.stringify(gate.url)}, body: "x" }).then(() => { controller.abort(); process.exit(0); });
    `;
    await runScript(script);
    expect(await end.promise).toMatchObject({ code: "ECONNRESET" });
  });

  it("trusts the authorities of NODE_EXTRA_CA_CERTS, alone and besides others", async () => {
    const { url } = await openIntake((response) => response.end("ok"), serverIdentity());
    const script = `
      const settings = [undefined, { ca: ${JSON.stringify(certificate("client"))} }];
      Promise.all(settings.map((tls) => candor.post({ url: ${JSON.stringify(url)}, body: "x", tls })))
        .then((results) => console.log(results.map((r) => r.statusCode ?? r.reason).join(" ")));
    `;
    const authorities = path.join(__dirname, "certificates/test-only-ca.pem");
    expect((await runScript(script, { NODE_EXTRA_CA_CERTS: authorities })).stdout).toBe("200 200\n");
    expect((await runScript(script)).stdout).not.toContain("200");
  });
});
