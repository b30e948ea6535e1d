/**
 * The export: what `telemetry export` answers: everything candor holds on this machine about its user, as one JSON document (GDPR, articles
 * 15 and 20). It works while telemetry is off, sends nothing, and holds no more than one file at a time. The author's configuration,
 * and with it every credential, is no part of it.
 */
import type { Collector } from "../collector/collector.ts";
import type { Installation } from "../collector/installation.ts";
import { receiptFiles } from "../delivery/receipts.ts";
import { consentTable } from "../inspection/consent-table.ts";
import { fileContent, lineContents, logFiles, otherFiles, textLines } from "../inspection/holdings.ts";
import { documentPieces, entries } from "../inspection/pieces.ts";
import { secretsMasker } from "../inspection/secrets.ts";
import { spoolsOf } from "../inspection/waiting.ts";
import { parentOf } from "../platform/paths.ts";
import { inspect } from "../platform/private-directory.ts";
import { CREATE_EXCLUSIVELY } from "../platform/private-file.ts";
import { type Ports, systemErrorCode } from "../platform/ports.ts";
import { readLosses } from "../spool/losses.ts";
import type { CommandReport, StreamedReport } from "./report.ts";

export interface ExportOptions {
  /** The file to write; made with mode 0600. Default: none, the document is the output. */
  readonly out?: string;
  /** Replace the file if there is one. Default false. */
  readonly force?: boolean;
}

/** Version of the document's form. */
const EXPORT_VERSION = 1;

/** Everything held locally. The exit status is 1 when part of it could not be read or the file could not be written. */
export function exportData({ installation }: Collector, { out, force = false }: ExportOptions = {}): CommandReport | StreamedReport {
  // One form for all: the document is for programs, and for whoever reads what programs read.
  if (out === undefined) return { pieces: () => documentOf(installation) };
  const written = writeExport(out, force, installation);
  if (written.status === "failed") return { exitCode: 1, lines: [`Nothing was written: ${written.reason}.`], data: { written: false, error: written.reason } };
  const warning = written.complete ? [] : ["Part of it could not be read; \"problems\" in the file says what."];
  return { exitCode: written.complete ? 0 : 1, lines: [`Everything held on this machine is in ${out}.`, ...warning], data: { written: true, out, complete: written.complete } };
}

function* documentOf(installation: Installation): Generator<string, 0 | 1> {
  const faults = { missing: 0, unreadable: [] as string[] };
  // An error of a backend's that is on record here may quote what it was given.
  const masked = secretsMasker(installation);
  for (const piece of documentPieces(membersOf(installation, faults))) yield masked(piece);
  return faults.unreadable.length > 0 ? 1 : 0;
}

function* membersOf(installation: Installation, faults: { missing: number; readonly unreadable: string[] }): Generator<readonly [string, unknown]> {
  const { config, directories, ports } = installation;
  const problems = faults.unreadable;
  yield ["exportVersion", EXPORT_VERSION];
  yield ["exportedAt", new Date(ports.clock.now()).toISOString()];
  yield ["tool", { name: config.tool, version: config.version }];
  yield ["directories", { data: directories.data, config: directories.config }];
  const { enabled, localOnly, source, reason } = installation.consent();
  yield ["consent", { enabled, localOnly, source, reason, signals: consentTable(installation), record: fileContent(directories.consentFile, ports, problems) }];
  if (isOurs(installation, faults)) {
    const logs = logFiles(installation);
    yield ["refusal", fileContent(directories.refusalFile, ports, problems, "any")];
    yield ["identity", fileContent(directories.identityFile, ports, problems)];
    yield ["waiting", entries(waitingOf(installation, faults))];
    yield ["sent", entries(lineContents(receiptFiles(directories), ports, problems))];
    yield ["refused", entries(lineContents([directories.rejectedFile], ports, problems))];
    yield ["lost", readLosses(directories, ports)];
    yield ["destinations", fileContent(directories.destinationsFile, ports, problems)];
    yield ["uploaderFault", fileContent(directories.faultFile, ports, problems)];
    yield ["uploaderLog", entries(textLines(directories.uploaderLog, ports, problems))];
    yield ["localLog", entries(lineContents(logs, ports, problems))];
    yield ["otherFiles", entries(otherFiles(installation, logs, problems))];
  }
  yield ["problems", [...problems, ...(faults.missing > 0 ? [`${faults.missing} events are missing from files that were cut short`] : [])]];
}

/** Whether the data directory is the user's own; what lies in another is not read. */
function isOurs({ directories, ports }: Installation, faults: { readonly unreadable: string[] }): boolean {
  try {
    const privacy = inspect(directories.data, ports);
    if (privacy?.status === "unusable") faults.unreadable.push(privacy.reason);
    return privacy?.status === "private";
  } catch (error) {
    faults.unreadable.push(`${directories.data} (${systemErrorCode(error) ?? String(error)})`);
    return false;
  }
}

function* waitingOf(installation: Installation, faults: { missing: number; readonly unreadable: string[] }): Generator {
  for (const { consentId, standing, lines } of spoolsOf(installation, faults)) {
    for (const line of lines(faults)) {
      // The event as it is stored, every field included.
      if (line.status === "event") yield { consentId, standing, acknowledged: line.acknowledged, event: line.event };
      else yield { consentId, standing, text: line.text, note: "this line is damaged" };
    }
  }
}

type Written = { readonly status: "written"; readonly complete: boolean } | { readonly status: "failed"; readonly reason: string };

/** Written under a name of its own first where it replaces a file, so that a fault half-way costs neither; a link is replaced, not followed. */
function writeExport(out: string, force: boolean, installation: Installation): Written {
  const { ports } = installation;
  const path = force ? `${out}.${ports.host.id.toString(36)}-${Math.floor(ports.random() * 2 ** 40).toString(36)}.tmp` : out;
  let descriptor: number;
  try {
    descriptor = ports.fileSystem.openSync(path, CREATE_EXCLUSIVELY, 0o600);
  } catch (error) {
    return { status: "failed", reason: openingProblem(out, error) };
  }
  try {
    const complete = writeWhole(descriptor, documentOf(installation), ports) === 0;
    if (force) ports.fileSystem.renameSync(path, out);
    return { status: "written", complete };
  } catch (error) {
    ports.fileSystem.rmSync(path, { force: true });
    return { status: "failed", reason: `${out} cannot be written (${systemErrorCode(error) ?? String(error)})` };
  }
}

function writeWhole(descriptor: number, pieces: Generator<string, 0 | 1>, { fileSystem }: Ports): 0 | 1 {
  try {
    for (;;) {
      const next = pieces.next();
      if (next.done) return next.value;
      const data = Buffer.from(next.value);
      for (let written = 0; written < data.length; ) written += fileSystem.writeSync(descriptor, data, written);
    }
  } finally {
    fileSystem.closeSync(descriptor);
  }
}

function openingProblem(out: string, error: unknown): string {
  const code = systemErrorCode(error);
  if (code === "EEXIST") return `${out} exists; give --force to replace it`;
  if (code === "ENOENT") return `there is no directory ${parentOf(out)}`;
  return `${out} cannot be written (${code ?? String(error)})`;
}
