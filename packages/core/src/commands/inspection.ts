/**
 * The inspection: what `telemetry inspect` shows: the exact events that wait, those that were sent, or what the next command would send.
 * It changes nothing, sends nothing, and holds no more than one file of the spool.
 */
import type { Collector } from "../collector/collector.ts";
import type { Installation } from "../collector/installation.ts";
import { documentPieces, entries, indented, inOneLine, printableLine } from "../inspection/pieces.ts";
import { preview as previewOf } from "../inspection/preview.ts";
import { readSent, type SentEvent, type SentTotal } from "../inspection/sent.ts";
import { type WaitingEvent, waitingDestinations, waitingEvents } from "../inspection/waiting.ts";
import type { OutputForm, StreamedReport } from "./report.ts";

export interface InspectOptions {
  /** What has been sent, instead of what waits. Default false. */
  readonly sent?: boolean;
  /** What the next command would send, instead of what waits. Default false. */
  readonly preview?: boolean;
}

/** Shows events exactly as they are. The exit status is 1 when something is there that could not be shown. */
export function inspect({ installation }: Collector, { sent = false, preview = false }: InspectOptions = {}): StreamedReport {
  if (sent && preview) return { pieces: (form) => refusal(form) };
  if (sent) return { pieces: (form) => sentPieces(installation, form) };
  return { pieces: (form) => (preview ? previewPieces(installation, form) : waitingPieces(installation, form)) };
}

function* refusal(form: OutputForm): Generator<string, 0 | 1> {
  const error = "give one of --sent and --preview";
  yield form === "text" ? `${error}\n` : inOneLine({ error });
  return 1;
}

function* waitingPieces(installation: Installation, form: OutputForm): Generator<string, 0 | 1> {
  const faults = { missing: 0, damaged: 0, unreadable: [] as string[] };
  let count = 0;
  const counted = function* (): Generator<WaitingEvent> {
    for (const event of waitingEvents(installation, faults)) {
      count++;
      yield event;
    }
  };
  const { enabled, localOnly, reason } = stateOf(installation);
  const destinations = waitingDestinations(installation);
  switch (form) {
    case "jsonl":
      for (const event of counted()) yield inOneLine(event);
      break;
    case "json":
      yield* documentPieces(
        (function* () {
          yield* Object.entries({ enabled, localOnly, reason, destinations, waiting: entries(counted()) });
          // Known only now.
          yield* Object.entries({ count, damaged: faults.damaged + faults.missing, problems: faults.unreadable });
        })(),
      );
      break;
    case "text": {
      yield `${stateLine(installation)}\n`;
      let standing: WaitingEvent["standing"] | undefined;
      for (const waiting of counted()) {
        if (waiting.standing !== standing) yield `\n${HEADINGS[waiting.standing]}\n`;
        standing = waiting.standing;
        yield `\n${count}. ${addressees(waiting)}\n   ${indented(waiting.event, 3)}\n`;
      }
      yield `\n${count === 0 ? "No event waits" : count === 1 ? "1 event waits" : `${count} events wait`} on this machine.\n`;
      for (const { destination, droppedEvents } of count > 0 ? destinations : []) {
        if (droppedEvents > 0) yield `${printableLine(`The next request to ${destination} adds "dropped_events": ${droppedEvents} to its first event: so many were lost here.`)}\n`;
      }
      yield* faultLines(faults.damaged + faults.missing, faults.unreadable);
    }
  }
  return faults.unreadable.length > 0 ? 1 : 0;
}

const HEADINGS = {
  current:
    "Waiting to be sent, the next one first. This is the JSON that the http, file and stdout backends send, in which a duration or an exit status of 0 is left out; others send the same facts in their own form.",
  dormant: "Collected under the same consent but for another place (kept here instead of sent, or the other way round). They wait until that setting is back:",
  withdrawn: "Collected under a consent that does not stand any more. They are never sent; the next upload deletes them:",
} as const;

function addressees({ standing, lacks }: WaitingEvent): string {
  if (standing === "withdrawn") return "for nobody";
  return lacks.length > 0 ? printableLine(`for ${lacks.join(", ")}`) : "for no destination of now";
}

