import type { CallRecord, Value } from '../../common/call.js';
import { printValue } from '../../common/notation/printer.js';
import { callText, peerText, resultText, type SocketLookup, subjectOf } from '../../common/recordText.js';
import { socketTitle } from '../../common/socketText.js';
import type { Platform } from '../../common/tables/constants.js';

/** What the text of such a row depends on, besides what is known of its socket. */
export interface MovedFields {
  name: string;
  fd: number;
  socketId: number;
  flags: number;
  /** The kernel's bytes of the address. */
  address: Uint8Array;
  requested: number;
  result: number;
  errno: CallRecord['errno'];
  isOut: boolean;
  /** The length that the data has in the record. */
  length: number;
  /** The beginning of the data, as the row holds it. */
  data: Uint8Array;
}

/** What rows of one call on one socket have in common. */
interface Shape {
  record: CallRecord;
  before: string;
  after: string;
  peer: string;
}

/** Stands in the place of the data and its length: what is around it is printed once. */
const sample: Value = { kind: 'data', bytes: Uint8Array.of(65), length: 1 };
const samplePrinted = ', "A", 1';
const mostShapes = 2000;
const mostData = 2000;

/**
 * The text that a filter looks through, put together from what such rows have in common: the same as `recordText`
 * makes of the record. What is known of sockets is that of the time when it was asked for first: {@link forget}.
 */
export class MovedText {
  private readonly shapes = new Map<string, Shape>();
  private readonly printed = new Map<string, string>();

  constructor(
    private readonly sockets: SocketLookup,
    private readonly platform: Platform,
  ) {}

  /** Sockets may have changed. */
  forget(): void {
    this.shapes.clear();
  }

  /** @param read Reads the whole record; undefined where it is damaged, and so is the answer. */
  of(seq: number, row: MovedFields, read: () => CallRecord | undefined): string | undefined {
    const shape = this.shapeOf(row, read);
    if (!shape) {
      return undefined;
    }
    const { before, after, peer } = shape;
    const { requested } = row;
    const data = row.isOut || row.result >= 0 ? this.print(row) : '_';
    return `#${seq} ${before}, ${data}, ${requested}${after} = ${resultOf(row, shape)} ${peer} `;
  }

  private shapeOf(row: MovedFields, read: () => CallRecord | undefined): Shape | undefined {
    const { name, fd, socketId, flags, errno, address } = row;
    const key = `${name} ${fd} ${socketId} ${flags} ${errno === null} ${latin1(address)}`;
    let shape = this.shapes.get(key);
    if (!shape) {
      if (this.shapes.size >= mostShapes) {
        this.shapes.clear();
      }
      const whole = read();
      if (!whole) {
        return undefined;
      }
      const record = withSample(whole, 1);
      const socket = subjectOf(record, this.sockets);
      const call = callText(record, this.platform);
      const at = call.indexOf(samplePrinted);
      const before = `fd ${fd} fd=${fd} ${socket ? socketTitle(socket) : ''} ${call.slice(0, at)}`;
      shape = {
        record,
        before: before.toLowerCase(),
        after: call.slice(at + samplePrinted.length).toLowerCase(),
        peer: peerText(record, this.sockets).toLowerCase(),
      };
      this.shapes.set(key, shape);
    }
    return shape;
  }

  private print({ data, length }: MovedFields): string {
    const characters = latin1(data);
    // Repetitions are printed in another way from a length on.
    if ((data.length < 128 || data.length !== length) && plain.test(characters)) {
      return `"${characters.toLowerCase()}"${data.length < length ? '...' : ''}`;
    }
    const key = `${length} ${characters}`;
    let printed = this.printed.get(key);
    if (printed === undefined) {
      if (this.printed.size >= mostData) {
        this.printed.clear();
      }
      printed = printValue({ kind: 'data', bytes: data, length }, undefined, {
        style: 'short',
      }).toLowerCase();
      this.printed.set(key, printed);
    }
    return printed;
  }
}

/** What is printed as it is. */
const plain = /^[ !#-[\]-~]*$/;

function latin1({ buffer, byteOffset, length }: Uint8Array): string {
  return length === 0 ? '' : Buffer.from(buffer, byteOffset, length).toString('latin1');
}

function withSample(record: CallRecord, length: number): CallRecord {
  const [fd, , , ...rest] = record.args;
  return { ...record, args: [fd!, sample, length, ...rest] };
}

function resultOf({ isOut, result, requested, errno }: MovedFields, { record }: Shape): string {
  if (errno === null && (!isOut || result >= requested)) {
    return String(result);
  }
  return resultText({ ...withSample(record, requested), result, errno }).toLowerCase();
}
