import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CallRecord, previewLength, type Value } from '../../src/common/call.js';
import { recordText } from '../../src/common/recordText.js';
import { unpack } from '../../src/common/rows/packedRows.js';
import { callIdOf } from '../../src/common/rows/rowCalls.js';
import { makers, sizeOf } from '../../src/common/rows/rowLayout.js';
import type { SocketAddress } from '../../src/common/socket.js';
import { Capture } from '../../src/socketHost/capture.js';
import { newMeta } from '../../src/socketHost/store/fileFormat.js';
import { FullRow } from '../../src/socketHost/store/fullRow.js';
import { MovedRow } from '../../src/socketHost/store/movedRow.js';
import { writeRecording } from '../../src/socketHost/store/recordingFile.js';
import { RowCursor } from '../../src/socketHost/store/rowCursor.js';
import { RowPacker } from '../../src/socketHost/store/rowPacker.js';
import { headersOf, Segment } from '../../src/socketHost/store/segments.js';
import { StoredRecording } from '../../src/socketHost/store/storedRecording.js';
import { Memory } from '../../src/socketHost/sys/memory.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';

/** A message that an automatic mode received, and what it sent after that. */
interface Exchange {
  data: Uint8Array;
  /** A datagram from there; a stream without one. */
  address: { bytes: number[]; value: SocketAddress } | null;
  socketId: number;
  fd: number;
  peerId: number;
  maker: number;
  /** In the stream, of what came and of what went. */
  offsets: [number, number];
  /** Of the start and the end. */
  times: [number, number];
  /** Where the address begins in its memory, and how much longer the buffer was than the data. */
  shift: number;
  spare: number;
  /** The same bytes, also as no echo of what was received, a part of them, a failure or nothing. */
  sent: 'echo' | 'reply' | 'part' | 'failure' | 'nothing';
}

const inet = {
  bytes: [2, 0, 0x1f, 0x90, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
  value: { family: 'AF_INET' as const, address: '127.0.0.1', port: 8080 },
};
const inet6 = {
  bytes: [10, 0, 0, 80, 0, 0, 0, 0, ...Array<number>(15).fill(0), 1, 0, 0, 0, 0],
  value: { family: 'AF_INET6' as const, address: '::1', port: 80 },
};

const exchange: fc.Arbitrary<Exchange> = fc.record({
  data: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 200, maxLength: 300 })),
  address: fc.constantFrom(null, inet, inet6),
  socketId: fc.integer({ min: 1, max: 3 }),
  fd: fc.integer({ min: 3, max: 5 }),
  peerId: fc.constantFrom(0, 7),
  maker: fc.integer({ min: 1, max: makers.length - 1 }),
  offsets: fc.oneof(
    fc.nat().map((at): [number, number] => [at, at]),
    fc.tuple(fc.nat(), fc.maxSafeInteger().map(Math.abs)),
  ),
  times: fc.oneof(
    fc.nat().map((at): [number, number] => [at, at]),
    fc.tuple(fc.nat(), fc.nat()),
  ),
  shift: fc.constantFrom(0, 0, 0, 1, 4),
  spare: fc.constantFrom(0, 65_000),
  sent: fc.constantFrom('echo', 'echo', 'echo', 'reply', 'part', 'failure', 'nothing'),
});

