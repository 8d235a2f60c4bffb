import { t } from '../../common/l10n.js';
import { type PrintedLine, Unsupported } from './code.js';
import type { CallStep, PrintedProgram, Program, ProgramLine, Step } from './program.js';
import { givenBy, maySucceed, namesOf, usedBy } from './stepNames.js';

/** What a language does with the steps of a line. */
export interface StepPrinter {
  call(step: CallStep, line: ProgramLine): string[];
  sleep(seconds: number): string[];
}

/**
 * The lines of a thread. A line that the language cannot say is told, and so are those that use what it would have given.
 */
export function printLines(program: Program, printer: StepPrinter): Map<string, PrintedLine[]> {
  const missing = new Map<string, Missing>();
  /** The first lines left out that another line may wait for. */
  const undone: Undone = {};
  /** The last line of each thread so far. */
  const latest = new Map<string, ProgramLine>();
  const threads = new Map<string, PrintedLine[]>(program.threads.map((name) => [name, []]));
  for (const line of program.lines) {
    const code: string[] = [];
    const remarks: string[] = [];
    let omitted: string | null = null;
    for (const step of line.steps) {
      try {
        checkGiven(step, missing, undone);
        code.push(...printStep(step, line, printer, remarks));
        givenBy(step).forEach((name) => missing.delete(name));
      } catch (error) {
        if (!(error instanceof Unsupported)) {
          throw error;
        }
        omitted = error.message;
        remarks.push(omitted);
        break;
      }
    }
    if (omitted !== null) {
      // Of a line that is left out nothing stays, not even what it would have asked before.
      code.length = 0;
      line.steps
        .flatMap(changedBy)
        .filter((name) => !missing.has(name))
        .forEach((name) => missing.set(name, { line: line.number, isThere: true }));
      line.steps.flatMap(givenBy).forEach((name) => missing.set(name, { line: line.number, isThere: false }));
      line.steps.forEach((step) => noteUndone(step, line, undone));
      latest.delete(line.thread);
    } else {
      remarks.push(...rivalTexts(line, latest, 'send'), ...rivalTexts(line, latest, 'connect'));
      latest.set(line.thread, line);
    }
    threads.get(line.thread)!.push({ line, code, remarks, omitted });
  }
  return threads;
}

/** Of lines that may wait when this one does, for the same, on the same socket: the tool serves them in their order. */
function rivalTexts(
  line: ProgramLine,
  latest: ReadonlyMap<string, ProgramLine>,
  awaited: keyof Undone,
): string[] {
  const sources = sourcesOf(line, awaited);
  const isRival = (other: ProgramLine) =>
    other.thread !== line.thread && sourcesOf(other, awaited).some((name) => sources.includes(name));
  const rivals = sources.length === 0 ? [] : [...latest.values()].filter(isRival);
  return rivals.map(({ number }) =>
    awaited === 'send'
      ? t('Line {0} may wait for the same bytes: which of the two gets them is not certain here.', number)
      : t('Line {0} may wait for the same connection: which of the two gets it is not certain here.', number),
  );
}

/** The sockets that a line may wait on, for bytes or for connections. */
function sourcesOf({ waits, steps }: ProgramLine, awaited: keyof Undone): string[] {
  const found = waits === 'maybe' ? steps.filter((step) => awaitedBy(step) === awaited) : [];
  return found.flatMap((step) => {
    const fd = step.kind === 'call' ? step.args[0] : undefined;
    return fd?.kind === 'number' ? namesOf(fd) : [];
  });
}

/** The lines that are left out, in the order of the file. */
export function omittedLines(
  threads: ReadonlyMap<string, readonly PrintedLine[]>,
): PrintedProgram['omitted'] {
  return [...threads.values()]
    .flat()
    .flatMap(({ line, omitted }) => (omitted === null ? [] : [{ line: line.number, reason: omitted }]))
    .sort((a, b) => a.line - b.line);
}

/**
 * The lines that would wait for ever in a program that leaves others out: a receive that is answered before its thread
 * goes on, by a line that is not there. With the line that each would wait for.
 */
export function stuckLines(
  { lines }: Program,
  omitted: PrintedProgram['omitted'],
): ReadonlyMap<number, number> {
  const left = new Set(omitted.map(({ line }) => line));
  const stuck = new Map<number, number>();
  lines.forEach((line, index) => {
    const awaited = line.waits === 'maybe' && !left.has(line.number) ? line.steps.map(awaitedBy) : [];
    if (awaited.every((each) => each === undefined)) {
      return;
    }
    const rest = lines.slice(index + 1);
    const next = rest.findIndex(({ thread }) => thread === line.thread);
    const cause = (next < 0 ? rest : rest.slice(0, next)).find(
      (other) =>
        left.has(other.number) &&
        other.steps.map(answeredBy).some((answer) => answer !== undefined && awaited.includes(answer)),
    );
    if (cause) {
      stuck.set(line.number, cause.number);
    }
  });
  return stuck;
}

