import { appendFileSync, closeSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import type { Disposable } from '../../common/lifecycle.js';
import { unkeptRemark } from '../../common/strace/unkept.js';

/** Bytes of a log that are kept, at most. */
export const mostOfLog = 2 ** 30;

/** Time between two looks at a log that grows, in ms. */
const lookMs = 1000;
/** Bytes beyond the limit that may be on the disk until the next look. */
const slack = 16 << 20;
/** No line that strace writes of a socket is longer. */
const longestLine = 8 << 20;

/**
 * Keeps the log of a traced program within a size, however long it runs. What strace writes beyond is given back to the
 * file system: a hole in the file, which takes no room, so that the file's length still tells how much it was.
 */
export class LogLimit implements Disposable {
  private readonly timer: NodeJS.Timeout;
  private cutAt: number;

  constructor(
    private readonly log: string,
    private readonly most = mostOfLog,
  ) {
    this.cutAt = most + slack;
    this.timer = setInterval(() => this.look(), lookMs).unref();
  }

  dispose(): void {
    clearInterval(this.timer);
  }

  /** Nothing more is written: what is missing is said at the end of the log. */
  finish(): void {
    this.dispose();
    try {
      const { size } = statSync(this.log);
      if (size > this.most) {
        const end = this.endOfLines();
        truncateSync(this.log, end);
        appendFileSync(this.log, `${unkeptRemark(size - end)}\n`, 'latin1');
      }
    } catch {
      // It was removed.
    }
  }

  private look(): void {
    try {
      const { size } = statSync(this.log);
      if (size > this.cutAt) {
        truncateSync(this.log, this.most);
        // What strace writes next makes the file as long as before, but it may write nothing more.
        if (statSync(this.log).size < size) {
          truncateSync(this.log, size);
        }
        this.cutAt = size + slack;
      }
    } catch {
      // It was removed.
    }
  }

  /** Behind the last line that is whole. */
  private endOfLines(): number {
    const length = Math.min(longestLine, this.most);
    const buffer = Buffer.alloc(length);
    const fd = openSync(this.log, 'r');
    try {
      readSync(fd, buffer, 0, length, this.most - length);
    } finally {
      closeSync(fd);
    }
    return this.most - length + buffer.lastIndexOf('\n') + 1;
  }
}
