import { type CallRecord, isData } from '../common/call.js';
import { RecordRow } from '../common/filter/row.js';
import { recordText, type SocketLookup } from '../common/recordText.js';
import type { Platform } from '../common/tables/constants.js';

/** A record that is here, as a filter looks at it. Of its payload there is what it carries by itself. */
export function rowOf(record: CallRecord, sockets: SocketLookup, platform: Platform): RecordRow {
  return new RecordRow(record, {
    socketOf: (id) => sockets.get(id),
    dataOf: () => preview(record) ?? new Uint8Array(),
    decode: (data, isUtf8) => Buffer.from(data).toString(isUtf8 ? 'utf8' : 'latin1'),
    textOf: () => recordText(record, sockets, platform),
  });
}

/** The bytes that a record carries by itself. */
export function preview({ args }: CallRecord): Uint8Array | undefined {
  return args.find(isData)?.bytes;
}
