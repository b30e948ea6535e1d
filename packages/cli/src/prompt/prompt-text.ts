/**
 * The text of the prompt: what a person reads before they answer. Every sentence must be true of the tool at hand, so what depends on its
 * settings is said by its settings. It prints nothing.
 */
import type { EventScope } from "@candor/core/commands";

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
  /** What events may hold; a text promises no more than that. */
  readonly scope: EventScope;
  /** A command as an example of what is recorded. */
  readonly example?: string | undefined;
  /** Where the author tells more. */
  readonly learnMore?: string | undefined;
}

const EXTENDED = "Arguments and error messages are recorded too, with what looks like a secret taken out.";
const PERSON = "They may carry an id of your account as well.";

/** Events hold nothing but what candor itself records, and that the tool's author has declared so. */
function isPlain({ properties, extended, person }: EventScope): boolean {
  return properties === "none" && !extended && !person;
}

/** GTB's title and three lines, and where the user sees the rest; its promises only for a plain tool. */
export function gtbText({ tool, telemetryCommand, scope, learnMore }: PromptSubject): PromptText {
  const plain = isPlain(scope);
  const said = {
    none: [],
    declared: [`What else is recorded is listed by \`${telemetryCommand} info\`.`],
    any: [`Its author may add what they choose; \`${telemetryCommand} info\` lists the rest.`],
  }[scope.properties];
  return {
    title: plain ? "Anonymous usage telemetry" : "Usage telemetry",
    lines: [
      `Help improve ${tool} by sending ${plain ? "anonymous " : ""}usage statistics.`,
      ...(plain ? ["No personally identifiable information is collected."] : []),
      ...(scope.extended ? [EXTENDED] : []),
      ...said,
      `You can change this at any time with \`${telemetryCommand} enable/disable\`.`,
      `Events carry a pseudonymous id of this installation; \`${telemetryCommand} info\` shows one.`,
      ...(scope.person ? [PERSON] : []),
      ...(learnMore === undefined ? [] : [`Learn more: ${learnMore}`]),
    ],
    question: "Send usage statistics?",
  };
}

/**
 * The box of the DataRobot CLI's technical specification, 7.2.1, without its word "anonymous": events carry an id, and Enter may mean yes
 * here. What it never collects is said of a plain tool in its words, of a tool with a catalog in others, and of no other tool.
 */
export function datarobotText({ product, telemetryCommand, scope, example, learnMore }: PromptSubject): PromptText {
  const added = { none: [], declared: [`• What is listed by: ${telemetryCommand} info`], any: ["• What else the CLI's author chooses to add"] }[scope.properties];
  return {
    title: `📊 Help us improve the ${product}`,
    lines: [
      "We'd like to collect usage data to improve the CLI.",
      "This includes:",
      "",
      `• Commands you run${example === undefined ? "" : ` (e.g., '${example}')`}`,
      "• Success/failure rates",
      "• Performance metrics",
      ...(scope.extended ? ["• Arguments and error messages, with what looks", "  like a secret taken out"] : []),
      ...added,
      "",
      ...(scope.properties === "any" ? [] : [...neverLines(scope), ""]),
      "Events carry a pseudonymous id of this installation.",
      ...(scope.person ? [PERSON] : []),
      "",
      `You can opt-out anytime with: ${telemetryCommand} disable`,
      ...(learnMore === undefined ? [] : ["", `Learn more: ${learnMore}`]),
    ],
    question: "Allow usage tracking?",
    framed: true,
  };
}

function neverLines(scope: EventScope): string[] {
  if (isPlain(scope)) return ["We never collect:", "• Personal information or credentials", "• File contents or paths", "• Input values or arguments"];
  const kept = scope.extended ? [] : ["• Arguments or error messages"];
  return ["We never collect anything else, such as:", ...kept, "• Environment variables or file contents"];
}
