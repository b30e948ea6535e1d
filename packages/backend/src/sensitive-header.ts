/**
 * Which header names carry a credential, so that a value is never logged by mistake. Judges the name
 * by its words, as GTB does (GTB-58); the value is not looked at.
 */

const credentialWords = new Set(["apikey", "auth", "authorization", "cookie", "credential", "credentials", "password", "secret", "token"]);

/** Words before `key` that make it a credential; an `Idempotency-Key` is none. */
const keyOwners = new Set(["access", "account", "api", "app", "application", "auth", "license", "private", "secret", "subscription"]);

/** Tells whether a header of this name usually carries a credential. Upper and lower case are alike. */
export function isSensitiveHeader(name: string): boolean {
  const words = name.toLowerCase().split(/[-_]/u);
  return words.some((word, index) => credentialWords.has(word) || (word === "key" && keyOwners.has(words[index - 1] ?? "")));
}
