/**
 * Which row is drawn with which elements. Rows that stay in view keep theirs; after a jump, when none has stayed, the elements
 * of the rows before are used again: to change their text is cheaper than to make others.
 */
export class RowKeys {
  private keys = new Map<number, number>();
  /** Those before: with each frame the one is made of the other. */
  private before = new Map<number, number>();
  private last = 0;

  /**
   * @param seqs What is drawn now, from top to bottom.
   * @param kept Is drawn wherever the view is, and does not count. It may have the focus: elements above it stay above it, as
   * a browser scrolls to what has the focus where that is moved in the document.
   * @returns Good until the keys are assigned once more.
   */
  assign(seqs: readonly number[], kept: number | null): ReadonlyMap<number, number> {
    const { keys: before, before: keys } = this;
    const isJump = seqs.every((seq) => seq === kept || !before.has(seq));
    const stays = kept !== null && before.has(kept) && seqs.includes(kept);
    const [above, below]: [number[], number[]] = [[], []];
    if (isJump) {
      let free = above;
      for (const [seq, key] of before) {
        if (seq !== kept) {
          free.push(key);
        } else if (stays) {
          free = below;
        }
      }
    }
    let [free, used] = [above, 0];
    keys.clear();
    for (const seq of seqs) {
      keys.set(seq, before.get(seq) ?? free[used++] ?? ++this.last);
      if (stays && seq === kept) {
        [free, used] = [below, 0];
      }
    }
    [this.keys, this.before] = [keys, before];
    return keys;
  }
}
