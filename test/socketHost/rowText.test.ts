import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordText } from '../../src/common/recordText.js';
import { Capture } from '../../src/socketHost/capture.js';
import { MovedRow } from '../../src/socketHost/store/movedRow.js';
import { Memory } from '../../src/socketHost/sys/memory.js';
import { RowCursor } from '../../src/socketHost/store/rowCursor.js';
import { callIdOf } from '../../src/common/rows/rowCalls.js';
import { inet, socket } from '../support/sockets.js';

const sockets = new Map([
  [1, socket({ id: 1, name: 'ΣΑΣ', local: inet('127.0.0.1', 80), remote: inet('127.0.0.1', 5000) })],
  [2, socket({ id: 2, role: 'accepted', state: 'connected', remote: inet('::1', 7) })],
  [3, socket({ id: 3, type: 'SOCK_DGRAM', name: '"A", 1' })],
]);

const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => new TextEncoder().encode(text));
const bytes = fc.oneof(
  line,
  fc.uint8Array({ maxLength: 400 }),
  fc.integer({ min: 100, max: 400 }).map((length) => new Uint8Array(length).fill(65)),
  fc
    .integer({ min: 0, max: 300 })
    .map((length) => new TextEncoder().encode('GET "/" \\ HTTP'.repeat(30)).slice(0, length)),
);

/** `127.0.0.1:80` as the kernel has it. */
const inetBytes = [2, 0, 0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];

const moved = fc
  .record({
    name: fc.constantFrom('recv', 'read', 'recvfrom', 'send', 'write', 'sendto'),
    fd: fc.integer({ min: 3, max: 6 }),
    socketId: fc.constantFrom(0, 1, 2, 3, 4),
    messageFlags: fc.constantFrom(0, 0x40, 0x4040, 0x7fffffff),
    spare: fc.constantFrom(0, 1, 65536),
    short: fc.constantFrom(0, 0, 1, 30),
    errno: fc.constantFrom(0, 0, 0, 11, 104, 4095),
    hasAddress: fc.boolean(),
    addressRoom: fc.constantFrom(0, 128),
    maker: fc.constantFrom(0, 1, 2),
    bytes,
  })
  .map(({ bytes, spare, short, errno, hasAddress, name, ...fields }) => {
    const isOut = /^(send|write)/.test(name);
    const result = errno > 0 ? -errno : isOut ? Math.max(0, bytes.length - short) : bytes.length;
    const requested = bytes.length + (isOut ? 0 : spare);
    const row = Object.assign(new MovedRow(), { ...fields, call: callIdOf(name), result, requested });
    if (hasAddress && name.endsWith('o') === isOut) {
      row.address.bytes.set(inetBytes);
      row.addressLength = inetBytes.length;
    }
    return { row, bytes, length: result < 0 && !isOut ? 0 : bytes.length };
  });

/** Some that the text holds, and some that it may not. */
function words(text: string): string[] {
  const held = text.match(/[a-z_]+/g) ?? [];
  return [
    ...held,
    ...held.map((word) => `${word}x`),
    ...held.map((word) => word.slice(1)),
    'eagain',
    '_',
    '"_',
    text,
  ];
}

describe('the text of a row of traffic', () => {
  test('is that of its record', () => {
    fc.assert(
      fc.property(fc.array(moved, { minLength: 1, maxLength: 60 }), (rows) => {
        const capture = new Capture(1);
        for (const [index, { row, bytes: data, length }] of rows.entries()) {
          row.seq = index + 1;
          capture.appendMoved(row, new Memory(data), 0, length, null);
        }
        const cursor = new RowCursor(capture.reader, capture.rowReader, sockets);
        for (const { row } of rows) {
          expect(capture.reader.seek(row.seq, cursor)).toBe(true);
          const text = recordText(capture.read(row.seq)!, sockets, 'linux');
          for (const word of words(text)) {
            capture.reader.seek(row.seq, cursor);
            expect([word, cursor.hasWord(word)]).toEqual([word, text.includes(word)]);
          }
          expect(cursor.text).toBe(text);
        }
      }),
    );
  });

  test('follows what is known of its socket', () => {
    const capture = new Capture(1);
    const row = Object.assign(new MovedRow(), {
      seq: 1,
      call: callIdOf('recv'),
      fd: 5,
      socketId: 1,
      result: 0,
    });
    capture.appendMoved(row, new Memory(0), 0, 0, null);
    const known = new Map(sockets);
    const cursor = new RowCursor(capture.reader, capture.rowReader, known);
    capture.reader.seek(1, cursor);
    expect(cursor.text).toContain('127.0.0.1:80');
    known.set(1, socket({ id: 1, name: 'renamed' }));
    cursor.refresh();
    capture.reader.seek(1, cursor);
    expect(cursor.text).toContain(' renamed ');
  });
});
