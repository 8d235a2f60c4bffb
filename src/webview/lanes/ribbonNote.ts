import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { ByteRibbon } from '../../common/ribbon/byteRibbon.js';

/** What is to be learnt from where received bytes come from; null where each send was one receive. */
export function ribbonNote(
  record: CallRecord,
  ribbon: ByteRibbon,
  get: (seq: number) => CallRecord | undefined,
): string | null {
  const { payload, name } = record;
  // The automatic modes read whatever there is: of them it would be said on every row.
  if (payload?.direction !== 'in' || record.madeBy?.startsWith('auto-')) {
    return null;
  }
  const pieces = ribbon.piecesInto(record);
  const senders = new Set(pieces.map(({ sentSeq }) => sentSeq));
  if (senders.size > 1) {
    const known = pieces.reduce((sum, { length }) => sum + length, 0);
    // Of bytes whose send is not here nobody knows how many there were.
    return known < payload.length
      ? null
      : t('{0} sends, 1 {1}: a stream keeps no message boundaries', senders.size, name);
  }
  const [piece] = pieces;
  const send = piece && get(piece.sentSeq);
  if (!piece || !send?.payload) {
    return null;
  }
  const { seq } = send;
  const { length } = send.payload;
  if (payload.offset === null) {
    return payload.length < length
      ? t('{0} of the {1} bytes of record {2}: the rest is lost', payload.length, length, seq)
      : null;
  }
  const isRest = piece.sentAt + piece.length < length;
  return isRest && piece.sentAt === 0
    ? t('{0} of the {1} bytes of record {2}: the rest waits', piece.length, length, seq)
    : null;
}
