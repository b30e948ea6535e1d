/**
 * The comparison: the same command with telemetry and without, in turns, so that whatever else the machine does meets both.
 * Each round waits for the event and for the uploader to end, so that no round disturbs the next.
 */
import { waitUntil } from "@candor/testing";

const ROUNDS = 5;

const WITHOUT = { NOTES_TELEMETRY: "off" };

/**
 * Compares. `play(variables)` runs the command once.
 * Answers the last results, the median times in milliseconds, and the last event that arrived.
 */
export async function compare(stage, play) {
  const times = { with: [], without: [] };
  let last;
  for (let round = 0; round < ROUNDS; round++) {
    const without = await play(WITHOUT);
    const before = stage.receiver.events().length;
    const withTelemetry = await play({});
    await waitUntil("the event has arrived", () => stage.receiver.events().length > before);
    await stage.quiet();
    times.with.push(withTelemetry.durationMs);
    times.without.push(without.durationMs);
    last = { withTelemetry, without, events: stage.receiver.events().slice(before) };
  }
  return { ...last, withMs: median(times.with), withoutMs: median(times.without) };
}

/** The middle value. */
function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
