import { t } from '../../common/l10n.js';
import type { Expression } from '../../common/notation/ast.js';
import type {
  AddressOperand,
  CallStep,
  NumberOperand,
  PrintedProgram,
  Program,
  ProgramLine,
  Step,
} from './program.js';
import { variablesIn } from './nodes.js';

/** Something that a language does not have; the message is a sentence. */
export class Unsupported extends Error {}

/** How a language writes numbers and names. */
export interface Spelling {
  constant(name: string): string;
  variable(name: string): string;
  /** The port in an address that a variable holds. */
  port(variable: string): string;
  /** `htons` and the like; undefined where there is none. */
  callee(name: string): string | undefined;
  number(value: number | bigint, isHex: boolean): string;
}

/** An expression of numbers in any of the languages: their operators are the same. */
export function numberText({ node, value }: NumberOperand, spelling: Spelling): string {
  return expressionText(node, value, spelling);
}

function expressionText(node: Expression, value: number | bigint | undefined, spelling: Spelling): string {
  const inside = (child: Expression): string => {
    const text = expressionText(child, undefined, spelling);
    return child.kind === 'operation' ? `(${text})` : text;
  };
  switch (node.kind) {
    case 'number':
      return spelling.number(node.value, node.isHex);
    case 'constant':
      return spelling.constant(node.name);
    case 'variable':
      return spelling.variable(node.name);
    case 'member':
      return spelling.port((node.object as Expression & { kind: 'variable' }).name);
    case 'operation':
      return node.operands
        .map((operand, index) => (index === 0 ? '' : ` ${node.operators[index - 1]!} `) + inside(operand))
        .join('');
    case 'negative':
      return `${node.operator}${inside(node.operand)}`;
    case 'function': {
      const callee = spelling.callee(node.name);
      if (callee !== undefined && node.args.length === 1) {
        return `${callee}(${expressionText(node.args[0]!, undefined, spelling)})`;
      }
      break;
    }
    default:
  }
  if (value !== undefined) {
    return spelling.number(value, false);
  }
  throw new Unsupported(t('A value on this line is known only when the tool runs it.'));
}

/** Characters that would end a comment, act on a terminal or hide what stands there. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/** A text from elsewhere as the inside of a comment that ends with its line. */
export function commentText(text: string): string {
  return text
    .trim()
    .replace(/\r?\n/g, ' ')
    .replace(hidden, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** A thread of the scenario as the name of a function, in the characters that all languages have. */
export function threadFunctionName({ threads }: Program, thread: string): string {
  const spell = (name: string) => name.replace(/[^A-Za-z0-9_]/g, '_');
  const isClear = threads.filter((each) => spell(each) === spell(thread)).length === 1;
  // No thread that is spelled by its name is spelled so.
  return isClear ? `thread_${spell(thread)}` : `thread${threads.indexOf(thread)}`;
}

/** How a language writes the turns of threads whose functions are those of an object. */
export interface TurnSpelling {
  comment: (text: string) => string;
  string: (text: string) => string;
  /** The statement that a call of a method of `turns` is. */
  statement: (call: string, mayWait: boolean) => string;
  /** The number of a line that never comes. */
  never: string;
}

/** The statements of a thread: each line with where it comes from, in its turn where there are several threads. */
export function turnLines(
  lines: readonly PrintedLine[],
  hasThreads: boolean,
  { comment, string, statement, never }: TurnSpelling,
): string[] {
  return lines.flatMap(({ line, code, remarks }, index) => {
    const { number, givers } = line;
    const next = lines[index + 1]?.line.number ?? never;
    const state = { never: 'runs', maybe: 'may wait', always: 'waits' }[line.waits];
    const thread = string(line.thread);
    const given = givers.length > 0 ? `, [${[...new Set(givers)].join(', ')}]` : '';
    return [
      '',
      ...line.comments.map((text) => comment(text)),
      comment(`${number}: ${line.text}`),
      ...remarks.map((text) => comment(text)),
      ...(hasThreads
        ? [statement(`turns.begin(${thread}, ${number}, ${next}, '${state}'${given})`, true)]
        : []),
      ...code,
      ...(hasThreads ? [statement(`turns.end(${thread}, ${number})`, false)] : []),
    ];
  });
}

export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `    ${line}`));
}

/** The lines of a program's parts with what they need of helpers. */
export class Helpers<N extends string> {
  private readonly used = new Set<N>();

  constructor(private readonly table: Readonly<Record<N, { needs?: readonly N[]; text: string }>>) {}

