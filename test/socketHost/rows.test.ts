import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CallRecord, previewLength, type Value } from '../../src/common/call.js';
import { type CallName, signatures } from '../../src/common/tables/signatures.js';
import { Capture } from '../../src/socketHost/capture.js';
import { MovedRow } from '../../src/socketHost/store/movedRow.js';
import { Memory } from '../../src/socketHost/sys/memory.js';
import { ByteReader, ByteWriter, DamagedBytesError } from '../../src/common/rows/bytes.js';
import { unpack } from '../../src/common/rows/packedRows.js';
import { RowPacker } from '../../src/socketHost/store/rowPacker.js';
import { callIdOf } from '../../src/common/rows/rowCalls.js';

const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const uint = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.integer({ min: 0, max: 70_000 }),
  fc.maxSafeInteger(),
);
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const named = fc.oneof(text, uint);
const bytes = fc.uint8Array({ maxLength: 40 });
const port = fc.integer({ min: 0, max: 65535 });

/** With the prototype that objects have. */
function record<T extends object, K extends keyof T = keyof T>(
  fields: { [F in keyof T]: fc.Arbitrary<T[F]> },
  requiredKeys = Object.keys(fields) as K[],
) {
  return fc.record<T, K>(fields, { noNullPrototype: true, requiredKeys });
}

const address: fc.Arbitrary<Value> = fc.oneof(
  record({ family: fc.constant('AF_INET' as const), address: fc.ipV4(), port }),
  record(
    { family: fc.constant('AF_INET6' as const), address: fc.ipV6(), port, flowinfo: uint, scopeId: named },
    ['family', 'address', 'port'],
  ),
  record({ family: fc.constant('AF_UNIX' as const), name: bytes, isAbstract: fc.boolean() }),
  record({ family: fc.constant('AF_NETLINK' as const), pid: uint, groups: uint }),
  record({ family: fc.constant('AF_PACKET' as const), interface: named, protocol: named }),
  record({ family: fc.constant('AF_VSOCK' as const), cid: uint, port: uint }),
  record({ family: fc.constant('AF_CAN' as const), interface: named }),
  record({ family: fc.constant('raw' as const), bytes }),
);

const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant<Value>(null),
    int,
    fc.double(),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
    fc.constant<Value>({ kind: 'any' }),
    record({ kind: fc.constant('data' as const), bytes, length: uint }),
    record({ kind: fc.constant('inout' as const), value: uint, result: fc.option(uint) }),
    address,
    record({ kind: fc.constant('list' as const), items: fc.array(tie('value'), { maxLength: 4 }) }),
    record({
      kind: fc.constant('struct' as const),
      fields: fc.array(record({ name: text, value: tie('value') }), { maxLength: 4 }),
    }),
  ),
}));

const anyRecord: fc.Arbitrary<CallRecord> = record({
  seq: fc.integer({ min: 1, max: 500 }),
  name: fc.constantFrom(...(signatures.keys() as Iterable<CallName>)),
  args: fc.array(value, { maxLength: 6 }),
  status: fc.constantFrom('returned' as const, 'cancelled' as const, 'lost' as const),
  result: fc.option(fc.oneof(int, fc.maxSafeInteger())),
  errno: fc.option(fc.oneof(fc.constantFrom('EAGAIN', 'ECONNREFUSED', 'WSAEINVAL'), text, uint)),
  startNs: fc.maxSafeInteger(),
  endNs: fc.option(fc.maxSafeInteger()),
  hasWaited: fc.boolean(),
  fd: fc.option(fc.oneof(int, fc.maxSafeInteger())),
  socketId: fc.option(uint),
  createdIds: fc.array(uint, { maxLength: 2 }),
  peerId: fc.option(uint),
  payload: fc.option(
    record({
      direction: fc.constantFrom('in' as const, 'out' as const),
      length: uint,
      // Of a payload that nothing holds nothing is captured.
      captured: fc.constant(0),
      offset: fc.option(uint),
    }),
  ),
  thread: fc.option(text),
  madeBy: fc.option(text),
  resolution: fc.option(record({ host: text, addresses: fc.array(text, { maxLength: 3 }) })),
});

