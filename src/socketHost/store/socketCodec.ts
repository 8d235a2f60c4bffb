import type {
  Named,
  SocketAddress,
  SocketInfo,
  SocketRole,
  SocketState,
  TcpState,
} from '../../common/socket.js';
import { isAddress, type Value } from '../../common/call.js';
import { ByteReader, ByteWriter, DamagedBytesError } from './bytes.js';
import { readValue, writeValue } from './valueCodec.js';

// Places in these lists are part of the file format: only add to them.
const roles: readonly SocketRole[] = ['new', 'listener', 'accepted', 'client', 'datagram'];
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
const flags = ['isNonBlocking', 'isShutdownRead', 'isShutdownWrite', 'isLost'] as const;
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
  writer.u8(roles.indexOf(info.role));
  writer.u8(states.indexOf(info.state));
  writer.u8(info.tcpState === null ? none : tcpStates.indexOf(info.tcpState));
  writer.u8(flags.reduce((bits, flag, index) => bits | (info[flag] ? 1 << index : 0), 0));
  writeValue(writer, info.local);
  writeValue(writer, info.remote);
  numbers.forEach((field) => writeValue(writer, info[field]));
  names.forEach((field) => writeNamed(info[field]));
  writeNamed(info.name ?? 0);
  return writer.bytes;
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
  const [role, state, tcpState, bits] = [
    roles[reader.u8()],
    states[reader.u8()],
    tcpStates[reader.u8()],
    reader.u8(),
  ];
  if (!role || !state) {
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
  return {
    id,
    fd,
    name: typeof name === 'string' ? name : null,
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
    backlog,
    acceptQueue,
    receiveQueue,
    sendQueue,
    bytesReceived,
    bytesSent,
    isNonBlocking: has('isNonBlocking'),
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

function writeNamed(value: Named): void {
  if (typeof value === 'number') {
    writer.u8(0);
    writer.f64(value);
  } else {
    writer.u8(1);
    writer.text(value);
  }
}

function readNamed(reader: ByteReader): Named {
  return reader.u8() === 0 ? reader.f64() : reader.text();
}
