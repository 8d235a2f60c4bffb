import { t } from '../../common/l10n.js';
import type { CallStatement, Expression, FunctionNode } from '../../common/notation/ast.js';
import { childrenOf } from '../../common/notation/evaluate.js';
import type { NumberOperand } from './program.js';

/** The most bytes that a program holds in one argument. */
const mostData = 16 * 1024 * 1024;

/** Something that cannot be said in a program; the message is a sentence. */
export class Inexpressible extends Error {}

/** The port of an address, where it has one, and the address with 0 in its place. */
export function takePort(node: Expression): [Expression | undefined, Expression] {
  const zero: Expression = literal(0).node;
  if (node.kind === 'address' && 'port' in node.form) {
    return [node.form.port, { ...node, form: { ...node.form, port: zero } }];
  }
  if (node.kind === 'struct') {
    const field = node.fields.find(({ name }) => name === 'sin_port' || name === 'sin6_port');
    if (field?.value.kind === 'function') {
      const fields = node.fields.map((each) => (each === field ? { ...each, value: zero } : each));
      return [field.value.args[0], { ...node, fields }];
    }
  }
  return [undefined, node];
}

/** What a field of a structure is given; undefined where it is not, or this is no structure. */
export function fieldNode(node: Expression | undefined, name: string): Expression | undefined {
  return node?.kind === 'struct' ? node.fields.find((field) => field.name === name)?.value : undefined;
}

/** A number that stands nowhere in the file. */
export function literal(value: number): NumberOperand {
  return {
    kind: 'number',
    value,
    node:
      value < 0
        ? { kind: 'negative', operator: '-', operand: literal(-value).node, range: nowhere }
        : { kind: 'number', value, isHex: false, range: nowhere },
  };
}

const nowhere = { start: 0, end: 0 };

/** `variable.port`, in the place of another expression. */
export function memberOf(variable: string, { range }: Expression): Expression {
  return { kind: 'member', name: 'port', object: { kind: 'variable', name: variable, range }, range };
}

/** The names of the variables in an expression, in order. */
export function* variablesIn(node: Expression): Generator<string> {
  if (node.kind === 'variable') {
    yield node.name;
  }
  for (const child of childrenOf(node)) {
    yield* variablesIn(child);
  }
}

/** The variables whose number is taken, and whether it is the port of an address. */
export function* numbersIn(node: Expression): Generator<[name: string, isAddress: boolean]> {
  if (node.kind === 'variable') {
    yield [node.name, false];
  } else if (node.kind === 'member' && node.object.kind === 'variable') {
    yield [node.object.name, true];
  } else {
    for (const child of childrenOf(node)) {
      yield* numbersIn(child);
    }
  }
}

/** Where the number of a network interface is asked for by its name: each program asks by itself. */
export function* interfacesIn(node: Expression): Generator<FunctionNode> {
  if (node.kind === 'function' && node.name === 'if_nametoindex') {
    yield node;
  } else {
    for (const child of childrenOf(node)) {
      yield* interfacesIn(child);
    }
  }
}

export function hasInterface(node: Expression): boolean {
  return interfacesIn(node).next().done !== true;
}

/** Whether an expression gives a number. */
export function isNumeric(node: Expression): boolean {
  return (
    ['number', 'constant', 'operation', 'negative', 'member'].includes(node.kind) ||
    (node.kind === 'function' && node.name === 'if_nametoindex')
  );
}

/** Whether an option of this layout can be given an `int`. */
export function takesInt(layout: string): boolean {
  return ['int', 'bool', 'intOrByte', 'ints', 'timestamping'].includes(layout);
}

/** A pointer of strace's in the place of a number. */
export function isPointerAt(args: CallStatement['args'], index: number): boolean {
  const node = args[index];
  return node?.kind === 'number' && node.isHex && node.value > 0xffffffff;
}

/** @throws Inexpressible where so many bytes are more than a program is made with. */
export function checkSize(length: number): void {
  if (!(length <= mostData)) {
    throw new Inexpressible(t('More than {0} MiB in one call are not exported.', mostData / 1024 / 1024));
  }
}
