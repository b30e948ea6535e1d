/**
 * The secrets: the credentials with which the author, the policy or the user's variables reach a destination, found so that they can be
 * taken out of a text that leaves candor's hands. It never shows one.
 */
import { isSensitiveHeader } from "@candor/backend";
import { type BackendChoice, isBackend } from "../destination/destination.ts";
import { withSecrets } from "../destination/secret-sources.ts";
import type { Installation } from "../collector/installation.ts";

/** What is shorter is found in many words, and protects nothing. */
const MIN_SECRET_LENGTH = 6;

/** Answers a function that puts `***` in place of every configured credential, as it is and as JSON writes it. */
export function secretsMasker(installation: Installation): (text: string) => string {
  const secrets = secretsOf(installation);
  return (text) => secrets.reduce((masked, secret) => masked.replaceAll(secret, "***"), text);
}

/** Longest first: one may be part of another. */
function secretsOf(installation: Installation): readonly string[] {
  const { config, ports } = installation;
  const choices: readonly unknown[] = [...config.backends, ...installation.backendsFor(installation.consent()), ...[config.deletion].flat()];
  const found = choices.flatMap((choice) => (isBackend(choice) || typeof choice !== "object" ? [] : credentialsIn(choice as BackendChoice, ports.host.environment)));
  // `Bearer <token>` may be quoted without its scheme.
  const parts = found.flatMap((secret) => [secret, ...secret.split(" ")]).filter((secret) => secret.length >= MIN_SECRET_LENGTH && !/^(?:bearer|basic|token|apikey|digest)$/i.test(secret));
  return [...new Set(parts.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))].sort((a, b) => b.length - a.length);
}

/** The key, and headers that are credentials by their name or by where their value is kept. Others, such as a version, are no secret. */
function credentialsIn(choice: BackendChoice, environment: NodeJS.ProcessEnv): string[] {
  const { apiKey, headers } = resolved(choice, environment);
  const given = asRecord(choice["headers"]);
  const secretHeaders = Object.entries(asRecord(headers)).flatMap(([name, value]) => (isSensitiveHeader(name) || typeof given[name] !== "string" ? [value] : []));
  return [apiKey, ...secretHeaders].filter((value) => typeof value === "string");
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

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
