import type { SocketInfo } from '../socket.js';
import type { HostChange } from './socketHost.js';

/** A {@link HostChange} as it crosses the pipe. */
export interface PackedChange extends Omit<HostChange, 'sockets'> {
  sockets: PackedSockets;
}

/**
 * Sockets by what tells them apart: the thousands that come or go in one frame are alike but for three or four fields, and of
 * each object that crosses a pipe the names of all its fields cross as well.
 */
export interface PackedSockets {
  count: number;
  /** Null where there is none. */
  first: SocketInfo | null;
  /** The fields in which not all are like the first, with the values of all; undefined where one has no such field. */
  fields: [name: keyof SocketInfo, values: unknown[]][];
}

type Fields = Partial<Record<keyof SocketInfo, unknown>>;
/** What not every socket has, without what the model adds. */
type OptionalField = Exclude<
  { [K in keyof SocketInfo]-?: object extends Pick<SocketInfo, K> ? K : never }[keyof SocketInfo],
  'seenStates' | 'dropped'
>;

const optionalFields: Readonly<Record<OptionalField, null>> = {
  lost: null,
  tap: null,
  past: null,
  heldBy: null,
};

export function packChange(change: HostChange): PackedChange {
  return { ...change, sockets: packSockets(change.sockets) };
}

export function unpackChange(change: PackedChange): HostChange {
  return { ...change, sockets: unpackSockets(change.sockets) };
}

function packSockets(sockets: readonly SocketInfo[]): PackedSockets {
  const [first] = sockets;
  if (!first) {
    return { count: 0, first: null, fields: [] };
  }
  const fields: PackedSockets['fields'] = [];
  for (const name of Object.keys({ ...optionalFields, ...first }) as (keyof SocketInfo)[]) {
    const value = first[name];
    if (sockets.some((socket) => socket[name] !== value)) {
      fields.push([name, sockets.map((socket) => socket[name])]);
    }
  }
  return { count: sockets.length, first, fields };
}

function unpackSockets({ count, first, fields }: PackedSockets): SocketInfo[] {
  const told: Fields = { ...first };
  return Array.from({ length: count }, (_, index) => {
    for (const [name, values] of fields) {
      told[name] = values[index];
    }
    return socketOf(told as SocketInfo);
  });
}

/** Written out, but for what not every socket has: all that the model has are of one form then, whatever message they came with. */
function socketOf(told: SocketInfo): SocketInfo {
  const socket: SocketInfo = {
    id: told.id,
    fd: told.fd,
    name: told.name,
    kind: told.kind,
    domain: told.domain,
    type: told.type,
    protocol: told.protocol,
    role: told.role,
    state: told.state,
    tcpState: told.tcpState,
    local: told.local,
    remote: told.remote,
    listenerId: told.listenerId,
    peerId: told.peerId,
    sharedWith: told.sharedWith,
    backlog: told.backlog,
    acceptQueue: told.acceptQueue,
    receiveQueue: told.receiveQueue,
    sendQueue: told.sendQueue,
    bytesReceived: told.bytesReceived,
    bytesSent: told.bytesSent,
    isNonBlocking: told.isNonBlocking,
    isCloseOnExec: told.isCloseOnExec,
    isShutdownRead: told.isShutdownRead,
    isShutdownWrite: told.isShutdownWrite,
    waiting: told.waiting,
    automatic: told.automatic,
    unrecordedCalls: told.unrecordedCalls,
    openedSeq: told.openedSeq,
    isLost: told.isLost,
  };
  for (const name of Object.keys(optionalFields) as OptionalField[]) {
    copy(name, told, socket);
  }
  return socket;
}

function copy<K extends OptionalField>(name: K, from: SocketInfo, to: Pick<SocketInfo, K>): void {
  if (from[name] !== undefined) {
    to[name] = from[name];
  }
}
