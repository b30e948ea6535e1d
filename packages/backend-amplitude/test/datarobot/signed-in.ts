/** What tests of the account's look-up begin with: the directory of DataRobot's CLI, and a server that says who is signed in. */
import { afterEach, beforeEach } from "@jest/globals";
import { type Intake, type IntakeOptions, startIntake, type TemporaryHome } from "@candor/testing";
import { homePerTest } from "../../../core/test/home-per-test.ts";
import { standIn } from "../../../core/test/stand-in.ts";
import { type AccountRefresh, type AccountRefreshOptions, refreshAccount } from "../../src/datarobot-account.ts";
import { accountInfo, answerOf } from "./accounts.ts";

export const NOW_MS = 1_767_323_045_000;

export interface SignedIn {
  readonly home: TemporaryHome;
  readonly server: Intake;
  /** Below the home. */
  readonly configDirectory: () => string;
  /** Looks the account up under the token `t`. */
  readonly refresh: (options?: Partial<AccountRefreshOptions>) => Promise<AccountRefresh>;
}

/** Makes both before each test, and ends them after it; for the top of a file. */
export function signedInPerTest(reply: IntakeOptions["reply"] = answerOf(accountInfo("u2", "o2", "t2"))): SignedIn {
  let started: Intake | undefined;
  beforeEach(async () => {
    started = await startIntake({ reply });
  });
  afterEach(async () => {
    await started?.close();
    started = undefined;
  });
  const server = standIn("server", () => started);
  const home = homePerTest({ "datarobot/": "" });
  const configDirectory = (): string => `${home.path}/datarobot`;
  return {
    home,
    server,
    configDirectory,
    refresh: (options) => refreshAccount({ configDirectory: configDirectory(), endpoint: server.url, token: "t", signal: new AbortController().signal, now: () => NOW_MS, ...options }),
  };
}
