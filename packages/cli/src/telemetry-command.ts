/**
 * The `telemetry` command, described once for every framework: its names, its words, and what each subcommand runs.
 * It prints nothing and sets no exit status; an adapter does both with the answer. The work itself is loaded when a
 * subcommand runs, so that describing it costs the other commands nothing.
 */
import type { Collector } from "@candor/core";
import type * as commandsRoom from "@candor/core/commands";

export interface TelemetryRunOptions {
  /** Answer the result for programs instead of people. Default false. */
  readonly json?: boolean;
  /** Of `disable`: why, in the user's words. It is kept with the answer and never sent. */
  readonly reason?: string;
  /** Of `reset`: only call off a deletion request that nobody has confirmed yet. */
  readonly cancelDeletion?: boolean;
  /** Of `inspect`: what has been sent, or what the next command would send, instead of what waits. */
  readonly sent?: boolean;
  readonly preview?: boolean;
  /** Of `inspect`: one JSON object a line. Default false. */
  readonly jsonl?: boolean;
  /** Of `export`: the file to write, and whether it may replace one. */
  readonly out?: string;
  readonly force?: boolean;
  /** Of `flush`: told what is left while it sends. For a person who watches; nothing is said without it. */
  readonly progress?: (line: string) => void;
  /**
   * Takes the pieces of an answer that may be too large to hold (`inspect`, `export`); `stdout` is empty then. False, or a promise of
   * it, ends the answer. Default: everything is in `stdout`.
   */
  readonly write?: (text: string) => boolean | Promise<boolean>;
}

/** An option of a subcommand, by the name it has in `TelemetryRunOptions` and, with `--`, on the command line. */
export interface TelemetryOption {
  readonly name: "reason" | "sent" | "preview" | "jsonl" | "out" | "force" | "cancelDeletion";
  readonly summary: string;
  /** What its value is, for help: `file`. Absent for a switch. */
  readonly value?: string;
}

/** What a subcommand has to say, for the adapter to pass on. */
export interface TelemetryAnswer {
  /** 0 when everything that was asked for is done. */
  readonly exitCode: 0 | 1;
  /** The whole output, ending with a newline; with `json`, one JSON document and nothing else. */
  readonly stdout: string;
}

export interface TelemetrySubcommand {
  readonly name: "enable" | "disable" | "status" | "inspect" | "flush" | "export" | "info" | "doctor" | "reset";
  readonly summary: string;
  /** Options beside `--json`. */
  readonly options: readonly TelemetryOption[];
  /** Does the work. Leaves no event of its own. Rejects only where candor has a defect. */
  run(collector: Collector, options?: TelemetryRunOptions): Promise<TelemetryAnswer>;
}

/** The command as a framework mounts it, under any parent. */
export interface TelemetryCommand {
  readonly name: "telemetry";
  readonly summary: string;
  readonly description: string;
  /** A switch that every subcommand takes. */
  readonly jsonOption: { readonly name: "json"; readonly summary: string };
  readonly subcommands: readonly TelemetrySubcommand[];
}

type Commands = typeof commandsRoom;

type AnyReport = commandsRoom.CommandReport | commandsRoom.StreamedReport;

/** What the work itself is told; the rest is about how its answer is passed on. */
type WorkOptions = Omit<TelemetryRunOptions, "json" | "jsonl" | "write">;

/** The description that adapters mount. */
export const telemetryCommand: TelemetryCommand = {
  name: "telemetry",
  summary: "Manage pseudonymous usage telemetry",
  description: [
    "Manage pseudonymous usage analytics of this tool.",
    "",
    "`status` shows what is decided, why, and what waits to be sent; `disable` takes effect at once.",
  ].join("\n"),
  jsonOption: { name: "json", summary: "Print the result as JSON" },
  subcommands: [
    subcommand("enable", "Allow usage telemetry", ({ enable }) => enable),
    {
      ...subcommand("disable", "Stop usage telemetry and discard what has not been sent", ({ disable }) => disable),
      options: [{ name: "reason", summary: "Why, in your words; kept on this machine with your answer", value: "text" }],
    },
    subcommand("status", "Show whether telemetry is on, why, and what it holds", ({ status }) => status),
    {
      ...subcommand("inspect", "Show the exact events that wait to be sent", ({ inspect }) => inspect),
      options: [
        { name: "sent", summary: "Show the events that were sent, to whom, and what became of them" },
        { name: "preview", summary: "Show what the next command would send, also while telemetry is off" },
        { name: "jsonl", summary: "Print one JSON object a line" },
      ],
    },
    subcommand("flush", "Send what waits now, and say what is left", ({ flush }) => flush),
    {
      ...subcommand("export", "Print everything telemetry holds on this machine, as JSON", ({ exportData }) => exportData),
      options: [
        { name: "out", summary: "Write it to a new file that only you can read", value: "file" },
        { name: "force", summary: "Replace the file if there is one" },
      ],
    },
    subcommand("info", "Show what is recorded, what is not, and where it goes", ({ info }) => info),
    subcommand("doctor", "Look for what keeps telemetry from working, without sending usage data", ({ doctor }) => doctor),
    {
      ...subcommand("reset", "Stop telemetry, clear local data and ask for deletion of what was sent", ({ reset }) => reset),
      options: [{ name: "cancelDeletion", summary: "Only call off a deletion request that has not been confirmed yet" }],
    },
  ],
};

function subcommand(
  name: TelemetrySubcommand["name"],
  summary: string,
  pick: (commands: Commands) => (collector: Collector, options: WorkOptions) => AnyReport | Promise<AnyReport>,
): TelemetrySubcommand {
  return {
    name,
    summary,
    options: [],
    async run(collector, { json = false, jsonl = false, write, ...options } = {}) {
      const commands = await import("@candor/core/commands");
      const report = await pick(commands)(collector, options);
      if ("pieces" in report) return pass(report.pieces(jsonl ? "jsonl" : json ? "json" : "text"), write);
      return { exitCode: report.exitCode, stdout: commands.reportText(report, json ? "json" : "text") };
    },
  };
}

/** Whoever has seen enough may leave: what was to be shown has been shown. */
async function pass(pieces: Generator<string, 0 | 1>, write: TelemetryRunOptions["write"]): Promise<TelemetryAnswer> {
  let stdout = "";
  for (;;) {
    const next = pieces.next();
    if (next.done) return { exitCode: next.value, stdout };
    if (!write) stdout += next.value;
    else if (!(await write(next.value))) return { exitCode: 0, stdout };
  }
}
