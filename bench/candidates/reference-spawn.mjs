/**
 * A reference, not a product: the least that a command can do and still have its events sent without waiting: append them to a file and
 * start a detached `node` that posts the file and deletes it. No consent, no lock, no rate limit, no bound.
 */
import { spawn } from "node:child_process";
import { renameSync } from "node:fs";
import path from "node:path";
import { open as openAppend, spoolFile } from "./reference-append.mjs";

export const about = { name: "reference: append, detached node", packages: [], configuration: "one appendFileSync, one detached node that posts the file" };

export function open({ endpoint }) {
  const append = openAppend({});
  return {
    track: append.track,
    close() {
      append.close();
      const taken = `${spoolFile()}.${process.pid}`;
      renameSync(spoolFile(), taken);
      const sender = path.join(import.meta.dirname, "../workloads/reference-sender.cjs");
      spawn(process.execPath, [sender, taken, endpoint], { detached: true, stdio: "ignore", windowsHide: true }).unref();
    },
  };
}
