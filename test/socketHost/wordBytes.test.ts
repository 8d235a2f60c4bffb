import { expect, test } from 'vitest';
import { copyBytes, wordBytes } from '../../src/socketHost/store/wordBytes.js';

/** No two bytes of a word, and no two words in a row, are the same. */
function filled(words: number) {
  const made = wordBytes(words);
  made.bytes.forEach((_, index) => (made.bytes[index] = index + 1));
  return made;
}

test('copies so many bytes from anywhere to anywhere, and writes no other', () => {
  const from = filled(32);
  const wrong: string[] = [];
  for (let length = 0; length <= 80; length++) {
    for (let start = 0; start < 5; start++) {
      for (let offset = 0; offset < 5; offset++) {
        const to = wordBytes(32);
        const expected = new Uint8Array(128);
        expected.set(from.bytes.subarray(start, start + length), offset);
        copyBytes(from, start, length, to, offset);
        if (Buffer.compare(to.bytes, expected) !== 0) {
          wrong.push(`${length} bytes from ${start} to ${offset}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
});
