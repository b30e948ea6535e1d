/**
 * The rules of the prompt: who is never asked, as far as the terminal, the environment and the command line say. What the machine's policy,
 * its variables and the record say is consent's, and is asked besides. A rule that is unsure says no.
 */

/** What the rules look at. */
export interface PromptSituation {
  readonly stdinIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Whether the process is a background job of its terminal, where reading would stop it. */
  readonly inBackground: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's words, the program's and the script's not among them. */
  readonly words: readonly string[];
}

/**
 * Variables by which coding agents tell the programs they run of themselves; an agent cannot consent, and would wait for ever. After
 * `@vercel/detect-agent` 1.2.0, without CURSOR_TRACE_ID, which the terminal of a person has as well.
 */
const AGENT_VARIABLES: readonly string[] = [
  "AI_AGENT",
  "ANTIGRAVITY_AGENT",
  "AUGMENT_AGENT",
  "CLAUDECODE",
  "CLAUDE_CODE",
  "CLINE_ACTIVE",
  "CODEX_CI",
  "CODEX_SANDBOX",
  "CODEX_THREAD_ID",
  "CURSOR_AGENT",
  "GEMINI_CLI",
  "OPENCODE",
  "OPENCODE_CLIENT",
];

/** GTB's flag, and those by which users say that nobody is there to answer. */
const UNATTENDED_FLAGS = new Set(["--skip-telemetry", "--ci", "--yes", "-y", "--no-input", "--no-interactive", "--non-interactive", "--batch", "--quiet", "-q", "--silent"]);

/** Options that name a form of output, and forms that programs read. */
const FORM_OPTIONS = new Set(["-o", "--output", "--output-format", "--format", "-f"]);
const MACHINE_FORMS = new Set(["json", "jsonl", "ndjson", "yaml", "yml", "toml", "csv", "tsv", "xml", "junit", "sarif", "porcelain"]);

/** Words that ask the tool about itself. */
const SELF_DESCRIPTION = new Set(["-h", "--help", "-V", "--version", "help", "completion"]);

/** Answers why nobody is asked in this situation, or undefined where the rules allow it. */
export function obstacleTo(situation: PromptSituation): string | undefined {
  return RULES.find(({ forbids }) => forbids(situation))?.reason;
}

const RULES: readonly { readonly reason: string; readonly forbids: (situation: PromptSituation) => boolean }[] = [
  { reason: "standard input is not a terminal", forbids: ({ stdinIsTerminal }) => !stdinIsTerminal },
  { reason: "standard error is not a terminal", forbids: ({ stderrIsTerminal }) => !stderrIsTerminal },
  { reason: "the terminal cannot move its cursor (TERM=dumb)", forbids: ({ environment }) => environment["TERM"] === "dumb" },
  { reason: "a coding agent runs the tool", forbids: ({ environment }) => isAgent(environment) },
  { reason: "the tool runs in the background", forbids: ({ inBackground }) => inBackground },
  { reason: "the command line says that nobody is to be asked", forbids: ({ words }) => optionsAmong(words).some(isUnattended) },
  { reason: "the output is for a program", forbids: ({ words }) => isMachineReadable(optionsAmong(words)) },
  { reason: "the tool is asked about itself", forbids: ({ words }) => isSelfDescription(words) },
];

/** Whether a coding agent runs the tool. */
export function isAgent(environment: PromptSituation["environment"]): boolean {
  return AGENT_VARIABLES.some((name) => Boolean(environment[name]));
}

/** Whether words ask for output that a program reads. */
function isMachineReadable(words: readonly string[]): boolean {
  return words.some((word, index) => {
    const [option = "", form] = word.split("=", 2);
    if (option === "--json" || option === "--porcelain") return form === undefined || !isFalse(form);
    const attached = /^-o(\w+)$/.exec(word)?.[1];
    const named = FORM_OPTIONS.has(option) ? (form ?? words[index + 1]) : attached;
    return named !== undefined && MACHINE_FORMS.has(named.toLowerCase());
  });
}

function isUnattended(word: string): boolean {
  const [option = "", value] = word.split("=", 2);
  return UNATTENDED_FLAGS.has(option) && (value === undefined || !isFalse(value));
}

function isSelfDescription(words: readonly string[]): boolean {
  const first = words[0] ?? "";
  return first.startsWith("__complete") || SELF_DESCRIPTION.has(first) || optionsAmong(words).some((word) => word.startsWith("-") && SELF_DESCRIPTION.has(word));
}

function isFalse(value: string): boolean {
  return ["false", "0", "no", "off"].includes(value.toLowerCase());
}

/** What follows `--` is not for the tool. */
function optionsAmong(words: readonly string[]): readonly string[] {
  const end = words.indexOf("--");
  return end === -1 ? words : words.slice(0, end);
}
