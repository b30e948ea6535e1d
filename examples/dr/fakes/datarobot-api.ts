/** A fake DataRobot instance: accounts by their token, and templates. It can be slow, broken or silent. */
import { type Intake, type ServerReply, startIntake } from "@candor/testing";

export interface Account {
  readonly uid: string;
  readonly orgId: string;
  readonly tenantId: string | null;
}

export interface DataRobotApi {
  /** Address of the instance, without a path. */
  readonly url: string;
  readonly intake: Intake;
  /** Paths that were asked for, in order. */
  asked(): readonly string[];
  /** From now on every request gets this; undefined ends it. */
  answerAll(reply: ServerReply | undefined): void;
  close(): Promise<void>;
}

/** Starts the instance on a free port of this machine. */
export async function startDataRobotApi(accounts: Readonly<Record<string, Account>>): Promise<DataRobotApi> {
  let everything: ServerReply | undefined;
  const intake = await startIntake({ reply: ({ path, headers }) => everything ?? answerTo(path, headers.authorization, accounts) });
  return {
    url: intake.url,
    intake,
    asked: () => intake.requests.map(({ path }) => path),
    answerAll(reply) {
      everything = reply;
    },
    close: () => intake.close(),
  };
}

function answerTo(path: string, authorization: string | undefined, accounts: Readonly<Record<string, Account>>): ServerReply {
  const account = accounts[authorization?.replace(/^Bearer /, "") ?? ""];
  if (!account) return json(401, { message: "Invalid authorization header." });
  if (path === "/api/v2/account/info/") {
    // The e-mail address and the names are there in the real one too, and must never be found in an event.
    return json(200, { ...account, email: "ann@example.com", firstName: "Ann", lastName: "Example" });
  }
  if (path === "/api/v2/applicationTemplates/") return json(200, { data: [{ id: "tmpl-abc123", name: "my-template" }], count: 1 });
  return json(404, { message: "Not Found" });
}

function json(status: number, body: unknown): ServerReply {
  return { action: "answer", status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