/** Keeps what an exchange is made of, and tells the records that it is. */
function keep(capture: Capture, exchange: Exchange, firstSeq: number): CallRecord[] {
  const { data, address, socketId, fd, peerId, maker, offsets, times, shift, spare, sent } = exchange;
  const row = new MovedRow();
  const memory = new Memory(data);
  const names = new Memory(64);
  names.bytes.set(address?.bytes ?? [], shift);
  const [startNs, endNs] = times;
  Object.assign(row, { seq: firstSeq, socketId, fd, peerId, maker, startNs, endNs });
  Object.assign(row, { address: names, addressStart: shift, addressLength: address?.bytes.length ?? 0 });
  Object.assign(row, { requested: data.length + spare, result: data.length });
  Object.assign(row, {
    call: callIdOf(address ? 'recvfrom' : 'recv'),
    streamOffset: address ? -1 : offsets[0],
  });
  const received = capture.appendMoved(row, memory, 0, data.length, null);
  const base: CallRecord = {
    seq: firstSeq,
    name: address ? 'recvfrom' : 'recv',
    args: argsOf(fd, data, data.length + spare, address && [address.value, address.bytes.length, true]),
    status: 'returned',
    result: data.length,
    errno: null,
    startNs,
    endNs,
    hasWaited: false,
    fd,
    socketId,
    createdIds: [],
    peerId: peerId || null,
    payload: {
      direction: 'in',
      length: data.length,
      captured: data.length,
      offset: address ? null : offsets[0],
    },
    thread: null,
    madeBy: makers[maker]!,
    resolution: null,
  };
  if (sent === 'nothing') {
    return [base];
  }
  const result = sent === 'failure' ? -32 : sent === 'part' ? data.length >> 1 : data.length;
  Object.assign(row, { seq: firstSeq + 1, requested: data.length, result });
  Object.assign(row, {
    call: callIdOf(address ? 'sendto' : 'send'),
    streamOffset: address ? -1 : offsets[1],
  });
  if (sent !== 'echo' || startNs !== endNs || !capture.appendEcho(received, row)) {
    capture.appendMoved(row, memory, 0, data.length, null);
  }
  const done = Math.max(result, 0);
  return [
    base,
    {
      ...base,
      seq: firstSeq + 1,
      name: address ? 'sendto' : 'send',
      args: argsOf(fd, data, data.length, address && [address.value, address.bytes.length, false]),
      result: result < 0 ? -1 : result,
      errno: result < 0 ? 'EPIPE' : null,
      payload:
        result < 0
          ? null
          : { direction: 'out', length: done, captured: done, offset: address ? null : offsets[1] },
    },
  ];
}

function argsOf(
  fd: number,
  data: Uint8Array,
  requested: number,
  address: [SocketAddress, length: number, isIn: boolean] | null,
): Value[] {
  const shown: Value = { kind: 'data', bytes: data.slice(0, previewLength), length: data.length };
  if (!address) {
    return [fd, shown, requested, 0];
  }
  const [value, length, isIn] = address;
  return [fd, shown, requested, 0, value, isIn ? { kind: 'inout', value: 128, result: length } : length];
}

function keepAll(capture: Capture, exchanges: readonly Exchange[]): CallRecord[] {
  const records: CallRecord[] = [];
  for (const each of exchanges) {
    records.push(...keep(capture, each, records.length + 1));
  }
  return records;
}

/** What was sent or received, whole, by the number of its record. */
function dataOf(exchanges: readonly Exchange[]): Uint8Array[] {
  return exchanges.flatMap(({ data, sent }) => {
    const part = sent === 'failure' ? 0 : sent === 'part' ? data.length >> 1 : data.length;
    return sent === 'nothing' ? [data] : [data, data.slice(0, part)];
  });
}

test('whatever was received and sent is read as it was: alone, in a page and by a filter', () => {
  fc.assert(
    fc.property(fc.array(exchange, { maxLength: 12 }), (exchanges) => {
      const capture = new Capture(1);
      const records = keepAll(capture, exchanges);
      const data = dataOf(exchanges);
      const cursor = new RowCursor(capture.reader, capture.rowReader, new Map());
      for (const [index, record] of records.entries()) {
        expect(capture.read(record.seq)).toStrictEqual(record);
        expect(capture.readData(record.seq, 0, 1000)).toEqual(data[index]);
        expect(capture.reader.seek(record.seq, cursor)).toBe(true);
        const { fd, socketId, peerId, result, errno, startNs, endNs, madeBy, name } = cursor;
        expect({ ...record, fd, socketId, peerId, result, errno, startNs, endNs, madeBy, name }).toEqual(
          record,
        );
        expect([cursor.direction, cursor.length, cursor.streamOffset]).toEqual([
          record.payload?.direction ?? null,
          record.payload?.length ?? null,
          record.payload?.offset ?? null,
        ]);
        expect(cursor.text).toBe(recordText(record, new Map(), 'linux'));
        expect(Uint8Array.from(cursor.data)).toEqual(data[index]);
      }
      const packer = new RowPacker('linux');
      expect(capture.reader.copy(1, 1000, packer)).toBe(records.length);
      expect(packer.count).toBe(records.length);
      expect(unpack(packer.take())).toStrictEqual(records);
    }),
    { numRuns: 100 },
  );
});

