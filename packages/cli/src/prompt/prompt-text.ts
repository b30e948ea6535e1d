/**
 * The text of the prompt: what a person reads before they answer. Every sentence must be true of the tool at hand, so what depends on its
 * settings is said by its settings. It prints nothing.
 */

/** The words of a prompt. The answers, `[y/N]` or `[Y/n]`, are added where it is shown. */
export interface PromptText {
  readonly title: string;
  /** What is said below the title, one entry a line. */
  readonly lines: readonly string[];
  readonly question: string;
  /** Whether a frame is drawn around title and lines. Default false. */
  readonly framed?: boolean;
}

/** What the texts tell of the tool. */
export interface PromptSubject {
  /** The tool's name, as one types it. */
  readonly tool: string;
  /** The product's name: `DataRobot CLI`. */
  readonly product: string;
  /** How the user reaches the `telemetry` command: `dr self telemetry`. */
  readonly telemetryCommand: string;
  /** Whether redacted arguments and error messages are recorded. */
  readonly extendedCollection: boolean;
  /** Events hold nothing but what candor itself records; otherwise a text makes no promise about them. */
  readonly isPlain: boolean;
  /** A command as an example of what is recorded. */
  readonly example?: string | undefined;
  /** Where the author tells more. */
  readonly learnMore?: string | undefined;
}

const EXTENDED = "Arguments and error messages are recorded too, with what looks like a secret taken out.";

/** GTB's title and three lines, and where the user sees the rest; its second line only where no argument or error is recorded. */
export function gtbText({ tool, telemetryCommand, extendedCollection, isPlain, learnMore }: PromptSubject): PromptText {
  return {
    title: "Anonymous usage telemetry",
    lines: [
      `Help improve ${tool} by sending anonymous usage statistics.`,
      ...(extendedCollection ? [EXTENDED] : isPlain ? ["No personally identifiable information is collected."] : [`What is recorded is listed by \`${telemetryCommand} info\`.`]),
      `You can change this at any time with \`${telemetryCommand} enable/disable\`.`,
      `Events carry a pseudonymous id of this installation; \`${telemetryCommand} info\` shows one.`,
      ...(learnMore === undefined ? [] : [`Learn more: ${learnMore}`]),
    ],
    question: "Send usage statistics?",
  };
}

/** The box of the DataRobot CLI's technical specification, 7.2.1; what it says of arguments only where none is recorded. */
export function datarobotText({ product, telemetryCommand, extendedCollection, isPlain, example, learnMore }: PromptSubject): PromptText {
  return {
    title: `📊 Help us improve the ${product}`,
    lines: [
      "We'd like to collect anonymous usage data to improve",
      "the CLI. This includes:",
      "",
      `• Commands you run${example === undefined ? "" : ` (e.g., '${example}')`}`,
      "• Success/failure rates",
      "• Performance metrics",
      ...(extendedCollection ? ["• Arguments and error messages, with what looks", "  like a secret taken out"] : []),
      ...(isPlain ? [] : [`• What is listed by: ${telemetryCommand} info`]),
      "",
      "We never collect:",
      ...(extendedCollection || !isPlain
        ? ["• Environment variables or file contents"]
        : ["• Personal information or credentials", "• File contents or paths", "• Input values or arguments"]),
      "",
      `You can opt-out anytime with: ${telemetryCommand} disable`,
      ...(learnMore === undefined ? [] : ["", `Learn more: ${learnMore}`]),
    ],
    question: "Allow anonymous usage tracking?",
    framed: true,
  };
}
