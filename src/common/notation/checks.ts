import { t } from '../l10n.js';
import { constantValue } from '../tables/constants.js';
import { errnoNames, isErrnoName } from '../tables/errnos.js';
import { isPointer } from './arrange.js';
import { readArguments } from './arguments.js';
import type { CallStatement, Expression, Range, ResultNode } from './ast.js';
import { isWrittenByKernel, parameterOf } from './calls.js';
import { childrenOf } from './evaluate.js';
import type { Report } from './literal.js';
import { nearest } from './nearest.js';
import { shorten } from './tokenReader.js';
import { type Environment, EvaluationError, NotYetKnown, readInteger } from './values.js';

/** Data that strace cut or did not print, in a place where it would be passed. */
export function findUnsendable({ name, args }: CallStatement): Range | undefined {
  for (const [index, node] of args.entries()) {
    const { type } = parameterOf(name, index);
    if (!node || isWrittenByKernel(type)) {
      continue;
    }
    const isMemory = type === 'data' || type === 'sockaddr' || type === 'msghdr' || type === 'pollfds';
    if (isPointer(node) && (isMemory || (type === 'optval' && isInMemory(node)))) {
      return node.range;
    }
    const found = isMemory || type === 'optval' ? findCut(node) : undefined;
    if (found) {
      return found;
    }
    if (type === 'ioctlrequest' && node.kind === 'constant' && isForeignRequest(node.name)) {
      return node.range;
    }
  }
  return undefined;
}

/** Where a program's memory lies; an option's value may be such a number only below and above. */
function isInMemory(node: Expression): boolean {
  return node.kind === 'number' && node.value > 0xffffffff && node.value < 2 ** 47;
}

/** A request of something that is no socket, such as TCGETS. */
function isForeignRequest(name: string): boolean {
  return constantValue(name, 'linux') === undefined && !/^(SIOC|FIO)/.test(name);
}

function findCut(node: Expression): Range | undefined {
  if ((node.kind === 'data' || node.kind === 'list') && node.isCut) {
    return node.range;
  }
  for (const child of childrenOf(node)) {
    const found = findCut(child);
    if (found) {
      return found;
    }
  }
  return undefined;
}

/** Tells of everything that can be said to be wrong without running: values out of range, unknown constants. */
export function checkStatement(statement: CallStatement, env: Environment, report: Report): void {
  readArguments(statement.name, statement.args, env, (error) => reportError(error, report));
  checkResult(statement.result, env, report);
  for (const { result } of statement.platformResults) {
    checkResult(result, env, report);
  }
}

function checkResult(result: ResultNode | null, env: Environment, report: Report): void {
  for (const outcome of result?.outcomes ?? []) {
    switch (outcome.kind) {
      case 'error':
        checkErrno(outcome, report);
        break;
      case 'value':
        checkNumber(outcome.value, env, report);
        break;
      case 'range':
        checkNumber(outcome.min, env, report);
        checkNumber(outcome.max, env, report);
        break;
      case 'any':
      case 'blank':
    }
  }
}

function checkErrno({ errno, range }: { errno: string | null; range: Range }, report: Report): void {
  if (errno === null || isErrnoName(errno)) {
    return;
  }
  const meant = nearest(errno, errnoNames());
  report(
    meant === undefined
      ? t('There is no error {0}.', shorten(errno))
      : t('There is no error {0}. Did you mean {1}?', shorten(errno), meant),
    { start: range.end - errno.length, end: range.end },
  );
}

function checkNumber(node: Expression, env: Environment, report: Report): void {
  try {
    readInteger(node, env, -(2 ** 31), 2 ** 53 - 1);
  } catch (error) {
    reportError(error, report);
  }
}

function reportError(error: unknown, report: Report): void {
  if (error instanceof EvaluationError) {
    report(error.message, error.range);
  } else if (!(error instanceof NotYetKnown)) {
    throw error;
  }
}
