import { write } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Disposable } from '../common/lifecycle.js';
import { aborted } from '../playground/threads.js';

const writeSome = promisify(write);

/** Where a command writes to, and what asks it to end. */
export interface Terminal {
  /** The result: transcript, help. */
  print(line: string): void;
  /** As {@link print}, also after a signal: what was done until then. */
  printDone(line: string): void;
  /** Messages for people. */
  warn(line: string): void;
  /** Aborted when nobody reads any more or a signal has come. */
  readonly signal: AbortSignal;
  /** Gives the signals that would end the command to somebody else, until that is disposed of. */
  takeSignals(take: (signal: EndingSignal) => void): Disposable;
}

/** How long after a signal what is yet to be written waits for its reader, in ms. */
const patience = 200;
/** Of a command whose output cannot be written: it could not do its work. */
const failureStatus = 3;

type EndingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/**
 * This process's standard streams. Lines are written one after another without stopping the process, also
 * when the reader is slow; a signal aborts the command instead of killing it, so that its socket host ends in
 * order; the same signal again kills.
 */
export class ProcessTerminal implements Terminal {
  private readonly controller = new AbortController();
  private readonly lines: { fd: number; text: string }[] = [];
  private writing: Promise<void> | undefined;
  private ending: EndingSignal | 'SIGPIPE' | undefined;
  private failure: Error | undefined;
  /** Nobody reads any more, or it cannot be written. */
  private isShut = false;
  private taker: ((signal: EndingSignal) => void) | undefined;

  readonly signal = this.controller.signal;

  constructor() {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      this.listen(name);
    }
  }

  takeSignals(take: (signal: EndingSignal) => void): Disposable {
    this.taker = take;
    return {
      dispose: () => {
        this.taker = undefined;
      },
    };
  }

  print(line: string): void {
    this.add(1, line);
  }

  printDone(line: string): void {
    this.push(1, line);
  }

  warn(line: string): void {
    this.add(2, line);
  }

  /** Resolves when everything is written or nobody reads it; after a signal soon: a write that waits for its reader would not end. */
  async flush(): Promise<void> {
    await Promise.race([this.writing, aborted(this.signal).then(() => delay(patience))]);
  }

  /** Ends the process, with the status that a shell gives for a signal where one has come. */
  exit(status: number): never {
    if (this.ending && this.ending !== 'SIGPIPE' && this.writing) {
      // The reader does not read and the write cannot be taken back: process.exit() would wait for it.
      process.kill(process.pid, this.ending);
    }
    const ownStatus = this.failure ? failureStatus : status;
    process.exit(this.ending ? 128 + constants.signals[this.ending] : ownStatus);
  }

  private add(fd: number, line: string): void {
    if (!this.signal.aborted) {
      this.push(fd, line);
    }
  }

  private push(fd: number, line: string): void {
    if (!this.isShut) {
      this.lines.push({ fd, text: `${line}\n` });
      this.writing ??= this.writeLines().finally(() => {
        this.writing = undefined;
      });
    }
  }

  private async writeLines(): Promise<void> {
    for (let line = this.lines.shift(); line && !this.isShut; line = this.lines.shift()) {
      let rest: Uint8Array = Buffer.from(line.text);
      while (rest.length > 0 && !this.isShut) {
        rest = rest.subarray(await this.tryToWrite(line.fd, rest));
      }
    }
  }

  private async tryToWrite(fd: number, bytes: Uint8Array): Promise<number> {
    try {
      return (await writeSome(fd, bytes, 0, bytes.length, null)).bytesWritten;
    } catch (error) {
      switch ((error as NodeJS.ErrnoException).code) {
        case 'EAGAIN':
          // A pipe that another process has made non-blocking is full.
          await delay(5);
          return 0;
        case 'EPIPE':
          this.isShut = true;
          this.end('SIGPIPE');
          return bytes.length;
        default:
          this.fail(error as Error);
          return bytes.length;
      }
    }
  }

  /** The output cannot be written: the disk is full, the descriptor is closed. */
  private fail(error: Error): void {
    if (!this.failure) {
      this.isShut = true;
      this.failure = error;
      process.stderr.write(`${error.message}\n`);
      this.controller.abort();
    }
  }

  private listen(name: EndingSignal): void {
    process.once(name, () => {
      if (this.taker) {
        this.listen(name);
        this.taker(name);
      } else {
        this.end(name);
      }
    });
  }

  private end(signal: EndingSignal | 'SIGPIPE'): void {
    this.ending ??= signal;
    this.controller.abort();
  }
}