/** Calls as the host makes them most often: the arguments follow from the rest. */
const movedRecord: fc.Arbitrary<CallRecord> = record({
  origin: anyRecord,
  name: fc.constantFrom('recv' as const, 'send' as const, 'read' as const, 'write' as const),
  data: fc.uint8Array({ maxLength: 300 }),
  more: fc.integer({ min: 0, max: 70_000 }),
  flags: int,
  fd: fc.integer({ min: 0, max: 1000 }),
}).map(({ origin, name, data, more, flags, fd }) => {
  const isOut = name === 'send' || name === 'write';
  const sent = isOut && origin.hasWaited ? Math.floor(data.length / 2) : data.length;
  const requested = isOut ? data.length : data.length + more;
  const argument: Value = { kind: 'data', bytes: data.slice(0, previewLength), length: data.length };
  return {
    ...origin,
    name,
    fd,
    args: [fd, argument, requested, ...(name === 'recv' || name === 'send' ? [flags] : [])],
    result: sent,
    errno: null,
    payload: { direction: isOut ? 'out' : 'in', length: sent, captured: sent, offset: more },
  };
});

test('a count takes a byte where it is small, and any number comes back as it was', () => {
  const back = (number: number) => {
    const writer = new ByteWriter();
    writer.count(number);
    return [writer.length, new ByteReader(writer.bytes).count()];
  };
  expect([0, 126, 127, 16_382, 16_383].map(back)).toEqual([
    [1, 0],
    [1, 126],
    [2, 127],
    [2, 16_382],
    [3, 16_383],
  ]);
  fc.assert(fc.property(fc.oneof(fc.double(), uint, int), (number) => Object.is(back(number)[1], number)));
  expect(() => new ByteReader(new Uint8Array(20).fill(128)).count()).toThrow(DamagedBytesError);
});

describe('a row', () => {
  test.each([
    ['any record', anyRecord],
    ['a call that moved payload', movedRecord],
  ])('gives %s back as it was', (_name, records) => {
    fc.assert(
      fc.property(records, (record) => {
        const capture = new Capture(1);
        capture.append(record, null);
        // Numbers are compared as they are: −0 is not 0.
        expect(capture.read(record.seq)).toStrictEqual(record);
        const packer = new RowPacker('linux');
        expect(capture.reader.copy(record.seq, 10, packer)).toBe(1);
        packer.add(record);
        expect(unpack(packer.take())).toStrictEqual([record, record]);
      }),
      { numRuns: 300 },
    );
  });

  test('crosses in a page with those behind it, and says which payload is gone', () => {
    const limits = { memory: 1 };
    const capture = new Capture(1, { limits });
    const size = 256 * 1024;
    const count = 40;
    for (let seq = 1; seq <= count; seq++) {
      const room = capture.room(size);
      const row = { seq, call: callIdOf('recv'), requested: size, result: size, streamOffset: 0 };
      const moved = Object.assign(new MovedRow(), row, { fd: 5, socketId: 3 });
      capture.appendMoved(moved, room, room.nextBody, size, room);
    }
    const packer = new RowPacker('linux');
    expect(capture.reader.copy(2, 5, packer)).toBe(5);
    expect(unpack(packer.take()).map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6]);
    expect(capture.reader.copy(1, 1000, packer)).toBe(count);
    const records = unpack(packer.take());
    expect(records).toStrictEqual(Array.from({ length: count }, (_, index) => capture.read(index + 1)));
    const captured = records.map(({ payload }) => payload!.captured);
    expect(captured[0]).toBe(0);
    expect(captured.at(-1)).toBe(size);
    expect(capture.reader.copy(count + 1, 1000, packer)).toBe(0);
    expect(unpack(packer.take())).toEqual([]);
  });

  test('that is cut short is not read', () => {
    const packer = new RowPacker('linux');
    packer.add(fc.sample(anyRecord, { seed: 1, numRuns: 1 })[0]!);
    const { platform, bytes } = packer.take();
    for (const length of [1, 23, 24, 80, bytes.length - 8]) {
      expect(() => unpack({ platform, bytes: bytes.subarray(0, length) })).toThrow(DamagedBytesError);
    }
    // A call that there is not: the row ends where it says, and the next one is read.
    const both = Uint8Array.of(...bytes, ...bytes);
    both[24] = 255;
    expect(unpack({ platform, bytes: both })).toHaveLength(1);
  });

  test('of a moving call is short', () => {
    const capture = new Capture(1, { limits: { memory: 1 << 20 } });
    const record = fc.sample(movedRecord, { seed: 1, numRuns: 1 })[0]!;
    const data = new Uint8Array(16).fill(65);
    const plain: CallRecord = {
      ...record,
      name: 'recv',
      args: [5, { kind: 'data', bytes: data, length: 16 }, 4096, 0],
      fd: 5,
      result: 16,
      createdIds: [],
      thread: null,
      madeBy: null,
      resolution: null,
      payload: { direction: 'in', length: 16, captured: 16, offset: 0 },
      socketId: 1,
      peerId: null,
    };
    for (let seq = 1; seq <= 60_000; seq++) {
      capture.append({ ...plain, seq }, null);
    }
    // 24 bytes of header, 64 of fixed part, 16 of data.
    expect(60_001 - capture.firstSeq).toBeGreaterThan((3 << 20) / 104);
    expect(capture.read(60_000)).toStrictEqual({ ...plain, seq: 60_000 });
    expect(capture.readData(60_000, 0, 100)).toEqual(data);
  });
});

