import type { SocketAddress } from '../socket.js';
import type { Expression } from './ast.js';

/** An expected address, with what came where `_` stands for a number of it. */
export function withTaken(node: Expression, got: SocketAddress): Expression {
  const { range } = node;
  const number = (name: string): Expression => {
    const value = (got as unknown as Record<string, unknown>)[name];
    return { kind: 'number', value: typeof value === 'number' ? value : 0, isHex: false, range };
  };
  if (node.kind === 'address') {
    const form = Object.entries(node.form).map(([name, part]) => [
      name,
      isAny(part) ? number(name) : (part as unknown),
    ]);
    return { ...node, form: Object.fromEntries(form) as typeof node.form };
  }
  if (node.kind !== 'struct') {
    return node;
  }
  const fields = node.fields.map((field) => {
    const { value } = field;
    const name = field.name.replace(/^[a-z0-9]+_/, '');
    const isTaken = isAny(value) || (value.kind === 'function' && isAny(value.args[0]));
    if (!isTaken) {
      return field;
    }
    const taken: Expression = /^sin6?_port$/.test(field.name)
      ? { kind: 'function', name: 'htons', args: [number(name)], range }
      : number(name);
    return { ...field, value: taken };
  });
  return { ...node, fields };
}

function isAny(part: unknown): boolean {
  return typeof part === 'object' && part !== null && 'kind' in part && part.kind === 'any';
}

/** Whether the port of an address is a number in the text, not one that another call gave. */
export function isPortWritten(node: Expression): boolean {
  if (node.kind === 'address') {
    return 'port' in node.form && node.form.port.kind === 'number';
  }
  const port =
    node.kind === 'struct' &&
    node.fields.find(({ name }) => name === 'sin_port' || name === 'sin6_port')?.value;
  return port ? port.kind === 'function' && port.args[0]?.kind === 'number' : false;
}
