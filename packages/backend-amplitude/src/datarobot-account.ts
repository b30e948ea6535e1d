/**
 * @candor/backend-amplitude/datarobot-account: the background task that looks up who is signed in, and the lookup itself for
 * tools that have a background of their own.
 */
import type { BackgroundTask } from "@candor/backend";
import { type DataRobotAccountOptions, lookUpAccount } from "./datarobot/account-task.ts";

export { type Account, type AccountKey } from "./datarobot/account.ts";
export { type AccountRefresh, type AccountRefreshOptions, refreshAccount } from "./datarobot/account-lookup.ts";
export type { DataRobotAccountOptions } from "./datarobot/account-task.ts";

const accountTask: BackgroundTask<DataRobotAccountOptions> = (options, context) => lookUpAccount(options, context);

/** Looks up the account and keeps it for the commands that follow. */
export default accountTask;
