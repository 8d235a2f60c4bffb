import type { KnownProcess } from '../protocol/trace.js';
import { StraceThreads, tornAt } from '../notation/strace.js';
import { birthCalls, countedCalls, observedCalls } from './calls.js';
import { LogClock } from './clock.js';
import { Interruptions } from './interruptions.js';
import { parseLine, type StraceLine } from './line.js';
import type { LogSink } from './logSink.js';
import { Processes, type Thread } from './processes.js';
import { readResult, type StraceResult } from './result.js';
import type { Begun, ReturnedCall } from './returned.js';
import { SocketObserver } from './socketObserver.js';
import { unkeptBytes } from './unkept.js';
import { type StraceField, StraceSyntaxError, ValueReader } from './values.js';

/** Where a line is written. */
export interface LinePlace {
  /** The name of its file, where several are one log. */
  file?: string;
  line: number;
}

/** A line that was not understood. */
export interface LogProblem extends LinePlace {
  text: string;
}

/** Problems that are kept; all are counted. */
const mostProblems = 100;
const problemLength = 200;
const nameLength = 40;
/** The end of a call that has returned. */
const answered = /\)\s+= (?:\?|-?\d|0x[0-9a-f])/;

/** Calls that change what descriptors a process has, beside those that are records. */
const tableCalls: ReadonlySet<string> = new Set(['close_range', 'pidfd_getfd']);

/** A call whose line is not whole. */
interface Pending {
  name: string;
  text: string;
  startNs: number;
  begun: Begun | null;
  /** Its beginning was not understood, which was told. */
  isNoted?: boolean;
}

/**
 * Reads the log of strace line by line and tells of the calls on sockets in it, as records. Descriptors are followed
 * through the threads and processes of the log. It never throws: what is not understood is listed.
 */
export class StraceLog {
  readonly clock: LogClock;
  readonly problems: LogProblem[] = [];
  problemCount = 0;
  /** Calls that are no records, by name. */
  readonly counted = new Map<string, number>();
  /** Bytes of a log that had reached its limit which are not in it. */
  unkeptBytes = 0;
  lines = 0;
  /** Of the line that is read. */
  private place: LinePlace = { line: 0 };
  /** Lines that only strace prints. */
  recognized = 0;
  /** Whether lines say which thread they are of. */
  hasPids = false;
  private readonly names = new StraceThreads();
  private readonly observer: SocketObserver;
  private readonly processes: Processes;
  private readonly pending = new Map<Thread, Pending>();
  private readonly interruptions: Interruptions;
  private partial: { startNs: number; pending: Pending; thread: Thread } | null = null;
  /** The beginning of a line into which strace wrote a remark of its own: the next one goes on with it. */
  private torn = '';

  /** @param originMs The clock's time that the records' times count from; the first line's where it is left out. */
  constructor(sink: LogSink, originMs?: number) {
    this.clock = new LogClock(originMs);
    this.observer = new SocketObserver(sink);
    this.interruptions = new Interruptions((call) => this.observer.observe(call));
    this.processes = new Processes((place) => this.observer.didClose(place));
  }

  /** Says what a process is that was there before the log. */
  know({ pid, name, threads }: KnownProcess): void {
    this.processes.know(pid, name, threads);
  }

  get lastSeq(): number {
    return this.observer.lastSeq;
  }

  /**
   * Takes the next line.
   * @param place Of the line, where several files are one log.
   */
  push(text: string, place?: LinePlace): void {
    const unkept = unkeptBytes(text);
    if (unkept !== undefined) {
      this.unkeptBytes = unkept;
      return;
    }
    this.lines += 1;
    this.place = place ?? { line: this.lines };
    if (text === '' && this.torn === '') {
      return;
    }
    const line = this.torn + text;
    const tear = tornAt(line);
    this.torn = '';
    if (tear !== undefined) {
      this.names.note(line.slice(tear));
      this.torn = line.slice(0, tear);
      return;
    }
    const partial = this.partial;
    this.partial = null;
    try {
      this.read(line, partial);
    } catch (error) {
      // Whatever a line holds, the log goes on.
      this.note(error instanceof StraceSyntaxError ? line : `${String(error)}: ${line}`);
    }
  }

