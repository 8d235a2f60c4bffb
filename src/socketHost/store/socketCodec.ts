import {
  type DescriptorKind,
  type Named,
  type PastSocket,
  type SocketAddress,
  type SocketInfo,
  type SocketRole,
  type SocketState,
  tcpStates,
} from '../../common/socket.js';
import { plainName } from '../../common/unseen.js';
import { isAddress, type Value } from '../../common/call.js';
import { ByteReader, ByteWriter, DamagedBytesError } from '../../common/rows/bytes.js';
import { readValue, writeValue } from '../../common/rows/valueCodec.js';
import { FaultTextError, parseFaults, printFaults, type TapKind } from '../../common/tap/faults.js';
import type { SocketTap } from '../../common/tap/tap.js';

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
const tapKinds: readonly TapKind[] = ['stream', 'datagram'];
const tapSides: readonly SocketTap['side'][] = ['listener', 'client', 'server'];
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
/** What nearly all sockets have for these. */
const usual: readonly Named[] = [
  0,
  'AF_INET',
  'AF_INET6',
  'AF_UNIX',
  'SOCK_STREAM',
  'SOCK_DGRAM',
  'IPPROTO_TCP',
  'IPPROTO_UDP',
];
/** Tags of names; from `usual` on it is the place in that list. */
const named = { number: 0, text: 1, null: 2, usual: 3 } as const;
const none = 255;

const writer = new ByteWriter();

/** What is known of a socket, as bytes; valid until the next call. */
export function encodeSocket(info: SocketInfo): Uint8Array {
  writer.reset();
  writer.count(info.id);
  writer.count(info.fd);
  writer.count(info.bytesReceived);
  writer.count(info.bytesSent);
  writer.count(info.openedSeq);
  writer.count(info.unrecordedCalls);
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
  if (info.tap) {
    writeTap(info.tap);
  }
  const { past, heldBy } = info;
  if (past || heldBy) {
    if (!info.tap) {
      writeNoTap();
    }
    writePast(past ?? []);
    writeValue(writer, { kind: 'list', items: [...(heldBy ?? [])] });
  }
  return writer.bytes;
}

/** At the end, where recordings of taps had nothing before. */
function writeTap({ id, kind, side, target, otherId, faults }: SocketTap): void {
  writer.count(id);
  writer.u8(tapKinds.indexOf(kind));
  writer.u8(tapSides.indexOf(side));
  writeValue(writer, target);
  writeValue(writer, otherId);
  writer.text(printFaults(faults) || `seed=${faults.seed}`);
}

/** Before what follows, of a socket that is nothing to a tap: kind and side are none. */
function writeNoTap(): void {
  writer.count(0);
  writer.u8(none);
  writer.u8(none);
  writeValue(writer, null);
  writeValue(writer, null);
}

function writePast(past: readonly PastSocket[]): void {
  writer.count(past.length);
  for (const one of past) {
    writer.f64(one.untilNs);
    writer.u8(states.indexOf(one.state));
    writer.u8((one.isShutdownRead ? 1 : 0) | (one.isShutdownWrite ? 2 : 0));
    writeValue(writer, one.local);
  }
}

/** @throws DamagedBytesError */
function readPast(reader: ByteReader): PastSocket[] {
  const past: PastSocket[] = [];
  for (let left = reader.count(); left > 0; left--) {
    const untilNs = reader.f64();
    const [state, bits] = [states[reader.u8()], reader.u8()];
    if (!state) {
      throw new DamagedBytesError('A socket had no state.');
    }
    const isShut = { isShutdownRead: (bits & 1) !== 0, isShutdownWrite: (bits & 2) !== 0 };
    past.push({ untilNs, state, ...isShut, local: addressOf(readValue(reader)) });
  }
  return past;
}

/** Null where it makes no sense: what else is known of the socket stands. */
function readTap(reader: ByteReader): SocketTap | null {
  const id = reader.count();
  const [kind, side] = [tapKinds[reader.u8()], tapSides[reader.u8()]];
  const target = addressOf(readValue(reader));
  const otherId = numberOf(readValue(reader));
  if (!kind || !side || !target) {
    return null;
  }
  try {
    return { id, kind, side, target, otherId, faults: parseFaults(reader.text(), kind) };
  } catch (error) {
    if (error instanceof FaultTextError) {
      return null;
    }
    throw error;
  }
}

function flagBits(info: SocketInfo): number {
  let bits = 0;
  for (let index = 0; index < flags.length; index++) {
    bits |= info[flags[index]!] ? 1 << index : 0;
  }
  return bits;
}

/**
 * @param isOld As version 1 of the format has it.
 * @throws DamagedBytesError
 */
export function decodeSocket(bytes: Uint8Array, isOld: boolean): SocketInfo {
  const reader = new ByteReader(bytes);
  const count = () => (isOld ? reader.f64() : reader.count());
  const [id, fd, bytesReceived, bytesSent, openedSeq, unrecordedCalls] = [
    count(),
    count(),
    count(),
    count(),
    count(),
    count(),
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
  const tap = reader.rest > 0 ? readTap(reader) : null;
  const past = reader.rest > 0 ? readPast(reader) : [];
  const heldBy = reader.rest > 0 ? numbersOf(readValue(reader)) : [];
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
    ...(tap && { tap }),
    ...(past.length > 0 && { past }),
    ...(heldBy.length > 0 && { heldBy }),
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
  const place = value === null ? -1 : usual.indexOf(value);
  if (value === null) {
    writer.u8(named.null);
  } else if (place >= 0) {
    writer.u8(named.usual + place);
  } else if (typeof value === 'number') {
    writer.u8(named.number);
    writer.f64(value);
  } else {
    writer.u8(named.text);
    writer.text(value);
  }
}

function readNamed(reader: ByteReader): Named | null {
  const tag = reader.u8();
  switch (tag) {
    case named.null:
      return null;
    case named.number:
      return reader.f64();
    case named.text:
      // The file may be anybody's.
      return plainName(reader.text());
    default: {
      const name = usual[tag - named.usual];
      if (name === undefined) {
        throw new DamagedBytesError(`There is no name ${tag}.`);
      }
      return name;
    }
  }
}