describe('a row that is written without a record', () => {
  function moved(fields: Partial<MovedRow>): MovedRow {
    return Object.assign(new MovedRow(), { seq: 1, fd: 5, socketId: 3, startNs: 10, endNs: 20 }, fields);
  }

  const base = {
    seq: 1,
    status: 'returned',
    errno: null,
    startNs: 10,
    endNs: 20,
    hasWaited: false,
    fd: 5,
    socketId: 3,
    createdIds: [],
    peerId: null,
    thread: null,
    madeBy: null,
    resolution: null,
  };

  test.each([16, previewLength, previewLength + 1, 60_000])('of %i bytes received in place', (length) => {
    const capture = new Capture(1);
    const room = capture.room(65536);
    const start = room.nextBody;
    room.bytes.fill(7, start, start + length);
    const row = moved({ call: callIdOf('recv'), requested: 65536, result: length, streamOffset: 100 });
    capture.appendMoved(row, room, start, length, room);
    const data = new Uint8Array(length).fill(7);
    expect(capture.read(1)).toStrictEqual({
      ...base,
      name: 'recv',
      args: [5, { kind: 'data', bytes: data.slice(0, previewLength), length }, 65536, 0],
      result: length,
      payload: { direction: 'in', length, captured: length, offset: 100 },
    });
    expect(capture.readData(1, 0, 100_000)).toEqual(data);
    // What is short leaves its room to the next one.
    expect(capture.room(65536).nextBody === start).toBe(length <= previewLength);
  });

  test('of bytes sent back that are kept once, as those received', () => {
    const capture = new Capture(1);
    const room = capture.room(1000);
    const start = room.nextBody;
    room.bytes.fill(7, start, start + 1000);
    const row = moved({ call: callIdOf('recv'), requested: 1000, result: 1000, streamOffset: 0 });
    capture.appendMoved(row, room, start, 1000, room);
    const shared = { sharedSegment: room.id, sharedOffset: start };
    capture.appendMoved(
      Object.assign(row, shared, { seq: 2, call: callIdOf('send') }),
      room,
      start,
      1000,
      null,
    );
    expect(capture.readData(2, 0, 2000)).toEqual(new Uint8Array(1000).fill(7));
    // Of no other socket, and of nothing that came later.
    capture.appendMoved(Object.assign(row, { seq: 3, socketId: 4 }), room, start, 1000, null);
    expect(capture.readData(3, 0, 2000)).toEqual(new Uint8Array());
    capture.appendMoved(Object.assign(row, { seq: 0, socketId: 3 }), room, start, 1000, null);
    expect(capture.readData(0, 0, 2000)).toEqual(new Uint8Array());
  });

  test('of short data and an address, wherever they begin and however long the data is', () => {
    const capture = new Capture(1);
    const data = new Memory(Uint8Array.from({ length: 200 }, (_, index) => index));
    const names = new Memory(200);
    const address = { family: 'AF_INET', address: '127.0.0.1', port: 8080 };
    const call = callIdOf('recvfrom');
    let seq = 0;
    for (let start = 0; start < 9; start++) {
      names.bytes.set([2, 0, 0x1f, 0x90, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], start);
      for (let result = 0; result < 70; result++) {
        seq++;
        const from = { address: names, addressStart: start, addressLength: 16 };
        capture.appendMoved(moved({ seq, call, requested: 100, result, ...from }), data, start, result, null);
        const { args } = capture.read(seq)!;
        expect([args[4], args[5]]).toEqual([address, { kind: 'inout', value: 128, result: 16 }]);
        expect(capture.readData(seq, 0, 100)).toEqual(data.bytes.slice(start, start + result));
      }
    }
  });

  test('of data sent in part', () => {
    const capture = new Capture(1);
    const data = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
    const row = moved({
      call: callIdOf('send'),
      requested: 900,
      result: 700,
      messageFlags: 0x4000,
      peerId: 9,
    });
    capture.appendMoved(row, new Memory(data), 100, 900, null);
    expect(capture.read(1)).toStrictEqual({
      ...base,
      name: 'send',
      args: [5, { kind: 'data', bytes: data.slice(100, 356), length: 900 }, 900, 0x4000],
      result: 700,
      peerId: 9,
      payload: { direction: 'out', length: 700, captured: 700, offset: null },
    });
    expect(capture.readData(1, 0, 10_000)).toEqual(data.slice(100, 800));
  });

  test('of failures, with and without data', () => {
    const capture = new Capture(1);
    const ENOTCONN = 107;
    const data = new TextEncoder().encode('hello');
    capture.appendMoved(
      moved({ call: callIdOf('write'), requested: 5, result: -ENOTCONN }),
      new Memory(data),
      0,
      5,
      null,
    );
    const read = moved({ seq: 2, call: callIdOf('read'), requested: 10, result: -ENOTCONN, hasWaited: true });
    capture.appendMoved(read, new Memory(data), 0, 0, null);
    const failed = { ...base, result: -1, errno: 'ENOTCONN', payload: null };
    expect(capture.read(1)).toStrictEqual({
      ...failed,
      name: 'write',
      args: [5, { kind: 'data', bytes: data, length: 5 }, 5],
    });
    expect(capture.read(2)).toStrictEqual({
      ...failed,
      seq: 2,
      name: 'read',
      hasWaited: true,
      args: [5, { kind: 'any' }, 10],
    });
  });

  test('of datagrams, with their address', () => {
    const capture = new Capture(1);
    const data = new TextEncoder().encode('hello');
    const row = moved({ call: callIdOf('recvfrom'), requested: 10, result: 5, addressLength: 16 });
    row.address.bytes.set([2, 0, 0x1f, 0x90, 127, 0, 0, 1]);
    capture.appendMoved(row, new Memory(data), 0, 5, null);
    Object.assign(row, { seq: 2, call: callIdOf('sendto'), addressLength: 28, requested: 5 });
    row.address.bytes.fill(0);
    row.address.bytes.set([10, 0, 0x1f, 0x90]);
    row.address.bytes[23] = 1;
    capture.appendMoved(row, new Memory(data), 0, 5, null);
    Object.assign(row, { seq: 3, call: callIdOf('recvfrom'), addressLength: 0, result: 0 });
    capture.appendMoved(row, new Memory(data), 0, 0, null);
    const hello: Value = { kind: 'data', bytes: data, length: 5 };
    const [received, sent, unnamed] = [1, 2, 3].map((seq) => capture.read(seq)!.args);
    expect(received).toStrictEqual([
      5,
      hello,
      10,
      0,
      { family: 'AF_INET', address: '127.0.0.1', port: 8080 },
      { kind: 'inout', value: 128, result: 16 },
    ]);
    expect(sent).toStrictEqual([5, hello, 5, 0, { family: 'AF_INET6', address: '::1', port: 8080 }, 28]);
    expect(unnamed!.slice(4)).toStrictEqual([{ kind: 'any' }, { kind: 'inout', value: 128, result: 0 }]);
  });
});