  /** Looks at the beginning of a line whose end is not written yet: a call that has not returned. */
  peek(text: string): void {
    if (this.partial) {
      return;
    }
    const parsed = parseLine(text);
    if (parsed.kind !== 'call' || !observedCalls.has(parsed.name)) {
      return;
    }
    const thread = this.threadOf(parsed);
    if (this.pending.has(thread)) {
      return;
    }
    const startNs = this.clock.read(parsed);
    try {
      this.partial = { startNs, thread, pending: this.begin(thread, parsed.name, parsed.text, startNs) };
    } catch {
      // It is read again when it is whole.
    }
  }

  /** The log is over: calls that have not returned never will. */
  end(): void {
    if (this.partial) {
      this.pending.set(this.partial.thread, this.partial.pending);
      this.partial = null;
    }
    [...this.pending.values()].forEach(({ begun }) => this.lose(begun));
    this.pending.clear();
    this.interruptions.end();
  }

  private read(line: string, partial: StraceLog['partial']): void {
    const parsed = parseLine(line);
    if (parsed.kind === 'remark' || parsed.kind === 'exit') {
      this.names.note(line);
    }
    this.recognized += isOfStrace(parsed) ? 1 : 0;
    this.hasPids ||= parsed.pid !== null;
    if (parsed.kind === 'remark' || parsed.kind === 'signal') {
      return;
    }
    const thread = this.threadOf(parsed);
    if (parsed.kind === 'exit') {
      this.exit(thread, parsed);
      return;
    }
    if (parsed.kind === 'unknown') {
      this.note(line);
      return;
    }
    const begun = partial?.thread === thread ? partial : null;
    const startNs = begun?.startNs ?? this.clock.read(parsed);
    switch (parsed.kind) {
      case 'call':
        this.complete(thread, parsed.name, parsed.text, startNs, null, begun?.pending ?? null);
        return;
      case 'unfinished': {
        this.lose(this.pending.get(thread)?.begun ?? null);
        // Until it is known to be understood.
        this.pending.set(thread, {
          name: parsed.name,
          text: parsed.text,
          startNs,
          begun: null,
          isNoted: true,
        });
        const pending = begun?.pending ?? this.begin(thread, parsed.name, parsed.text, startNs);
        this.pending.set(thread, { ...pending, text: parsed.text });
        return;
      }
      case 'resumed':
        this.resume(thread, parsed, startNs, line);
    }
  }

  private resume(
    thread: Thread,
    { name, text, isUnfinished }: Extract<StraceLine, { kind: 'resumed' }>,
    atNs: number,
    line: string,
  ): void {
    const pending = this.pending.get(thread);
    if (!pending || (pending.name !== name && name !== '????')) {
      // The log begins in the middle of this call.
      if (observedCalls.has(name) && !observedCalls.get(name)!.isOfFiles) {
        this.note(line);
      }
      return;
    }
    const whole = pending.text + text;
    if (isUnfinished) {
      this.pending.set(thread, { ...pending, text: whole });
      return;
    }
    this.pending.delete(thread);
    if (pending.isNoted) {
      return;
    }
    this.complete(thread, pending.name, whole, pending.startNs, atNs, pending);
  }

  private threadOf({ pid }: StraceLine): Thread {
    const name = this.names.threadOf(pid === null ? undefined : `pid ${pid}`);
    return this.processes.of(name === 'main' ? null : Number(name.slice('pid '.length)));
  }

  private exit(thread: Thread, line: StraceLine): void {
    this.interruptions.settle(thread, false);
    const pending = this.pending.get(thread);
    if (pending) {
      this.pending.delete(thread);
      this.lose(pending.begun);
    }
    if (!('text' in line) || !line.text.startsWith('+++ superseded')) {
      this.processes.exit(thread.pid);
    }
  }

  private lose(begun: Begun | null): void {
    if (begun) {
      this.observer.lose(begun);
    }
  }

  private begin(thread: Thread, name: string, text: string, startNs: number): Pending {
    if (!birthCalls.has(name) && !observedCalls.has(name)) {
      // Whatever its arguments are.
      return { name, text, startNs, begun: null };
    }
    const { args } = new ValueReader(text).arguments();
    if (birthCalls.has(name)) {
      this.processes.beginBirth(thread, birthFlags(name, args));
    }
    const isAgain = this.interruptions.has(thread);
    const begun = isAgain ? null : this.observer.begin(thread, name, args, startNs);
    return { name, text, startNs, begun };
  }

