import { constants } from "node:os";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { type ChildEnd, exitLike } from "../src/index.ts";

/** What real processes cannot show: a signal that must not be raised. How they end is tested with `runMain`. */
describe("exitLike", () => {
  let raised: unknown[];
  let atExit: (() => void)[];

  /** Answers the status that the process is ended with, after its `exit` listeners have run. */
  function statusOf(ended: ChildEnd): unknown {
    let status: unknown;
    jest.spyOn(process, "exit").mockImplementation((code) => {
      status = code;
      for (const listener of atExit.splice(0)) listener();
      throw new Error("ended");
    });
    expect(() => exitLike(ended)).toThrow("ended");
    return status;
  }

  beforeEach(() => {
    raised = [];
    atExit = [];
    jest.spyOn(process, "kill").mockImplementation((...signalled) => {
      raised.push(signalled);
      return true;
    });
    jest.spyOn(process, "removeAllListeners").mockReturnValue(process);
    jest.spyOn(process, "once").mockImplementation((_event, listener) => {
      atExit.push(listener);
      return process;
    });
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it("does not open the debugger in a child's name", () => {
    expect(statusOf({ code: null, signal: "SIGUSR1" })).toBe(128 + constants.signals.SIGUSR1);
    expect(raised).toEqual([]);
  });

  it("raises the child's signal after everything else, with a status in case that does not end the process", () => {
    expect(statusOf({ code: null, signal: "SIGTERM" })).toBe(143);
    expect(raised).toEqual(process.platform === "win32" ? [] : [[process.pid, "SIGTERM"]]);
  });

  it.each([
    [{ code: 0, signal: null }, 0],
    [{ code: 7, signal: null }, 7],
    [{ code: null, signal: null }, 1],
  ])("raises nothing for %p", (ended, status) => {
    expect(statusOf(ended)).toBe(status);
    expect(raised).toEqual([]);
  });
});
