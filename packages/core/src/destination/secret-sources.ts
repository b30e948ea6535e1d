/**
 * The secret sources: headers and API keys whose values lie in an environment variable or a file, so that no secret stands in a
 * configuration or a policy. Resolved by whoever delivers, at the moment the backend is built.
 */
import { CandorError } from "@candor/backend";
import type { BackendChoice } from "./destination.ts";

/** The choice with every header's value and the API key in place. @throws CandorError `ERR_CANDOR_CONFIG` naming the source that is missing. */
export function withSecrets(choice: BackendChoice, environment: NodeJS.ProcessEnv): BackendChoice {
  const { headers, apiKey } = choice as { readonly headers?: unknown; readonly apiKey?: unknown };
  return {
    ...choice,
    ...(isRecord(headers) ? { headers: withValues(headers, environment) } : {}),
    ...(isRecord(apiKey) ? { apiKey: valueOf("apiKey", apiKey, environment) } : {}),
  };
}

function withValues(headers: Readonly<Record<string, unknown>>, environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, valueOf(`header ${name}`, value, environment)]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function valueOf(name: string, value: unknown, environment: NodeJS.ProcessEnv): string {
  if (typeof value === "string") return value;
  const { env, file } = (value ?? {}) as { env?: unknown; file?: unknown };
  if (typeof env === "string") {
    const found = environment[env];
    if (found) return found;
    throw new CandorError("ERR_CANDOR_CONFIG", `${name}: the environment variable ${env} is not set`);
  }
  if (typeof file === "string") {
    try {
      return process.getBuiltinModule("node:fs").readFileSync(file, "utf8").trim();
    } catch (cause) {
      throw new CandorError("ERR_CANDOR_CONFIG", `${name}: ${file} cannot be read`, { cause });
    }
  }
  throw new CandorError("ERR_CANDOR_CONFIG", `${name}: give a text, { env } or { file }`);
}
