import { randomUUID } from 'node:crypto';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
  writev,
} from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  encodeFileHeader,
  encodeSlotHeader,
  fileHeaderSize,
  type FileMeta,
  type SegmentKind,
  slotHeaderSize,
  slotPosition,
  slotsFor,
  slotSize,
} from './fileFormat.js';

const noHeader = new Uint8Array(slotHeaderSize);

/** A segment's place in the file, and how far it is written. */
export interface FilePlace {
  slot: number;
  slots: number;
  written: number;
  crc: number;
}

/** The recording that the host writes behind its memory: slots of one size, used again when what they held is dropped. */
export class RecordingFile {
  private readonly fd: number;
  /** 1 for a slot that is taken. */
  private readonly taken: Uint8Array;
  private writing = 0;
  private isAbandoned = false;

  /** @throws what the file system says. */
  constructor(
    readonly path: string,
    meta: FileMeta,
    limit: number,
  ) {
    makeFolder(dirname(path));
    this.fd = openSync(path, 'wx+', 0o600);
    this.taken = new Uint8Array(Math.max(1, Math.floor((limit - fileHeaderSize) / slotSize)));
    try {
      this.writeNow(encodeFileHeader(meta), 0);
    } catch (error) {
      this.abandon(true);
      throw error;
    }
  }

  /** Takes slots for a segment; undefined while there is no room. */
  allocate(slots: number): FilePlace | undefined {
    let run = 0;
    for (let slot = 0; slot < this.taken.length; slot++) {
      run = this.taken[slot] ? 0 : run + 1;
      if (run === slots) {
        const first = slot - slots + 1;
        this.taken.fill(1, first, slot + 1);
        return { slot: first, slots, written: 0, crc: 0 };
      }
    }
    return undefined;
  }

  /** Whether a segment of so many slots could ever be written. */
  canHold(slots: number): boolean {
    return slots <= this.taken.length;
  }

  /** Whether one more segment of the usual size takes the place of another. */
  get isFull(): boolean {
    return !this.taken.includes(0);
  }

  release({ slot, slots }: FilePlace): void {
    this.taken.fill(0, slot, slot + slots);
  }

  /** Writes what of a segment is new, then the header that says so: a torn write shows as less. */
  async append(
    place: FilePlace,
    kind: SegmentKind,
    id: number,
    bytes: Uint8Array,
    end: number,
  ): Promise<void> {
    this.writing++;
    try {
      const at = slotPosition(place.slot);
      const part = bytes.subarray(place.written, end);
      if (place.written === 0) {
        // In one go with no header: what the slot held before must not be taken for a segment whose bytes are half ours.
        await this.write([noHeader, part], at);
      } else {
        await this.write([part], at + slotHeaderSize + place.written);
      }
      this.note(place, kind, part, end);
      await this.write([headerOf(place, kind, id)], at);
    } finally {
      this.writing--;
      this.closeIfAbandoned();
    }
  }

  /** Like {@link append}, at once. */
  appendNow(place: FilePlace, kind: SegmentKind, id: number, bytes: Uint8Array, end: number): void {
    const at = slotPosition(place.slot);
    const part = bytes.subarray(place.written, end);
    if (place.written === 0) {
      this.writeNow(noHeader, at);
    }
    this.writeNow(part, at + slotHeaderSize + place.written);
    this.note(place, kind, part, end);
    this.writeNow(headerOf(place, kind, id), at);
  }

  /** The first `length` bytes of a segment. */
  read({ slot }: FilePlace, into: Uint8Array, length: number): void {
    readWhole(this.fd, into.subarray(0, length), slotPosition(slot) + slotHeaderSize);
  }

  /**
   * Closes the file when nothing is being written, and removes it where nobody is to read it again.
   * @throws what the file system says when it cannot be removed; then it is empty, where that can be done.
   */
  abandon(isRemoved: boolean): void {
    if (this.isAbandoned) {
      return;
    }
    this.isAbandoned = true;
    try {
      if (isRemoved) {
        this.remove();
      }
    } finally {
      this.closeIfAbandoned();
    }
  }

