import type { CallRecord } from '../common/call.js';

/** Records kept at most; the oldest go first. */
const capacity = 10_000;

/**
 * The records that have passed through the model. The store of all records is the socket host; when it
 * ends by itself, these are left beside what it had written.
 */
export class SeenRecords {
  private readonly living = new Map<number, CallRecord>();

  add(record: CallRecord): void {
    this.living.delete(record.seq);
    this.living.set(record.seq, record);
    if (this.living.size > capacity) {
      this.living.delete(this.living.keys().next().value!);
    }
  }

  /** All of them in order of `seq`; they are forgotten here. */
  take(): CallRecord[] {
    const records = [...this.living.values()].sort((a, b) => a.seq - b.seq);
    this.living.clear();
    return records;
  }

  clear(): void {
    this.living.clear();
  }
}
