/**
 * The header sources: headers whose values lie in an environment variable or a file, so that no secret stands in a
 * configuration or a policy. Resolved by whoever delivers, at the moment the backend is built.
 */
import { CandorError } from "@candor/backend";
import type { BackendChoice } from "./destination.ts";

/** The choice with every header's value in place. @throws CandorError `ERR_CANDOR_CONFIG` naming the source that is missing. */
export function withHeaderValues(choice: BackendChoice, environment: NodeJS.ProcessEnv): BackendChoice {
  const headers: unknown = choice["headers"];
  if (typeof headers !== "object" || headers === null) return choice;
  const entries = Object.entries(headers).map(([name, value]) => [name, valueOf(name, value, environment)] as const);
  return { ...choice, headers: Object.fromEntries(entries) };
}

function valueOf(name: string, value: unknown, environment: NodeJS.ProcessEnv): string {
  if (typeof value === "string") return value;
  const { env, file } = (value ?? {}) as { env?: unknown; file?: unknown };
  if (typeof env === "string") {
    const found = environment[env];
    if (found) return found;
    throw new CandorError("ERR_CANDOR_CONFIG", `header ${name}: the environment variable ${env} is not set`);
  }
  if (typeof file === "string") {
    try {
      return process.getBuiltinModule("node:fs").readFileSync(file, "utf8").trim();
    } catch (cause) {
      throw new CandorError("ERR_CANDOR_CONFIG", `header ${name}: ${file} cannot be read`, { cause });
    }
  }
  throw new CandorError("ERR_CANDOR_CONFIG", `header ${name}: give a text, { env } or { file }`);
}
