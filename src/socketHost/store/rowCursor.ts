import type { CallRecord, CallStatus } from '../../common/call.js';
import { allEnds, type FilterRow } from '../../common/filter/row.js';
import { recordFd, recordText, type SocketLookup } from '../../common/recordText.js';
import type { Named, SocketId, SocketInfo } from '../../common/socket.js';
import { errnoName } from '../../common/tables/errnos.js';
import type { RecordReader } from './recordReader.js';
import { movedCalls } from '../../common/rows/rowCalls.js';
import {
  at,
  bit,
  fixedSize,
  form,
  headerSize,
  place,
  statuses,
  makerShift,
  makers,
} from '../../common/rows/rowLayout.js';
import type { RowReader } from '../../common/rows/rowReader.js';
import { type MovedFields, MovedText } from './movedText.js';
import type { Segment } from './segments.js';
import { FullRow } from './fullRow.js';
import { isShortAt, sourceOf } from './shortRow.js';

/** Bytes of a payload that a pattern looks at. */
const searchedBytes = 1 << 20;

const noBytes = new Uint8Array();

const letters = /^[a-z_]+$/;

/** What a row has whose text needs no record. */
const plainBits = bit.hasFd | bit.hasResult;

/** The beginning of a payload as text. */
export function decodeData(data: Uint8Array, isUtf8: boolean): string {
  const { buffer, byteOffset, length } = data;
  return Buffer.from(buffer, byteOffset, Math.min(length, searchedBytes)).toString(
    isUtf8 ? 'utf8' : 'latin1',
  );
}

/** Looks at one row after the other for a filter: out of the row itself, without making a record of it where that can be. */
export class RowCursor implements FilterRow {
  private segment!: Segment;
  /** Of the row's fixed part, in words; and of the one that a short row has it from, see {@link sourceOf}. */
  private word = 0;
  private source = 0;
  /** A short row that has not been made a full one yet: most questions it answers as it is. */
  private isShort = false;
  private bits = 0;
  private whole: CallRecord | undefined;
  private wholeText: string | undefined;
  private readonly movedText: MovedText;
  private readonly full = new FullRow();
  seq = 0;

  constructor(
    private readonly reader: RecordReader,
    private readonly rows: RowReader,
    private readonly sockets: SocketLookup,
  ) {
    this.movedText = new MovedText(sockets, rows.platform);
  }

  /** What is known of sockets may have changed. */
  refresh(): void {
    this.movedText.forget();
  }

  /** False where there is no row. */
  set(segment: Segment, offset: number, seq: number): boolean {
    const header = (offset - headerSize) >> 2;
    const length = segment.u32[header]!;
    if (offset + length > segment.end || segment.f64[(header >> 1) + 1] !== seq) {
      return false;
    }
    this.isShort = isShortAt(segment, offset);
    const source = this.isShort ? sourceOf(segment, offset) : length < fixedSize ? -1 : offset;
    if (source < 0) {
      return false;
    }
    this.segment = segment;
    this.word = offset >> 2;
    this.source = source >> 2;
    this.bits = segment.i32[this.word]! >>> 16;
    this.seq = seq;
    this.whole = undefined;
    this.wholeText = undefined;
    return true;
  }

  get name(): string {
    return this.rows.names[this.segment.i32[this.word]! & 0xff] ?? '';
  }

  get status(): CallStatus {
    return statuses[this.bits & bit.status]!;
  }

  get fd(): number | null {
    if (this.bits & (bit.isWide | bit.hasExtras)) {
      return this.record ? recordFd(this.record) : null;
    }
    return this.bits & bit.hasFd ? this.common(at.fd) : null;
  }

  get socketId(): SocketId | null {
    if (this.bits & (bit.isWide | bit.hasExtras)) {
      return this.record?.socketId ?? this.record?.createdIds[0] ?? null;
    }
    return this.segment.u32[this.word - headerSize / 4 + 1]! || null;
  }

  get peerId(): SocketId | null {
    return this.bits & bit.isWide ? (this.record?.peerId ?? null) : this.common(at.peerId) >>> 0 || null;
  }

  get ownIds(): readonly SocketId[] {
    const { socketId } = this;
    const made = this.bits & (bit.isWide | bit.hasExtras) ? (this.record?.createdIds ?? []) : [];
    return socketId === null ? made : [socketId, ...made];
  }

  get socketIds(): readonly SocketId[] {
    return allEnds((id) => this.sockets.get(id), this.ownIds, this.peerId);
  }

  get result(): number | null {
    if (this.bits & bit.isWide) {
      return this.record?.result ?? null;
    }
    return this.bits & bit.hasResult ? this.common(at.result) : null;
  }

  get errno(): Named | null {
    if (this.bits & bit.isWide) {
      return this.record?.errno ?? null;
    }
    return this.bits & bit.hasErrno ? errnoName(this.int(at.errno), this.rows.platform) : null;
  }

  get startNs(): number {
    return this.segment.f64[((this.word - headerSize / 4) >> 1) + 2]!;
  }

