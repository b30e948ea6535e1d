/**
 * The cancellation: calls off a deletion request that somebody has not confirmed yet. What was confirmed stays asked for; the ids stay on
 * record, so that a later `reset` asks for them again.
 */
import type { Installation } from "../collector/installation.ts";
import { readRequests, removeRequest, removeRequestFile } from "../deletion/deletion-request.ts";
import { stopUpload } from "../consent/withdrawal.ts";
import { systemErrorCode } from "../platform/ports.ts";
import type { CommandReport } from "./report.ts";

/** Stops whoever is asking, then removes every request that waits. */
export async function cancelDeletion(installation: Installation): Promise<CommandReport> {
  const { directories, ports } = installation;
  const waiting = readRequests(directories, ports);
  if (waiting.requests.length + waiting.unreadable.length === 0) return reportOf(0, "No deletion request is waiting.", []);
  const cancelled: string[] = [];
  const stopping = await stopUpload(installation, () => {
    // Read anew: whoever was stopped may have settled some of it.
    const { requests, unreadable } = readRequests(directories, ports);
    try {
      for (const request of requests) {
        removeRequest(request, directories, ports);
        cancelled.push(...request.outstanding.map(({ description }) => description));
      }
      for (const { path } of unreadable) removeRequestFile(path, directories, ports);
      return undefined;
    } catch (error) {
      return `${directories.deletions} cannot be changed (${systemErrorCode(error) ?? String(error)})`;
    }
  });
  const names = [...new Set(cancelled)];
  if (stopping.status === "incomplete") return reportOf(1, `The deletion request could not be called off: ${stopping.reason}.`, names);
  const whom = names.length > 0 ? ` ${names.join(", ")} will not be asked again.` : "";
  return reportOf(0, `The deletion request is called off.${whom}`, names);
}

function reportOf(exitCode: 0 | 1, line: string, cancelled: readonly string[]): CommandReport {
  return { exitCode, lines: [line], data: { cancelled, done: exitCode === 0 } };
}
