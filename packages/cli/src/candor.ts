/** candor: the program for those who build a tool. It runs on their machine and in their CI, never on a user's. */
import { catalogCommand, type ProgramAnswer, USAGE } from "./candor/catalog-command.ts";

/** The module with the catalog is other people's code: one that ends the process must not pass for a fresh document. */
const onEarlyEnd = (): void => {
  process.exitCode = 1;
  process.stderr.write("candor: the module ended the process; give the catalog a file of its own, which only declares it\n");
};

/** Runs the program with the words of its command line: prints, and sets the exit status. Never rejects. */
export async function main([command, ...words]: readonly string[]): Promise<void> {
  process.once("exit", onEarlyEnd);
  const { exitCode, stdout, stderr } = await answer(command, words);
  process.removeListener("exit", onEarlyEnd);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = exitCode;
}

async function answer(command: string | undefined, words: readonly string[]): Promise<ProgramAnswer> {
  if (command === "catalog") return catalogCommand(words);
  const asked = command === "--help" || command === "-h";
  return { exitCode: asked ? 0 : 2, stdout: asked ? USAGE : "", stderr: asked ? "" : USAGE };
}
