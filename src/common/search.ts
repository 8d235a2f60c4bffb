/**
 * The first index from `low` on and before `high` for which something holds, by halving; `high` where it holds for none.
 * @param holds Goes on to hold for every index behind the first one.
 */
export function firstIndex(low: number, high: number, holds: (index: number) => boolean): number {
  let [first, end] = [low, high];
  while (first < end) {
    const middle = (first + end) >>> 1;
    if (holds(middle)) {
      end = middle;
    } else {
      first = middle + 1;
    }
  }
  return first;
}
