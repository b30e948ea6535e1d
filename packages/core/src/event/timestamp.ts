/**
 * The timestamp of an event: RFC 3339 in UTC, as `Date.prototype.toISOString` writes it. Before V8 writes that, it asks ICU for the
 * local time zone: 0.2 ms in a short command, and several where ICU's tables are not in memory. The parts of a date in UTC cost nothing.
 */

/** 9999-12-31T23:59:59.999Z; later years have more digits. */
const LAST_MS = 253_402_300_799_999;

/** Answers the timestamp of a time in milliseconds since the epoch. @throws RangeError when it is no time. */
export type Timestamps = (ms: number) => string;

/** Makes timestamps; what is common to those of one second is put together once. */
export function createTimestamps(): Timestamps {
  let second = -1;
  let written = "";
  return (ms) => {
    const whole = Math.trunc(ms);
    if (!(whole >= 0 && whole <= LAST_MS)) return new Date(ms).toISOString();
    const current = Math.floor(whole / 1_000);
    if (current !== second) {
      second = current;
      written = upToSeconds(new Date(whole));
    }
    return `${written}.${padded(whole - current * 1_000, 3)}Z`;
  };
}

function upToSeconds(time: Date): string {
  const date = `${padded(time.getUTCFullYear(), 4)}-${padded(time.getUTCMonth() + 1, 2)}-${padded(time.getUTCDate(), 2)}`;
  return `${date}T${padded(time.getUTCHours(), 2)}:${padded(time.getUTCMinutes(), 2)}:${padded(time.getUTCSeconds(), 2)}`;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
