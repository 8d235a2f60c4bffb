/** How a log says when. */
export type TimeKind = 'none' | 'relative' | 'day' | 'epoch';

/** What stands before the call in a line. */
export interface LinePrefix {
  /** The thread's number; null where the line has none. */
  pid: number | null;
  timeKind: TimeKind;
  /** Since 1970, since midnight, or since the line before. */
  seconds: number;
  nanoseconds: number;
  /** Digits behind the point. */
  digits: number;
}

export type StraceLine = LinePrefix &
  (
    | { kind: 'call'; name: string; text: string }
    /** `text` is what is printed of it so far. */
    | { kind: 'unfinished'; name: string; text: string }
    /** `text` is the rest. */
    | { kind: 'resumed'; name: string; text: string; isUnfinished: boolean }
    | { kind: 'exit'; text: string }
    | { kind: 'signal'; text: string }
    /** strace's own words, a line of a stack, nothing. */
    | { kind: 'remark'; text: string }
    | { kind: 'unknown'; text: string }
  );

const bracketPid = /^\[pid\s+(\d+)(?:<[^>]*>)?\]\s+/;
const plainPid = /^(\d{1,8})(?:<[^>]*>)?\s+(?=\S)/;
const epoch = /^(\d{9,})(?:\.(\d{1,9}))?\s+(?=\S)/;
const day = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?\s+(?:\(\+\s*\d+\.\d+\)\s+)?/;
const relative = /^\s*(\d+)\.(\d{3,9})\s+(?=\S)/;
/** `-n` prints the number of the call, `-i` the instruction pointer. */
const extras = /^(?:\[\s*\d+\]\s+|\[[0-9a-f?]{8,16}\]\s+)+/;
const callStart = /^([a-z_][a-z0-9_]*|\?\?\?\?)\(/;
const resumedStart = /^<\.\.\. ([a-z_][a-z0-9_]*|\?\?\?\?) resumed>\s?/;
/** A difference of two files has lines that begin alike. */
const exitStart = /^\+\+\+ (?:exited|killed|superseded) /;
const signalStart = /^--- (?:SIG|stopped by )/;
const unfinishedEnd =
  /\s*<(?:unfinished \.\.\.|detached \.\.\.|no return \.\.\.|pid changed to \d+ \.\.\.)>\s*$/;

/** Takes a line of a log apart. */
export function parseLine(line: string): StraceLine {
  const prefix: LinePrefix = { pid: null, timeKind: 'none', seconds: 0, nanoseconds: 0, digits: 0 };
  let rest = line.endsWith('\r') ? line.slice(0, -1) : line;
  rest = takePid(rest, prefix);
  rest = takeTime(rest, prefix);
  rest = rest.replace(extras, '');
  return { ...prefix, ...bodyOf(rest) };
}

function takePid(text: string, prefix: LinePrefix): string {
  const found = bracketPid.exec(text) ?? (epoch.test(text) ? null : plainPid.exec(text));
  if (!found) {
    return text;
  }
  prefix.pid = Number(found[1]);
  return text.slice(found[0].length);
}

function takeTime(text: string, prefix: LinePrefix): string {
  let found = epoch.exec(text);
  if (found) {
    setTime(prefix, 'epoch', Number(found[1]), found[2]);
    return text.slice(found[0].length);
  }
  found = day.exec(text);
  if (found) {
    const [hours, minutes, seconds] = [Number(found[1]), Number(found[2]), Number(found[3])];
    setTime(prefix, 'day', (hours * 60 + minutes) * 60 + seconds, found[4]);
    return text.slice(found[0].length);
  }
  found = relative.exec(text);
  if (found) {
    setTime(prefix, 'relative', Number(found[1]), found[2]);
    return text.slice(found[0].length);
  }
  return text;
}

function setTime(prefix: LinePrefix, kind: TimeKind, seconds: number, fraction = ''): void {
  prefix.timeKind = kind;
  prefix.seconds = seconds;
  prefix.nanoseconds = Number(fraction.padEnd(9, '0'));
  prefix.digits = fraction.length;
}

/** What stands behind the prefix. */
type LineBody<T = StraceLine> = T extends unknown ? Omit<T, keyof LinePrefix> : never;

function bodyOf(text: string): LineBody {
  if (exitStart.test(text)) {
    return { kind: 'exit', text };
  }
  if (signalStart.test(text)) {
    return { kind: 'signal', text };
  }
  if (text.trim() === '' || text.startsWith('strace: ') || text.startsWith(' > ') || text.startsWith('> ')) {
    return { kind: 'remark', text };
  }
  const unfinished = unfinishedEnd.exec(text);
  const said = unfinished ? text.slice(0, unfinished.index) : text;
  const resumed = resumedStart.exec(said);
  if (resumed) {
    return {
      kind: 'resumed',
      name: resumed[1]!,
      text: said.slice(resumed[0].length),
      isUnfinished: unfinished !== null,
    };
  }
  const call = callStart.exec(said);
  if (!call) {
    return { kind: 'unknown', text };
  }
  return { kind: unfinished ? 'unfinished' : 'call', name: call[1]!, text: said.slice(call[0].length) };
}
