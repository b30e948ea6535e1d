/**
 * The account: who is signed in, as far as events may say it, from the cache that the background lookup and the DataRobot CLI
 * keep. It asks no server and writes nothing.
 *
 * The record carries the endpoint and the token's fingerprint inside and is replaced as a whole, so that whoever reads it, at
 * whatever moment, meets one user's record entire; it counts only for the endpoint and the token it was made with. Two users
 * who take turns overwrite each other's record and never read it.
 */
import { baseUrl } from "./base-url.ts";
import { isRecord, parseJson } from "./json.ts";
import { joinPath } from "./paths.ts";
import { type FileSystem, readPrivateFile, realFileSystem } from "./private-file.ts";
import { tokenFingerprint } from "./token-fingerprint.ts";

/** What events say about the account. The e-mail address and the names are never kept. */
export interface Account {
  readonly user_id?: string;
  readonly organization_id?: string;
  readonly tenant_id?: string;
}

/** Whose account: the credentials that the tool itself uses. */
export interface AccountKey {
  /** The DataRobot CLI's configuration directory; see `configDirectory`. */
  readonly configDirectory: string;
  /** Any form that `baseUrl` takes. */
  readonly endpoint: string;
  /** The API token; "" when nobody is signed in. Only its SHA-256 is compared and kept. */
  readonly token: string;
}

/** Longest id that is taken, in characters; DataRobot's have 24 or 36. */
const MAX_ID_LENGTH = 128;
const MAX_BYTES = 8_192;

/** The account that the cache holds for these credentials; {} when it holds none. Never throws. */
export function accountOf(key: AccountKey, fileSystem: FileSystem = realFileSystem()): Account {
  const endpoint = baseUrl(key.endpoint);
  const fingerprint = tokenFingerprint(key.token);
  if (endpoint === "" || fingerprint === "" || !key.configDirectory) return {};
  const content = readPrivateFile(accountFile(key.configDirectory), { maxBytes: MAX_BYTES, fileSystem });
  const record = content.status === "read" ? parseJson(content.text) : undefined;
  if (!isRecord(record) || record["endpoint"] !== endpoint || record["token_fingerprint"] !== fingerprint) return {};
  return accountFrom(record["uid"], record["organization_id"], record["tenant_id"]);
}

/** The account of three values from outside: {} without a user's id, and without each of the others that is no id. */
export function accountFrom(userId: unknown, organizationId: unknown, tenantId: unknown): Account {
  if (!isId(userId)) return {};
  return {
    user_id: userId,
    ...(isId(organizationId) ? { organization_id: organizationId } : {}),
    ...(isId(tenantId) ? { tenant_id: tenantId } : {}),
  };
}

/** Whether nothing is left to ask: some accounts have no tenant, and records of old versions have no organization. */
export function isComplete({ user_id: userId, organization_id: organizationId }: Account): boolean {
  return userId !== undefined && organizationId !== undefined;
}

/** The record as the DataRobot CLI writes it (internal/telemetry/userid.go): these keys in this order, "" for what is absent. */
export function accountRecord(key: AccountKey, account: Account): string {
  return JSON.stringify({
    uid: account.user_id ?? "",
    endpoint: baseUrl(key.endpoint),
    token_fingerprint: tokenFingerprint(key.token),
    organization_id: account.organization_id ?? "",
    tenant_id: account.tenant_id ?? "",
  });
}

/** Where the record lies. */
export function accountFile(configDirectory: string): string {
  return joinPath(configDirectory, "user_id");
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_ID_LENGTH && /^[\w.:-]+$/.test(value);
}
