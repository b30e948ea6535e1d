/**
 * The receiver: the place events are sent to, here on the loopback interface. It can be taken down, brought back on the same
 * port, and made to accept requests without ever answering.
 */
import { startIntake } from "@candor/testing";

const ACKNOWLEDGED = { action: "answer", status: 200, headers: { "content-type": "application/json" }, body: '{"status":"ok"}' };

/** Opens a receiver on a free port. */
export async function openReceiver() {
  let silent = false;
  const intake = await startIntake({ reply: () => (silent ? { action: "hang" } : ACKNOWLEDGED) });
  return {
    url: `${intake.url}/events`,
    /** Every event that has arrived, in order. An event sent twice is there twice. */
    events: () => intake.events(),
    requestCount: () => intake.requests.length,
    /** Nothing listens any more. */
    goDown: () => intake.pause(),
    /** Listens again on the same port. */
    comeBack: () => intake.resume(),
    /** From now on requests are taken and never answered. */
    fallSilent() {
      silent = true;
    },
    answerAgain() {
      silent = false;
    },
    close: () => intake.close(),
  };
}
