import { t } from '../l10n.js';
import { signatureOf, type CallName } from '../tables/signatures.js';
import type { Expression, Range } from './ast.js';
import { span } from './tokenReader.js';

/**
 * The arguments of a call by parameter. A number in the place of a buffer is its length; what is left out at the end
 * is null.
 * @param report Told of arguments that are missing or too many.
 */
export function arrange(
  name: CallName,
  written: readonly Expression[],
  places: { name: Range; args: Range },
  report: (message: string, range: Range) => void,
): (Expression | null)[] {
  const { parameters } = signatureOf(name);
  const args: (Expression | null)[] = [...written];
  const buffer = parameters.findIndex(({ type }) => type === 'buffer');
  if (buffer >= 0 && isLength(written[buffer], written[buffer + 1])) {
    args.splice(buffer, 0, null);
  }
  if (args.length > parameters.length) {
    report(
      t('{0} takes {1} arguments.', name, parameters.length),
      span(args[parameters.length]!.range, args.at(-1)!.range),
    );
    args.length = parameters.length;
  }
  const missing = parameters.find(
    ({ isOptional, type }, index) =>
      index >= args.length && !isOptional && type !== 'buffer' && !canGuess(index),
  );
  if (missing) {
    report(t('{0} needs {1}.', name, missing.name), args.length > 0 ? places.args : places.name);
  }
  return [...args, ...Array<null>(parameters.length - args.length).fill(null)];

  /** The length of expected data is obvious. */
  function canGuess(index: number): boolean {
    return parameters[index]!.type === 'size' && args[index - 1]?.kind === 'data';
  }
}

/** strace prints a buffer that was not filled as a pointer: a large hexadecimal number before the length. */
function isLength(node: Expression | undefined, next: Expression | undefined): boolean {
  switch (node?.kind) {
    case 'number':
      return !(isPointer(node) && next !== undefined);
    case 'constant':
    case 'variable':
    case 'operation':
    case 'negative':
    case 'member':
      return true;
    default:
      return false;
  }
}

/** Whether strace printed an address of memory here. */
export function isPointer(node: Expression): boolean {
  return node.kind === 'number' && node.isHex && node.value >= 0x100000;
}
