import type { RecordingInfo } from './socketHost.js';
import type { LogProblem } from '../strace/straceLog.js';
import type { LogTiming } from '../strace/clock.js';

/** Of records that somebody else has observed: they are not calls of ours. */
export interface Observation {
  by: 'strace';
  /** The command, or the name of the log. */
  of: string;
}

/** What is known of a process that strace was attached to. */
export interface KnownProcess {
  pid: number;
  name: string | null;
  /** Its threads, which share its descriptors. */
  threads: number[];
}

/** The log to read, and what is known beside it. */
export interface TraceOpening {
  /** The log of strace. */
  file: string;
  of: string;
  /** It is being written: what comes is read until {@link TraceMethods.endTrace}. */
  isLive: boolean;
  /** Bytes of a live log that are read, at most; all where it is left out. */
  limit?: number;
  /** The clock's time that record times count from, in ms since 1970; the log's first where it is left out. */
  originTime?: number;
  /** A process that was there before the log. */
  process?: KnownProcess | null;
  messages: Record<string, string>;
}

/**
 * Serves the sockets in a log of strace in the place of a live host, as a recording is served. What the log says comes
 * with `didChange`, while it is read.
 */
export interface TraceMethods {
  /** The first call on the connection. Rejects with a `CallRefusal` where the file cannot be read, or is no log. */
  openTrace(options: TraceOpening): RecordingInfo;
  /** Nothing more is written: the rest is read. */
  endTrace(): void;
}

/** How far a log is read, and what in it is no record. */
export interface TraceState {
  /** `live`: more may come. */
  progress: 'reading' | 'live' | 'done';
  lines: number;
  /** Bytes of a log that has reached its limit which are not kept, nor shown. */
  unkeptBytes: number;
  /** Logs of other processes that `strace -ff` has written beside this one: those that are joined with it. */
  joinedFiles: number;
  /** Those that are not: their lines have no times, or of another kind. */
  otherFiles: number;
  /** The names of the programs whose calls are records, in the order of their first ones. */
  programs: readonly string[];
  timing: LogTiming;
  /** Lines that were not understood: the first of them, and how many in all. */
  problems: readonly LogProblem[];
  problemCount: number;
  /** Calls that are no records, with their number. */
  counted: readonly (readonly [name: string, count: number])[];
}
