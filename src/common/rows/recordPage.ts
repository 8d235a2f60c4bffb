import type { CallRecord } from '../call.js';
import type { CallFacts } from '../system/systemSocket.js';
import { type PackedRows, unpack } from './packedRows.js';

/** Records in the order of their numbers, as they cross to the page, which unpacks them. */
export interface RecordPage {
  /** Of hosts that have ended: they come first. */
  lost: CallRecord[];
  /** Those of the host that runs; null where there is none. */
  rows: PackedRows | null;
  /** What was found out about some of them. */
  facts: [seq: number, facts: CallFacts][];
}

/**
 * The records of a page.
 * @throws DamagedBytesError where it is unknown where the next one begins.
 */
export function recordsOf({ lost, rows, facts }: RecordPage): CallRecord[] {
  const records = rows ? [...lost, ...unpack(rows)] : lost;
  if (facts.length === 0) {
    return records;
  }
  const bySeq = new Map(facts);
  return records.map((record) => {
    const found = bySeq.get(record.seq);
    return found ? { ...record, facts: found } : record;
  });
}
