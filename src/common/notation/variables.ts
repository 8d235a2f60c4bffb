import { t } from '../l10n.js';
import { parameterIndex } from '../tables/signatures.js';
import type { CallStatement, Expression, Name, Range, Statement } from './ast.js';
import { childrenOf } from './evaluate.js';
import { nearest } from './nearest.js';

/** What stands in `cmsg_data` of a message to receive for the descriptors that come, in their order. */
export function receivedDescriptors({ name, args }: Pick<CallStatement, 'name' | 'args'>): Expression[] {
  const node = args[parameterIndex(name, 'msghdrOut')];
  const control = node?.kind === 'struct' && node.fields.find((field) => field.name === 'msg_control')?.value;
  const messages = control && control.kind === 'list' ? control.items : [];
  return messages.flatMap((message) => {
    const field = (of: string) =>
      message.kind === 'struct' ? message.fields.find((each) => each.name === of)?.value : undefined;
    const [type, data] = [field('cmsg_type'), field('cmsg_data')];
    const holds = type?.kind === 'constant' && (type.name === 'SCM_RIGHTS' || type.name === 'SCM_PIDFD');
    return holds && data?.kind === 'list' ? data.items : [];
  });
}

/** Names among them: they take the descriptors that come. */
export function receivedNames(statement: Pick<CallStatement, 'name' | 'args'>): Name[] {
  return receivedDescriptors(statement).flatMap((item) =>
    item.kind === 'variable' ? [{ name: item.name, range: item.range }] : [],
  );
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
  return [...usedNames(statements)]
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
  return [...namesIn(args.filter((node) => node !== null))].map(({ name }) => name);
}

function* usedNames(statements: readonly Statement[]): Generator<Name> {
  for (const statement of statements) {
    if (statement.kind === 'call') {
      const results = [statement.result, ...statement.platformResults.map(({ result }) => result)];
      const outcomes = results.flatMap((result) => [
        ...(result?.outcomes.flatMap((each) =>
          each.kind === 'value' ? [each.value] : each.kind === 'range' ? [each.min, each.max] : [],
        ) ?? []),
        ...(result?.output ? [result.output] : []),
      ]);
      yield* namesIn([...statement.args.filter((node) => node !== null), ...outcomes]);
    }
  }
}

function* namesIn(nodes: readonly Expression[]): Generator<Name> {
  for (const node of nodes) {
    if (node.kind === 'variable') {
      yield { name: node.name, range: node.range };
    }
    // The last argument of inet_pton is the name of a field.
    const isField = node.kind === 'function' && node.name === 'inet_pton';
    yield* namesIn(isField ? node.args.slice(0, 2) : childrenOf(node));
  }
}