function* sentPieces(installation: Installation, form: OutputForm): Generator<string, 0 | 1> {
  const { events: sent, totals, damaged, problems } = readSent(installation);
  const { receiptBytes } = installation.config.bounds;
  switch (form) {
    case "jsonl":
      for (const event of sent) yield inOneLine(event);
      break;
    case "json":
      yield* documentPieces(Object.entries({ sent: entries(sent), count: sent.length, totals, receiptBytes, damaged, problems }));
      break;
    case "text":
      for (const [index, event] of sent.entries()) yield `${index + 1}. ${sentLine(event)}\n   ${indented(event.event, 3)}\n\n`;
      yield sent.length === 0 ? "There are no receipts of sent events on this machine.\n" : `${events(sent.length)} on record, the newest last.\n`;
      if (receiptBytes === 0) yield `The author of ${installation.config.tool} has switched receipts off.\n`;
      for (const total of totals.filter(({ accepted, rejected }) => accepted + rejected > 0)) yield `${printableLine(totalLine(total, receiptBytes))}\n`;
      yield* faultLines(damaged, problems);
  }
  return problems.length > 0 ? 1 : 0;
}

function sentLine({ at, destination, outcome, reason }: SentEvent): string {
  const words = { accepted: "accepted by", rejected: "refused by", unclear: "accepted or refused by", unacknowledged: "sent, and not acknowledged by" }[outcome];
  return printableLine(`${at}, ${words} ${destination}${reason === undefined ? "" : `: ${reason}`}`);
}

function totalLine({ destination, accepted, rejected, withoutReceipt, refusedByDisk }: SentTotal, receiptBytes: number): string {
  const missing = withoutReceipt > 0 ? ` ${withoutReceipt} of them have no receipt any more: the record holds ${receiptBytes} bytes, and a reset clears it.` : "";
  const disk = refusedByDisk > 0 ? ` The disk did not take ${refusedByDisk} receipts.` : "";
  return `${destination} has taken ${accepted} events and refused ${rejected}.${missing}${disk}`;
}

function* previewPieces(installation: Installation, form: OutputForm): Generator<string, 0 | 1> {
  const { enabled, localOnly, reason } = stateOf(installation);
  const previewed = previewOf(installation);
  const { event, declared = [] } = previewed ?? {};
  const destinations = waitingDestinations(installation);
  const data = { enabled, localOnly, reason, destinations, event, declared };
  if (form === "jsonl") yield inOneLine(data);
  else if (form === "json") yield* documentPieces(Object.entries(data));
  else {
    yield `${stateLine(installation)}\n\n${enabled ? "The next command sends" : "If it were on, the next command would send"} events like this one, with their own names, times, outcomes and values:\n`;
    yield event ? `\n   ${indented(event, 3)}\n\n` : "\nThe properties of the tool's events cannot be worked out.\n\n";
    if (declared.length > 0) yield "Where a command makes them, these too, which the tool's author has declared; values are examples:\n\n";
    for (const each of declared) yield `   ${indented(each, 3)}\n\n`;
    yield destinations.length > 0 ? `${printableLine(`It would go to ${destinations.map(({ destination }) => destination).join(", ")}.`)}\n` : "It would go nowhere: no destination is configured.\n";
  }
  return previewed ? 0 : 1;
}

function stateOf({ config, consent, problems }: Installation): { readonly enabled: boolean; readonly localOnly: boolean; readonly reason: string } {
  const { enabled, localOnly, reason } = consent();
  const obstacle = problems[0] ?? (config.enabled ? undefined : "the tool's author has switched it off");
  return { enabled: enabled && obstacle === undefined, localOnly, reason: obstacle ?? reason };
}

function stateLine(installation: Installation): string {
  const { enabled, localOnly, reason } = stateOf(installation);
  return printableLine(`Telemetry is ${enabled ? "on" : "off"}${localOnly ? ", on this machine only" : ""}: ${reason}.${enabled ? "" : " No usage data is sent while it is."}`);
}

function* faultLines(damaged: number, problems: readonly string[]): Generator<string> {
  if (damaged > 0) yield `${damaged} lines are damaged and cannot be shown.\n`;
  for (const problem of problems) yield `${printableLine(`Not shown: ${problem}.`)}\n`;
}

function events(count: number): string {
  return count === 1 ? "1 event" : `${count} events`;
}