  use(name: N): N {
    if (!this.used.has(name)) {
      this.used.add(name);
      this.table[name].needs?.forEach((each) => this.use(each));
    }
    return name;
  }

  has(name: N): boolean {
    return this.used.has(name);
  }

  /** The helpers that were used, in the order of the table. */
  text(separator: string): string {
    return (Object.keys(this.table) as N[])
      .filter((name) => this.used.has(name))
      .map((name) => this.table[name].text.trim())
      .join(separator);
  }
}

/** What a language does with the steps of a line. */
export interface StepPrinter {
  call(step: CallStep, line: ProgramLine): string[];
  sleep(seconds: number): string[];
}

/** One line of the scenario, in the language or as comments that say why it is not. */
export interface PrintedLine {
  line: ProgramLine;
  code: string[];
  remarks: string[];
  /** Why it is not said in the language; null where it is. */
  omitted: string | null;
}

/**
 * The lines of a thread. A line that the language cannot say is told, and so are those that use what it would have given.
 */
export function printLines(program: Program, printer: StepPrinter): Map<string, PrintedLine[]> {
  const missing = new Map<string, number>();
  /** The first lines left out that another line may wait for. */
  const undone: Undone = {};
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
      [...line.steps.flatMap(givenBy), ...line.steps.flatMap(changedBy)].forEach((name) =>
        missing.set(name, line.number),
      );
      line.steps.forEach((step) => noteUndone(step, line, undone));
    }
    threads.get(line.thread)!.push({ line, code, remarks, omitted });
  }
  return threads;
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

function givenBy(step: Step): readonly string[] {
  if (step.kind !== 'call') {
    return step.kind === 'unsupported' ? step.targets : [];
  }
  const received = step.args.flatMap((arg) =>
    arg.kind === 'message' && step.name === 'recvmsg' ? arg.descriptors.flatMap(namesOf) : [],
  );
  return [...step.targets, ...received];
}

const senders: ReadonlySet<string> = new Set(['send', 'sendto', 'sendmsg', 'write', 'shutdown', 'close']);
const receivers: ReadonlySet<string> = new Set(['recv', 'recvfrom', 'recvmsg', 'read']);
/** Calls after which a socket is another: what follows on it would not go as it is written. */
const changers: ReadonlySet<string> = new Set(['bind', 'listen', 'accept', 'accept4', 'connect', 'shutdown']);
const changingOptions = /TIMEO|TIMEOUT|SYNCNT|LOWAT|FILTER|BINDTODEVICE|OOBINLINE|V6ONLY/;

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
  // The connection that an accept() with a bad address would have taken is lost.
  if (step.kind !== 'call' || !(maySucceed(step) || step.name.startsWith('accept'))) {
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

/** A call that goes on by itself counts as well. */
function maySucceed({ expected }: CallStep): boolean {
  return (
    expected.results.length === 0 ||
    expected.results.some((each) => each.kind !== 'error' || each.errno === 'EINPROGRESS')
  );
}

/** A line that uses what no line above could give. */
function checkGiven(step: Step, missing: ReadonlyMap<string, number>, undone: Undone): void {
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
    throw new Unsupported(t('It needs {0}, which line {1} would give.', found, missing.get(found)!));
  }
}

/** The variables that a call is made of. */
function usedBy({ args, expected, asked }: CallStep): string[] {
  const found = args.flatMap((arg): string[] => {
    switch (arg.kind) {
      case 'number':
        return namesOf(arg);
      case 'address':
        return namesInAddress(arg);
      case 'pollfds':
        return arg.items.flatMap(({ fd, events }) => [...namesOf(fd), ...namesOf(events)]);
      case 'message':
        return [
          ...(arg.name ? namesInAddress(arg.name) : []),
          ...arg.descriptors.flatMap(namesOf),
          ...arg.control.flatMap(({ data }) =>
            data.kind === 'descriptors'
              ? data.items.flatMap(namesOf)
              : data.kind === 'int'
                ? namesOf(data.value)
                : [],
          ),
        ];
      case 'int':
        return namesOf(arg.value);
      default:
        return [];
    }
  });
  const results = expected.results.flatMap((each) => (each.kind === 'number' ? namesOf(each.value) : []));
  return [...found, ...results, ...asked.flatMap(usedBy)];
}

function namesInAddress(operand: AddressOperand): string[] {
  return operand.form === 'variable' ? [operand.name] : operand.form === 'known' ? [] : namesOf(operand.port);
}

function namesOf({ node }: NumberOperand): string[] {
  return [...variablesIn(node)];
}
