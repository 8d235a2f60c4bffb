/** Bytes, and the same as words where they begin at one. */
export interface WordBytes {
  readonly bytes: Uint8Array;
  readonly i32: Int32Array | null;
}

/** Zeros. */
export function wordBytes(words: number): WordBytes {
  const i32 = new Int32Array(words);
  return { bytes: new Uint8Array(i32.buffer), i32 };
}

/** Up to this a loop is faster than the call of `set`. */
const shortCopy = 64;

/** What is short goes word by word, where it lies so. */
export function copyBytes(
  from: WordBytes,
  start: number,
  length: number,
  to: WordBytes,
  offset: number,
): void {
  if (length > shortCopy) {
    to.bytes.set(from.bytes.subarray(start, start + length), offset);
    return;
  }
  let done = 0;
  const source = from.i32;
  const target = to.i32;
  if (source !== null && target !== null && ((start | offset) & 3) === 0) {
    let read = start >> 2;
    let write = offset >> 2;
    // Four at a time: V8 looks at the arrays anew with every round.
    for (; done + 16 <= length; done += 16) {
      target[write] = source[read]!;
      target[write + 1] = source[read + 1]!;
      target[write + 2] = source[read + 2]!;
      target[write + 3] = source[read + 3]!;
      read += 4;
      write += 4;
    }
    for (; done + 4 <= length; done += 4) {
      target[write++] = source[read++]!;
    }
  }
  for (let index = done; index < length; index++) {
    to.bytes[offset + index] = from.bytes[start + index]!;
  }
}
