import type { CallRecord, Value } from '../../common/call.js';
import { printValue } from '../../common/notation/printer.js';
import { addressText, callText, resultText, type SocketLookup, subjectOf } from '../../common/recordText.js';
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
  /** Empty for nobody. */
  madeBy: string;
  /** The length that the data has in the record. */
  length: number;
  /** The beginning of the data, as the row holds it. */
  data: Uint8Array;
}

/** What rows of one call on one socket have in common. */
interface Shape {
  row: MovedFields;
  record: CallRecord;
  before: string;
  after: string;
  peer: string;
  /** Whether words that were looked for are in one of these texts. */
  words: Map<string, boolean>;
}

/** Stands in the place of the data and its length: what is around it is printed once. */
const sample: Value = { kind: 'data', bytes: Uint8Array.of(65), length: 1 };
const samplePrinted = ', "A", 1';
/** Of one socket: they are looked through. */
const mostShapes = 16;
const mostData = 2000;

/**
 * The text that a filter looks through, put together from what such rows have in common: the same as `recordText`
 * makes of the record. What is known of sockets is that of the time when it was asked for first: {@link forget}.
 */
export class MovedText {
  private readonly shapes = new Map<number, Shape[]>();
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
    const data = isWritten(row) ? this.print(row) : '_';
    return `#${seq} ${before}, ${data}, ${requested}${after} = ${resultOf(row, shape)} ${peer} ${row.madeBy}`;
  }

  /**
   * Whether the text holds a word of letters: no such word reaches from one part of the text into the next, so that
   * what rows have in common is looked through once.
   */
  hasWord(word: string, row: MovedFields, read: () => CallRecord | undefined): boolean | undefined {
    const shape = this.shapeOf(row, read);
    if (!shape) {
      return undefined;
    }
    let isCommon = shape.words.get(word);
    if (isCommon === undefined) {
      isCommon = [shape.before, shape.after, shape.peer, row.madeBy].some((part) => part.includes(word));
      shape.words.set(word, isCommon);
    }
    return (
      isCommon ||
      (!isPlainResult(row) && resultOf(row, shape).includes(word)) ||
      (isWritten(row) ? this.print(row).includes(word) : word === '_')
    );
  }

  private shapeOf(row: MovedFields, read: () => CallRecord | undefined): Shape | undefined {
    const shapes = this.shapes.get(row.socketId);
    return shapes?.find((shape) => isAlike(shape.row, row)) ?? this.newShape(row, read());
  }

  private newShape(row: MovedFields, whole: CallRecord | undefined): Shape | undefined {
    if (!whole) {
      return undefined;
    }
    const { fd, socketId } = row;
    const record = withSample(whole, 1);
    const socket = subjectOf(record, this.sockets);
    const call = callText(record, this.platform);
    const at = call.indexOf(samplePrinted);
    const before = `fd ${fd} fd=${fd} ${socket ? socketTitle(socket) : ''} ${call.slice(0, at)}`;
    const shape: Shape = {
      row: { ...row, address: row.address.slice() },
      record,
      before: before.toLowerCase(),
      after: call.slice(at + samplePrinted.length).toLowerCase(),
      peer: addressText(record, this.sockets).toLowerCase(),
      words: new Map(),
    };
    const known = this.shapes.get(socketId);
    if (!known || known.length >= mostShapes) {
      this.shapes.set(socketId, [shape]);
    } else {
      known.push(shape);
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

/** A number alone. */
function isPlainResult({ isOut, result, requested, errno }: MovedFields): boolean {
  return errno === null && (!isOut || result >= requested);
}

function isWritten({ isOut, result }: MovedFields): boolean {
  return isOut || result >= 0;
}

function isAlike(a: MovedFields, b: MovedFields): boolean {
  return (
    a.name === b.name &&
    a.fd === b.fd &&
    a.flags === b.flags &&
    a.madeBy === b.madeBy &&
    (a.errno === null) === (b.errno === null) &&
    a.address.length === b.address.length &&
    a.address.every((byte, index) => byte === b.address[index])
  );
}

function resultOf(row: MovedFields, { record }: Shape): string {
  if (isPlainResult(row)) {
    return String(row.result);
  }
  const { requested, result, errno } = row;
  return resultText({ ...withSample(record, requested), result, errno }).toLowerCase();
}
