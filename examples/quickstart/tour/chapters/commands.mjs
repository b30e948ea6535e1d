/** Chapter 3: what a command costs, what stays as it was, and what arrives. */
import { constants } from "node:os";
import { compare } from "../comparison.mjs";
import { heading, milliseconds, table, tell } from "../printing.mjs";

/** A receiver that held a command up would cost seconds; less than this is noise of a busy machine. */
const ALLOWED_DIFFERENCE_MS = 150;

export async function chapterCommands(stage) {
  heading("3. Commands, and what arrives");
  tell(`Each command runs in turns with telemetry and without (NOTES_TELEMETRY=off); the times are medians, for "watch" from the
    signal to the end. On the right, the command's event that arrived: its path without its arguments, and how it ended.`);
  const { checks, receiver } = stage;
  let added = 0;
  const plays = [
    { shown: "notes list", expected: { exitCode: 0 }, play: (variables) => stage.run(["list"], variables) },
    { shown: 'notes add "Idea …" --tag x', expected: { exitCode: 0 }, play: (variables) => stage.run(["add", `Idea ${++added}`, "--tag", "x"], variables) },
    { shown: "notes tag add Groceries soon", expected: { exitCode: 0 }, play: (variables) => stage.run(["tag", "add", "Groceries", "soon"], variables) },
    { shown: "notes check", expected: { exitCode: 3 }, play: (variables) => stage.run(["check"], variables) },
    { shown: "notes list --colour", expected: { exitCode: 1 }, play: (variables) => stage.run(["list", "--colour"], variables) },
    { shown: "notes watch, Ctrl-C", expected: { signal: "SIGINT" }, play: (variables) => stage.interruptWatch("SIGINT", variables) },
    { shown: "notes watch, SIGTERM", expected: { signal: "SIGTERM" }, play: (variables) => stage.interruptWatch("SIGTERM", variables) },
  ];
  const rows = [];
  for (const { shown, expected, play } of plays) {
    const result = await compare(stage, play);
    const [event, ...others] = result.events.filter(({ type }) => type === "command.invocation");
    rows.push({ shown, expected, ...result, event, others });
  }
  table([
    ["command", "status", "with", "without", "|", "event", "exit", "signal", "took"],
    ...rows.map(({ shown, withTelemetry, withMs, withoutMs, event }) => [
      shown,
      String(shellStatus(withTelemetry)),
      milliseconds(withMs),
      milliseconds(withoutMs),
      "|",
      event.name,
      // GTB's form of an event leaves out a zero.
      String(event.exit_code ?? 0),
      event.signal ?? "",
      milliseconds(event.duration_ms ?? 0),
    ]),
  ]);

  for (const row of rows) check(row, checks);
  const slowest = Math.max(...rows.map(({ withMs, withoutMs }) => withMs - withoutMs));
  checks.that(`commands: none waits for the network (at most ${ALLOWED_DIFFERENCE_MS} ms more)`, slowest <= ALLOWED_DIFFERENCE_MS, milliseconds(slowest));
  const sent = JSON.stringify(receiver.events());
  checks.that("commands: no argument, title or path is in any event", !/Idea|Groceries|soon|colour|candor-home/i.test(sent), sent.slice(0, 300));
}

function check({ shown, expected, withTelemetry, without, event, others }, checks) {
  const { exitCode = null, signal = null } = expected;
  const seen = JSON.stringify({ withTelemetry, without });
  const asExpected = [withTelemetry, without].every((result) => result.exitCode === exitCode && result.signal === signal);
  const sameOutput = withoutNumbers(withTelemetry.stdout) === withoutNumbers(without.stdout) && withTelemetry.stderr === without.stderr;
  checks.that(`${shown}: ends with ${signal ?? exitCode} and prints the same, with telemetry and without`, asExpected && sameOutput, seen);
  const told = others.length === 0 && (event?.exit_code ?? 0) === shellStatus(withTelemetry) && event?.signal === (signal ?? undefined);
  checks.that(`${shown}: one event of the command arrives, and says so`, told, JSON.stringify([event, ...others]));
}

/** Every round adds another idea; nothing else differs. */
function withoutNumbers(text) {
  return text.replaceAll(/\d+/g, "#");
}

/** The status a shell shows; 128 and the signal's number for a process that a signal ended. */
function shellStatus({ exitCode, signal }) {
  return signal === null ? exitCode : 128 + constants.signals[signal];
}
