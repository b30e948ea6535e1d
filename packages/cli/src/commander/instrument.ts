/**
 * Instrumentation: follows what a Commander program does and has each command recorded when its outcome is known.
 * It only looks on: every hook answers nothing, at once, and throws nothing. None of its frames is on the stack while
 * a hook or an action of the tool's runs, so that even their stack traces are the tool's own.
 */
import type { Collector } from "@candor/core";
import { createInvocationRecorder } from "../invocation.ts";
import type { CommanderCommand, ErrorPrinter } from "./commander-command.ts";
import { createCommandEvents, type InstrumentOptions } from "./command-event.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
import { lineageOf, telemetryCommandPath } from "./command-path.ts";
import { onFailure } from "./failure-report.ts";
import { askBeforeAction } from "./first-run.ts";
import { showDueNotice } from "../due-notice.ts";

/** Holds the collector a program is recorded for; in the global registry, as two copies of this package may meet. */
const RECORDED_FOR = Symbol.for("candor.recorded-for");

/** The class of every error that Commander makes of a usage error and of `error()`. */
const USAGE_ERROR_TYPE = "CommanderError";

/**
 * Records one `command.invocation` event for every command of `program`, those added later included: the full path,
 * the duration, the exit status, and a signal that ended it. Help, versions, shell completion and `telemetry` are not
 * recorded. `options` narrow this to wired commands, or record the life of a command by events of other names.
 * Does nothing when the collector is disabled, or when the program is recorded for it already; but it shows the notice that
 * must come first under the opt-out model, once, on a terminal, or asks for consent where `options` say so.
 */
export function instrument(program: CommanderCommand, collector: Collector, options: InstrumentOptions = {}): void {
  const { prompt = false, notice } = options;
  if (prompt !== false) {
    askBeforeAction(program, collector, prompt === true ? {} : prompt, (command) => record(program, collector, options)?.join(command));
  } else if (!collector.enabled) {
    showDueNotice(collector, () => ({ lines: notice, telemetryCommand: telemetryCommandPath(program, program.name() || collector.installation.config.tool) }));
  }
  record(program, collector, options);
}

interface Recording {
  /** Takes in a command whose action is about to run, and which was not followed so far. */
  join(command: CommanderCommand): void;
}

/** Records from now on; undefined when it is not wanted, or being done already. */
function record(program: CommanderCommand, collector: Collector, options: InstrumentOptions): Recording | undefined {
  if (!collector.enabled || Reflect.get(program, RECORDED_FOR) === collector) return undefined;
  Object.defineProperty(program, RECORDED_FOR, { value: collector, configurable: true });

  const recorder = createInvocationRecorder(collector);
  const events = createCommandEvents(collector, options);
  const keepFlags = options.lifecycle === true;
  onFailure(program, (failure) => recorder.noteFailure(failure));
  const { config, logger } = collector.installation;
  // Asked now, because a parse names a nameless program after its script's file.
  const rootName = program.name() || config.tool;
  const followed = new WeakSet<CommanderCommand>();
  const watched = new WeakSet<ErrorPrinter>();
  let dispatch: Dispatch | undefined;

  const quietly = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      logger.debug("a command could not be followed", { error: String(error) });
    }
  };

  const begin = (words: readonly string[]): Dispatch => {
    const next = createDispatch(program, rootName, words, { keepFlags });
    recorder.begin({
      describe(ended) {
        const dispatched = next.describe(ended.exitCode);
        return dispatched && events.ended(dispatched, ended);
      },
    });
    dispatch = next;
    return next;
  };

  /** The dispatch that is being resolved. An action that has a subcommand parsed by itself begins another one. */
  const resolving = (): Dispatch => (dispatch === undefined || dispatch.running ? begin([]) : dispatch);

  const follow = (command: CommanderCommand): void => {
    watchErrors(command);
    if (followed.has(command)) return;
    followed.add(command);
    command.hook("preSubcommand", (_parent, subcommand) =>
      quietly(() => {
        resolving().resolved(subcommand);
        follow(subcommand);
      }),
    );
  };

  /** Every usage error and every `error()` of the tool's is printed through this; wrapping it leaves no frame behind. */
  const watchErrors = (command: CommanderCommand): void => {
    const { outputError: print } = command.configureOutput();
    // Commands may share one configuration.
    if (!print || watched.has(print)) return;
    const noting: ErrorPrinter = function (this: unknown, text, write) {
      quietly(() => dispatch?.failed());
      recorder.noteFailure({ message: text.trim(), type: USAGE_ERROR_TYPE });
      print.call(this, text, write);
    };
    watched.add(noting);
    command.configureOutput({ outputError: noting });
  };

  follow(program);
  const reached = (command: CommanderCommand): void =>
    quietly(() => {
      const dispatched = resolving().reached(command);
      if (dispatched) events.started(dispatched);
    });
  program.hook("preAction", (_program, command) => reached(command));
  program.addHelpText("beforeAll", ({ command }) => {
    dispatch?.helped(command);
    return "";
  });
  // A parse announces itself in no event; but reading the options is public, and is the first thing it does.
  const parseOptions = program.parseOptions.bind(program);
  let seenLine = commandLine(program);
  program.parseOptions = (words) => {
    quietly(() => {
      const line = commandLine(program);
      if (line === seenLine && line !== undefined) return;
      seenLine = line;
      watchErrors(program);
      begin(words);
    });
    return parseOptions(words);
  };

  return {
    join(command) {
      for (const each of lineageOf(command)) follow(each);
      begin(program.args);
      reached(command);
    },
  };
}

/**
 * The command line of the latest parse, another list for each. Only a member outside Commander's declared surface tells
 * a parse from a tool that merely reads options; without it every reading is taken for a parse.
 */
function commandLine(program: CommanderCommand): unknown {
  return Reflect.get(program, "rawArgs");
}
