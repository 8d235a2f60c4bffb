import { closeSync, fstatSync, openSync, read } from 'node:fs';
import type { LinePlace } from '../common/strace/straceLog.js';

const chunkSize = 1 << 20;
/** An editor may have put it in front. A character is a byte. */
const byteOrderMark = '\xef\xbb\xbf';
/** Time between two looks at a file that grows, in ms. */
const lookMs = 30;
/** The same when there is nothing more to read than how long it has become. */
const lengthMs = 500;
/** A line that is longer is no line of strace's. */
const longestLine = 1 << 26;

export interface LineSink {
  /** @param place Of the line, where that is not how many lines were told. */
  line(text: string, place?: LinePlace): void;
  /** The beginning of a line whose end is not written, when nothing was added to it for a moment. */
  beginning(text: string): void;
  /** Everything that is written so far was read. */
  didReachEnd(): void;
  didFail(error: Error): void;
}

/** Tells the lines of a log. */
export interface LineSource {
  /** Whether more may be written. */
  readonly isGrowing: boolean;
  /** Bytes that are written and not told, because there is a limit. */
  readonly unkept: number;
  /** Tells on until the end. */
  start(): void;
  /** Nothing more is written: the next end is the last. */
  finish(): void;
  dispose(): void;
}

/** Reads a file line by line, also one that grows. A character is a byte. */
export class LogReader implements LineSource {
  private readonly fd: number;
  private readonly buffer = Buffer.alloc(chunkSize);
  private rest: string[] = [];
  private restLength = 0;
  /** Bytes that were read. */
  position = 0;
  /** Of the file, when it was last looked at. */
  private length = 0;
  /** Of a line without an end: how much of it was there at the last look. */
  private looked = 0;
  private timer: NodeJS.Timeout | undefined;
  private isDisposed = false;
  private isReading = false;

  /**
   * @param isGrowing Whether to look for more at its end.
   * @param limit Bytes that are read, at most.
   * @throws what the file system says.
   */
  constructor(
    file: string,
    public isGrowing: boolean,
    private readonly sink: LineSink,
    private readonly limit = Infinity,
  ) {
    this.fd = openSync(file, 'r');
  }

  /** Bytes of the file that are beyond the limit, or in a line that goes beyond it. */
  get unkept(): number {
    const isBeyond = this.position === this.limit && this.length > this.limit;
    return isBeyond ? this.length - this.position + this.restLength : 0;
  }

  start(): void {
    if (!this.isDisposed && !this.isReading) {
      this.isReading = true;
      const length = Math.min(chunkSize, this.limit - this.position);
      read(this.fd, this.buffer, 0, length, this.position, (error, count) => this.didRead(error, count));
    }
  }

  finish(): void {
    this.isGrowing = false;
    clearTimeout(this.timer);
    // Whoever writes a file that is too long cuts it when all is written.
    this.length = fstatSync(this.fd).size;
    this.start();
  }

  dispose(): void {
    this.isDisposed = true;
    clearTimeout(this.timer);
    if (!this.isReading) {
      closeSync(this.fd);
    }
  }

  private didRead(error: Error | null, count: number): void {
    this.isReading = false;
    if (this.isDisposed) {
      closeSync(this.fd);
      return;
    }
    if (error) {
      this.sink.didFail(error);
      return;
    }
    if (count === 0) {
      this.atEnd();
      return;
    }
    const text = this.buffer.toString('latin1', 0, count);
    const isFirst = this.position === 0;
    this.position += count;
    this.looked = 0;
    this.split(isFirst && text.startsWith(byteOrderMark) ? text.slice(byteOrderMark.length) : text);
    setImmediate(() => this.start());
  }

  private split(text: string): void {
    const lines = text.split('\n');
    const last = lines.pop()!;
    for (const line of lines) {
      this.rest.push(line);
      this.sink.line(this.takeRest());
    }
    this.rest.push(last);
    this.restLength += last.length;
    if (this.restLength > longestLine) {
      this.sink.line(this.takeRest());
    }
  }

  private takeRest(): string {
    const line = this.rest.length === 1 ? this.rest[0]! : this.rest.join('');
    this.rest = [];
    this.restLength = 0;
    return line;
  }

  private atEnd(): void {
    const isAtLimit = this.position === this.limit;
    if (this.isGrowing && isAtLimit) {
      this.length = fstatSync(this.fd).size;
      this.sink.didReachEnd();
      this.timer = setTimeout(() => this.start(), lengthMs);
      return;
    }
    if (this.isGrowing) {
      if (this.restLength > 0 && this.restLength === this.looked) {
        this.sink.beginning(this.rest.join(''));
      }
      this.looked = this.restLength;
      this.sink.didReachEnd();
      this.timer = setTimeout(() => this.start(), lookMs);
      return;
    }
    if (this.restLength > 0 && this.unkept === 0) {
      this.sink.line(this.takeRest());
    }
    this.sink.didReachEnd();
  }
}
