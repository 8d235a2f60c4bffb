import type {
  DescriptorKind,
  Named,
  SocketAddress,
  SocketInfo,
  SocketRole,
  SocketState,
  TcpState,
} from '../../common/socket.js';
import { isAddress, type Value } from '../../common/call.js';
import { ByteReader, ByteWriter, DamagedBytesError } from '../../common/rows/bytes.js';
import { readValue, writeValue } from '../../common/rows/valueCodec.js';

// Places in these lists are part of the file format: only add to them.
const kinds: readonly DescriptorKind[] = ['socket', 'pipe', 'file'];
const roles: readonly SocketRole[] = [
  'new',
  'listener',
  'accepted',
  'client',
  'datagram',
  'pair',
  'received',
  'reader',
  'writer',
];
const states: readonly SocketState[] = ['open', 'bound', 'listening', 'connecting', 'connected', 'closed'];
const tcpStates: readonly TcpState[] = [
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
];
const flags = ['isNonBlocking', 'isShutdownRead', 'isShutdownWrite', 'isLost', 'isCloseOnExec'] as const;
const numbers = [
  'listenerId',
  'peerId',
  'backlog',
  'acceptQueue',
  'receiveQueue',
  'sendQueue',
] as const satisfies readonly (keyof SocketInfo)[];
const names = ['domain', 'type', 'protocol'] as const;
const none = 255;

const writer = new ByteWriter();

/** What is known of a socket, as bytes; valid until the next call. */
export function encodeSocket(info: SocketInfo): Uint8Array {
  writer.reset();
  writer.f64(info.id);
  writer.f64(info.fd);
  writer.f64(info.bytesReceived);
  writer.f64(info.bytesSent);
  writer.f64(info.openedSeq);
  writer.f64(info.unrecordedCalls);
  writer.u8(kinds.indexOf(info.kind));
  writer.u8(roles.indexOf(info.role));
  writer.u8(states.indexOf(info.state));
  writer.u8(info.tcpState === null ? none : tcpStates.indexOf(info.tcpState));
  writer.u8(flagBits(info));
  writeValue(writer, info.local);
  writeValue(writer, info.remote);
  for (const field of numbers) {
    writeValue(writer, info[field]);
  }
  for (const field of names) {
    writeNamed(info[field]);
  }
  writeNamed(info.name);
  writeValue(writer, { kind: 'list', items: info.sharedWith });
  return writer.bytes;
}

function flagBits(info: SocketInfo): number {
  let bits = 0;
  for (let index = 0; index < flags.length; index++) {
    bits |= info[flags[index]!] ? 1 << index : 0;
  }
  return bits;
}

/** @throws DamagedBytesError */
export function decodeSocket(bytes: Uint8Array): SocketInfo {
  const reader = new ByteReader(bytes);
  const [id, fd, bytesReceived, bytesSent, openedSeq, unrecordedCalls] = [
    reader.f64(),
    reader.f64(),
    reader.f64(),
    reader.f64(),
    reader.f64(),
    reader.f64(),
  ];
  const [kind, role, state, tcpState, bits] = [
    kinds[reader.u8()],
    roles[reader.u8()],
    states[reader.u8()],
    tcpStates[reader.u8()],
    reader.u8(),
  ];
  if (!kind || !role || !state) {
    throw new DamagedBytesError('A socket has no state.');
  }
  const has = (flag: (typeof flags)[number]) => (bits & (1 << flags.indexOf(flag))) !== 0;
  const [local, remote] = [addressOf(readValue(reader)), addressOf(readValue(reader))];
  const [listenerId, peerId, backlog, acceptQueue, receiveQueue, sendQueue] = numbers.map(() =>
    numberOf(readValue(reader)),
  ) as [number | null, number | null, number | null, number | null, number | null, number | null];
  const [domain, type, protocol, name] = [
    readNamed(reader),
    readNamed(reader),
    readNamed(reader),
    readNamed(reader),
  ];
  const sharedWith = numbersOf(readValue(reader));
  return {
    id,
    fd,
    name: typeof name === 'string' ? name : null,
    kind,
    domain,
    type,
    protocol,
    role,
    state,
    tcpState: tcpState ?? null,
    local,
    remote,
    listenerId,
    peerId,
    sharedWith,
    backlog,
    acceptQueue,
    receiveQueue,
    sendQueue,
    bytesReceived,
    bytesSent,
    isNonBlocking: has('isNonBlocking'),
    isCloseOnExec: has('isCloseOnExec'),
    isShutdownRead: has('isShutdownRead'),
    isShutdownWrite: has('isShutdownWrite'),
    waiting: [],
    automatic: null,
    unrecordedCalls,
    openedSeq,
    isLost: has('isLost'),
  };
}

function addressOf(value: Value): SocketAddress | null {
  return isAddress(value) ? value : null;
}

function numberOf(value: Value): number | null {
  return typeof value === 'number' ? value : null;
}

function numbersOf(value: Value): number[] {
  const items = typeof value === 'object' && value !== null && 'items' in value ? value.items : [];
  return items.filter((item) => typeof item === 'number');
}

function writeNamed(value: Named | null): void {
  if (value === null) {
    writer.u8(2);
  } else if (typeof value === 'number') {
    writer.u8(0);
    writer.f64(value);
  } else {
    writer.u8(1);
    writer.text(value);
  }
}

function readNamed(reader: ByteReader): Named | null {
  const tag = reader.u8();
  return tag === 2 ? null : tag === 0 ? reader.f64() : reader.text();
}
