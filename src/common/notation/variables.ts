import { t } from '../l10n.js';
import { duplicatingCommands } from '../tables/requests.js';
import { parameterIndex } from '../tables/signatures.js';
import type { CallStatement, Expression, Name, Range, ResultNode, Statement } from './ast.js';
import { commandName, controlType, optionName } from './controlType.js';
import { childrenOf } from './evaluate.js';
import { nearest } from './nearest.js';

/** What stands in `cmsg_data` of a message to receive, or for an option, for the descriptors that come, in their order. */
export function receivedDescriptors({ name, args }: Pick<CallStatement, 'name' | 'args'>): Expression[] {
  const [, level, option, value] = args;
  if (name === 'getsockopt' && optionName(level, option) === 'SO_PEERPIDFD') {
    return value?.kind === 'list' ? value.items : [];
  }
  const node = args[parameterIndex(name, 'msghdrOut')];
  const control = node?.kind === 'struct' && node.fields.find((field) => field.name === 'msg_control')?.value;
  const messages = control && control.kind === 'list' ? control.items : [];
  return messages.flatMap((message) => {
    if (message.kind !== 'struct' || !/^SCM_(RIGHTS|PIDFD)$/.test(controlType(message) ?? '')) {
      return [];
    }
    const data = message.fields.find((each) => each.name === 'cmsg_data')?.value;
    return data?.kind === 'list' ? data.items : [];
  });
}

/** Names among them: they take the descriptors that come. */
export function receivedNames(statement: Pick<CallStatement, 'name' | 'args'>): Name[] {
  return receivedDescriptors(statement).flatMap((item) =>
    item.kind === 'variable' ? [{ name: item.name, range: item.range }] : [],
  );
}

/** Whether a call gives its descriptor's open file another number. */
export function isDuplicate({ name, args }: Pick<CallStatement, 'name' | 'args'>): boolean {
  const [, command] = args;
  return name === 'dup' || (name === 'fcntl' && duplicatingCommands.has(commandName(command) ?? ''));
}

/**
 * Names that are used and that no line of the file gives a value.
 * @param targets The names on the left of all lines.
 */
export function unknownNames(
  statements: readonly Statement[],
  targets: ReadonlySet<string>,
): { name: string; range: Range; message?: string }[] {
  const given = new Set(targets);
  for (const statement of statements) {
    if (statement.kind === 'call') {
      receivedNames(statement).forEach(({ name }) => given.add(name));
    }
  }
  return usedNames(statements)
    .filter(({ name }) => !given.has(name))
    .map(({ name, range }) => {
      const known = nearest(name, given);
      return known === undefined
        ? { name, range }
        : { name, range, message: t('Nothing gives {0} a value. Did you mean {1}?', name, known) };
    });
}

/** Names whose values the arguments of a call are made of, and those that they are compared with. */
export function namesOfArguments({ args }: CallStatement): string[] {
  return namesIn(args, []).map(({ name }) => name);
}

function usedNames(statements: readonly Statement[]): Name[] {
  const found: Name[] = [];
  for (const statement of statements) {
    if (statement.kind === 'call') {
      namesIn(statement.args, found);
      namesInResult(statement.result, found);
      statement.platformResults.forEach(({ result }) => namesInResult(result, found));
    }
  }
  return found;
}

function namesInResult(result: ResultNode | null, found: Name[]): void {
  for (const outcome of result?.outcomes ?? []) {
    if (outcome.kind === 'value') {
      namesIn([outcome.value], found);
    } else if (outcome.kind === 'range') {
      namesIn([outcome.min, outcome.max], found);
    }
  }
  if (result?.output) {
    namesIn([result.output], found);
  }
}

/** Adds the names inside some expressions to those found, in the order of the text. */
function namesIn(nodes: readonly (Expression | null)[], found: Name[]): Name[] {
  for (const node of nodes) {
    if (node?.kind === 'variable') {
      found.push({ name: node.name, range: node.range });
    } else if (node) {
      // The last argument of inet_pton is the name of a field.
      const isField = node.kind === 'function' && node.name === 'inet_pton';
      namesIn(isField ? node.args.slice(0, 2) : childrenOf(node), found);
    }
  }
  return found;
}
