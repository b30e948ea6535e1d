/** Runs a tool of `fixtures` in a process and a home of its own, and reads what it recorded. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ProcessResult, runProcess, temporaryHome } from "@candor/testing";

/** With candor saying yes, with candor saying no, or without candor altogether. */
export type Mode = "on" | "off" | "absent";

export interface NotesOptions {
  /** The tool's script among the fixtures. Default `notes.mjs`. */
  readonly script?: string;
  /** The name of the installed copy of Commander. Default `commander`. */
  readonly commander?: string;
  /** The shape of the tool. Default `ordinary`. */
  readonly program?: string;
  /** Default `on`. */
  readonly mode?: Mode;
  readonly environment?: Readonly<Record<string, string>>;
  /** Sent once the tool has printed `ready`. */
  readonly signal?: NodeJS.Signals;
}

export interface RecordedCommand {
  readonly name: string;
  readonly durationMs?: number;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly args?: readonly string[];
  readonly error?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

export interface NotesResult {
  readonly ended: Omit<ProcessResult, "durationMs">;
  /** Every command the process recorded: those still in the spool, and those it delivered itself. */
  readonly recorded: readonly RecordedCommand[];
  /** The properties of every command that was recorded as started. */
  readonly started: readonly unknown[];
  /** Files in the home after the process. */
  readonly files: readonly string[];
}

const FIXTURES = join(__dirname, "../fixtures");

/** Runs `notes` with `words`. */
export async function runNotes(words: readonly string[], options: NotesOptions = {}): Promise<NotesResult> {
  const { script = "notes.mjs", commander = "commander", program = "ordinary", mode = "on", signal } = options;
  const home = temporaryHome();
  try {
    const environment = {
      ...home.environment,
      COMMANDER: commander,
      PROGRAM: program,
      CANDOR: mode,
      NOTES_TELEMETRY: mode === "on" ? "on" : "off",
      DELIVERED: join(home.path, "delivered.ndjson"),
      ...options.environment,
    };
    const { durationMs: _durationMs, ...ended } = await runProcess(process.execPath, [join(FIXTURES, script), ...words], {
      environment,
      ...(signal ? { signalAfter: { output: "ready", signal } } : {}),
    });
    const files = home.list();
    const events = files.filter((file) => file.endsWith(".ndjson")).flatMap((file) => readEvents(join(home.path, file)));
    const ofType = (wanted: string): typeof events => events.filter(({ type }) => type === wanted);
    return { ended, recorded: ofType("command.invocation").map(readEvent), started: ofType("command.started").map(({ metadata }) => metadata), files };
  } finally {
    home.dispose();
  }
}

function readEvents(file: string): Readonly<Record<string, unknown>>[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Readonly<Record<string, unknown>> => JSON.parse(line));
}

/** The spool and the file backend write the same event with other field names; the latter leaves out a status of 0. */
function readEvent(event: Readonly<Record<string, unknown>>): RecordedCommand {
  const field = (name: string, delivered: string): unknown => event[name] ?? event[delivered];
  const durationMs = field("durationMs", "duration_ms") ?? 0;
  const exitCode = field("exitCode", "exit_code") ?? 0;
  if (typeof event["name"] !== "string" || typeof durationMs !== "number" || typeof exitCode !== "number") throw new Error("not an event of a command");
  const { name, signal, error, args, metadata } = event;
  return {
    name,
    durationMs,
    exitCode,
    ...(typeof signal === "string" ? { signal } : {}),
    ...(typeof error === "string" ? { error } : {}),
    ...(Array.isArray(args) ? { args: args.map(String) } : {}),
    ...(typeof metadata === "object" && metadata !== null ? { properties: { ...metadata } } : {}),
  };
}