test('so it is in a recording, over many segments', async () => {
  const { path: folder } = untilTestEnds(await tempDir());
  const file = path.join(folder, 'a.sockrec');
  const some = fc.sample(exchange, { numRuns: 500, seed: 1 });
  const exchanges = Array.from({ length: 6000 }, (_, index) => some[index % some.length]!);
  const capture = new Capture(1);
  const records = keepAll(capture, exchanges);
  const data = dataOf(exchanges);
  const segments = [...capture.held()];
  expect(segments.filter(({ kind }) => kind === 'rows').length).toBeGreaterThan(1);
  const meta = newMeta({ pid: 1, platform: 'linux', kernel: 'test', isRoot: false }, 5);
  await writeRecording(file, meta, segments);
  const recording = new StoredRecording(file);
  expect([recording.count, recording.damagedBytes]).toEqual([records.length, 0]);
  const { reader } = recording;
  expect(records.filter((record) => !isSame(reader.read(record.seq), record))).toEqual([]);
  const isHeld = (bytes: Uint8Array, index: number) => isSame(reader.readData(index + 1, 0, 1000), bytes);
  expect(data.findIndex((bytes, index) => !isHeld(bytes, index))).toBe(-1);
  recording.dispose();
});

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

const echo: Exchange = {
  data: new Uint8Array(64).fill(65),
  address: null,
  socketId: 1,
  fd: 3,
  peerId: 0,
  maker: 2,
  offsets: [0, 0],
  times: [5, 5],
  shift: 0,
  spare: 65_000,
  sent: 'echo',
};

test.each([
  // Two headers of 24 bytes; call, descriptor and counts, the place in the stream, the data; call and distance.
  ['a stream', echo, 24 + 24 + 8 + 64 + 24 + 8],
  [
    'a stream that has sent something else',
    { ...echo, offsets: [0, 9] as const },
    24 + 24 + 8 + 64 + 24 + 16,
  ],
  ['datagrams', { ...echo, address: inet }, 24 + 24 + 16 + 64 + 24 + 8],
])('an echo of 64 bytes on %s is kept in few', (_name, exchange, bytes) => {
  const capture = new Capture(1);
  keepAll(capture, Array<Exchange>(10).fill(exchange as Exchange));
  expect(capture.unwrittenBytes).toBe(10 * bytes);
});

test('what is not like the row that it would echo is none, nor what lies in another segment', () => {
  const capture = new Capture(1);
  const data = new Memory(echo.data);
  const row = Object.assign(new MovedRow(), {
    fd: 3,
    socketId: 1,
    requested: 64,
    result: 64,
    addressLength: 16,
  });
  const datagram = capture.appendMoved(Object.assign(row, { call: callIdOf('recvfrom') }), data, 0, 64, null);
  const fields = { call: callIdOf('recv'), addressLength: 0, streamOffset: 0 };
  const stream = capture.appendMoved(Object.assign(row, fields), data, 0, 64, null);
  const sent = capture.appendMoved(Object.assign(row, { call: callIdOf('send') }), data, 0, 64, null);
  const kept = capture.unwrittenBytes;
  const tries: [number, Partial<MovedRow>][] = [
    [stream + 2 ** 32, {}],
    [sent, {}],
    [datagram, {}],
    [stream, { result: 63 }],
    [stream, { streamOffset: -1 }],
    [datagram, { streamOffset: -1, addressLength: 0 }],
    [datagram, { streamOffset: -1, addressLength: 28 }],
  ];
  const isEcho = tries.map(([at, other]) =>
    capture.appendEcho(at, Object.assign(new MovedRow(), row, other)),
  );
  expect([isEcho, capture.unwrittenBytes]).toEqual([tries.map(() => false), kept]);
  expect(capture.appendEcho(stream, row)).toBe(true);
  expect(
    capture.appendEcho(
      datagram,
      Object.assign(row, { call: callIdOf('sendto'), streamOffset: -1, addressLength: 16 }),
    ),
  ).toBe(true);
});

