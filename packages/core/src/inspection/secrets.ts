/**
 * The secrets: the credentials with which the author, the policy or the user's variables reach a destination, found so that they can be
 * taken out of a text that leaves candor's hands. It never shows one.
 */
import { type BackendChoice, isBackend } from "../destination/destination.ts";
import { withSecrets } from "../destination/secret-sources.ts";
import type { Installation } from "../collector/installation.ts";

/** What is shorter is a flag or a version, and would be found in many words. */
const MIN_SECRET_LENGTH = 6;

/** Answers a function that puts `***` in place of every configured credential. */
export function secretsMasker(installation: Installation): (text: string) => string {
  const secrets = secretsOf(installation);
  return (text) => secrets.reduce((masked, secret) => masked.replaceAll(secret, "***"), text);
}

/** Longest first: one may be part of another. */
function secretsOf(installation: Installation): readonly string[] {
  const { config, ports } = installation;
  const choices: readonly unknown[] = [...config.backends, ...installation.backendsFor(installation.consent()), ...[config.deletion].flat()];
  const found = choices.flatMap((choice) => (isBackend(choice) || typeof choice !== "object" ? [] : credentialsIn(choice as BackendChoice, ports.host.environment)));
  return [...new Set(found)].filter((secret) => secret.length >= MIN_SECRET_LENGTH).sort((a, b) => b.length - a.length);
}

function credentialsIn(choice: BackendChoice, environment: NodeJS.ProcessEnv): string[] {
  const { apiKey, headers } = resolved(choice, environment);
  return [apiKey, ...Object.values(typeof headers === "object" && headers !== null ? headers : {})].filter((value) => typeof value === "string");
}

/** With the values that lie in variables and files; without them where one is missing. */
function resolved(choice: BackendChoice, environment: NodeJS.ProcessEnv): BackendChoice {
  try {
    return withSecrets(choice, environment);
  } catch {
    // What cannot be found cannot have been written anywhere either.
    return choice;
  }
}
