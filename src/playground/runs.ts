/** Records that lie so close are read together. */
const closeBy = 16;

/** Sorted numbers that are close together, as groups. */
export function runsOf(seqs: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const seq of seqs) {
    const run = runs.at(-1);
    if (run && seq - run.at(-1)! <= closeBy) {
      run.push(seq);
    } else {
      runs.push([seq]);
    }
  }
  return runs;
}
