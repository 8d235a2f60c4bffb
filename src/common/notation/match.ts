import type { CallRecord } from '../call.js';
import type { Platform } from '../tables/constants.js';
import { errnoNumber, posixErrno } from '../tables/errnos.js';
import { returnsDescriptor } from '../tables/requests.js';
import { type CallName, type ParameterType } from '../tables/signatures.js';
import { isExpectation } from './arguments.js';
import type { CallStatement, Expression, ListNode, Outcome, Range, ResultNode, TimeNode } from './ast.js';
import { isWrittenByKernel, parameterOf } from './calls.js';
import { environmentOf, prepare, type Scope } from './evaluate.js';
import { Matcher, type Mismatch } from './matcher.js';
import { printResult } from './printer.js';
import { type Environment, notYetKnown, readNumber } from './values.js';

export type { Mismatch } from './matcher.js';

/** Something that a line says of what the kernel answers. */
export type Expectation =
  | { kind: 'result'; name: CallName; node: ResultNode; range: Range }
  | { kind: 'time'; node: TimeNode; range: Range }
  /** What the kernel writes through an argument. */
  | { kind: 'argument'; index: number; type: ParameterType; node: Expression; range: Range }
  /** poll's list behind the result. */
  | { kind: 'output'; node: ListNode; range: Range };

/** What a line expects on a platform: the result first. */
export function expectations(statement: CallStatement, platform: Platform): Expectation[] {
  const { name, args, time } = statement;
  const own = statement.platformResults.find((each) => each.platform === platform);
  const result = own ? own.result : statement.result;
  const found: Expectation[] = [];
  if (result) {
    found.push({ kind: 'result', name, node: result, range: result.range });
  }
  args.forEach((node, index) => {
    const { type } = parameterOf(name, index);
    if (isExpectation(node) && saysSomething(node, type)) {
      found.push({ kind: 'argument', index, type, node, range: node.range });
    }
  });
  if (result?.output) {
    found.push({ kind: 'output', node: result.output, range: result.output.range });
  }
  if (time?.isRange) {
    found.push({ kind: 'time', node: time, range: time.range });
  }
  return found;
}

/** Whether a written argument says what comes back. Of two descriptors it only gives the numbers of a recording. */
function saysSomething(node: Expression, type: ParameterType): boolean {
  return type === 'socklenInOut'
    ? isLengthExpected(node)
    : type === 'ioctlarg' || type === 'fcntlarg' || (isWrittenByKernel(type) && type !== 'fdpair');
}

/** `[16]` and `[128 => 16]` say what comes back, a bare number only what is passed. */
function isLengthExpected(node: Expression): boolean {
  return node.kind === 'list' || node.kind === 'inout';
}

/**
 * Compares a record that has returned with what its line expects: the result, then what the kernel wrote, then the time.
 * Calls inside an expectation are made for it. Nothing is expected of what a failed call wrote.
 * @returns The first difference; undefined when everything holds.
 * @throws {EvaluationError} when an expectation itself has no value.
 */
export async function matchRecord(
  statement: CallStatement,
  record: CallRecord,
  scope: Scope,
): Promise<Mismatch | undefined> {
  for (const expectation of expectations(statement, scope.platform)) {
    const mismatch = await matchExpectation(expectation, record, scope);
    if (mismatch) {
      return mismatch;
    }
  }
  return undefined;
}

async function matchExpectation(
  expectation: Expectation,
  record: CallRecord,
  scope: Scope,
): Promise<Mismatch | undefined> {
  if (expectation.kind === 'result') {
    return matchResult(expectation, record, scope);
  }
  if (expectation.kind === 'time') {
    return matchTime(expectation.node, record);
  }
  if (record.result === null || record.result < 0) {
    return undefined;
  }
  const prepared = await prepare([expectation.node], scope);
  const matcher = new Matcher(record, scope, environmentOf(scope, prepared));
  return expectation.kind === 'output'
    ? matcher.output(expectation.node)
    : matcher.argument(expectation.node, expectation.index, expectation.type);
}

async function matchResult(
  { name, node, range }: Expectation & { kind: 'result' },
  record: CallRecord,
  scope: Scope,
): Promise<Mismatch | undefined> {
  const prepared = await prepare(
    node.outcomes.flatMap((each) =>
      each.kind === 'value' ? [each.value] : each.kind === 'range' ? [each.min, each.max] : [],
    ),
    scope,
  );
  const env = environmentOf(scope, prepared);
  if (node.outcomes.some((outcome) => isOutcome(outcome, name, record, env))) {
    return undefined;
  }
  const expected = node.outcomes.map((outcome) => outcomeText(outcome, env)).join(' | ');
  const got = printResult(record, { platform: scope.platform }).replace(/^= /, '');
  return { expected, got, range };
}

function isOutcome(outcome: Outcome, name: CallName, record: CallRecord, env: Environment): boolean {
  const { result, errno } = record;
  switch (outcome.kind) {
    case 'any':
      return true;
    case 'blank':
      throw notYetKnown;
    case 'error':
      if (errno === null) {
        return false;
      }
      return outcome.errno === null || isSameErrno(outcome.errno, errno, env.platform);
    case 'value': {
      if (result === null || errno !== null) {
        return false;
      }
      const expected = readNumber(outcome.value, env);
      return (
        // Which number a descriptor gets is the kernel's choice.
        (returnsDescriptor(name, record.args, env.platform) && expected >= 0) ||
        BigInt(expected) === BigInt(result)
      );
    }
    case 'range':
      return (
        result !== null &&
        errno === null &&
        result >= readNumber(outcome.min, env) &&
        result <= readNumber(outcome.max, env)
      );
  }
}

function isSameErrno(expected: string, got: string | number, platform: Platform): boolean {
  const number = errnoNumber(expected, platform);
  return typeof got === 'number'
    ? got === number
    : got === expected ||
        posixErrno(got) === posixErrno(expected) ||
        (number !== undefined && number === errnoNumber(got, platform));
}

function outcomeText(outcome: Outcome, env: Environment): string {
  switch (outcome.kind) {
    case 'any':
    case 'blank':
      return '?';
    case 'error':
      return outcome.errno === null ? '-1' : `-1 ${outcome.errno}`;
    case 'value':
      return String(readNumber(outcome.value, env));
    case 'range':
      return `${readNumber(outcome.min, env)}..${readNumber(outcome.max, env)}`;
  }
}

function matchTime({ min, max, range }: TimeNode, record: CallRecord): Mismatch | undefined {
  if (record.endNs === null) {
    return undefined;
  }
  const took = (record.endNs - record.startNs) / 1e9;
  return took >= min && took <= max
    ? undefined
    : { expected: `<${min}..${max}>`, got: `<${took.toFixed(6)}>`, range };
}
