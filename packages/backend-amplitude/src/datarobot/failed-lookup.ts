/**
 * The failed lookup: remembers that asking for the account was in vain, so that a blocked network or a dead token is not asked
 * about by every upload. It ends by time, and at once with another endpoint or token. It holds no token, only its fingerprint.
 */
import { type AccountKey, accountFile } from "./account.ts";
import { baseUrl } from "./base-url.ts";
import { isRecord, parseJson } from "./json.ts";
import { readPrivateFile, realFileSystem, replacePrivateFile } from "./private-file.ts";
import { tokenFingerprint } from "./token-fingerprint.ts";

/** How long nobody asks again, by what went wrong. */
export const RETRY_AFTER_MS = {
  /** The network, or a server that does not answer as it should. */
  fault: 600_000,
  /** 401 and 403: the same token will hardly be accepted tomorrow. */
  refused: 86_400_000,
  /** The account has no organization, which is what asking again was for. */
  incomplete: 86_400_000,
} as const;

const MAX_BYTES = 4_096;

/** Whether a lookup with these credentials was in vain so lately that it is not worth repeating. Never throws. */
export function isPostponed(key: AccountKey, nowMs: number): boolean {
  const content = readPrivateFile(failureFile(key), { maxBytes: MAX_BYTES });
  const record = content.status === "read" ? parseJson(content.text) : undefined;
  if (!isRecord(record)) return false;
  if (record["endpoint"] !== baseUrl(key.endpoint) || record["token_fingerprint"] !== tokenFingerprint(key.token)) return false;
  const { failedAtMs, kind } = record;
  if (typeof failedAtMs !== "number" || typeof kind !== "string" || !isKind(kind)) return false;
  // A clock that was set back must not postpone for longer than was meant.
  return failedAtMs <= nowMs && nowMs < failedAtMs + RETRY_AFTER_MS[kind];
}

/** Remembers a lookup that was in vain. A disk that refuses only means that the next upload asks again. */
export function postpone(key: AccountKey, kind: keyof typeof RETRY_AFTER_MS, nowMs: number): void {
  const record = { endpoint: baseUrl(key.endpoint), token_fingerprint: tokenFingerprint(key.token), kind, failedAtMs: nowMs };
  try {
    replacePrivateFile(failureFile(key), JSON.stringify(record));
  } catch {
    return;
  }
}

/** Forgets what is remembered, after a lookup that answered everything. */
export function forgetFailure(key: AccountKey): void {
  try {
    realFileSystem().rmSync(failureFile(key), { force: true });
  } catch {
    // It names other credentials or runs out by itself.
    return;
  }
}

function isKind(kind: string): kind is keyof typeof RETRY_AFTER_MS {
  return Object.hasOwn(RETRY_AFTER_MS, kind);
}

function failureFile({ configDirectory }: AccountKey): string {
  return `${accountFile(configDirectory)}.failed`;
}
