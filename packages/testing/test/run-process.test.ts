import { createServer } from "node:net";
import { describe, expect, it } from "@jest/globals";
import { runProcess, startProcess } from "@candor/testing";

const environment = { PATH: process.env["PATH"] ?? "" };
const node = (script: string): [string, readonly string[]] => [process.execPath, ["-e", script]];

describe("running a process", () => {
  it("rejects when the command cannot be started", async () => {
    await expect(runProcess("/nonexistent/tool", ["x"], { environment })).rejects.toThrow("could not be started: /nonexistent/tool x");
  });

  it(
    "kills what outlives its time limit, its children included, and shows the output",
    async () => {
      // The child's child holds a connection, whose end tells that it is gone.
      const server = createServer();
      const gone = new Promise<void>((resolve) => {
        server.on("connection", (socket) => socket.on("error", () => undefined).on("close", () => resolve()).resume());
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      try {
        const address = server.address();
        const port = typeof address === "object" ? address?.port : undefined;
        const script = `
          require("node:child_process").spawn(process.execPath, ["-e", "require('node:net').connect(${port}, '127.0.0.1')"], { stdio: "inherit" });
          console.log("started");
          setInterval(() => {}, 1000);`;
        await expect(runProcess(...node(script), { environment, timeoutMs: 3_000 })).rejects.toThrow(/did not exit within 3000 ms[^]*started/);
        await gone;
      } finally {
        server.close();
      }
    },
    20_000,
  );

  it("says so when the process has exited but a child of it keeps the output open", async () => {
    const script = `require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" }).unref();`;
    await expect(runProcess(...node(script), { environment, timeoutMs: 2_000 })).rejects.toThrow("exited, but a process it started kept its output open");
  });

  it("tells the exit code and both streams, and passes the input and only the given environment", async () => {
    const script = `process.stdin.on("data", (text) => process.stdout.write("in:" + text));
      process.stdin.on("end", () => { console.error(Object.keys(process.env).filter((name) => name !== "PATH").join()); process.exitCode = 3; });`;
    const result = await runProcess(...node(script), { environment: { ...environment, ONLY: "1" }, input: "hello" });
    expect(result).toMatchObject({ exitCode: 3, signal: null, stdout: "in:hello", stderr: "ONLY\n" });
    expect(result.durationMs).toBeGreaterThan(0);
  });

  it("survives a process that does not read its input", async () => {
    const result = await runProcess(...node("process.exit(0)"), { environment, input: "x".repeat(1_000_000) });
    expect(result.exitCode).toBe(0);
  });

  it("sends a signal after the chosen output", async () => {
    const script = `console.log("ready"); setInterval(() => {}, 1000);`;
    const result = await runProcess(...node(script), { environment, signalAfter: { output: "ready", signal: "SIGTERM" } });
    expect(result).toMatchObject({ exitCode: null, signal: "SIGTERM", stdout: "ready\n" });
  });
});

describe("a started process", () => {
  it("rejects a wait for output that never comes", async () => {
    const running = startProcess(...node(`console.error("other")`), { environment });
    await expect(running.waitForOutput("ready")).rejects.toThrow(/ended without printing "ready"[^]*other/);
    expect((await running.exited).exitCode).toBe(0);
  });

  it("can be killed at a chosen point", async () => {
    const running = startProcess(...node(`process.stderr.write("half"); setInterval(() => {}, 1000);`), { environment });
    await running.waitForOutput("half");
    running.child.kill("SIGKILL");
    expect(await running.exited).toMatchObject({ signal: "SIGKILL", stderr: "half" });
    await expect(running.waitForOutput("half")).resolves.toBeUndefined();
  });
});
