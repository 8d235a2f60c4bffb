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
    const words = length >> 2;
    for (let index = 0; index < words; index++) {
      target[(offset >> 2) + index] = source[(start >> 2) + index]!;
    }
    done = words << 2;
  }
  for (let index = done; index < length; index++) {
    to.bytes[offset + index] = from.bytes[start + index]!;
  }
}
