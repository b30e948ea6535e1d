/** Destinations in every state a network can be in, in a process of their own so that they do not disturb the measurement. */
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { createServer as createPlainServer } from "node:net";
import { once } from "node:events";

/** Starts them; answers their addresses by state, and how to end them. */
export async function startDestinations() {
  const child = spawn(process.execPath, [import.meta.filename], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  const endpoints = JSON.parse(String(line));
  return {
    endpoints,
    async close() {
      child.stdin.end();
      await once(child, "exit");
    },
  };
}

async function serve() {
  const answer = (delayMs) =>
    createServer((request, response) => {
      request.resume().on("end", () => setTimeout(() => response.end("{}"), delayMs));
    });
  // An uploader that gives up resets its connection.
  const silent = createPlainServer((socket) => socket.on("error", () => undefined));
  const servers = { healthy: answer(0), "slow (150 ms)": answer(150), "accepts, never answers": silent };
  const endpoints = {};
  for (const [state, server] of Object.entries(servers)) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    endpoints[state] = `http://127.0.0.1:${server.address().port}/`;
  }
  // A port that was free a moment ago refuses.
  const gone = createPlainServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  endpoints["refused"] = `http://127.0.0.1:${gone.address().port}/`;
  gone.close();
  process.stdout.write(JSON.stringify(endpoints));
  process.stdin.resume().on("end", () => process.exit(0));
}

if (process.argv[1] === import.meta.filename) await serve();