  get endNs(): number | null {
    if (this.isShort) {
      return this.startNs;
    }
    return this.bits & bit.hasEnd ? this.segment.f64[(this.word + at.endNs / 4) >> 1]! : null;
  }

  get hasWaited(): boolean {
    return (this.bits & bit.hasWaited) !== 0;
  }

  get direction(): 'in' | 'out' | null {
    return this.bits & bit.hasPayload ? (this.bits & bit.isOut ? 'out' : 'in') : null;
  }

  get streamOffset(): number | null {
    if (this.bits & bit.isWide) {
      return this.record?.payload?.offset ?? null;
    }
    this.expand();
    return this.bits & bit.hasStreamOffset ? this.segment.f64[(this.word + at.streamOffset / 4) >> 1]! : null;
  }

  get length(): number | null {
    if (this.bits & bit.isWide) {
      return this.record?.payload?.length ?? null;
    }
    if (this.bits & bit.hasPayload) {
      return (this.isShort ? this.common(at.result) : this.int(at.payloadLength)) >>> 0;
    }
    return null;
  }

  get thread(): string | null {
    return this.bits & bit.hasExtras ? (this.record?.thread ?? null) : null;
  }

  get madeBy(): string | null {
    return this.bits & bit.hasExtras
      ? (this.record?.madeBy ?? null)
      : (makers[this.bits >>> makerShift] ?? null);
  }

  get socket(): SocketInfo | undefined {
    const { socketId } = this;
    return socketId === null ? undefined : this.sockets.get(socketId);
  }

  get data(): Uint8Array {
    if (!(this.bits & bit.hasPayload)) {
      return noBytes;
    }
    const segment = this.int(at.payloadSegment);
    if (segment !== place.inline) {
      const socketId = this.segment.u32[this.word - headerSize / 4 + 1]!;
      return this.reader.payloadAt(segment, this.int(at.payloadOffset) >>> 0, socketId, this.seq);
    }
    const start = 4 * this.word + fixedSize;
    const rowEnd = start - fixedSize + this.segment.u32[this.word - headerSize / 4]!;
    const length = Math.min(this.int(at.captured) >>> 0, this.int(at.inlineLength) >>> 0);
    return this.segment.bytes.subarray(start, Math.min(start + length, rowEnd));
  }

  dataText(isUtf8: boolean): string {
    return decodeData(this.data, isUtf8);
  }

  get text(): string {
    if (this.wholeText === undefined) {
      const fields = this.movedFields();
      this.wholeText =
        (fields && this.movedText.of(this.seq, fields, () => this.record)) ?? this.textOfRecord();
    }
    return this.wholeText;
  }

  hasWord(word: string): boolean {
    if (this.wholeText === undefined && letters.test(word)) {
      const fields = this.movedFields();
      const answer = fields && this.movedText.hasWord(word, fields, () => this.record);
      if (answer !== undefined) {
        return answer;
      }
    }
    return this.text.includes(word);
  }

  private textOfRecord(): string {
    const { record } = this;
    return record ? recordText(record, this.sockets, this.rows.platform) : '';
  }

  /** What the text of a row of traffic is made of without a record; undefined for other rows. */
  private movedFields(): MovedFields | undefined {
    this.expand();
    const first = this.int(at.call);
    const { name, bits, segment } = this;
    const moved = movedCalls.get(name);
    const isPlain =
      (((first >> 8) & 0xff) as form) === form.moved &&
      (bits & (plainBits | bit.hasExtras | bit.isWide | bit.status)) === plainBits;
    if (!isPlain || !moved) {
      return undefined;
    }
    const start = 4 * this.word + fixedSize;
    const end = start + (this.int(at.inlineLength) >>> 0);
    const rowEnd = start - fixedSize + segment.u32[this.word - headerSize / 4]!;
    if (end > rowEnd) {
      return undefined;
    }
    const requested = this.int(at.requested) >>> 0;
    return {
      name,
      fd: this.int(at.fd),
      socketId: segment.u32[this.word - headerSize / 4 + 1]!,
      flags: this.int(at.messageFlags),
      address: segment.bytes.subarray(end, rowEnd),
      requested,
      result: this.int(at.result),
      errno: this.errno,
      isOut: moved.isOut,
      madeBy: this.madeBy ?? '',
      length: moved.isOut ? requested : bits & bit.hasPayload ? this.int(at.captured) >>> 0 : 0,
      data: segment.bytes.subarray(start, end),
    };
  }

  private get record(): CallRecord | undefined {
    this.whole ??= this.reader.read(this.seq);
    return this.whole;
  }

  /** Of what short rows have in the same place. */
  private common(offset: number): number {
    return this.segment.i32[this.source + offset / 4]!;
  }

  private expand(): void {
    if (this.isShort && this.full.set(this.segment, 4 * this.word)) {
      this.segment = this.full.segment;
      this.word = this.full.offset >> 2;
      this.source = this.word;
      this.isShort = false;
    }
  }

  private int(offset: number): number {
    this.expand();
    return this.segment.i32[this.word + offset / 4]!;
  }
}