  private complete(
    thread: Thread,
    name: string,
    text: string,
    startNs: number,
    resumedNs: number | null,
    pending: Pending | null,
  ): void {
    if (name === 'restart_syscall') {
      const result = readResult(new ValueReader(text, text.indexOf(')') + 1));
      if (result) {
        this.interruptions.resume(thread, result, this.endOf(result, startNs, resumedNs));
      }
      return;
    }
    if (name === 'rt_sigreturn') {
      // A handler has run. Whether the call is made again, or the program sees EINTR, is said here.
      if (this.interruptions.has(thread) && readAnswer(text)?.result.errno === 'EINTR') {
        this.interruptions.settle(thread, true);
      }
      return;
    }
    const isBirth = birthCalls.has(name);
    const isKnown = isBirth || observedCalls.has(name) || name.startsWith('execve') || tableCalls.has(name);
    if (!isKnown) {
      if (countedCalls.has(name)) {
        this.counted.set(name, (this.counted.get(name) ?? 0) + 1);
      }
      return;
    }
    if (!pending && this.isPlainFile(thread, name, text)) {
      return;
    }
    const answer = readAnswer(text);
    if (!answer) {
      this.lose(pending?.begun ?? null);
      throw new StraceSyntaxError('answer', 0);
    }
    const { args, result } = answer;
    this.clock.timing.hasDurations ||= result.durationNs !== null;
    const endNs = this.endOf(result, startNs, resumedNs);
    const returned: ReturnedCall = {
      thread,
      name,
      args,
      result,
      startNs,
      endNs,
      wasSplit: resumedNs !== null,
      begun: pending?.begun ?? null,
    };
    if (isBirth) {
      if (!this.processes.endBirth(thread, birthFlags(name, args), result.value)) {
        this.note(`${name}(${text}`);
      }
    } else if (name.startsWith('execve')) {
      this.execute(returned);
    } else {
      this.interruptions.take(returned);
    }
  }

  /** Most reading and writing in a log is of files: those lines are not taken apart. */
  private isPlainFile(thread: Thread, name: string, text: string): boolean {
    const call = observedCalls.get(name);
    if (!call?.isOfFiles || call.as === 'poll') {
      return false;
    }
    const found = /^(\d+)(<[/]|<pipe:|<anon_inode|<char |<block |[,)\s])/.exec(text);
    if (!found || thread.table.places.has(Number(found[1]))) {
      return false;
    }
    const mayMatter = name === 'splice' || name === 'fcntl' || name.startsWith('dup');
    const isClosed = thread.table.closed.has(Number(found[1]));
    return !mayMatter && !(isClosed && found[2]!.length === 1);
  }

  private execute({ thread, name, args, result }: ReturnedCall): void {
    if (result.value === 0) {
      const path = args[name === 'execveat' ? 1 : 0]?.value;
      const text = path?.kind === 'string' ? String.fromCharCode(...path.bytes.subarray(0, 4096)) : '';
      this.processes.execute(thread, text.slice(text.lastIndexOf('/') + 1).slice(0, nameLength) || null);
    }
  }

  private endOf({ durationNs }: StraceResult, startNs: number, resumedNs: number | null): number | null {
    return durationNs === null ? this.clock.endOf(startNs, resumedNs) : startNs + durationNs;
  }

  private note(text: string): void {
    this.problemCount += 1;
    if (this.problems.length < mostProblems) {
      this.problems.push({ ...this.place, text: text.slice(0, problemLength) });
    }
  }
}

/** Whether another program would hardly print such a line. */
function isOfStrace(line: StraceLine): boolean {
  switch (line.kind) {
    case 'call':
      return answered.test(line.text);
    case 'remark':
    case 'unknown':
      return false;
    default:
      return true;
  }
}

/** The arguments of a call that has returned, and what the kernel said; undefined where they cannot be read. */
function readAnswer(text: string): { args: StraceField[]; result: StraceResult } | undefined {
  const reader = new ValueReader(text);
  try {
    const { args, isWhole } = reader.arguments();
    const result = isWhole ? readResult(reader) : undefined;
    return result && { args, result };
  } catch (error) {
    if (error instanceof StraceSyntaxError) {
      return undefined;
    }
    throw error;
  }
}

/** `CLONE_FILES` and the like; fork(2) shares nothing. */
function birthFlags(name: string, args: readonly StraceField[]): string[] {
  const [first] = args;
  const fields = name === 'clone3' && first?.value.kind === 'struct' ? first.value.fields : args;
  const changed = first?.value.kind === 'change' ? first.value.before : undefined;
  const all = changed?.kind === 'struct' ? changed.fields : fields;
  const flags = all.find((field) => field.name === 'flags')?.value;
  return flags?.kind === 'flags' ? flags.parts : [];
}
