/**
 * @param {readonly number[]} values
 * @returns {number} NaN of nothing.
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/**
 * The median of the ratios of each round: what slows a whole round down is in both.
 * @param {readonly number[]} values
 * @param {readonly number[]} others
 */
export function medianRatio(values, others) {
  return median(values.map((value, round) => value / (others[round] ?? NaN)));
}

/**
 * The order of the programs in a round: each comes first equally often.
 * @template T
 * @param {readonly T[]} items
 * @param {number} round
 */
export function rotated(items, round) {
  const shift = round % items.length;
  return [...items.slice(shift), ...items.slice(0, shift)];
}
