import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { dataValue } from '../../src/common/call.js';
import { DamagedBytesError } from '../../src/common/rows/bytes.js';
import { Capture } from '../../src/socketHost/capture.js';
import {
  encodeFileHeader,
  encodeSlotHeader,
  newMeta,
  RecordingError,
  slotHeaderSize,
  slotPosition,
  slotsFor,
} from '../../src/socketHost/store/fileFormat.js';
import { StoredRecording } from '../../src/socketHost/store/storedRecording.js';
import { recordOf } from '../support/records.js';

const recordCount = 20;

/** The segments of a recording. */
function segments() {
  const capture = new Capture(1);
  for (let seq = 1; seq <= recordCount; seq++) {
    const bytes = new Uint8Array(seq * 7).fill(seq);
    const more = { seq, fd: 7, socketId: 1, thread: seq % 3 === 0 ? 'w1' : null };
    if (seq % 2 === 0) {
      const payload = { direction: 'out' as const, length: bytes.length, captured: bytes.length, offset: 0 };
      const position = capture.appendPayload(bytes, seq, seq);
      capture.append(
        recordOf('send', [7, dataValue(bytes), bytes.length, 0], { ...more, payload }),
        position,
      );
    } else {
      const address = { family: 'AF_INET' as const, address: '127.0.0.1', port: seq };
      capture.append(recordOf('bind', [7, address, 16], { ...more, result: -1, errno: 'EINVAL' }), null);
    }
  }
  return [...capture.held()].map(({ kind, id, bytes }) => ({ kind, id, bytes: bytes.slice() }));
}

const whole = segments();
const host = { pid: 1, platform: 'linux' as const, kernel: 'x', isRoot: false };

/** What is changed in a recording: bytes of a segment, before its check sum is made, or of the file, after it. */
export interface Damage {
  segment: number;
  changes: [at: number, byte: number][];
  inFile: [at: number, byte: number][];
  length: number;
}

export const damage: fc.Arbitrary<Damage> = fc.record({
  segment: fc.nat({ max: whole.length - 1 }),
  changes: fc.array(fc.tuple(fc.nat({ max: 4000 }), fc.nat({ max: 255 })), { maxLength: 6 }),
  inFile: fc.array(fc.tuple(fc.nat({ max: 4200 }), fc.nat({ max: 255 })), { maxLength: 1 }),
  length: fc.oneof({ weight: 8, arbitrary: fc.constant(Infinity) }, fc.nat({ max: 1 << 20 })),
});

/** Reads the whole of a damaged recording. */
export function readDamaged({ segment, changes, inFile, length }: Damage): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'sp-fuzz-'));
  try {
    const file = path.join(folder, 'x.sockrec');
    write(file, { segment, changes, inFile, length });
    read(file);
  } catch (error) {
    if (!(error instanceof RecordingError || error instanceof DamagedBytesError)) {
      throw error;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(file: string, { segment, changes, inFile, length }: Damage): void {
  const fd = openSync(file, 'w');
  const put = (bytes: Uint8Array, at: number) =>
    writeSync(fd, bytes, 0, Math.max(0, Math.min(bytes.length, length - at)), at);
  let slot = 0;
  put(encodeFileHeader(newMeta(host, 0)), 0);
  for (const [index, { kind, id, bytes }] of whole.entries()) {
    const body = bytes.slice();
    if (index === segment) {
      changes.forEach(([at, byte]) => body.set([byte], at % body.length));
    }
    const slots = slotsFor(body.length);
    const crc = kind === 'rows' ? crc32(body) : 0;
    put(encodeSlotHeader({ kind, id, used: body.length, slots, crc }), slotPosition(slot));
    put(body, slotPosition(slot) + slotHeaderSize);
    slot += slots;
  }
  inFile.forEach(([at, byte]) => put(Uint8Array.of(byte), at));
  closeSync(fd);
}

function read(file: string): void {
  const recording = new StoredRecording(file);
  try {
    const { reader } = recording;
    for (
      let seq = reader.next(0), count = 0;
      seq !== undefined && count < 2 * recordCount;
      seq = reader.next(seq + 1), count++
    ) {
      reader.read(seq);
      reader.readData(seq, 0, 100);
    }
    [...reader.allSockets()].forEach(() => {});
  } finally {
    recording.dispose();
  }
}
