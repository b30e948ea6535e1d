/**
 * The account lookup: asks DataRobot who the token belongs to and keeps the answer for the commands that follow. At most one
 * request, only when the cache does not have it, never from a command. The token goes to the configured instance and nowhere
 * else: no redirect is followed and no plain http is spoken to another machine.
 */
import { get, type GetRequest, isForeignPage, parseEndpoint, type PostAnswer, type PostResult } from "@candor/backend";
import { type Account, type AccountKey, accountFile, accountFrom, accountOf, accountRecord, isComplete } from "./account.ts";
import { baseUrl } from "./base-url.ts";
import { forgetFailure, isPostponed, postpone } from "./failed-lookup.ts";
import { isRecord, parseJson } from "./json.ts";
import { realFileSystem, replacePrivateFile } from "./private-file.ts";

export interface AccountRefreshOptions extends AccountKey {
  /** Ends the lookup within 100 ms; what arrives later is not kept. */
  readonly signal: AbortSignal;
  /** Default: candor's own. */
  readonly userAgent?: string;
  /** Value of `X-DataRobot-Api-Consumer-Trace`; without it the header is not sent. */
  readonly consumerTrace?: string;
  /** Sends the token over plain http to another machine. Default false. */
  readonly insecure?: boolean;
  /** Limit of the request. Default 10,000, as the specification has it for every telemetry request. */
  readonly timeoutMs?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly request?: (request: GetRequest) => Promise<PostResult>;
}

/** What became of a lookup, and the account as it is known now. `apiCalled` tells whether a request was sent. */
export type AccountRefresh =
  /** No endpoint or no token. */
  | { readonly status: "signed-out"; readonly apiCalled: false; readonly account: Account }
  /** The cache has everything. */
  | { readonly status: "cached"; readonly apiCalled: false; readonly account: Account }
  /** It failed a short while ago. */
  | { readonly status: "postponed"; readonly apiCalled: false; readonly account: Account }
  | { readonly status: "fetched"; readonly apiCalled: true; readonly account: Account; readonly cacheWritten: boolean }
  /** Nobody is told who it is: the server did not accept the token, so that a cached id is no longer proven either. */
  | { readonly status: "refused"; readonly apiCalled: true; readonly account: Account; readonly reason: string }
  /** A cached id of the same endpoint and token goes on. */
  | { readonly status: "failed"; readonly apiCalled: boolean; readonly account: Account; readonly reason: string }
  | { readonly status: "aborted"; readonly apiCalled: boolean; readonly account: Account };

/** The specification's limit for a telemetry request (6.2.2). */
const DEFAULT_TIMEOUT_MS = 10_000;
/** The answer has six short values. */
const MAX_RESPONSE_BYTES = 65_536;

/** Brings the cache up to date. Never rejects; no reason names the token or repeats the server's words. */
export async function refreshAccount(options: AccountRefreshOptions): Promise<AccountRefresh> {
  const { signal } = options;
  const nowMs = (options.now ?? Date.now)();
  if (baseUrl(options.endpoint) === "" || !options.token || !options.configDirectory) return { status: "signed-out", apiCalled: false, account: {} };
  const account = accountOf(options);
  if (isComplete(account)) return { status: "cached", apiCalled: false, account };
  if (isPostponed(options, nowMs)) return { status: "postponed", apiCalled: false, account };
  if (signal.aborted) return { status: "aborted", apiCalled: false, account };
  const address = parseEndpoint(`${baseUrl(options.endpoint)}/api/v2/account/info/`, { insecure: options.insecure ?? false });
  if (address.status === "invalid") return { status: "failed", apiCalled: false, account, reason: address.problem };

  const result = await ask(address.url, options);
  // Whoever withdraws consent while the answer is on its way does not find it on the disk afterwards.
  if (isAborted(result, signal)) return { status: "aborted", apiCalled: true, account };
  const reading = readAnswer(result);
  switch (reading.status) {
    case "known":
      if (isComplete(reading.account)) forgetFailure(options);
      else postpone(options, "incomplete", nowMs);
      return { status: "fetched", apiCalled: true, account: reading.account, cacheWritten: keep(options, reading.account) };
    case "refused":
      postpone(options, "refused", nowMs);
      if (account.user_id !== undefined) forget(options);
      return { status: "refused", apiCalled: true, account: {}, reason: reading.reason };
    case "fault":
      postpone(options, "fault", nowMs);
      return { status: "failed", apiCalled: true, account, reason: reading.reason };
  }
}

type Reading =
  | { readonly status: "known"; readonly account: Account }
  | { readonly status: "refused" | "fault"; readonly reason: string };

async function ask(url: URL, options: AccountRefreshOptions): Promise<PostResult> {
  const { token, signal, userAgent, consumerTrace, timeoutMs = DEFAULT_TIMEOUT_MS, request = get } = options;
  try {
    return await request({
      url,
      headers: {
        accept: "application/json",
        authorization: `Bearer ${token}`,
        ...(userAgent === undefined ? {} : { "user-agent": userAgent }),
        ...(consumerTrace === undefined ? {} : { "x-datarobot-api-consumer-trace": consumerTrace }),
      },
      timeoutMs,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      signal,
    });
  } catch {
    // The client never rejects; another one that was passed in may, and its words may hold the token.
    return { status: "failed", fault: "network", reason: "the request could not be made" };
  }
}

function isAborted(result: PostResult, signal: AbortSignal): boolean {
  return signal.aborted || (result.status === "failed" && result.fault === "aborted");
}

function readAnswer(result: PostResult): Reading {
  if (result.status === "failed") return { status: "fault", reason: result.reason };
  const { statusCode } = result;
  if (statusCode === 401 || statusCode === 403) return { status: "refused", reason: `the server answered ${statusCode}: it did not accept the token` };
  if (statusCode !== 200) return { status: "fault", reason: `the server answered ${statusCode}` };
  return readBody(result);
}

function readBody(answer: PostAnswer): Reading {
  if (isForeignPage(answer)) return { status: "fault", reason: "the answer is a web page, as a captive portal gives it" };
  const body = parseJson(answer.body);
  if (!isRecord(body)) return { status: "fault", reason: "the answer is not a JSON object" };
  const account = accountFrom(body["uid"], body["orgId"], body["tenantId"]);
  return account.user_id === undefined ? { status: "fault", reason: "the answer holds no usable uid" } : { status: "known", account };
}

function keep(key: AccountKey, account: Account): boolean {
  try {
    return replacePrivateFile(accountFile(key.configDirectory), accountRecord(key, account));
  } catch {
    // A disk that refuses costs the commands that follow the id, and nothing else.
    return false;
  }
}

/** Removes the record of a token that is no longer accepted. If another user's record took its place, that one is fetched again. */
function forget({ configDirectory }: AccountKey): void {
  try {
    realFileSystem().rmSync(accountFile(configDirectory), { force: true });
  } catch {
    return;
  }
}
