import { beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { Command } from "commander";
import type * as commanderEntry from "../../src/commander.ts";
import { assertTrackedCommands, eventFor, firstArg, isPluginCommand, track, trackedCommands, trackPlugin, trackWith } from "../../src/commander.ts";
import { COPIES } from "./copies.ts";

describe.each(COPIES)("wiring, with Commander $version", ({ createProgram }) => {
  let program: Command;
  let run: Command;

  beforeEach(() => {
    program = createProgram("dr");
    run = program.command("task").command("run").alias("r");
  });

  it("has no event for a command that is not wired, or for none", () => {
    expect(eventFor(run, [])).toBeUndefined();
    expect(eventFor(null, [])).toBeUndefined();
    expect(eventFor(undefined, [])).toBeUndefined();
    expect([isPluginCommand(run), isPluginCommand(null), isPluginCommand(undefined)]).toEqual([false, false, false]);
  });

  it("does not wire what stands above or below a command", () => {
    const task = program.commands[0];
    track(run);
    expect(eventFor(task, [])).toBeUndefined();
    expect(eventFor(run.command("again"), [])).toBeUndefined();
  });

  it.each([
    ["throws", () => { throw new Error("no result yet"); }, "no result yet"],
    ["throws nothing readable", () => { throw Object.create(null); }, ""],
    ["answers a text", () => "garbage", "it answered no object of properties"],
    ["answers a list", () => ["garbage"], "it answered no object of properties"],
    ["answers nothing", () => undefined, "it answered no object of properties"],
    ["answers null", () => null, "it answered no object of properties"],
    ["answers a promise", () => Promise.reject(new Error("later")), "it answered a promise; an extractor is synchronous"],
    ["answers what cannot be read", () => ({ get result() { throw new Error("unreadable"); } }), "unreadable"],
  ])("keeps the event of an extractor that %s, without properties", (_what, extract, problem) => {
    // Such an extractor is a mistake that only a tool without types can make.
    Reflect.apply(trackWith, undefined, [run, extract]);
    expect(eventFor(run, ["x"])).toEqual({ name: "dr task run", properties: {}, problem });
  });

  it("names the event by the full path and asks the extractor with the command and its arguments", () => {
    const asked: unknown[] = [];
    trackWith(run, (...question) => {
      asked.push(...question);
      return { task_name: firstArg(question[1]) };
    });
    expect(eventFor(run, ["build", "test"])).toEqual({ name: "dr task run", properties: { task_name: "build" } });
    expect(asked).toEqual([run, ["build", "test"]]);
  });

  it("asks the extractor anew each time, and nobody before", () => {
    let count = 0;
    trackWith(run, () => ({ count: (count += 1) }));
    expect(count).toBe(0);
    expect([eventFor(run, [])?.properties, eventFor(run, [])?.properties]).toEqual([{ count: 1 }, { count: 2 }]);
  });

  it("answers the command it was given", () => {
    expect([track(run), trackWith(run, () => ({})), trackPlugin(run, "0.1.37")]).toEqual([run, run, run]);
  });

  it("knows a plugin's command and its version", () => {
    trackPlugin(run, "0.1.37");
    expect(isPluginCommand(run)).toBe(true);
    expect(eventFor(run, [])).toEqual({ name: "dr task run", properties: { plugin_version: "0.1.37" } });
  });

  it("replaces an earlier wiring", () => {
    trackPlugin(run, "0.1.37");
    trackWith(run, () => ({ task_name: "build" }));
    expect(isPluginCommand(run)).toBe(false);
    expect(eventFor(run, [])?.properties).toEqual({ task_name: "build" });
    track(run);
    expect(eventFor(run, [])?.properties).toEqual({});
  });

  it("adds nothing that shows to a command", () => {
    const shown = (): unknown => Reflect.ownKeys(run).filter((key) => Object.prototype.propertyIsEnumerable.call(run, key));
    const before = shown();
    track(run);
    expect(shown()).toEqual(before);
  });

  it("is understood by another copy of this package", async () => {
    trackPlugin(run, "0.1.37");
    let other: typeof commanderEntry | undefined;
    await jest.isolateModulesAsync(async () => {
      other = await import("../../src/commander.ts");
    });
    expect(other?.eventFor).not.toBe(eventFor);
    expect(other?.eventFor(run, [])).toEqual(eventFor(run, []));
    expect(other?.isPluginCommand(run)).toBe(true);
  });

  it("takes the first argument, or an empty text", () => {
    expect([firstArg([]), firstArg(["a", "b"])]).toEqual(["", "a"]);
  });

  describe("the list of tracked commands", () => {
    beforeEach(() => {
      track(run);
      track(program.command("auth"));
      program.command("help-me");
    });

    it("names what is missing and what is unexpected, and says what to do", () => {
      expect(() => assertTrackedCommands(program, ["dr auth", "dr task list", "dr task stop"])).toThrow(
        [
          "the commands with telemetry are not the expected ones:",
          "  `dr task list` is no longer wired: call track, trackWith or trackPlugin where it is built, or take it off the list if it is gone",
          "  `dr task stop` is no longer wired: call track, trackWith or trackPlugin where it is built, or take it off the list if it is gone",
          "  `dr task run` is wired but not on the list: add it, so that losing it is noticed",
        ].join("\n"),
      );
    });

    it("is sorted, and complete down to the root itself", () => {
      expect(trackedCommands(program)).toEqual(["dr auth", "dr task run"]);
      expect(trackedCommands(track(program))).toEqual(["dr", "dr auth", "dr task run"]);
    });

    it("is accepted in any order", () => {
      expect(() => assertTrackedCommands(program, ["dr task run", "dr auth"])).not.toThrow();
    });

    it("is the paths alone for a program without a name", () => {
      const nameless = createProgram();
      track(nameless.command("auth"));
      expect(trackedCommands(nameless)).toEqual(["auth"]);
    });
  });
});
