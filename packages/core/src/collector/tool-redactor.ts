/** The tool's redactor: knows the author's rules and the user's home. The uploader has none, since what it sends is redacted. */
import type { Installation } from "./installation.ts";
import { createRedactor, type Redactor } from "../redaction/redaction.ts";

/** Makes the redactor of an installation; asks nothing until it is used. */
export function redactorOf({ config, ports: { host }, logger }: Installation): Redactor {
  return createRedactor({
    rules: config.redaction.rules ?? [],
    person: () => ({ homes: [...known(() => host.homeDirectory()), ...known(() => host.accountHome())] }),
    report: (problem) => logger.debug(problem),
  });
}

function known(ask: () => string): string[] {
  try {
    return [ask()];
  } catch {
    // Node.js throws where there is none, as in a container under an arbitrary user id.
    return [];
  }
}