test('each record counts when its segment is dropped', () => {
  const capture = new Capture(1, { limits: { memory: 1 } });
  const data = new Memory(echo.data);
  const row = Object.assign(new MovedRow(), { fd: 3, socketId: 1, requested: 64, result: 64 });
  const count = 60_000;
  for (let seq = 1; seq < count; seq += 2) {
    const received = capture.appendMoved(
      Object.assign(row, { seq, call: callIdOf('recv') }),
      data,
      0,
      64,
      null,
    );
    Object.assign(row, { seq: seq + 1, call: callIdOf('send') });
    if (!capture.appendEcho(received, row)) {
      capture.appendMoved(row, data, 0, 64, null);
    }
  }
  const gone = Array.from({ length: count }, (_, index) => capture.reader.row(index + 1)).filter(
    (row) => !row,
  );
  expect(gone.length).toBeGreaterThan(0);
  expect(capture.takeDrops()).toEqual(new Map([[1, { records: gone.length, bytes: 0 }]]));
});

test('damage is told, not read', () => {
  const capture = new Capture(1);
  keepAll(capture, [echo, { ...echo, address: inet }, { ...echo, data: new Uint8Array() }]);
  const { bytes } = [...capture.held()][0]!;
  const full = new FullRow();
  const segment = new Segment(0, new ArrayBuffer(bytes.length));
  segment.end = bytes.length;
  segment.bytes.set(bytes);
  const offsets = [...headersOf(segment)].map(({ offset }) => offset);
  expect(offsets.map((offset) => full.set(segment, offset))).toEqual(Array(6).fill(true));
  const damage = fc.tuple(fc.nat(bytes.length / 4 - 1), fc.oneof(fc.integer(), fc.nat(400)));
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (words) => {
      segment.bytes.set(bytes);
      words.forEach(([word, value]) => (segment.i32[word] = value));
      for (const offset of offsets) {
        expect(typeof full.set(segment, offset)).toBe('boolean');
        expect(full.bytes.length).toBeLessThan(512);
      }
    }),
    { numRuns: 500 },
  );
  const [stream, itsEcho, datagram] = offsets.map((offset) => offset / 4) as [number, number, number];
  for (const [what, word, value] of [
    ['an echo of what is no row', itsEcho + 1, 8],
    ['of what begins before the segment', itsEcho + 1, 2 ** 30],
    ['of a row with more data than it holds', stream + 3, 73],
    ['of a row with less than nothing', stream + 3, -1],
    ['of a row that is longer than the segment', stream - 6, 4000],
    ['a row that asked for less than nothing', stream + 4, -1],
    ['an address that is too long', datagram + 5, 29 << 16],
  ] as const) {
    segment.bytes.set(bytes);
    segment.i32[word] = value;
    const at = word >= datagram ? datagram : what.startsWith('a row') ? stream : itsEcho;
    expect([what, full.set(segment, 4 * at)]).toEqual([what, false]);
  }
});

test('a header that says more than there can be is the last one', () => {
  const length = 2 ** 32 - 64;
  expect(sizeOf(length)).toBe(24 + length);
  const segment = new Segment(0, new ArrayBuffer(64));
  segment.commit(8, 1, 1, 0);
  segment.u32[8] = length;
  segment.end = 64;
  expect([...headersOf(segment)].map(({ seq }) => seq)).toEqual([1]);
});
