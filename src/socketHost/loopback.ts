import type { SocketAddress } from '../common/socket.js';
import { family, option } from './sys/linux.js';
import type { SockaddrCodec } from './sys/sockaddr.js';

/** What an address is passed for. */
export type AddressUse = 'bind' | 'connect' | 'send';

/** The kernel takes `sockaddr_in6` without its scope too. */
const shortIn6 = 24;
const sizeOfIn = 16;
const sizeOfIn6 = 28;

/** What has been set on a socket that keeps its multicast on this machine; nothing of it at first. */
export interface MulticastLimits {
  /** IP_MULTICAST_IF and IPV6_MULTICAST_IF are lo: datagrams to groups leave by it. */
  sendsOnLo: boolean;
  sendsOnLo6: boolean;
  /** The index that IP_MULTICAST_IF was set to, which the kernel does not tell; 0 where it was an address, or nothing. */
  sendsByIndex: number;
  /** IP_MULTICAST_ALL and IPV6_MULTICAST_ALL are 0: it receives from the groups only that it has joined itself. */
  hasOwnGroupsOnly: boolean;
  hasOwnGroupsOnly6: boolean;
}

export const noLimits: Readonly<MulticastLimits> = {
  sendsOnLo: false,
  sendsOnLo6: false,
  sendsByIndex: 0,
  hasOwnGroupsOnly: false,
  hasOwnGroupsOnly6: false,
};

/** The socket that an address is passed on. */
export interface AddressedSocket {
  domain: number | null;
  multicast: Readonly<MulticastLimits>;
}

/**
 * Whether a sockaddr stays on this machine.
 * @param bytes As many as the kernel is told of.
 */
export function isLoopback(
  bytes: Uint8Array,
  use: AddressUse,
  codec: SockaddrCodec,
  socket: AddressedSocket | undefined,
): boolean {
  if (socket?.domain === family.AF_PACKET) {
    // The kernel looks at the interface, whatever the family.
    const address = codec.decode(as(family.AF_PACKET, bytes));
    return address.family === 'AF_PACKET' && isLo(address.interface);
  }
  const limits = socket?.multicast ?? noLimits;
  return readings(bytes, use).every((reading) => isLoopbackAddress(codec.decode(reading), use, limits));
}

/** The bytes as the kernel reads them. */
function readings(bytes: Uint8Array, use: AddressUse): Uint8Array[] {
  switch (familyOf(bytes)) {
    case family.AF_UNSPEC:
      // To connect it dissolves a connection. Elsewhere it is the family of the socket, when it is long enough.
      return use === 'connect'
        ? []
        : [
            ...(bytes.length >= sizeOfIn ? [as(family.AF_INET, bytes)] : []),
            ...(use === 'send' && bytes.length >= shortIn6 ? [as(family.AF_INET6, bytes)] : []),
          ];
    case family.AF_INET:
      return bytes.length >= sizeOfIn ? [bytes] : [];
    case family.AF_INET6:
      return bytes.length >= shortIn6 ? [as(family.AF_INET6, bytes)] : [];
    default:
      return [bytes];
  }
}

/** What is shorter than a family names none: the kernel refuses it. */
function familyOf(bytes: Uint8Array): number {
  return bytes.length < 2 ? family.AF_INET : bytes[0]! | (bytes[1]! << 8);
}

function as(familyNumber: number, bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(Math.max(bytes.length, sizeOfIn6));
  copy.set(bytes);
  copy.set([familyNumber, 0]);
  return copy;
}

const loIndex = 1;

/** Whether a value keeps to the loopback interface. */
type Stays = (value: DataView, limits: Readonly<MulticastLimits>) => boolean;

const never: Stays = () => false;
const indexAt =
  (at: number): Stays =>
  (value) =>
    value.byteLength >= at + 4 && value.getInt32(at, true) === loIndex;
/** The interface that has the address. */
const addressAt =
  (at: number): Stays =>
  (value) =>
    value.byteLength >= at + 4 && value.getUint32(at) === 0x7f000001;
/** `struct ip_mreqn`, whose index counts where there is one, or `struct ip_mreq`. */
const membership: Stays = (value, limits) =>
  (value.byteLength >= 12 && value.getInt32(8, true) !== 0 ? indexAt(8) : addressAt(4))(value, limits);
const isZero = (value: DataView): boolean =>
  value.byteLength > 0 &&
  new Uint8Array(value.buffer, value.byteOffset, Math.min(4, value.byteLength)).every((byte) => byte === 0);
const multicastInterface: Stays = (value, limits) =>
  (value.byteLength >= 8 ? membership : addressAt(0))(value, limits);
const device: Stays = (value) =>
  value.byteLength >= 2 &&
  value.getUint16(0) === 0x6c6f &&
  (value.byteLength === 2 || value.getUint8(2) === 0);

/** Options that join a group, or choose an interface or a route of packets, by their level. */
const leavingOptions: ReadonlyMap<number, ReadonlyMap<number, Stays>> = new Map<
  number,
  ReadonlyMap<number, Stays>
