import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Capture, type CaptureOptions } from '../../src/socketHost/capture.js';
import { DamagedBytesError } from '../../src/common/rows/bytes.js';
import { fileHeaderSize, newMeta, slotSize } from '../../src/socketHost/store/fileFormat.js';
import { RecordingFile, writeRecording } from '../../src/socketHost/store/recordingFile.js';
import { RowReader } from '../../src/common/rows/rowReader.js';
import { Segment } from '../../src/socketHost/store/segments.js';
import { noFaults } from '../../src/common/tap/faults.js';
import { decodeSocket, encodeSocket } from '../../src/socketHost/store/socketCodec.js';
import { StoredRecording } from '../../src/socketHost/store/storedRecording.js';
import { received } from '../support/records.js';
import { socket as socketInfo } from '../support/sockets.js';

const MiB = 1 << 20;
const waiting = { timeout: 20_000, interval: 1 };
const meta = newMeta({ pid: 1, platform: 'linux', kernel: 'test', isRoot: false }, 5);
const socket = socketInfo({
  id: 1,
  fd: 5,
  name: 'server',
  role: 'listener',
  state: 'listening',
  tcpState: 'LISTEN',
  local: { family: 'AF_INET', address: '127.0.0.1', port: 80 },
  peerId: 7,
  sharedWith: [9],
  backlog: 5,
  acceptQueue: 0,
  bytesReceived: 3,
  bytesSent: 4,
  isNonBlocking: true,
  isCloseOnExec: true,
  isShutdownWrite: true,
  unrecordedCalls: 6,
});

function payloadOf(seq: number, length: number): Uint8Array {
  return new Uint8Array(length).fill(seq % 256);
}

function faultOf(read: () => unknown): unknown {
  try {
    read();
    return undefined;
  } catch (error) {
    return error;
  }
}

function add(capture: Capture, seq: number, length: number): void {
  capture.append(received(seq, length), capture.appendPayload(payloadOf(seq, length), seq, seq));
}

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'recording-'));
  file = path.join(folder, 'new', 'a.sockrec');
});

afterEach(() => rm(folder, { recursive: true }));

function captureInto(disk: number, options: Partial<CaptureOptions> = {}): Capture {
  return new Capture(1, {
    limits: { memory: 8 * MiB, disk },
    openFile: () => new RecordingFile(file, meta, disk),
    ...options,
  });
}

