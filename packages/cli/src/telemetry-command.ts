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
}

/** What a subcommand has to say, for the adapter to pass on. */
export interface TelemetryAnswer {
  /** 0 when everything that was asked for is done. */
  readonly exitCode: 0 | 1;
  /** The whole output, ending with a newline; with `json`, one JSON document and nothing else. */
  readonly stdout: string;
}

export interface TelemetrySubcommand {
  readonly name: "enable" | "disable" | "status" | "info" | "doctor" | "reset";
  readonly summary: string;
  /** Options beside `--json`, each with a value. */
  readonly options: readonly { readonly name: "reason"; readonly summary: string }[];
  /** Switches beside `--json`. */
  readonly switches: readonly { readonly name: "cancel-deletion"; readonly summary: string }[];
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
      options: [{ name: "reason", summary: "Why, in your words; kept on this machine with your answer" }],
    },
    subcommand("status", "Show whether telemetry is on, why, and what it holds", ({ status }) => status),
    subcommand("info", "Show what is recorded, what is not, and where it goes", ({ info }) => info),
    subcommand("doctor", "Look for what keeps telemetry from working, without sending usage data", ({ doctor }) => doctor),
    {
      ...subcommand("reset", "Stop telemetry, clear local data and ask for deletion of what was sent", ({ reset }) => reset),
      switches: [{ name: "cancel-deletion", summary: "Only call off a deletion request that has not been confirmed yet" }],
    },
  ],
};

function subcommand(
  name: TelemetrySubcommand["name"],
  summary: string,
  pick: (commands: Commands) => (collector: Collector, options: { reason?: string; cancelDeletion?: boolean }) => commandsRoom.CommandReport | Promise<commandsRoom.CommandReport>,
): TelemetrySubcommand {
  return {
    name,
    summary,
    options: [],
    switches: [],
    async run(collector, { json = false, ...options } = {}) {
      const work = pick(await import("@candor/core/commands"));
      return render(await work(collector, options), json);
    },
  };
}

function render({ exitCode, lines, data }: commandsRoom.CommandReport, json: boolean): TelemetryAnswer {
  const text = json ? JSON.stringify(data, null, 2) : lines.join("\n");
  return { exitCode, stdout: text === "" ? "" : `${text}\n` };
}
