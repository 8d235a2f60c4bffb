import type { Expression, ListNode, NumberNode, ResultNode, StructNode } from './ast.js';
import type { WrittenCall } from './statementParser.js';

/**
 * strace's calls as the records that they amount to: readv is a read of all its parts, sendmmsg one sendmsg for
 * each message. Undefined for a call that needs no change, or that cannot be told apart.
 */
export function rewrite(call: WrittenCall): WrittenCall[] | undefined {
  const [first, second, third, fourth] = call.args;
  switch (call.name) {
    case 'readv':
    case 'writev':
      return vector(call, call.name === 'readv' ? 'read' : 'write');
    case 'dup2':
    case 'dup3':
      return first && [{ ...call, name: 'dup', args: [first] }];
    case 'pipe2':
      return first && [{ ...call, name: 'pipe', args: [first] }];
    case 'ppoll':
      return first && second && [{ ...call, name: 'poll', args: [first, second, milliseconds(third)] }];
    case 'sendmmsg':
    case 'recvmmsg':
      return messages(call, call.name === 'sendmmsg' ? 'sendmsg' : 'recvmsg', fourth);
    default:
      return undefined;
  }
}

function vector(call: WrittenCall, name: 'read' | 'write'): WrittenCall[] | undefined {
  const [fd, list] = call.args;
  if (!fd || list?.kind !== 'list') {
    return undefined;
  }
  const bases: (Expression & { kind: 'data' })[] = [];
  let length = 0;
  for (const item of list.items) {
    const base = fieldOf(item, 'iov_base');
    const size = fieldOf(item, 'iov_len');
    if (base?.kind !== 'data' || size?.kind !== 'number') {
      return undefined;
    }
    bases.push(base);
    length += Number(size.value);
  }
  const data: Expression = {
    kind: 'data',
    parts: bases.flatMap(({ parts }) => parts),
    isCut: list.isCut || bases.some(({ isCut }) => isCut),
    isAbstract: false,
    range: list.range,
  };
  return [{ ...call, name, args: [fd, data, number(length, list)] }];
}

function messages(
  call: WrittenCall,
  name: 'sendmsg' | 'recvmsg',
  flags: Expression | undefined,
): WrittenCall[] | undefined {
  const [fd, list] = call.args;
  if (!fd || list?.kind !== 'list' || list.isCut) {
    return undefined;
  }
  const calls: WrittenCall[] = [];
  for (const item of list.items) {
    const header = fieldOf(item, 'msg_hdr');
    const length = fieldOf(item, 'msg_len');
    if (header?.kind !== 'struct') {
      return undefined;
    }
    calls.push({
      ...call,
      name,
      args: flags ? [fd, header, flags] : [fd, header],
      result: length ? resultOf(length) : call.result && isFailure(call.result) ? call.result : null,
    });
  }
  return calls.length > 0 ? calls : undefined;
}

function isFailure({ outcomes }: ResultNode): boolean {
  return outcomes.some(({ kind }) => kind === 'error');
}

function resultOf(value: Expression): ResultNode {
  return { outcomes: [{ kind: 'value', value, range: value.range }], output: null, range: value.range };
}

function fieldOf(node: Expression, name: string): Expression | undefined {
  return (node as Partial<StructNode>).kind === 'struct'
    ? (node as StructNode).fields.find((field) => field.name === name)?.value
    : undefined;
}

/** ppoll's `{tv_sec=1, tv_nsec=0}` as poll's milliseconds; NULL waits without end. */
function milliseconds(timeout: Expression | undefined): Expression {
  const part = (name: string): number => {
    const field = timeout && fieldOf(timeout, name);
    return field?.kind === 'number' ? Number(field.value) : 0;
  };
  const range = timeout?.range ?? { start: 0, end: 0 };
  return timeout?.kind === 'struct'
    ? number(Math.ceil(part('tv_sec') * 1000 + part('tv_nsec') / 1e6), { range })
    : { kind: 'negative', operator: '-', operand: number(1, { range }), range };
}

function number(value: number, { range }: Pick<ListNode, 'range'>): NumberNode {
  return { kind: 'number', value, isHex: false, range };
}
