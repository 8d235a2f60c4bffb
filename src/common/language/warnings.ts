import { t } from '../l10n.js';
import type { CallStatement, Diagnostic, Expression, Outcome, Range, Scenario } from '../notation/ast.js';
import { parameterOf } from '../notation/calls.js';
import { literalEnvironment } from '../notation/evaluate.js';
import { LineMap } from '../notation/lineMap.js';
import { readData, readNumber } from '../notation/values.js';
import type { Platform } from '../tables/constants.js';
import { parameterIndex, signatureOf } from '../tables/signatures.js';
import { VariableTracker } from './variables.js';

type Warn = (message: string, range: Range) => void;

/** More are no help. */
const mostWarnings = 1000;

/** Addresses of these families can be passed to a socket of another family: they say what they are made for. */
const looseFamilies: ReadonlySet<string> = new Set(['raw', 'host']);

/**
 * What can be read and run, and yet cannot go as it is written: an address of another family than the socket's, a result
 * that the call never gives. A line that expects an error is left alone: it may be made to fail.
 */
export function findWarnings({ statements, text }: Scenario, platform: Platform): Diagnostic[] {
  const tracker = new VariableTracker();
  const found: { message: string; range: Range }[] = [];
  const warn: Warn = (message, range) => found.push({ message, range });
  for (const statement of statements) {
    if (statement.kind === 'call') {
      if (!expectsError(statement)) {
        checkFamily(statement, tracker, warn);
      }
      checkResult(statement, platform, warn);
      tracker.take(statement);
    }
  }
  if (found.length === 0) {
    return [];
  }
  const lines = new LineMap(text);
  return found.slice(0, mostWarnings).map(({ message, range }) => lines.diagnostic(message, range));
}

function outcomesOf({ result, platformResults }: CallStatement): Outcome[] {
  return [result, ...platformResults.map((each) => each.result)].flatMap((each) => each?.outcomes ?? []);
}

function expectsError(statement: CallStatement): boolean {
  return outcomesOf(statement).some(({ kind }) => kind === 'error' || kind === 'any');
}

function checkFamily(statement: CallStatement, tracker: VariableTracker, warn: Warn): void {
  const { domain, type } = tracker.descriptorOf(statement) ?? {};
  const node = statement.args[parameterIndex(statement.name, 'sockaddr')];
  const family = node ? familyOf(node, tracker) : undefined;
  // Linux takes an IPv4 address on an IPv6 socket of datagrams.
  const isTaken = domain === 'AF_INET6' && family === 'AF_INET' && type !== 'SOCK_STREAM';
  if (node && domain !== undefined && family !== undefined && family !== domain && !isTaken) {
    warn(t('The socket is of {0}, this address of {1}: the call fails.', domain, family), node.range);
  }
}

/** The family that an address is of, as far as the text tells. */
function familyOf(node: Expression, tracker: VariableTracker): string | undefined {
  if (node.kind === 'address') {
    return looseFamilies.has(node.form.family) ? undefined : node.form.family;
  }
  if (node.kind === 'call') {
    const [argument] = node.args;
    return argument?.kind === 'variable' ? tracker.get(argument.name)?.domain : undefined;
  }
  if (node.kind === 'variable') {
    const giver = tracker.get(node.name)?.giver;
    return giver?.name === 'getsockname' ? tracker.descriptorOf(giver)?.domain : undefined;
  }
  return undefined;
}

function checkResult(statement: CallStatement, platform: Platform, warn: Warn): void {
  const { name, result } = statement;
  const { returns } = signatureOf(name);
  const values = result?.outcomes.filter((outcome) => outcome.kind === 'value') ?? [];
  for (const { value, range } of values) {
    const number = numberOf(value, platform);
    if (number === undefined) {
      continue;
    }
    if (number < 0) {
      warn(t('A call that fails returns -1, with an error: = -1 EINVAL'), range);
    } else if (returns === 'zero' && number !== 0) {
      warn(t('{0} returns 0 or -1, never {1}.', name, number), range);
    } else if (returns === 'count') {
      checkCount(statement, number, { range, isOnly: result?.outcomes.length === 1, platform }, warn);
    }
  }
}

function checkCount(
  { name, args }: CallStatement,
  count: number,
  { range, isOnly, platform }: { range: Range; isOnly: boolean; platform: Platform },
  warn: Warn,
): void {
  const lengthAt = parameterIndex(name, 'size');
  const memoryAt = lengthAt - 1;
  if (lengthAt < 0) {
    return;
  }
  const memory = args[memoryAt];
  const written = args[lengthAt] ? numberOf(args[lengthAt], platform) : undefined;
  const given = memory ? dataLength(memory, platform) : undefined;
  // -1 is the largest size there is.
  const most = written !== undefined && written < 0 ? undefined : (written ?? given);
  if (isTruncating(args)) {
    return;
  }
  if (most !== undefined && count > most) {
    warn(t('At most {0} bytes can come of this call, never {1}.', most, count), range);
  } else if (
    isOnly &&
    parameterOf(name, memoryAt).type === 'buffer' &&
    memory?.kind === 'data' &&
    !memory.isCut &&
    given !== undefined &&
    given !== count
  ) {
    warn(t('The data that is expected has {0} bytes, the result says {1}.', given, count), range);
  }
}

/** With MSG_TRUNC the result is the length of the datagram, whatever fits. */
function isTruncating(args: readonly (Expression | null)[]): boolean {
  return args.some((node) => {
    const flags = node?.kind === 'operation' ? node.operands : [node];
    return flags.some((flag) => flag?.kind === 'constant' && flag.name === 'MSG_TRUNC');
  });
}

function dataLength(node: Expression, platform: Platform): number | undefined {
  return node.kind === 'data' || node.kind === 'repeat'
    ? quietly(() => readData(node, literalEnvironment(platform, true)).length)
    : undefined;
}

function numberOf(node: Expression, platform: Platform): number | undefined {
  return quietly(() => Number(readNumber(node, literalEnvironment(platform, true))));
}

/** What only a run knows is not judged. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
