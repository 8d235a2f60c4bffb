import { readFileSync } from 'node:fs';
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from '../../common/ipAddress.js';
import type { SocketAddress } from '../../common/socket.js';
import type { CallQuestion } from '../../common/system/errorFacts.js';
import { type GroupAddress, multicastGroupOf } from '../../common/system/groupFacts.js';
import type { GroupFacts } from '../../common/system/systemSocket.js';
import { isAnyHost, plainHost } from '../../common/system/systemSocketText.js';
import type { Socket } from '../socket.js';
import { family, option, socketType } from '../sys/linux.js';
import { IntCell, Memory } from '../sys/memory.js';
import { outgoingInterface } from '../sys/route.js';
import type { SockaddrCodec } from '../sys/sockaddr.js';
import * as sys from '../sys/syscall.js';

export interface GroupSources {
  codec: SockaddrCodec;
  /** Our open sockets. */
  sockets: Iterable<Socket>;
  /** A socket's own address as the kernel says it now. */
  localOf(socket: Socket): SocketAddress | null;
}

interface Interface {
  index: number;
  name: string;
}

/**
 * Asks the kernel, right after a datagram was sent to a group, by which interface it went, and where our sockets at its port have
 * joined the group. Null unless they have joined it by other interfaces only, so that none of them gets it.
 */
export function lookUpGroup(question: CallQuestion, sources: GroupSources): GroupFacts | null {
  const address = multicastGroupOf(question);
  const sockets = [...sources.sockets];
  const sender = sockets.find(({ id }) => id === question.socketId);
  if (!address || !sender || sender.isClosed || sender.file.type !== socketType.SOCK_DGRAM) {
    return null;
  }
  const joined = interfacesOf(address);
  const index = joined.length === 0 ? undefined : outgoing(sender, address, sources);
  if (index === undefined || joined.some((each) => each.index === index)) {
    return null;
  }
  const members = sockets.flatMap((socket) => {
    const local = isCandidate(socket, address) ? sources.localOf(socket) : null;
    if (!local || !('port' in local) || local.port !== address.port) {
      return [];
    }
    const by = joined.filter((each) => isMember(socket, address, each.index, sources.codec));
    const { fd, name } = socket.info;
    return by.length > 0 ? [{ fd, name, interfaces: by.map((each) => each.name) }] : [];
  });
  const sentBy = sys.interfaceName(index, new Memory(16));
  return members.length > 0 && sentBy !== null ? { kind: 'group', address, sentBy, members } : null;
}

/** Those by which somebody on this machine has joined the group. */
function interfacesOf({ family: name, address }: GroupAddress): Interface[] {
  return name === 'AF_INET' ? readIgmp(plainHost(address)) : readIgmp6(plainHost(address));
}

/** A line for each interface, and below it one for each group, with the bytes of a little-endian number. */
function readIgmp(group: string): Interface[] {
  const found: Interface[] = [];
  let current: Interface | undefined;
  for (const line of linesOf('/proc/net/igmp')) {
    const [, index, name] = /^(\d+)\s+(\S+)\s*:/.exec(line) ?? [];
    if (name !== undefined) {
      current = { index: Number(index), name };
    }
    const [, hex] = /^\s+([\dA-F]{8})\s/.exec(line) ?? [];
    if (current && hex !== undefined && formatIPv4(Buffer.from(hex, 'hex').reverse()) === group) {
      found.push(current);
    }
  }
  return found;
}

function readIgmp6(group: string): Interface[] {
  return linesOf('/proc/net/igmp6').flatMap((line) => {
    const [index, name, hex] = line.trim().split(/\s+/);
    const isGroup = hex?.length === 32 && formatIPv6(Buffer.from(hex, 'hex')) === group;
    return isGroup ? [{ index: Number(index), name: name! }] : [];
  });
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** What the kernel looks at when it sends: the device of the socket, the scope of the group, the interface that was set. */
function outgoing(sender: Socket, address: GroupAddress, sources: GroupSources): number | undefined {
  const local = sources.localOf(sender);
  const own = local?.family === address.family && !isAnyHost(local.address) ? local.address : null;
  const {
    SOL_SOCKET,
    SO_MARK,
    SO_BINDTOIFINDEX,
    IPPROTO_IP,
    IPPROTO_IPV6,
    IP_MULTICAST_IF,
    IPV6_MULTICAST_IF,
  } = option;
  // A rule for marked packets may send them another way than the kernel tells without the mark.
  if (number(sender, SOL_SOCKET, SO_MARK)?.getUint32(0, true) !== 0) {
    return undefined;
  }
  const device = number(sender, SOL_SOCKET, SO_BINDTOIFINDEX)?.getInt32(0, true) ?? 0;
  if (address.family === 'AF_INET6') {
    const scope = address.scopeId ?? 0;
    const index =
      device ||
      (typeof scope === 'number' ? scope : sys.interfaceIndex(scope)) ||
      (number(sender, IPPROTO_IPV6, IPV6_MULTICAST_IF)?.getInt32(0, true) ?? 0);
    const [destination, source] = [
      parseIPv6(plainHost(address.address)),
      own === null ? null : parseIPv6(own),
    ];
    return destination && source !== undefined
      ? outgoingInterface({ domain: family.AF_INET6, destination, source, index })
      : undefined;
  }
  // The kernel tells the address that was set, and not the index.
  const set = number(sender, IPPROTO_IP, IP_MULTICAST_IF);
  const chosen = set && set.getUint32(0) !== 0 ? new Uint8Array(set.buffer.slice(0, 4)) : null;
  const index = device || sender.file.multicast.sendsByIndex;
  const [destination, source] = [parseIPv4(address.address), own === null ? chosen : parseIPv4(own)];
  return destination && source !== undefined
    ? outgoingInterface({ domain: family.AF_INET, destination, source, index })
    : undefined;
}

function isCandidate({ isClosed, file }: Socket, address: GroupAddress): boolean {
  const domain = address.family === 'AF_INET' ? family.AF_INET : family.AF_INET6;
  return !isClosed && file.type === socketType.SOCK_DGRAM && file.domain === domain;
}

/** The kernel tells whose datagrams a socket takes of a group: only of one that it has joined by this interface. */
function isMember({ handle }: Socket, address: GroupAddress, index: number, codec: SockaddrCodec): boolean {
  const { IPPROTO_IP, IPPROTO_IPV6, MCAST_MSFILTER } = option;
  const level = address.family === 'AF_INET' ? IPPROTO_IP : IPPROTO_IPV6;
  // struct group_filter without a list
  const [filter, length] = [new Memory(144), new IntCell()];
  filter.i32![0] = index;
  filter.bytes.set(codec.encode(address), 8);
  length.value = filter.length;
  return sys.getsockopt(handle, level, MCAST_MSFILTER, filter, length) === 0;
}

function number({ handle }: Socket, level: number, name: number): DataView | null {
  const [memory, length] = [new Memory(4), new IntCell()];
  length.value = 4;
  return sys.getsockopt(handle, level, name, memory, length) === 0
    ? new DataView(memory.bytes.buffer, memory.bytes.byteOffset)
    : null;
}
