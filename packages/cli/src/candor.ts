/** candor: the program for those who build a tool. It runs on their machine and in their CI, never on a user's. */
import { catalogCommand, USAGE } from "./candor/catalog-command.ts";

const [command, ...args] = process.argv.slice(2);

/** The module with the catalog is other people's code: one that ends the process must not pass for a fresh document. */
const onEarlyEnd = (): void => {
  process.exitCode = 1;
  process.stderr.write("candor: the module ended the process; give the catalog a file of its own, which only declares it\n");
};

if (command === "catalog") {
  process.once("exit", onEarlyEnd);
  void catalogCommand(args).then(({ exitCode, stdout, stderr }) => {
    process.removeListener("exit", onEarlyEnd);
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    process.exitCode = exitCode;
  });
} else if (command === "--help" || command === "-h") {
  process.stdout.write(USAGE);
} else {
  process.stderr.write(USAGE);
  process.exitCode = 2;
}
