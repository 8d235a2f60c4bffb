import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';
import { birthCalls } from '../common/strace/calls.js';
import { Midnights } from '../common/strace/clock.js';
import { parseLine, type StraceLine } from '../common/strace/line.js';
import { durationOf } from '../common/strace/result.js';
import type { LinePlace } from '../common/strace/straceLog.js';
import type { LineSink, LineSource } from './logReader.js';

const chunkSize = 1 << 16;
/** Logs that are joined, at most. */
const mostLogs = 2000;
/** Lines that are told before whoever asks for something has a turn. */
const linesInTurn = 2000;
const second = 1_000_000_000;
const answer = /\)\s+= (?:\?|-?\d|0x[0-9a-f])/g;
/** The name of a log of `strace -ff`: Linux has no numbers of processes that are longer. */
const logName = /^(.*\.)([1-9]\d{0,6})$/;

/** The logs that `strace -ff` has written with a given one, each called after its process: `server.4101`. */
export class ProcessLogs {
  private constructor(
    readonly file: string,
    /** In the order of their processes; empty where the file's name has no number. */
    private readonly pids: readonly number[],
  ) {}

  static of(file: string): ProcessLogs {
    const stem = logName.exec(path.basename(file))?.[1];
    if (stem === undefined) {
      return new ProcessLogs(file, []);
    }
    const pids = namesIn(path.dirname(file)).flatMap((name) => {
      const [, own, pid] = logName.exec(name) ?? [];
      return own === stem ? [Number(pid)] : [];
    });
    return new ProcessLogs(
      file,
      pids.sort((a, b) => a - b),
    );
  }

  /** How many there are beside the given one. */
  get others(): number {
    return Math.max(this.pids.length - 1, 0);
  }

  /** All that can be joined with the given one: their lines have times of one kind, and no numbers of processes. */
  open(): ProcessLog[] {
    const own = Number(path.extname(this.file).slice(1));
    const stem = this.file.slice(0, this.file.length - String(own).length);
    const timeKind = this.others > 0 ? new ProcessLog(own, this.file).timeKind : null;
    if (!timeKind) {
      return [];
    }
    // Times count from the process that made the others: those of the opened one may begin behind a midnight.
    let base: number | undefined;
    const logs = this.pids.slice(0, mostLogs).flatMap((pid) => {
      try {
        const log = new ProcessLog(pid, `${stem}${pid}`, base);
        if (log.timeKind !== timeKind) {
          return [];
        }
        base ??= log.base;
        return [log];
      } catch {
        // It is somebody else's.
        return [];
      }
    });
    return logs.length > 1 ? logs : [];
  }
}

/** None where the folder cannot be read: the file can, all the same. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Reads the logs of several processes as one, in the order in which their calls began and returned. */
export class JoinedLogs implements LineSource {
  readonly isGrowing = false;
  readonly unkept = 0;
  /**
   * By the time of what comes next, the earliest last. Of the same time the lowest number is: a process has mostly a lower
   * one than those that it makes, so that they are made before they do something, also where times are of a second.
   */
  private readonly queue: ProcessLog[] = [];
  private isDisposed = false;

  constructor(
    logs: readonly ProcessLog[],
    private readonly sink: LineSink,
  ) {
    logs.forEach((log) => this.insert(log));
  }

  start(): void {
    if (this.isDisposed) {
      return;
    }
    try {
      for (let count = 0; count < linesInTurn; count++) {
        const log = this.queue.pop();
        if (!log) {
          this.sink.didReachEnd();
          return;
        }
        this.tell(log);
        if (log.line !== undefined) {
          this.insert(log);
        }
      }
      setImmediate(() => this.start());
    } catch (error) {
      this.sink.didFail(error as Error);
    }
  }

  finish(): void {}

  dispose(): void {
    this.isDisposed = true;
  }

  /** A call during which others began is told in two parts, as strace does in a log of all. */
  private tell(log: ProcessLog): void {
    const { pid, place, line = '', parsed, restOfCall } = log;
    if (restOfCall !== null) {
      this.sink.line(`${pid} ${restOfCall}`, place);
      log.next();
      return;
    }
    const next = this.queue.at(-1);
    const took = parsed.kind === 'call' && !birthCalls.has(parsed.name) ? durationOf(line) : null;
    if (took === null || !next || next.atNs >= log.atNs + took || !log.split(took)) {
      this.sink.line(`${pid} ${line}`, place);
      log.next();
    } else {
      this.sink.line(`${pid} ${log.line} <unfinished ...>`, place);
    }
  }

