/**
 * Which row is drawn with which elements. Rows that stay in view keep theirs; after a jump, when none has stayed, the elements
 * of the rows before are used again: to change their text is cheaper than to make others.
 */
export class RowKeys {
  private keys = new Map<number, number>();
  private last = 0;

  /**
   * @param seqs What is drawn now, from top to bottom.
   * @param kept Is drawn wherever the view is, and does not count.
   */
  assign(seqs: readonly number[], kept: number | null): ReadonlyMap<number, number> {
    const isJump = seqs.every((seq) => seq === kept || !this.keys.has(seq));
    const free = isJump ? [...this.keys].filter(([seq]) => seq !== kept).map(([, key]) => key) : [];
    let used = 0;
    const keys = new Map<number, number>();
    for (const seq of seqs) {
      keys.set(seq, this.keys.get(seq) ?? free[used++] ?? ++this.last);
    }
    this.keys = keys;
    return keys;
  }
}
