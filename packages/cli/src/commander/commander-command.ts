/**
 * The Commander command as candor sees it: the members it uses, which Commander has had unchanged from 12 to 15.
 * Described by shape, so that any copy or subclass the tool has is accepted and no type of Commander's is needed.
 */

/** Prints a usage error through `write`, the program's stderr. */
export type ErrorPrinter = (this: unknown, text: string, write: (text: string) => void) => void;

/** The part of `configureOutput()` that candor reads and sets. */
export interface CommanderOutput {
  writeOut?(text: string): void;
  writeErr?(text: string): void;
  outputError?: ErrorPrinter;
}

/** An option that a command declares. */
export interface CommanderOption {
  readonly long?: string | undefined;
  readonly short?: string | undefined;
  /** Whether it is of the form `--no-color`. */
  readonly negate: boolean;
  /** The name its value is kept under, which `--color` and `--no-color` share. */
  attributeName(): string;
}

/** Any `Command` of Commander's. */
export interface CommanderCommand {
  readonly parent: CommanderCommand | null;
  readonly commands: readonly CommanderCommand[];
  /** Since the latest parse: the words left for this command, its subcommand's name first. */
  readonly args: readonly string[];
  readonly options: readonly CommanderOption[];
  name(): string;
  aliases(): readonly string[];
  command(name: string): CommanderCommand;
  summary(text: string): unknown;
  description(text: string): unknown;
  option(flags: string, description: string): unknown;
  action(run: () => Promise<void>): unknown;
  getOptionValue(attribute: string): unknown;
  /** Where the value came from; `cli` for the command line. */
  getOptionValueSource(attribute: string): string | undefined;
  optsWithGlobals(): Readonly<Record<string, unknown>>;
  configureOutput(): CommanderOutput;
  configureOutput(output: { outputError: ErrorPrinter }): unknown;
  addHelpText(position: "beforeAll", text: (context: { readonly command: CommanderCommand }) => string): unknown;
  hook(event: "preSubcommand" | "preAction", listener: (hooked: CommanderCommand, command: CommanderCommand) => void | Promise<void>): unknown;
  parseOptions(words: string[]): unknown;
  parseAsync(argv?: readonly string[]): Promise<unknown>;
}
