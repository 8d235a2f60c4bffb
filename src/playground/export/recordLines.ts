import { randomUUID } from 'node:crypto';
import { type CallRecord, type DataValue, isData, type Value } from '../../common/call.js';
import { printRecord } from '../../common/notation/printer.js';
import { EscapedBytes, repeatedUnit } from '../../common/notation/text.js';
import type { Platform } from '../../common/tables/constants.js';
import { base64, jsonValue } from './jsonValue.js';
import { withData } from './recordData.js';
import type { FullRecord } from './recordSource.js';

/** The line of a transcript, with all data that is kept: a scenario that checks itself. */
export function transcriptLine({ record, payload }: FullRecord, platform: Platform): string {
  return printRecord(withData(record, payload), { style: 'short', platform, maxData: Infinity });
}

/** A record as one JSON object. */
export function jsonLine(full: FullRecord, platform: Platform): string {
  const { payload } = full;
  return jsonText(full, transcriptLine(full, platform), payload ? base64(payload) : null);
}

/** Bytes of data that are written at a time. Three bytes are four characters of base64. */
const pieceBytes = 3 << 14;

/** {@link transcriptLine} in pieces, so that others have their turns between those of a great message. */
export function* transcriptPieces(full: FullRecord, platform: Platform): Generator<string> {
  const { record, payload } = full;
  const place = payload && payload.length > pieceBytes ? placeOfData(record, payload) : undefined;
  if (!payload || !place) {
    yield transcriptLine(full, platform);
    return;
  }
  const mark = randomUUID();
  // As much is missing behind the mark as behind the payload.
  const marked = dataOf(mark, place.length - payload.length);
  const args = record.args.map((value) => (value === place ? marked : value));
  const [before, after] = around(
    transcriptLine({ record: { ...record, args }, payload: undefined }, platform),
    mark,
  );
  yield before;
  const escaped = new EscapedBytes(payload, 'short');
  while (!escaped.isAtEnd) {
    yield escaped.take(pieceBytes);
  }
  yield after;
}

/** {@link jsonLine} in pieces. */
export function* jsonPieces(full: FullRecord, platform: Platform): Generator<string> {
  const { payload } = full;
  if (!payload || payload.length <= pieceBytes) {
    yield jsonLine(full, platform);
    return;
  }
  const [text, data] = [randomUUID(), randomUUID()];
  const [before, rest] = around(jsonText(full, text, data), text);
  const [between, after] = around(rest, data);
  yield before;
  for (const piece of transcriptPieces(full, platform)) {
    yield JSON.stringify(piece).slice(1, -1);
  }
  yield between;
  for (let at = 0; at < payload.length; at += pieceBytes) {
    yield base64(payload.subarray(at, at + pieceBytes));
  }
  yield after;
}

function jsonText({ record, payload }: FullRecord, text: string, data: string | null): string {
  const { seq, thread, madeBy, name, args, status, result, errno, startNs, endNs, fd, socketId } = record;
  return JSON.stringify({
    seq,
    thread: thread ?? 'main',
    ...(madeBy === null ? {} : { madeBy }),
    call: name,
    args: args.map((value) => (payload && isData(value) ? { length: value.length } : jsonValue(value))),
    text,
    status,
    result,
    errno,
    startNs,
    endNs,
    fd,
    socketId,
    data,
  });
}

/** The argument that is printed with the payload; undefined where it is printed shorter, as a repetition. */
function placeOfData({ args }: CallRecord, payload: Uint8Array): DataValue | undefined {
  const place = args.find((value) => isPlace(value, payload));
  return place?.length === payload.length && repeatedUnit(payload) ? undefined : place;
}

function isPlace(value: Value, payload: Uint8Array): value is DataValue {
  return isData(value) && value.bytes.length < payload.length;
}

/** A text as data of which some more is missing. */
function dataOf(text: string, missing: number): DataValue {
  const bytes = new TextEncoder().encode(text);
  return { kind: 'data', bytes, length: bytes.length + missing };
}

/** What comes before and behind a mark that nothing else says. */
function around(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