describe('the recording behind the memory', () => {
  test('holds what memory does not, and gives it back', async () => {
    const capture = captureInto(64 * MiB);
    const [count, length] = [50, 300_000];
    for (let seq = 1; seq <= count; seq++) {
      add(capture, seq, length);
      await new Promise((resolve) => setImmediate(resolve));
      // The disk is given time: what is not yet written when memory is full is dropped, which another test shows.
      await vi.waitUntil(() => capture.unwrittenBytes < 2 * MiB, waiting);
    }
    expect(capture.dropped).toEqual({ records: 0, bytes: 0 });
    for (let seq = 1; seq <= count; seq++) {
      expect(capture.read(seq)).toEqual(received(seq, length));
      expect(Buffer.compare(capture.readData(seq, 0, length), payloadOf(seq, length))).toBe(0);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    await capture.end();
  });

  test('stays within its limit and counts what goes', async () => {
    const capture = captureInto(16 * MiB);
    const [count, length] = [100, 300_000];
    for (let seq = 1; seq <= count; seq++) {
      add(capture, seq, length);
      await vi.waitUntil(() => capture.unwrittenBytes < 2 * MiB, waiting);
    }
    await vi.waitUntil(() => capture.unwrittenBytes === 0, waiting);
    expect(statSync(file).size).toBeLessThanOrEqual(16 * MiB);
    const held = Array.from({ length: count }, (_, i) => capture.read(i + 1)!.payload!.captured);
    const sum = held.reduce((total, captured) => total + captured);
    expect(sum).toBeGreaterThan(8 * MiB);
    expect(sum + capture.dropped.bytes).toBe(count * length);
    expect(capture.takeDrops().get(1)!.bytes).toBe(capture.dropped.bytes);
    expect(Buffer.compare(capture.readData(count, 0, length), payloadOf(count, length))).toBe(0);
    await capture.end();
    const recording = new StoredRecording(file);
    expect(recording.count).toBe(count);
    const kept = held.findIndex((captured) => captured > 0) + 1;
    expect(Buffer.compare(recording.reader.readData(kept, 0, length), payloadOf(kept, length))).toBe(0);
    recording.dispose();
  });

  test('has all of the newest where the end of the host drops the oldest for it', async () => {
    const disk = 12 * MiB;
    const capture = captureInto(disk, { limits: { memory: 64 * MiB, disk } });
    const [written, count, length] = [8, 16, 900_000];
    for (let seq = 1; seq <= count; seq++) {
      add(capture, seq, length);
      if (seq === written) {
        await vi.waitUntil(() => capture.unwrittenBytes === 0, waiting);
      }
    }
    await capture.end();
    const recording = new StoredRecording(file);
    const lengths = Array.from(
      { length: count },
      (_, i) => recording.reader.readData(i + 1, 0, length).length,
    );
    recording.dispose();
    expect(lengths[0]).toBe(0);
    expect(new Set(lengths.slice(written))).toEqual(new Set([length]));
  });

  test('does not keep in memory what the file has, beyond what serves again soon', async () => {
    const capture = captureInto(64 * MiB, { limits: { memory: 64 * MiB, disk: 64 * MiB } });
    const [count, length] = [40, 900_000];
    const { bytes } = capture.room(length);
    const first = new WeakRef(bytes);
    let places = 0;
    for (let seq = 1; seq <= count; seq++) {
      add(capture, seq, length);
      await vi.waitUntil(() => capture.unwrittenBytes < 2 * MiB, waiting);
      places += capture.room(1).bytes === first.deref() ? 1 : 0;
    }
    // The first segment's memory has served others meanwhile, and what it held is read from the file.
    expect(places).toBeGreaterThan(1);
    expect(Buffer.compare(capture.readData(1, 0, length), payloadOf(1, length))).toBe(0);
    expect(capture.dropped).toEqual({ records: 0, bytes: 0 });
    await capture.end();
  });

  test('uses the memory again that waited for the disk, however much it was', async () => {
    const limits = { memory: 64 * MiB, disk: 128 * MiB };
    let release: (() => void) | undefined;
    let gate = Promise.resolve();
    const capture = captureInto(limits.disk, {
      limits,
      openFile: () => {
        const recording = new RecordingFile(file, meta, limits.disk);
        const append = recording.append.bind(recording);
        recording.append = async (...segment) => {
          await gate;
          await append(...segment);
        };
        return recording;
      },
    });
    const [count, length] = [30, 900_000];
    const buffers = new Set<ArrayBufferLike>();
    const fresh: number[] = [];
    for (let round = 0; round < 3; round++) {
      gate = new Promise((resolve) => (release = resolve));
      const before = buffers.size;
      for (let i = 0; i < count; i++) {
        add(capture, round * count + i + 1, length);
        buffers.add(capture.room(1).bytes.buffer);
      }
      release!();
      await vi.waitUntil(() => capture.unwrittenBytes === 0, waiting);
      fresh.push(buffers.size - before);
    }
    expect(fresh[0]).toBe(count);
    // That of the write that ended last may not be back yet when the next one is asked for.
    expect(fresh[2]).toBeLessThan(3);
    expect(capture.dropped).toEqual({ records: 0, bytes: 0 });
    await capture.end();
  });

  test('keeps no more memory for later than the limit leaves room for', async () => {
    const [memory, disk] = [32 * MiB, 64 * MiB];
    const capture = captureInto(disk, { limits: { memory, disk } });
    const { spare, lists } = capture['store'] as unknown as {
      spare: unknown[];
      lists: { memory: number }[];
    };
    const held = () => lists.reduce((sum, list) => sum + list.memory, spare.length * slotSize);
    const most: number[] = [];
    for (const length of [...Array.from({ length: 28 }, () => 900_000), 14 * MiB, 900_000, 900_000]) {
      add(capture, most.length + 1, length);
      most.push(held());
    }
    await vi.waitUntil(() => capture.unwrittenBytes === 0, waiting);
    add(capture, most.length + 1, 900_000);
    expect(Math.max(...most, held())).toBeLessThanOrEqual(memory);
    expect(spare.length).toBeGreaterThan(0);
    await capture.end();
  });

  test('goes on in memory when the disk says no, and tells it once', async () => {
    const errors: Error[] = [];
    const capture = new Capture(1, {
      limits: { memory: 8 * MiB, disk: 64 * MiB },
      openFile: () => {
        const recording = new RecordingFile(file, meta, 64 * MiB);
        recording.append = () => Promise.reject(new Error('ENOSPC: no space left on device, write'));
        return recording;
      },
      onDidFail: (error) => errors.push(error),
    });
    for (let seq = 1; seq <= 60; seq++) {
      add(capture, seq, 300_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(errors.map(({ message }) => message)).toEqual(['ENOSPC: no space left on device, write']);
    expect(capture.readData(60, 0, 10)).toEqual(payloadOf(60, 10));
    expect(capture.dropped.bytes).toBeGreaterThan(0);
    await capture.end();
  });

  test('says so where the file cannot be made', async () => {
    await writeFile(path.join(folder, 'new'), 'not a folder');
    const errors: Error[] = [];
    const capture = captureInto(16 * MiB, { onDidFail: (error) => errors.push(error) });
    add(capture, 1, 10);
    expect(errors).toHaveLength(1);
    expect(capture.read(1)).toEqual(received(1, 10));
  });

  test('after clear holds nothing of before', async () => {
    const capture = captureInto(16 * MiB);
    capture.appendPayload(new TextEncoder().encode('secret'), 1, 1);
    add(capture, 1, 10);
    capture.clear();
    add(capture, 2, 10);
    await capture.end();
    expect(readFileSync(file).includes('secret')).toBe(false);
    const recording = new StoredRecording(file);
    expect([recording.reader.firstSeq, recording.reader.lastSeq]).toEqual([2, 2]);
    recording.dispose();
  });
});

describe('a recording that is opened again', () => {
  async function written(count: number, length: number): Promise<Capture> {
    const capture = captureInto(64 * MiB);
    capture.noteSocket({ ...socket, name: 'old' });
    capture.noteSocket(socket);
    for (let seq = 1; seq <= count; seq++) {
      add(capture, seq, length);
    }
    await capture.end();
    return capture;
  }

  test('has records, payload and sockets', async () => {
    await written(3000, 100);
    const recording = new StoredRecording(file);
    expect(recording.meta).toEqual({ ...meta, observed: null });
    expect(recording.count).toBe(3000);
    expect(recording.damagedBytes).toBe(0);
    for (const seq of [1, 1500, 3000]) {
      expect(recording.reader.read(seq)).toEqual(received(seq, 100));
      expect(recording.reader.readData(seq, 10, 20)).toEqual(payloadOf(seq, 20));
    }
    expect([...recording.reader.allSockets()]).toEqual([socket]);
    recording.dispose();
  });

  // The first write is that of the bytes behind an empty header, the second that of the header.
  test.each([
    [1, 64 * MiB],
    [2, 64 * MiB],
    // There is no place but the one that is being written.
    [1, fileHeaderSize + 2 * slotSize],
    [2, fileHeaderSize + 2 * slotSize],
  ])(
    'has what was being written when the host ended, though write %d gets its turn only later, in a file of %d bytes',
    async (held, disk) => {
      const late: (() => void)[] = [];
      const capture = captureInto(disk, {
        openFile: () => {
          const recording = new RecordingFile(file, meta, disk);
          const write = recording['write'].bind(recording);
          const writes = new Map<number, number>();
          recording['write'] = (parts, position) => {
            const slot = Math.floor(position / slotSize);
            const number = (writes.get(slot) ?? 0) + 1;
            writes.set(slot, number);
            if (number !== held) {
              return write(parts, position);
            }
            return new Promise((resolve) => late.push(() => resolve(write(parts, position))));
          };
          return recording;
        },
      });
      for (let seq = 1; seq <= 100; seq++) {
        add(capture, seq, 1000);
      }
      // Of the rows, and of the payload.
      await vi.waitUntil(() => late.length === 2, waiting);
      add(capture, 101, 1000);
      const ended = capture.end();
      late.forEach((write) => write());
      await ended;
      const recording = new StoredRecording(file);
      expect([recording.count, recording.damagedBytes]).toEqual([101, 0]);
      expect(recording.reader.readData(101, 0, 1000)).toEqual(payloadOf(101, 1000));
      recording.dispose();
    },
  );

  test('is the same after it was saved', async () => {
    const capture = captureInto(64 * MiB);
    for (let seq = 1; seq <= 1000; seq++) {
      add(capture, seq, 3000);
    }
    const copy = path.join(folder, 'copy.sockrec');
    const beside = `${copy}.part`;
    await writeFile(beside, 'somebody’s own');
    await writeRecording(copy, meta, capture.held());
    expect(await readFile(beside, 'utf8')).toBe('somebody’s own');
    const taken = path.join(folder, 'taken');
    await mkdir(taken);
    const before = await readdir(folder);
    await expect(writeRecording(taken, meta, capture.held())).rejects.toThrow('EISDIR');
    expect(await readdir(folder)).toEqual(before);
    add(capture, 1001, 10);
    await capture.end();
    const recording = new StoredRecording(copy);
    expect(recording.count).toBe(1000);
    expect(recording.reader.read(999)).toEqual(received(999, 3000));
    expect(recording.reader.readData(999, 2990, 100)).toEqual(payloadOf(999, 10));
    recording.dispose();
  });

  test('that was cut counts what is missing', async () => {
    // In the copy rows come last.
    const copy = path.join(folder, 'copy.sockrec');
    await writeRecording(copy, meta, (await written(20_000, 100)).held());
    await truncate(copy, statSync(copy).size - 100_000);
    const recording = new StoredRecording(copy);
    expect(recording.damagedBytes).toBeGreaterThan(0);
    expect(recording.count).toBeLessThan(20_000);
    recording.dispose();
  });

  test.each([
    ['an empty file', ''],
    ['a text', 'hello'],
    ['a picture', '\u0089PNG\r\n\u001a\n'],
    ['a header alone that is cut', '\u0089SOCKREC\u0001\0\0\0'],
  ])('refuses %s', async (_name, text) => {
    const other = path.join(folder, 'other');
    await writeFile(other, Buffer.from(text, 'latin1'));
    expect(() => new StoredRecording(other)).toThrow(/not a recording|damaged|too early/);
  });

  test('is opened in version 1 of the format too, which has sockets otherwise', async () => {
    const body = Buffer.from(
      '000000000000f03f000000000000144000000000000008400000000000001040000000000000f03f0000000000001840' +
        '000102091510090000003132372e302e302e310000000000005440000001070000000105000000010000000000000107' +
        '00000041465f494e4554010b000000534f434b5f53545245414d00000000000000000001060000007365727665720601' +
        '0000000109000000',
      'hex',
    );
    const old = path.join(folder, 'old.sockrec');
    const rows = new Segment(0, new ArrayBuffer(1024));
    rows.bytes.set(body, rows.nextBody);
    rows.commit(body.length, socket.id, -1, 0);
    await writeRecording(old, meta, [{ kind: 'rows', id: 0, bytes: rows.bytes.subarray(0, rows.end) }]);
    const fd = openSync(old, 'r+');
    writeSync(fd, Uint8Array.of(1), 0, 1, 8);
    closeSync(fd);
    const recording = new StoredRecording(old);
    expect([...recording.reader.allSockets()]).toEqual([socket]);
    recording.dispose();
  });

  test('is opened in version 2 too, which has all rows in full', async () => {
    await written(10, 100);
    const fd = openSync(file, 'r+');
    writeSync(fd, Uint8Array.of(2), 0, 1, 8);
    closeSync(fd);
    const recording = new StoredRecording(file);
    expect(recording.count).toBe(10);
    expect(recording.reader.read(10)).toEqual(received(10, 100));
    recording.dispose();
  });

  test('does not take a name that there is not for none', () => {
    const bytes = encodeSocket(socket).slice();
    const domain = bytes.length - 24;
    expect(bytes[domain]).toBe(4);
    bytes[domain] = 200;
    expect(() => decodeSocket(bytes, false)).toThrow(DamagedBytesError);
  });

  test.each([false, true])('tells what a socket was; it is one of a tap: %s', (isOfTap) => {
    const target = { family: 'AF_INET', address: '127.0.0.1', port: 81 } as const;
    const tap = { id: 1, kind: 'stream', side: 'client', target, otherId: 2, faults: noFaults } as const;
    const past = [
      { untilNs: 5e9, state: 'open', isShutdownRead: false, isShutdownWrite: false, local: null },
      {
        untilNs: Number.MAX_SAFE_INTEGER,
        state: 'connected',
        isShutdownRead: false,
        isShutdownWrite: true,
        local: { family: 'AF_INET', address: '127.0.0.1', port: 80 },
      },
    ] as const;
    const told = { ...socket, ...(isOfTap && { tap }), past, heldBy: [8] };
    expect(decodeSocket(encodeSocket(told), false)).toEqual(told);
  });

  test('tells names without what would turn the text around them', () => {
    const hostile = { ...socket, name: 'a\u202eb\u001b[31m', type: 'SOCK\n_STREAM' };
    expect(decodeSocket(encodeSocket(hostile), false)).toMatchObject({ name: 'ab[31m', type: 'SOCK_STREAM' });
  });

  test('refuses another version, and a folder', async () => {
    await written(1, 1);
    const fd = openSync(file, 'r+');
    writeSync(fd, Uint8Array.of(9), 0, 1, 8);
    expect(() => new StoredRecording(file)).toThrow(/version 9/);
    expect(() => new StoredRecording(folder)).toThrow(/not a file/);
  });

  test('of random damage is read as far as it goes, and never throws', async () => {
    await written(2000, 300);
    const whole = readFileSync(file);
    const damage = fc.record({
      // Headers and the beginnings of segments are hit more often than the rest.
      at: fc.oneof(
        fc.integer({ min: fileHeaderSize, max: whole.length - 1 }),
        fc
          .tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 300 }))
          .map(([slot, offset]) => fileHeaderSize + slot * slotSize + offset),
      ),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    });
    const other = path.join(folder, 'other');
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 6 }), async (damages) => {
        const bytes = Buffer.from(whole);
        damages.forEach((each) => bytes.set(each.bytes.subarray(0, bytes.length - each.at), each.at));
        await writeFile(other, bytes);
        const recording = new StoredRecording(other);
        const { reader } = recording;
        for (let seq = reader.next(0); seq !== undefined; seq = reader.next(seq + 1)) {
          reader.read(seq);
          reader.readData(seq, 0, 1000);
        }
        expect([...reader.allSockets()].length).toBeLessThanOrEqual(1);
        recording.dispose();
      }),
      { numRuns: 25 },
    );
  });

  test('of rows that lie behind a right checksum never throws', () => {
    // Whoever makes a file on purpose makes its checksums too.
    const reader = new RowReader('linux');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 2 }), (bytes, form) => {
        if (bytes.length > 1) {
          bytes[1] = form;
        }
        const row = { bytes, socketId: 1, seq: 1, startNs: 1 };
        const faults = [() => reader.read(row), () => reader.placeOf(row), () => reader.inlineData(row)]
          .map((read) => faultOf(read))
          .filter((fault) => fault !== undefined && !(fault instanceof DamagedBytesError));
        expect(faults).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
