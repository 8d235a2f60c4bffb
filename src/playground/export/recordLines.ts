import { type CallRecord, isData } from '../../common/call.js';
import { printRecord } from '../../common/notation/printer.js';
import type { Platform } from '../../common/tables/constants.js';
import { base64, jsonValue } from './jsonValue.js';
import type { FullRecord } from './recordSource.js';

/** The line of a transcript, with all data that is kept: a scenario that checks itself. */
export function transcriptLine({ record, payload }: FullRecord, platform: Platform): string {
  return printRecord(withData(record, payload), { style: 'short', platform, maxData: Infinity });
}

/** A record as one JSON object. */
export function jsonLine({ record, payload }: FullRecord, platform: Platform): string {
  const { seq, thread, madeBy, name, args, status, result, errno, startNs, endNs, fd, socketId } = record;
  return JSON.stringify({
    seq,
    thread: thread ?? 'main',
    ...(madeBy === null ? {} : { madeBy }),
    call: name,
    args: args.map((value) => (payload && isData(value) ? { length: value.length } : jsonValue(value))),
    text: transcriptLine({ record, payload }, platform),
    status,
    result,
    errno,
    startNs,
    endNs,
    fd,
    socketId,
    data: payload ? base64(payload) : null,
  });
}

/** The record with the whole of its data, of which it carries the beginning. */
function withData(record: CallRecord, payload: Uint8Array | undefined): CallRecord {
  return {
    ...record,
    args: record.args.map((value) =>
      payload && isData(value) && value.bytes.length < payload.length ? { ...value, bytes: payload } : value,
    ),
  };
}
