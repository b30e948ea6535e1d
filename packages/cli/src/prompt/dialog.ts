/**
 * The dialog: shows the text on standard error and waits for an answer, through @clack/prompts, which is loaded here and nowhere else. It
 * records nothing. What is no clear yes or no, Escape, the end of the input and the time limit are no answer.
 */
import { readAnswer } from "./answer-words.ts";
import type { PromptText } from "./prompt-text.ts";

export interface DialogOptions {
  /** What Enter alone means. */
  readonly standard: boolean;
  /** Milliseconds until it gives up. */
  readonly timeoutMs: number;
}

/** What came of it. */
export type DialogResult =
  | { readonly status: "answered"; readonly enabled: boolean }
  | { readonly status: "skipped"; readonly reason: string }
  /** Ctrl-C. The terminal is as it was; nobody has been told. */
  | { readonly status: "interrupted" };

/** Columns that a frame and its padding take on both sides, and one for a wide character. */
const FRAME_COLUMNS = 7;

/** What a terminal is taken for that reports 0 columns and rows, because nobody has told it its size (tty_ioctl(4)). */
const USUAL_COLUMNS = 80;
const USUAL_ROWS = 24;

interface Key {
  readonly ctrl?: boolean;
  readonly name?: string;
}

/** Asks the person at the terminal. */
export async function converse(text: PromptText, { standard, timeoutMs }: DialogOptions): Promise<DialogResult> {
  // By import even from CommonJS: the library is a module.
  const { box, isCancel, text: askText } = await import("@clack/prompts");
  const { stdin: input, stderr: output } = process;
  const { title, lines, question, framed = false } = text;
  // The library would break the line after each letter. It stays so: only a resize can tell more, and it does by itself.
  if (output.columns === 0) output.columns = USUAL_COLUMNS;
  if (output.rows === 0) output.rows = USUAL_ROWS;
  const gaveUp = new AbortController();
  let unanswered: DialogResult = { status: "skipped", reason: "the prompt was left without an answer" };
  const giveUp = (reason: string): void => {
    unanswered = { status: "skipped", reason };
    gaveUp.abort();
  };
  const onEnd = (): void => giveUp("the input was closed");
  const onKey = (_typed: string | undefined, { ctrl, name }: Key = {}): void => {
    if (ctrl && name === "c") unanswered = { status: "interrupted" };
    // The library's reader ends here without telling the library, which would wait for ever.
    if (ctrl && name === "d") onEnd();
  };
  const limit = setTimeout(() => giveUp(`nobody answered within ${timeoutMs} ms`), timeoutMs);
  input.on("end", onEnd).on("error", onEnd);
  try {
    const widest = Math.max(...[title, ...lines].map((line) => line.length));
    // A terminal too narrow for the frame would break its lines.
    if (framed && output.columns >= widest + FRAME_COLUMNS) box(["", title, "", ...lines, ""].join("\n"), "", { output, withGuide: false, width: "auto" });
    else output.write(`\n${[title, "", ...lines].join("\n")}\n\n`);
    const typed = askText({
      message: `${question} ${standard ? "[Y/n]" : "[y/N]"}`,
      defaultValue: standard ? "yes" : "no",
      validate: (answer) => (readAnswer(answer ?? "", standard) === undefined ? "Please answer yes or no." : undefined),
      input,
      output,
      signal: gaveUp.signal,
      withGuide: false,
    });
    // After the library's own listener, which puts the terminal back.
    input.on("keypress", onKey);
    const answer = await typed;
    const enabled = isCancel(answer) ? undefined : readAnswer(answer, standard);
    return enabled === undefined ? unanswered : { status: "answered", enabled };
  } finally {
    clearTimeout(limit);
    input.off("keypress", onKey).off("end", onEnd).off("error", onEnd);
  }
}
