import type * as Fs from 'node:fs';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import {
  decodeSlotHeader,
  newMeta,
  segmentSize,
  slotHeaderSize,
  slotPosition,
  slotSize,
} from '../../src/socketHost/store/fileFormat.js';
import { RecordingFile } from '../../src/socketHost/store/recordingFile.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';

/** So many bytes are taken by one call, when it is its turn; so many calls that wait for the disk succeed. */
const disk = vi.hoisted(() => ({ takes: Infinity, turn: () => Promise.resolve(), calls: Infinity }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof Fs>();
  type Done = (error: Error | null, count: number) => void;
  const writev = (fd: number, parts: Uint8Array[], position: number, done: Done) => {
    const taken = Buffer.concat(parts).subarray(0, disk.takes);
    void disk.turn().then(() => fs.write(fd, taken, 0, null, position, done));
  };
  const writeSync = (fd: number, bytes: Uint8Array, from: number, length: number, position: number) => {
    if (disk.calls-- <= 0) {
      throw new Error('ENOSPC: no space left on device, write');
    }
    return fs.writeSync(fd, bytes, from, length, position);
  };
  return { ...fs, writev, writeSync };
});

afterEach(() => {
  disk.takes = Infinity;
  disk.turn = () => Promise.resolve();
  disk.calls = Infinity;
});

async function emptyFile(): Promise<RecordingFile> {
  const { path: folder } = untilTestEnds(await tempDir());
  const meta = newMeta({ pid: 1, platform: 'linux', kernel: 'test', isRoot: false }, 5);
  const file = new RecordingFile(path.join(folder, 'a.sockrec'), meta, 2 * slotSize);
  untilTestEnds({ dispose: async () => file.abandon(true) });
  return file;
}

function slotOf({ path: name }: RecordingFile): { header: Uint8Array; body: Uint8Array } {
  const slot = new Uint8Array(readFileSync(name)).subarray(slotPosition(0));
  return { header: slot.subarray(0, slotHeaderSize), body: slot.subarray(slotHeaderSize) };
}

// The first takes a part of the empty header, the second all of it and a part of what follows.
test.each([60, 1000])('a disk that takes %d bytes at a time is given the rest', async (takes) => {
  const file = await emptyFile();
  const bytes = Uint8Array.from({ length: 5000 }, (_, index) => index % 251);
  const place = file.allocate(1)!;
  disk.takes = takes;
  await file.append(place, 'payload', 7, bytes, 3000);
  await file.append(place, 'payload', 7, bytes, 5000);
  const { header, body } = slotOf(file);
  expect(decodeSlotHeader(header)).toEqual({ kind: 'payload', id: 7, used: 5000, slots: 1, crc: 0 });
  expect(Buffer.compare(body, bytes)).toBe(0);
});

test('what is half written is not taken for what its slot held before', async () => {
  const file = await emptyFile();
  const before = file.allocate(1)!;
  await file.append(before, 'payload', 1, new Uint8Array(segmentSize).fill(1), segmentSize);
  file.release(before);
  let goOn = () => {};
  const stopped = new Promise<void>((resolve) => (goOn = resolve));
  const hasStopped = new Promise<void>((resolve) => {
    let turns = 0;
    disk.turn = () => {
      if (turns++ === 0) {
        return Promise.resolve();
      }
      resolve();
      return stopped;
    };
  });
  disk.takes = 1000;
  const bytes = new Uint8Array(segmentSize).fill(2);
  const writing = file.append(file.allocate(1)!, 'payload', 2, bytes, segmentSize);
  await hasStopped;
  const { header, body } = slotOf(file);
  expect([body[0], body.at(-1)]).toEqual([2, 1]);
  expect(decodeSlotHeader(header)).toBeUndefined();
  disk.takes = Infinity;
  goOn();
  await writing;
  expect(decodeSlotHeader(slotOf(file).header)?.id).toBe(2);
});

test.each([0, 1, 2])(
  'nor is what is written at once, when the disk says no after %d writes',
  async (calls) => {
    const file = await emptyFile();
    const before = file.allocate(1)!;
    await file.append(before, 'payload', 1, new Uint8Array(segmentSize).fill(1), segmentSize);
    file.release(before);
    const bytes = new Uint8Array(segmentSize).fill(2);
    disk.calls = calls;
    expect(() => file.appendNow(file.allocate(1)!, 'payload', 2, bytes, segmentSize)).toThrow('ENOSPC');
    const { header, body } = slotOf(file);
    expect(decodeSlotHeader(header)?.id).toBe(body[0] === 1 && calls === 0 ? 1 : undefined);
  },
);
