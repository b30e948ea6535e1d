/** One user on a shared machine: looks up the account again and again, and reads the cache as commands do in between. */
import { accountOf } from "../../../dist/esm/datarobot.js";
import { refreshAccount } from "../../../dist/esm/datarobot-account.js";

const [configDirectory, endpoint, token, rounds] = process.argv.slice(2);
const key = { configDirectory, endpoint, token };
const { signal } = new AbortController();
const seen = new Set();
const statuses = new Set();
const see = ({ user_id = "nobody", organization_id = "none" }) => seen.add(`${user_id}/${organization_id}`);

for (let round = 0; round < Number(rounds); round += 1) {
  const { status, account } = await refreshAccount({ ...key, signal });
  statuses.add(status);
  if (status === "fetched" || status === "cached") see(account);
  for (let command = 0; command < 20; command += 1) see(accountOf(key));
}
process.stdout.write(JSON.stringify({ seen: [...seen], statuses: [...statuses] }));
