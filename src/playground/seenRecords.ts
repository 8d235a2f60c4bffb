import { isData, type CallRecord } from '../common/call.js';

/** Records kept at most; the oldest go first. */
const capacity = 10_000;

/**
 * The records that have passed through the model. The store of all records is the socket host; when it
 * ends by itself, these are what is left.
 */
export class SeenRecords {
  private readonly living = new Map<number, CallRecord>();
  /** Of hosts that have ended, in order of `seq`. */
  private lost: CallRecord[] = [];

  add(record: CallRecord): void {
    this.living.delete(record.seq);
    this.living.set(record.seq, record);
    if (this.living.size > capacity) {
      this.living.delete(this.living.keys().next().value!);
    }
  }

  /** The host has ended: of the payloads only the previews are left. */
  lose(): void {
    const ended = [...this.living.values()].sort((a, b) => a.seq - b.seq).map(withoutPayload);
    this.lost = [...this.lost, ...ended].slice(-capacity);
    this.living.clear();
  }

  /** The smallest `seq` that {@link readLost} gives; undefined when there is none. */
  get firstLostSeq(): number | undefined {
    return this.lost[0]?.seq;
  }

  /** Records of ended hosts in order of `seq`, from `from` on, at most `count`. */
  readLost(from: number, count: number): CallRecord[] {
    const start = this.lost.findIndex(({ seq }) => seq >= from);
    return start < 0 ? [] : this.lost.slice(start, start + count);
  }

  /** What is left of the payload of an ended host's record. */
  readLostData(seq: number, offset: number, length: number): Uint8Array {
    const record = this.lost.find((candidate) => candidate.seq === seq);
    return (record && preview(record))?.slice(offset, offset + length) ?? new Uint8Array();
  }

  clear(): void {
    this.living.clear();
    this.lost = [];
  }
}

function preview({ args }: CallRecord): Uint8Array | undefined {
  return args.find(isData)?.bytes;
}

function withoutPayload(record: CallRecord): CallRecord {
  const captured = Math.min(record.payload?.captured ?? 0, preview(record)?.length ?? 0);
  return record.payload ? { ...record, payload: { ...record.payload, captured } } : record;
}