/** The program without lines that would wait for ever. */
export function withoutLines(program: Program, stuck: ReadonlyMap<number, number>): Program {
  return {
    ...program,
    lines: program.lines.map((line): ProgramLine => {
      const cause = stuck.get(line.number);
      return cause === undefined
        ? line
        : {
            ...line,
            steps: [
              {
                kind: 'unsupported',
                reason: mayWaitText(cause),
                targets: [...line.steps.flatMap(givenBy), ...line.steps.flatMap(changedBy)],
              },
            ],
          };
    }),
  };
}

function mayWaitText(line: number): string {
  return t('It may wait for what line {0} would do.', line);
}

/** What a call waits for: `send`, or `connect`. */
function awaitedBy(step: Step): keyof Undone | undefined {
  if (step.kind !== 'call') {
    return undefined;
  }
  return receivers.has(step.name) ? 'send' : step.name.startsWith('accept') ? 'connect' : undefined;
}

/** What a call ends the wait of. */
function answeredBy(step: Step): keyof Undone | undefined {
  const name =
    step.kind === 'unsupported' ? step.call : step.kind === 'call' && maySucceed(step) && step.name;
  if (!name) {
    return undefined;
  }
  return senders.has(name) ? 'send' : name === 'connect' ? 'connect' : undefined;
}

function printStep(step: Step, line: ProgramLine, printer: StepPrinter, remarks: string[]): string[] {
  switch (step.kind) {
    case 'call':
      return printer.call(step, line);
    case 'sleep':
      return printer.sleep(step.seconds);
    case 'timeout':
      remarks.push(t('This limit is for calls of the tool: a program waits as long as the kernel does.'));
      return [];
    case 'unsupported':
      throw new Unsupported(step.reason);
  }
}

const senders: ReadonlySet<string> = new Set(['send', 'sendto', 'sendmsg', 'write', 'shutdown', 'close']);
const receivers: ReadonlySet<string> = new Set(['recv', 'recvfrom', 'recvmsg', 'read']);
/** Calls after which a socket is another: what follows on it would not go as it is written. */
const changers: ReadonlySet<string> = new Set(['bind', 'listen', 'accept', 'accept4', 'connect', 'shutdown']);
const changingOptions = /TIMEO|TIMEOUT|SYNCNT|LOWAT|FILTER|BINDTODEVICE|OOBINLINE|V6ONLY/;

/** A variable that is not as the lines expect it, from the line on that is left out. */
interface Missing {
  line: number;
  /** The socket is there, but the line would have made another of it. */
  isThere: boolean;
}

/** Lines without which others may wait for ever. */
interface Undone {
  /** Of what a receive waits for: bytes, or the end of them. */
  send?: number;
  connect?: number;
}

function noteUndone(step: Step, { number }: ProgramLine, undone: Undone): void {
  const answer = answeredBy(step);
  if (answer !== undefined) {
    undone[answer] ??= number;
  }
}

/** The socket that a call would have changed. */
function changedBy(step: Step): string[] {
  if (step.kind !== 'call' || !(maySucceed(step) || losesConnection(step))) {
    return [];
  }
  const [fd, , option] = step.args;
  const isChange =
    changers.has(step.name) ||
    receivers.has(step.name) ||
    (step.name === 'setsockopt' &&
      option?.kind === 'number' &&
      changingOptions.test(option.node.kind === 'constant' ? option.node.name : ''));
  return isChange && fd?.kind === 'number' ? namesOf(fd) : [];
}

/** The connection that an accept() with a bad address would have taken is lost. */
function losesConnection({ name, expected }: CallStep): boolean {
  return (
    name.startsWith('accept') &&
    expected.results.some((each) => each.kind === 'error' && each.errno === 'EFAULT')
  );
}

/** A line that uses what no line above could give. */
function checkGiven(step: Step, missing: ReadonlyMap<string, Missing>, undone: Undone): void {
  if (step.kind !== 'call') {
    return;
  }
  const awaited = awaitedBy(step);
  const cause = awaited && undone[awaited];
  if (cause !== undefined) {
    throw new Unsupported(mayWaitText(cause));
  }
  const own = new Set(givenBy(step));
  const found = usedBy(step).find((name) => missing.has(name) && !own.has(name));
  if (found !== undefined) {
    const { line, isThere } = missing.get(found)!;
    throw new Unsupported(
      isThere
        ? t('It needs what line {1} would do with {0}.', found, line)
        : t('It needs {0}, which line {1} would give.', found, line),
    );
  }
}