>([
  [
    option.SOL_SOCKET,
    new Map<number, Stays>([
      [option.SO_BINDTODEVICE, device],
      [option.SO_BINDTOIFINDEX, indexAt(0)],
    ]),
  ],
  [
    option.IPPROTO_IP,
    new Map<number, Stays>([
      [option.IP_OPTIONS, never],
      [option.IP_MULTICAST_IF, multicastInterface],
      [option.IP_ADD_MEMBERSHIP, membership],
      [option.IP_ADD_SOURCE_MEMBERSHIP, addressAt(4)],
      [option.MCAST_JOIN_GROUP, indexAt(0)],
      [option.MCAST_JOIN_SOURCE_GROUP, indexAt(0)],
      [option.IP_UNICAST_IF, never],
      [option.IP_MULTICAST_ALL, (value, limits) => !limits.hasOwnGroupsOnly || isZero(value)],
    ]),
  ],
  [
    option.IPPROTO_IPV6,
    new Map<number, Stays>([
      [option.IPV6_MULTICAST_IF, indexAt(0)],
      [option.IPV6_JOIN_GROUP, indexAt(16)],
      [option.IPV6_JOIN_ANYCAST, never],
      [option.MCAST_JOIN_GROUP, indexAt(0)],
      [option.MCAST_JOIN_SOURCE_GROUP, indexAt(0)],
      [option.IPV6_RTHDR, never],
      [option.IPV6_UNICAST_IF, never],
      [option.IPV6_MULTICAST_ALL, (value, limits) => !limits.hasOwnGroupsOnly6 || isZero(value)],
    ]),
  ],
  [option.SOL_PACKET, new Map<number, Stays>([[option.PACKET_ADD_MEMBERSHIP, indexAt(0)]])],
]);

/**
 * Whether setting the option lets packets leave this machine, or others in, whatever the addresses.
 * @param value As many bytes as the kernel is told of.
 */
export function isLeavingOption(
  level: number,
  name: number,
  value: Uint8Array,
  limits: Readonly<MulticastLimits>,
): boolean {
  const stays = leavingOptions.get(level)?.get(name);
  return stays !== undefined && !stays(viewOf(value), limits);
}

/** What an option that was set has changed; undefined when nothing. */
export function limitsAfter(
  level: number,
  name: number,
  value: Uint8Array,
): Partial<MulticastLimits> | undefined {
  const view = viewOf(value);
  switch (level) {
    case option.SOL_SOCKET: {
      // The device that a socket is bound to goes before the interface of its multicast.
      const isElsewhere =
        (name === option.SO_BINDTODEVICE && !device(view, noLimits)) ||
        (name === option.SO_BINDTOIFINDEX && !indexAt(0)(view, noLimits));
      return isElsewhere ? { sendsOnLo: false, sendsOnLo6: false } : undefined;
    }
    case option.IPPROTO_IP:
      return name === option.IP_MULTICAST_IF
        ? {
            sendsOnLo: multicastInterface(view, noLimits),
            sendsByIndex: view.byteLength >= 12 ? view.getInt32(8, true) : 0,
          }
        : name === option.IP_MULTICAST_ALL
          ? { hasOwnGroupsOnly: isZero(view) }
          : undefined;
    case option.IPPROTO_IPV6:
      return name === option.IPV6_MULTICAST_IF
        ? { sendsOnLo6: indexAt(0)(view, noLimits) }
        : name === option.IPV6_MULTICAST_ALL
          ? { hasOwnGroupsOnly6: isZero(view) }
          : undefined;
    default:
      return undefined;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

const controlOptions = {
  IP_RETOPTS: 7,
  IP_PKTINFO: 8,
  IPV6_PKTINFO: 50,
  IPV6_RTHDR: 57,
  IPV6_2292RTHDR: 5,
} as const;

/** Whether a control message sends a packet another way than its address says. */
export function isLeavingControl(level: number, type: number, data: Uint8Array): boolean {
  const at = type === controlOptions.IP_PKTINFO ? 0 : 16;
  const index = data.length >= at + 4 ? new DataView(data.buffer, data.byteOffset).getInt32(at, true) : 0;
  const isElsewhere = index !== 0 && index !== loIndex;
  switch (level) {
    case option.IPPROTO_IP:
      return type === controlOptions.IP_RETOPTS || (type === controlOptions.IP_PKTINFO && isElsewhere);
    case option.IPPROTO_IPV6:
      return (
        type === controlOptions.IPV6_RTHDR ||
        type === controlOptions.IPV6_2292RTHDR ||
        (type === controlOptions.IPV6_PKTINFO && isElsewhere)
      );
    default:
      return false;
  }
}

/** `0.0.0.0` to bind means every interface. As a destination it is this host. */
function isLoopbackAddress(address: SocketAddress, use: AddressUse, limits: MulticastLimits): boolean {
  const isLocal = use === 'bind';
  switch (address.family) {
    case 'AF_INET':
      return isLoopbackV4(address.address, isLocal, limits) || (!isLocal && address.address === '0.0.0.0');
    case 'AF_INET6': {
      const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address.address)?.[1];
      if (mapped !== undefined) {
        return isLoopbackV4(mapped, isLocal, limits);
      }
      if (/^ff/i.test(address.address)) {
        // The scope of a group goes before the interface that was set.
        const isScopeLo = address.scopeId === undefined || isLo(address.scopeId);
        return isScopeLo && (isLocal ? limits.hasOwnGroupsOnly6 : limits.sendsOnLo6);
      }
      return address.address === '::1' || (!isLocal && address.address === '::');
    }
    case 'AF_UNIX':
      return true;
    case 'AF_VSOCK':
      return address.cid === 1;
    case 'AF_NETLINK':
      return true;
    case 'AF_PACKET':
    case 'AF_CAN':
      return isLo(address.interface);
    default:
      return false;
  }
}

function isLo(name: string | number): boolean {
  return name === 'lo' || name === loIndex;
}

function isLoopbackV4(text: string, isLocal: boolean, limits: MulticastLimits): boolean {
  const first = Number(text.split('.')[0]);
  const isGroup = first >= 224 && first <= 239;
  return first === 127 || (isGroup && (isLocal ? limits.hasOwnGroupsOnly : limits.sendsOnLo));
}
