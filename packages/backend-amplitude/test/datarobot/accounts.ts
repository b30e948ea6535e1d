/** Accounts for tests: credentials, cache records, and DataRobot's answer to who is signed in. */
import { createHash } from "node:crypto";
import type { PostResult } from "@candor/backend";
import type { AnswerReply } from "@candor/testing";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The body of GET /api/v2/account/info/, with what must never be kept. */
export function accountInfo(uid: unknown, orgId?: unknown, tenantId?: unknown): string {
  return JSON.stringify({ uid, email: "jane@customer.example", firstName: "Jane", lastName: "Roe", orgId, tenantId });
}

export function answerOf(body: string, status = 200, headers: Readonly<Record<string, string>> = { "content-type": "application/json" }): AnswerReply {
  return { action: "answer", status, headers, body };
}

/** The same as the HTTP client would tell it. */
export function answered(statusCode: number, body: string): PostResult {
  return { status: "answered", statusCode, headers: { "content-type": "application/json" }, body };
}

/** A cache record as the DataRobot CLI writes it. */
export function record(fields: { uid?: unknown; endpoint: string; token: string; organization?: unknown; tenant?: unknown }): string {
  return JSON.stringify({
    uid: fields.uid ?? "u",
    endpoint: fields.endpoint,
    token_fingerprint: sha256(fields.token),
    organization_id: fields.organization ?? "",
    tenant_id: fields.tenant ?? "",
  });
}