  private remove(): void {
    try {
      unlinkSync(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        ftruncateSync(this.fd, 0);
        throw error;
      }
    }
  }

  private note(place: FilePlace, kind: SegmentKind, part: Uint8Array, end: number): void {
    place.written = end;
    if (kind === 'rows') {
      place.crc = crc32(part, place.crc);
    }
  }

  private closeIfAbandoned(): void {
    if (this.isAbandoned && this.writing === 0) {
      closeSync(this.fd);
    }
  }

  /** A disk that is full takes a part, and says so only when it is given the rest. */
  private writeNow(bytes: Uint8Array, position: number): void {
    for (let from = 0; from < bytes.length;) {
      from += writeSync(this.fd, bytes, from, bytes.length - from, position + from);
    }
  }

  /** One after the other. */
  private write(parts: readonly Uint8Array[], position: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const next = (rest: readonly Uint8Array[], at: number) => {
        writev(this.fd, rest, at, (error, count) => {
          if (error) {
            reject(error);
            return;
          }
          const left = after(rest, count);
          if (left.length > 0) {
            next(left, at + count);
          } else {
            resolve();
          }
        });
      };
      next(parts, position);
    });
  }
}

/** What of the parts is left without the first `count` bytes. */
function after(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  let skipped = count;
  const left: Uint8Array[] = [];
  for (const part of parts) {
    const from = Math.min(skipped, part.length);
    skipped -= from;
    if (from < part.length) {
      left.push(part.subarray(from));
    }
  }
  return left;
}

/** As `mkdirSync` with `recursive`, which says ENOENT whatever the reason is. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      makeFolder(dirname(folder));
      mkdirSync(folder, { mode: 0o700 });
    } else if (code !== 'EEXIST') {
      throw error;
    }
  }
}

/** Writes segments into a file of their own, which is there whole or not at all. */
export async function writeRecording(
  file: string,
  meta: FileMeta,
  segments: Iterable<{ kind: SegmentKind; id: number; bytes: Uint8Array }>,
): Promise<void> {
  // A name that nobody has: `.part` alone may be a file of the user's.
  const part = `${file}.${randomUUID().slice(0, 8)}.part`;
  const handle = await open(part, 'wx', 0o600);
  try {
    await writeWhole(handle, encodeFileHeader(meta), 0);
    let slot = 0;
    for (const { kind, id, bytes } of segments) {
      // A copy: the segment grows or is used again while it is written.
      const body = bytes.slice();
      const slots = slotsFor(body.length);
      const header = encodeSlotHeader({ kind, id, used: body.length, slots, crc: crcOf(kind, body) });
      await writeWhole(handle, header, slotPosition(slot));
      await writeWhole(handle, body, slotPosition(slot) + slotHeaderSize);
      slot += slots;
    }
    await handle.sync();
    await handle.close();
    await rename(part, file);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(part, { force: true });
    throw error;
  }
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let from = 0; from < bytes.length;) {
    from += (await handle.write(bytes, from, bytes.length - from, position + from)).bytesWritten;
  }
}

function crcOf(kind: SegmentKind, bytes: Uint8Array): number {
  return kind === 'rows' ? crc32(bytes) : 0;
}

function headerOf({ slots, written, crc }: FilePlace, kind: SegmentKind, id: number): Uint8Array {
  return encodeSlotHeader({ kind, id, used: written, slots, crc });
}

/** Reads all of the bytes, or throws. */
export function readWhole(fd: number, into: Uint8Array, position: number): void {
  for (let from = 0; from < into.length;) {
    const count = readSync(fd, into, from, into.length - from, position + from);
    if (count === 0) {
      throw new Error('The file ends too early.');
    }
    from += count;
  }
}
