import { t } from '../l10n.js';
import { portOf, type SocketAddress, type SocketInfo, tcpStates } from '../socket.js';
import { endpointText, protocolName, roleText } from '../socketText.js';
import { faultRows } from '../tap/faults.js';
import { injectedFaults } from '../tap/maker.js';
import { errnoNames } from '../tables/errnos.js';
import { signatures } from '../tables/signatures.js';
import { type FilterRow, tookNs } from './row.js';

/** How a field is compared and what its values are. */
export type FieldType = 'number' | 'seconds' | 'text' | 'name' | 'address' | 'flag' | 'data';

export interface Field {
  name: string;
  type: FieldType;
  /** One sentence; evaluated late, when the language is known. */
  description(): string;
  /** What it is of a record; null where it has none, and no comparison holds. A list holds where one does. */
  of(row: FilterRow): number | string | boolean | null | readonly (number | string)[];
  /** The values of a `name`, and those worth offering of others. */
  values?(): readonly string[];
}

const socketStates = ['open', 'bound', 'listening', 'connecting', 'connected', 'closed', 'lost'];
function host(address: SocketAddress | null | undefined): string | null {
  return address ? ('address' in address ? address.address : endpointText(address)) : null;
}

function present<T>(...values: (T | null | undefined)[]): T[] {
  return values.filter((value) => value !== null && value !== undefined);
}

function statesOf(socket: SocketInfo | undefined): string[] {
  return socket ? present(socket.isLost ? 'lost' : socket.state, socket.tcpState) : [];
}

function endpoint(address: SocketAddress | null | undefined): string | null {
  return address ? endpointText(address) : null;
}

/** All fields, in the order in which they are offered. */
export const fields: readonly Field[] = [
  { name: 'fd', type: 'number', description: () => t('The descriptor.'), of: ({ fd }) => fd },
  {
    name: 'call',
    type: 'name',
    description: () => t('The name of the call.'),
    of: ({ name }) => name,
    values: () => [...signatures.keys()],
  },
  { name: 'len', type: 'number', description: () => t('Bytes moved.'), of: ({ length }) => length },
  {
    name: 'result',
    type: 'number',
    description: () => t('What the call returned.'),
    of: ({ result }) => result,
  },
  {
    name: 'errno',
    type: 'name',
    description: () => t('The error of a failed call; alone it fits every failed call.'),
    of: ({ errno }) => errno,
    values: errnoNames,
  },
  {
    name: 'data',
    type: 'data',
    description: () => t('The bytes moved, as far as they are held.'),
    of: ({ length }) => (length ?? 0) > 0,
  },
  {
    name: 'time',
    type: 'seconds',
    description: () => t('Seconds since the recording began.'),
    of: ({ startNs }) => startNs / 1e9,
  },
  {
    name: 'took',
    type: 'seconds',
    description: () => t('Seconds from the call to its answer.'),
    of: (row) => {
      const ns = tookNs(row);
      return ns === null ? null : ns / 1e9;
    },
  },
  {
    name: 'waited',
    type: 'flag',
    description: () => t('The call had to wait.'),
    of: ({ hasWaited }) => hasWaited,
  },
  {
    name: 'status',
    type: 'name',
    description: () => t('How far the call has come.'),
    of: ({ status }) => status,
    values: () => ['returned', 'waiting', 'cancelled', 'lost'],
  },
  {
    name: 'socket',
    type: 'text',
    description: () => t('The name of the socket.'),
    of: ({ socket }) => (socket ? (socket.name ?? roleText(socket)) : null),
  },
  {
    name: 'socketid',
    type: 'number',
    description: () => t('The number of the socket here, which no other gets.'),
    of: ({ socketId }) => socketId,
  },
  {
    name: 'state',
    type: 'name',
    description: () => t('The state of the socket now, as our calls made it or as TCP reports it.'),
    of: ({ socket }) => statesOf(socket),
    values: () => [...socketStates, ...tcpStates],
  },
  {
    name: 'protocol',
    type: 'name',
    description: () => t('The protocol of the socket.'),
    of: ({ socket }) => (socket ? protocolName(socket) : null),
    values: () => ['TCP', 'UDP', 'Unix'],
  },
  {
    name: 'local',
    type: 'text',
    description: () => t('The local address of the socket.'),
    of: ({ socket }) => endpoint(socket?.local),
  },
  {
    name: 'local.addr',
    type: 'address',
    description: () => t('The host of the local address.'),
    of: ({ socket }) => host(socket?.local),
  },
  {
    name: 'local.port',
    type: 'number',
    description: () => t('The port of the local address.'),
    of: ({ socket }) => portOf(socket?.local) ?? null,
  },
  {
    name: 'remote',
    type: 'text',
    description: () => t('The address of the other end.'),
    of: ({ socket }) => endpoint(socket?.remote),
  },
  {
    name: 'remote.addr',
    type: 'address',
    description: () => t('The host of the other end.'),
    of: ({ socket }) => host(socket?.remote),
  },
  {
    name: 'remote.port',
    type: 'number',
    description: () => t('The port of the other end.'),
    of: ({ socket }) => portOf(socket?.remote) ?? null,
  },
  {
    name: 'port',
    type: 'number',
    description: () => t('The port of either end.'),
    of: ({ socket }) => present(portOf(socket?.local), portOf(socket?.remote)),
  },
  {
    name: 'addr',
    type: 'address',
    description: () => t('The host of either end.'),
    of: ({ socket }) => present(host(socket?.local), host(socket?.remote)),
  },
  {
    name: 'peer',
    type: 'number',
    description: () => t('The number of the socket at the other end, where it is ours.'),
    of: ({ peerId }) => peerId,
  },
  {
    name: 'stream',
    type: 'number',
    description: () => t('The number of a socket: of the connection that it is an end of.'),
    of: ({ socketIds }) => socketIds,
  },
  {
    name: 'direction',
    type: 'name',
    description: () => t('Whether bytes came in or went out.'),
    of: ({ direction }) => direction,
    values: () => ['in', 'out'],
  },
  {
    name: 'offset',
    type: 'number',
    description: () => t('The position of the first byte in its stream, from 0.'),
    of: ({ streamOffset }) => streamOffset,
  },
  {
    name: 'thread',
    type: 'text',
    description: () => t('The thread of a scenario.'),
    of: ({ thread }) => thread,
  },
  {
    name: 'madeby',
    type: 'text',
    description: () => t('The scenario that made the call.'),
    of: ({ madeBy }) => madeBy,
  },
  {
    name: 'injected',
    type: 'name',
    description: () => t('The faults that a tap has injected.'),
    of: ({ madeBy }) => injectedFaults(madeBy),
    values: () => faultRows.map(({ name }) => name),
  },
  { name: 'seq', type: 'number', description: () => t('The number of the record.'), of: ({ seq }) => seq },
];

const byName = new Map(fields.map((field) => [field.name, field]));

/** The field of the display filter with a name, in upper or lower case; undefined if there is none. */
export function fieldOf(name: string): Field | undefined {
  return byName.get(name.toLowerCase());
}
