import type { CallRecord } from '../../common/call.js';
import { firstIndex } from '../../common/search.js';

const looked = 500;

/** The calls that had to wait, in the order in which they ended; those that still wait are not among them. */
export class Returns {
  private readonly list: CallRecord[] = [];
  private readonly bySeq = new Map<number, CallRecord>();

  add(record: CallRecord): void {
    this.remove(record.seq);
    if (record.hasWaited && record.endNs !== null) {
      this.bySeq.set(record.seq, record);
      this.list.splice(this.firstAfter(record.endNs), 0, record);
    }
  }

  remove(seq: number): void {
    const known = this.bySeq.get(seq);
    if (known) {
      this.bySeq.delete(seq);
      const end = this.firstAfter(known.endNs!);
      const at = this.list.lastIndexOf(known, end);
      this.list.splice(at, 1);
    }
  }

  clear(): void {
    this.list.length = 0;
    this.bySeq.clear();
  }

  /** Those that ended from `from` on and before `to`. */
  between(from: number, to: number): CallRecord[] {
    return this.list.slice(this.firstFrom(from), this.firstFrom(to));
  }

  /** Those that had begun before `from` and ended behind `to`; of very many that ended later only the next ones are looked at. */
  across(from: number, to: number): CallRecord[] {
    const start = this.firstAfter(to);
    return this.list.slice(start, start + looked).filter(({ startNs }) => startNs < from);
  }

  private firstFrom(ns: number): number {
    return this.firstWhere(({ endNs }) => endNs! >= ns);
  }

  private firstAfter(ns: number): number {
    return this.firstWhere(({ endNs }) => endNs! > ns);
  }

  private firstWhere(isBehind: (record: CallRecord) => boolean): number {
    return firstIndex(0, this.list.length, (index) => isBehind(this.list[index]!));
  }
}
