/**
 * The consent store: the user's recorded answer. A "no" is kept twice, in the config and in the data
 * directory, and wins over anything else that is found; a record that cannot be understood is a "no"
 * until the user answers again. Only the `telemetry` command and the notice write here.
 */
import { isRecordedId, newConsentId } from "./consent-id.ts";
import type { Directories } from "../platform/paths.ts";
import { parentOf } from "../platform/paths.ts";
import { makeOwnDirectory, makePrivateDirectory } from "../platform/private-directory.ts";
import { CREATE_EXCLUSIVELY, parseObject, readPrivateFile, writePrivateFile } from "../platform/private-file.ts";
import { type Ports, systemErrorCode } from "../platform/ports.ts";

interface Answer {
  readonly enabled: boolean;
  /** Collect, but only into the local log. */
  readonly localOnly: boolean;
  /** Names this consent; events collected under another one are never sent. */
  readonly consentId: string;
  /** RFC 3339. */
  readonly answeredAt: string;
  /** Version of the consent text that was answered. */
  readonly consentVersion: number;
  /** How the answer was given. */
  readonly givenBy: "command" | "prompt" | "init";
  /** Why, in the user's words. It is never sent. */
  readonly reason?: string;
}

export type StoredConsent =
  /** `noticeVersion`: of the consent text in the notice that was shown; 0 when none was. */
  | { readonly status: "none"; readonly noticeVersion: number }
  | { readonly status: "answered"; readonly answer: Answer }
  /** A refusal whose details are gone, or a record nobody can read: counts as "no". */
  | { readonly status: "refused"; readonly reason: string };

/** An answer as it is given. */
export type GivenAnswer = Omit<Answer, "consentId" | "answeredAt">;

export type StoreOutcome = { readonly status: "stored" } | { readonly status: "failed"; readonly reason: string };

/** Reads the recorded answer. */
export function readConsent(directories: Directories, { fileSystem }: Ports): StoredConsent {
  const content = readPrivateFile(directories.consentFile, fileSystem);
  if (content.status === "unreadable") {
    return { status: "refused", reason: `${directories.consentFile} cannot be read (${content.reason})` };
  }
  const answer = content.status === "read" ? parseAnswer(content.text) : undefined;
  if (content.status === "read" && !answer) {
    return { status: "refused", reason: `${directories.consentFile} is damaged` };
  }
  if (answer && !("noticeVersion" in answer) && !answer.enabled) return { status: "answered", answer };
  if (hasRefusal(directories, fileSystem)) {
    return { status: "refused", reason: "an earlier answer was no" };
  }
  if (!answer || "noticeVersion" in answer) return { status: "none", noticeVersion: answer?.noticeVersion ?? 0 };
  return { status: "answered", answer };
}

/** Records an answer. A "no" counts as stored when either record could be written. */
export function storeConsent(
  answer: GivenAnswer,
  directories: Directories,
  ports: Ports,
): StoreOutcome {
  const record: Answer = {
    ...answer,
    // The same yes said twice is one consent: what was collected under it may still be sent.
    consentId: standingConsent(answer, directories, ports) ?? newConsentId(ports.random),
    answeredAt: new Date(ports.clock.now()).toISOString(),
  };
  const refusal = answer.enabled ? undefined : writeRefusal(record, directories, ports);
  const stored = writeConfig(record, directories, ports);
  if (!answer.enabled) return refusal?.status === "stored" ? refusal : stored;
  if (stored.status === "failed") return stored;
  return removeRefusal(directories, ports);
}

function standingConsent(answer: GivenAnswer, directories: Directories, ports: Ports): string | undefined {
  const stored = readConsent(directories, ports);
  if (!answer.enabled || stored.status !== "answered" || !stored.answer.enabled) return undefined;
  return stored.answer.consentVersion === answer.consentVersion ? stored.answer.consentId : undefined;
}

/** Records that the opt-out notice with this version of the consent text has been shown. A recorded "no" is never written over. */
export function storeNoticeShown(directories: Directories, ports: Ports, consentVersion = 1): StoreOutcome {
  const stored = readConsent(directories, ports);
  if (stored.status === "refused" || (stored.status === "answered" && !stored.answer.enabled)) {
    return { status: "failed", reason: "a no is recorded" };
  }
  return writeConfig({ noticeShownAt: new Date(ports.clock.now()).toISOString(), consentVersion }, directories, ports);
}

function writeRefusal({ answeredAt }: Answer, { refusalFile }: Directories, ports: Ports): StoreOutcome {
  const privacy = makePrivateDirectory(parentOf(refusalFile), ports);
  if (privacy.status === "unusable") return { status: "failed", reason: privacy.reason };
  const stored = writeRecord(refusalFile, `${answeredAt}\n`, ports);
  // That it is there is what counts: a name without content needs no space on a full disk.
  return stored.status === "stored" || !standsEmpty(refusalFile, ports) ? stored : { status: "stored" };
}

function standsEmpty(path: string, { fileSystem }: Ports): boolean {
  try {
    fileSystem.closeSync(fileSystem.openSync(path, CREATE_EXCLUSIVELY, 0o600));
    return true;
  } catch (error) {
    return systemErrorCode(error) === "EEXIST";
  }
}

function writeConfig(record: object, { consentFile }: Directories, ports: Ports): StoreOutcome {
  const privacy = makeOwnDirectory(parentOf(consentFile), ports);
  if (privacy.status === "unusable") return { status: "failed", reason: privacy.reason };
  return writeRecord(consentFile, `${JSON.stringify(record, undefined, 2)}\n`, ports);
}

function writeRecord(path: string, text: string, ports: Ports): StoreOutcome {
  try {
    writePrivateFile(path, text, ports.fileSystem);
    return { status: "stored" };
  } catch (error) {
    return { status: "failed", reason: `${path} cannot be written (${systemErrorCode(error) ?? String(error)})` };
  }
}

function removeRefusal({ refusalFile }: Directories, { fileSystem }: Ports): StoreOutcome {
  try {
    fileSystem.rmSync(refusalFile, { force: true });
    return { status: "stored" };
  } catch (error) {
    return { status: "failed", reason: `${refusalFile} cannot be removed (${systemErrorCode(error) ?? String(error)})` };
  }
}

function hasRefusal({ refusalFile }: Directories, fileSystem: Ports["fileSystem"]): boolean {
  try {
    return fileSystem.lstatSync(refusalFile, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    // A data directory that cannot be looked into may hide a refusal; one that is not there cannot.
    return systemErrorCode(error) !== "ENOTDIR";
  }
}

function parseAnswer(text: string): Answer | { readonly noticeVersion: number } | undefined {
  const record = parseObject(text);
  if (!record) return undefined;
  if (typeof record["enabled"] === "boolean" && isRecordedId(String(record["consentId"]))) {
    return {
      enabled: record["enabled"],
      localOnly: record["localOnly"] !== false && record["localOnly"] !== undefined,
      consentId: String(record["consentId"]),
      answeredAt: String(record["answeredAt"]),
      consentVersion: Number(record["consentVersion"]) || 1,
      givenBy: record["givenBy"] === "prompt" || record["givenBy"] === "init" ? record["givenBy"] : "command",
      ...(typeof record["reason"] === "string" ? { reason: record["reason"] } : {}),
    };
  }
  const isNotice = typeof record["noticeShownAt"] === "string" && record["enabled"] === undefined;
  return isNotice ? { noticeVersion: Number(record["consentVersion"]) || 1 } : undefined;
}
