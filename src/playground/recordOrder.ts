import type { SortAnswer } from '../common/protocol/socketHost.js';

/** Records in order, with what they are sorted by. */
export interface RecordOrder {
  seqs: Float64Array;
  keys: Float64Array;
}

/** The order that an answer holds; null while there is none. */
export function orderOf({ seqs, keys }: SortAnswer): RecordOrder | null {
  return seqs && keys ? { seqs: numbersOf(seqs), keys: numbersOf(keys) } : null;
}

/** What arrives from another process begins anywhere in its buffer. */
function numbersOf(bytes: Uint8Array): Float64Array {
  return new Float64Array(Uint8Array.from(bytes).buffer);
}

/** One order out of several. Of records with the same key, those of the earlier order come first. */
export function mergeOrders(orders: readonly RecordOrder[]): Float64Array {
  const [first, second, ...others] = orders;
  if (!first || !second) {
    return first?.seqs ?? new Float64Array();
  }
  return mergeOrders([mergeTwo(first, second), ...others]);
}

function mergeTwo(a: RecordOrder, b: RecordOrder): RecordOrder {
  const length = a.seqs.length + b.seqs.length;
  const merged: RecordOrder = { seqs: new Float64Array(length), keys: new Float64Array(length) };
  let left = 0;
  let right = 0;
  for (let at = 0; at < length; at++) {
    const takesLeft = left < a.seqs.length && (right >= b.seqs.length || a.keys[left]! <= b.keys[right]!);
    const [from, place] = takesLeft ? [a, left++] : [b, right++];
    merged.seqs[at] = from.seqs[place]!;
    merged.keys[at] = from.keys[place]!;
  }
  return merged;
}
