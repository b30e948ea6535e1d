import { describe, expect, it } from "@jest/globals";
import { processesIn, startProcess, temporaryHome, waitUntil } from "../src/index.ts";

it("answers the first value that counts", async () => {
  let looks = 0;
  expect(await waitUntil("the third look", () => (++looks >= 3 ? `look ${looks}` : undefined))).toBe("look 3");
});

it("says what did not come about", async () => {
  await expect(waitUntil("pigs fly", () => false, 20)).rejects.toThrow("within 20 ms it did not come to this: pigs fly");
});

it("passes on what the condition throws", async () => {
  await expect(waitUntil("x", () => { throw new Error("broken"); })).rejects.toThrow("broken");
});

(process.platform === "linux" ? describe : describe.skip)("on Linux", () => {
  it("sees the processes of a directory and no others", async () => {
    const home = temporaryHome({ "inner/": "" });
    const other = temporaryHome();
    const started = startProcess(process.execPath, ["-e", "process.stdin.resume(); console.log('up')"], { environment: home.environment, cwd: `${home.path}/inner` });
    try {
      await started.waitForOutput("up");
      expect(processesIn(home.path)).toEqual([{ pid: started.child.pid, commandLine: expect.stringContaining("stdin.resume"), cwd: `${home.path}/inner` }]);
      expect(processesIn(other.path)).toEqual([]);
    } finally {
      started.child.kill("SIGKILL");
      await started.exited;
      home.dispose();
      other.dispose();
    }
  });
});