  private insert(log: ProcessLog): void {
    let [low, high] = [0, this.queue.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { atNs, pid } = this.queue[middle]!;
      if (atNs > log.atNs || (atNs === log.atNs && pid > log.pid)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    this.queue.splice(low, 0, log);
  }
}

/** The log of one process, line by line. */
class ProcessLog {
  private position = 0;
  private lines: string[] = [];
  private rest = '';
  private readonly midnights = new Midnights();
  private number = 0;
  /** The next line, which is undefined at the end. */
  line: string | undefined;
  parsed!: StraceLine;
  /** When what comes next was, in nanoseconds. */
  atNs = 0;
  /** The end of a call whose beginning was told. */
  restOfCall: string | null = null;

  /** @param base The second, of the day or since 1970, that is 0; that of its first line where it is left out. */
  constructor(
    readonly pid: number,
    private readonly file: string,
    public base?: number,
  ) {
    this.next();
  }

  /** Of the next line. */
  get place(): LinePlace {
    return { file: path.basename(this.file), line: this.number };
  }

  /** Null where lines have no time that is the same for all, or the number of a process. */
  get timeKind(): 'day' | 'epoch' | null {
    const { line, parsed } = this;
    if (line === undefined || parsed.pid !== null) {
      return null;
    }
    return parsed.timeKind === 'day' || parsed.timeKind === 'epoch' ? parsed.timeKind : null;
  }

  /** Goes on to the next line that says something. */
  next(): void {
    this.restOfCall = null;
    do {
      this.line = this.read();
      this.number += 1;
    } while (this.line?.trim() === '');
    if (this.line !== undefined) {
      this.parsed = parseLine(this.line);
      this.atNs = this.timeOf(this.parsed);
    }
  }

  /** Takes the end of a call away from its line. False where there is none. */
  split(tookNs: number): boolean {
    const { line = '', parsed } = this;
    const at = [...line.matchAll(answer)].at(-1)?.index;
    if (at === undefined || parsed.kind !== 'call') {
      return false;
    }
    this.atNs += tookNs;
    this.restOfCall = `${this.stamp()} <... ${parsed.name} resumed>${line.slice(at)}`;
    this.line = line.slice(0, at);
    return true;
  }

  /** The time as the log prints it. */
  private stamp(): string {
    const { timeKind, digits } = this.parsed;
    const seconds = (this.base ?? 0) + Math.floor(this.atNs / second);
    const nanoseconds = String(((this.atNs % second) + second) % second).padStart(9, '0');
    const fraction = digits === 0 ? '' : `.${nanoseconds.slice(0, digits)}`;
    if (timeKind === 'epoch') {
      return `${seconds}${fraction}`;
    }
    const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
    return `${parts.map((part) => String(part).padStart(2, '0')).join(':')}${fraction}`;
  }

  /** A line without a time belongs to the one before it. */
  private timeOf({ timeKind, seconds, nanoseconds }: StraceLine): number {
    if (timeKind !== 'day' && timeKind !== 'epoch') {
      return this.atNs;
    }
    this.base ??= seconds;
    const time = (seconds - this.base) * second + nanoseconds;
    if (timeKind === 'epoch') {
      return time;
    }
    return this.midnights.pass(time);
  }

  private read(): string | undefined {
    while (this.lines.length === 0) {
      const text = this.readChunk();
      if (text === '') {
        const { rest } = this;
        this.rest = '';
        return rest === '' ? undefined : rest;
      }
      const lines = (this.rest + text).split('\n');
      this.rest = lines.pop()!;
      this.lines = lines.reverse();
    }
    return this.lines.pop();
  }

  /** There may be more logs than a process may have open. */
  private readChunk(): string {
    const fd = openSync(this.file, 'r');
    try {
      const buffer = Buffer.alloc(chunkSize);
      const count = readSync(fd, buffer, 0, chunkSize, this.position);
      this.position += count;
      return buffer.toString('latin1', 0, count);
    } finally {
      closeSync(fd);
    }
  }
}
