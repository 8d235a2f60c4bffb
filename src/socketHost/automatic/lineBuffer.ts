import { replyLimits } from '../../common/replyRules.js';

/** What came in on a stream and is no whole line yet. */
export class LineBuffer {
  private bytes = new Uint8Array(256);
  private start = 0;
  private end = 0;
  /** Where the search for a line feed goes on. */
  private searched = 0;

  add(more: Uint8Array): void {
    const length = this.end - this.start;
    if (this.end + more.length > this.bytes.length) {
      const size = Math.max(2 * (length + more.length), 256);
      const room = size > this.bytes.length ? new Uint8Array(size) : this.bytes;
      room.set(this.bytes.subarray(this.start, this.end));
      this.bytes = room;
      this.searched -= this.start;
      this.start = 0;
      this.end = length;
    }
    this.bytes.set(more, this.end);
    this.end += more.length;
  }

  /** The next whole line, without its end; good until more is added. Undefined where there is none. */
  next(): Uint8Array | undefined {
    const found = this.bytes.subarray(0, this.end).indexOf(10, this.searched);
    const limit = this.start + replyLimits.line;
    if (found < 0 || found > limit) {
      if (this.end < limit) {
        this.searched = this.end;
        return undefined;
      }
      return this.take(limit, limit);
    }
    const isCrlf = found > this.start && this.bytes[found - 1] === 13;
    return this.take(isCrlf ? found - 1 : found, found + 1);
  }

  private take(end: number, next: number): Uint8Array {
    const line = this.bytes.subarray(this.start, end);
    this.start = next;
    this.searched = next;
    return line;
  }
}
