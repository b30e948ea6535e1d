/** Preloaded with --import: moves the wall clock by CLOCK_SHIFT_MS; the monotonic clock goes on as it is. */
const shiftMs = Number(process.env.CLOCK_SHIFT_MS);
const RealDate = Date;
const realNow = Date.now.bind(Date);

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(realNow() + shiftMs);
    else super(...given);
  }

  static now() {
    return realNow() + shiftMs;
  }
};
