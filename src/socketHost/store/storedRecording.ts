import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { t } from '../../common/l10n.js';
import type { Disposable } from '../../common/lifecycle.js';
import {
  decodeFileHeader,
  decodeSlotHeader,
  fileHeaderSize,
  type FileMeta,
  largestFile,
  RecordingError,
  type SegmentKind,
  slotHeaderSize,
  type SlotHeader,
  slotPosition,
} from './fileFormat.js';
import { isSocketSeq, RecordReader, type SegmentSource } from './recordReader.js';
import { readWhole } from './recordingFile.js';
import { RowReader } from '../../common/rows/rowReader.js';
import { keepNewest } from './segmentStore.js';
import { headersOf, packed, Segment } from './segments.js';
import { SortedIndex } from './sortedIndex.js';

/** Larger numbers are no host's. */
const largestSeq = 2 ** 31;
const mostCached = 8;

/** The segments of one kind in a file. */
class FileSegments implements SegmentSource {
  private readonly slots = new Map<number, SlotHeader & { slot: number }>();
  private readonly cache = new Map<number, Segment>();

  constructor(private readonly fd: number) {}

  add(slot: number, header: SlotHeader): void {
    this.slots.set(header.id, { ...header, slot });
  }

  remove(id: number): void {
    this.slots.delete(id);
    this.cache.delete(id);
  }

  /** The ids, oldest first. */
  get ids(): number[] {
    return [...this.slots.keys()].sort((a, b) => a - b);
  }

  headerOf(id: number): SlotHeader {
    return this.slots.get(id)!;
  }

  has(id: number): boolean {
    return this.slots.has(id);
  }

  find(id: number): Segment | undefined {
    const place = this.slots.get(id);
    const cached = this.cache.get(id);
    if (cached || !place) {
      return cached;
    }
    const segment = new Segment(id, new ArrayBuffer((place.used + 7) & ~7));
    segment.end = place.used;
    readWhole(this.fd, segment.bytes.subarray(0, place.used), slotPosition(place.slot) + slotHeaderSize);
    keepNewest(this.cache, id, segment, mostCached);
    return segment;
  }
}

/** A recording's file, read only. Nothing in it is trusted. */
export class StoredRecording implements Disposable {
  readonly meta: FileMeta;
  readonly reader: RecordReader;
  readonly rowReader: RowReader;
  /** Records that there are. */
  readonly count: number;
  /** Bytes that are there and could not be read: torn, damaged, or of no segment. */
  readonly damagedBytes: number;
  private readonly fd: number;

  /** @throws RecordingError, and what the file system says. */
  constructor(path: string) {
    // A FIFO would keep us waiting.
    this.fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(this.fd);
      if (!stat.isFile()) {
        throw new RecordingError(t('This is not a file.'));
      }
      if (stat.size > largestFile + fileHeaderSize) {
        throw new RecordingError(t('This file is larger than 1 GiB: it is not read.'));
      }
      const header = new Uint8Array(Math.min(fileHeaderSize, stat.size));
      readWhole(this.fd, header, 0);
      this.meta = decodeFileHeader(header);
      const { rows, payload, damaged } = this.findSegments(stat.size);
      const { records, sockets, damaged: damagedRows } = this.indexRows(rows);
      this.damagedBytes = damaged + damagedRows;
      this.count = records.count;
      this.rowReader = new RowReader(this.meta.host.platform, this.meta.calls);
      this.reader = new RecordReader(rows, payload, records, sockets, this.rowReader);
    } catch (error) {
      closeSync(this.fd);
      throw error;
    }
  }

  dispose(): void {
    closeSync(this.fd);
  }

  private findSegments(size: number) {
    const [rows, payload] = [new FileSegments(this.fd), new FileSegments(this.fd)];
    const lists: Record<SegmentKind, FileSegments> = { rows, payload };
    const header = new Uint8Array(slotHeaderSize);
    let damaged = 0;
    for (let slot = 0; slotPosition(slot) + slotHeaderSize <= size;) {
      readWhole(this.fd, header, slotPosition(slot));
      const found = decodeSlotHeader(header);
      const isWhole = found && slotPosition(slot) + slotHeaderSize + found.used <= size;
      if (isWhole) {
        lists[found.kind].add(slot, found);
      } else if (found || header.some((byte) => byte !== 0)) {
        damaged += Math.min(size, slotPosition(slot + 1)) - slotPosition(slot);
      }
      slot += isWhole ? found.slots : 1;
    }
    return { rows, payload, damaged };
  }

  private indexRows(rows: FileSegments) {
    const [records, sockets] = [new SortedIndex(), new SortedIndex()];
    let damaged = 0;
    for (const id of rows.ids) {
      const segment = rows.find(id)!;
      if (crc32(segment.bytes.subarray(0, segment.end)) !== rows.headerOf(id).crc) {
        damaged += segment.end;
        rows.remove(id);
        continue;
      }
      for (const { seq, socketId, offset } of headersOf(segment)) {
        const position = packed(id, offset);
        if (isSocketSeq(seq)) {
          sockets.add(socketId, position);
        } else if (Number.isInteger(seq) && seq > 0 && seq < largestSeq) {
          records.add(seq, position);
        }
      }
    }
    records.finish();
    sockets.finish();
    return { records, sockets, damaged };
  }
}
