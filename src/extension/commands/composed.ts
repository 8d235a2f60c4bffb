import { isData, type StructValue, type Value } from '../../common/call.js';
import type { SocketInfo } from '../../common/socket.js';
import { constantValue } from '../../common/tables/constants.js';
import type { Parameter } from '../../common/tables/signatures.js';
import { platform } from '../platform.js';
import { readArgument } from './arguments.js';
import type { Answers } from './flow.js';

/** The keys of the questions that structures are made from. */
export const partKeys = {
  data: 'buf',
  address: 'dest_addr',
  length: 'len',
  /** Ids of sockets, joined with `|`. */
  passed: 'passed',
  polled: 'polled',
  events: 'events',
} as const;

const data: Parameter = { name: partKeys.data, type: 'data' };
const address: Parameter = { name: partKeys.address, type: 'sockaddr' };
const size: Parameter = { name: partKeys.length, type: 'size' };

/**
 * An argument that is a structure, made from the answers about its parts; undefined when it is none, or is answered as
 * a whole. `hostName` stands for the address of a message.
 */
export function composedArgument(
  { name, type }: Parameter,
  answers: Answers,
  sockets: readonly SocketInfo[],
): { value: Value; hostName?: { host: string; port: number } } | undefined {
  if (answers.has(name)) {
    return undefined;
  }
  switch (type) {
    case 'msghdr':
      return message(answers, sockets);
    case 'msghdrOut':
      return { value: room(answers) };
    case 'pollfds':
      return { value: pollFds(answers, sockets) };
    default:
      return undefined;
  }
}

function message(
  answers: Answers,
  sockets: readonly SocketInfo[],
): { value: Value; hostName?: { host: string; port: number } } {
  const fields: StructValue['fields'] = [];
  const to = answers.get(partKeys.address);
  const name = to === undefined || to === '' ? undefined : readArgument(to, address);
  const hostName = name && 'value' in name ? name.hostName : undefined;
  if (name && 'value' in name) {
    fields.push({ name: 'msg_name', value: name.value });
  }
  const read = readArgument(answers.get(partKeys.data) ?? '', data);
  const payload = 'value' in read && isData(read.value) ? read.value : undefined;
  fields.push({
    name: 'msg_iov',
    value: list(
      payload
        ? [
            struct([
              ['iov_base', payload],
              ['iov_len', payload.length],
            ]),
          ]
        : [],
    ),
  });
  const passed = chosen(answers.get(partKeys.passed), sockets);
  if (passed.length > 0) {
    const rights = struct([
      ['cmsg_level', number('SOL_SOCKET')],
      ['cmsg_type', number('SCM_RIGHTS')],
      ['cmsg_data', list(passed.map(({ fd }) => fd))],
    ]);
    fields.push({ name: 'msg_control', value: list([rights]) });
  }
  return { value: { kind: 'struct', fields }, ...(hostName ? { hostName } : {}) };
}

/** Room for data, for the sender's address and for control messages. */
function room(answers: Answers): Value {
  const read = readArgument(answers.get(partKeys.length) ?? '', size);
  const length = 'value' in read ? read.value : 0;
  return struct([
    ['msg_name', { kind: 'any' }],
    [
      'msg_iov',
      list([
        struct([
          ['iov_base', { kind: 'any' }],
          ['iov_len', length],
        ]),
      ]),
    ],
    ['msg_control', { kind: 'any' }],
  ]);
}

function pollFds(answers: Answers, sockets: readonly SocketInfo[]): Value {
  const events = (answers.get(partKeys.events) ?? 'POLLIN')
    .split('|')
    .reduce((bits, name) => bits | number(name), 0);
  return list(
    chosen(answers.get(partKeys.polled), sockets).map(({ fd }) =>
      struct([
        ['fd', fd],
        ['events', events],
      ]),
    ),
  );
}

function chosen(ids: string | undefined, sockets: readonly SocketInfo[]): SocketInfo[] {
  const wanted = new Set(ids?.split('|'));
  return sockets.filter(({ id }) => wanted.has(String(id)));
}

function number(name: string): number {
  return constantValue(name, platform) ?? 0;
}

function list(items: Value[]): Value {
  return { kind: 'list', items };
}

function struct(fields: readonly (readonly [string, Value])[]): Value {
  return { kind: 'struct', fields: fields.map(([name, value]) => ({ name, value })) };
}
