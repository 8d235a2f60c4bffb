import { signatureOf, type ParameterType } from '../tables/signatures.js';
import type { CallStatement, Expression, Range, ResultNode } from './ast.js';
import { parameterOf } from './calls.js';
import type { Token } from './scanner.js';
import { isDuplicate } from './variables.js';

/** Calls outside the vocabulary that give a descriptor. */
const givers: ReadonlySet<string> = new Set(
  `open openat openat2 creat epoll_create epoll_create1 eventfd eventfd2 timerfd_create signalfd signalfd4 memfd_create
   inotify_init inotify_init1 pidfd_open pidfd_getfd userfaultfd perf_event_open`.split(/\s+/),
);

/**
 * Descriptors of a recorded program that are none of the scenario's: its files, and what it had from the beginning. The
 * calls on them are skipped with the calls that gave them.
 */
export class ForeignDescriptors {
  private readonly numbers = new Set<number>();
  private isRecording = false;

  /** Takes over a line that was skipped because its call is not in the vocabulary. */
  noteForeign(name: string, tokens: readonly Token[]): void {
    if (!this.isRecording) {
      // Only a recorded program shows such calls: it was started with the first three open.
      this.isRecording = true;
      [0, 1, 2].forEach((number) => this.numbers.add(number));
    }
    const given = givers.has(name) ? lastResult(tokens) : undefined;
    if (given !== undefined) {
      this.numbers.add(given);
    }
  }

  /** The place of a foreign descriptor among a call's arguments. Called for each line in turn: numbers are given again. */
  find(statement: CallStatement): Range | undefined {
    const { name, args, result } = statement;
    const given = literalResult(result);
    const found = args.find((node, index) => node && this.isForeign(node, parameterOf(name, index).type));
    if (!found) {
      if (given !== undefined && signatureOf(name).returns === 'fd') {
        this.numbers.delete(given);
      }
      return undefined;
    }
    if (name === 'close' && found.kind === 'number') {
      this.numbers.delete(Number(found.value));
    } else if (given !== undefined && isDuplicate(statement)) {
      this.numbers.add(given);
    }
    return found.range;
  }

  private isForeign(node: Expression, type: ParameterType): boolean {
    if (type === 'pollfds' && node.kind === 'list') {
      return node.items.some(
        (item) =>
          item.kind === 'struct' &&
          item.fields.some(({ name, value }) => name === 'fd' && this.isForeign(value, 'fd')),
      );
    }
    return type === 'fd' && node.kind === 'number' && this.numbers.has(Number(node.value));
  }
}

function literalResult(result: ResultNode | null): number | undefined {
  const [outcome] = result?.outcomes ?? [];
  return outcome?.kind === 'value' && outcome.value.kind === 'number'
    ? Number(outcome.value.value)
    : undefined;
}

/** The number behind the last `=` of a line. */
function lastResult(tokens: readonly Token[]): number | undefined {
  const at = tokens.findLastIndex((token) => token.kind === 'punctuation' && token.text === '=');
  const number = tokens[at + 1];
  const value = number?.kind === 'number' && number.isWhole ? Number.parseInt(number.text, 10) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
