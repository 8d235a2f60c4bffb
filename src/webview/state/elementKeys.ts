/**
 * Which thing of a list is drawn with which elements. What stays in view keeps its own; between what stays, the elements of
 * what has gone are used again for what has come: to change their text is cheaper than to make others, and none is moved in the
 * document.
 */
export class ElementKeys<Id> {
  private keys = new Map<Id, number>();
  /** Those before: with each frame the one is made of the other. */
  private before = new Map<Id, number>();
  private readonly drawn = new Set<Id>();
  private last = 0;

  /**
   * @param ids What is drawn now, in its order.
   * @param kept May have the focus: its elements never become another's.
   * @returns Good until the keys are assigned once more.
   */
  assign(ids: readonly Id[], kept: Id | null = null): ReadonlyMap<Id, number> {
    const { keys: before, before: keys, drawn } = this;
    drawn.clear();
    ids.forEach((id) => drawn.add(id));
    /** The elements that have become free, by what stays before them. */
    const free = new Map<Id | null, number[]>();
    let stays: Id | null = null;
    for (const [id, key] of before) {
      if (drawn.has(id)) {
        stays = id;
      } else if (id !== kept) {
        const gap = free.get(stays);
        if (gap) {
          gap.push(key);
        } else {
          free.set(stays, [key]);
        }
      }
    }
    keys.clear();
    let [gap, used] = [free.get(null), 0];
    for (const id of ids) {
      const own = before.get(id);
      if (own !== undefined) {
        [gap, used] = [free.get(id), 0];
      }
      keys.set(id, own ?? gap?.[used++] ?? ++this.last);
    }
    [this.keys, this.before] = [keys, before];
    return keys;
  }
}
