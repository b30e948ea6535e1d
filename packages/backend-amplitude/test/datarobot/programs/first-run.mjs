/** A first run: waits for the sign that all processes are up, and prints its device id. */
import { existsSync } from "node:fs";
import { persistedDeviceId } from "../../../dist/esm/datarobot.js";

const [configDirectory, sign] = process.argv.slice(2);
const deviceId = persistedDeviceId({ configDirectory });
process.stderr.write("ready");
while (!existsSync(sign));
process.stdout.write(JSON.stringify([deviceId(), deviceId()]));
