/** The statistics: medians and quartiles, because the noise of a busy machine has one side only. */

/** The value below which `share` of the values lie. */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  return below + (sorted[Math.ceil(position)] - below) * (position - Math.floor(position));
}

/** The middle value. */
export function median(values) {
  return quantile(values, 0.5);
}

/** Median, quartiles and number, rounded to what the figure can bear; undefined for no values. */
export function summary(values, digits = 2) {
  if (values.length === 0) return undefined;
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => round(quantile(values, share), digits));
  return { median: middle, low, high, n: values.length };
}

/** Rounded to `digits` places. */
export function round(value, digits) {
  // Adding 0 turns -0 into 0.
  return Number(value.toFixed(digits)) + 0;
}

/**
 * Half the width of the 95 % interval of a median, from its quartiles (McGill, Tukey and Larsen, "Variations of Box Plots", 1978).
 */
export function uncertainty({ low, high, n }) {
  return (1.57 * (high - low)) / Math.sqrt(n);
}
