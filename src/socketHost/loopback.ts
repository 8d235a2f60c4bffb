import type { SocketAddress } from '../common/socket.js';
import { family, option } from './sys/linux.js';
import type { SockaddrCodec } from './sys/sockaddr.js';

/** What an address is passed for. */
export type AddressUse = 'bind' | 'connect' | 'send';

/** The kernel takes `sockaddr_in6` without its scope too. */
const shortIn6 = 24;
const sizeOfIn = 16;
const sizeOfIn6 = 28;

/**
 * Whether a sockaddr stays on this machine, whatever socket it is passed on.
 * @param bytes As many as the kernel is told of.
 */
export function isLoopback(bytes: Uint8Array, use: AddressUse, codec: SockaddrCodec): boolean {
  return readings(bytes, use).every((reading) => isLoopbackAddress(codec.decode(reading), use === 'bind'));
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

/** Options that join a group of other machines, or choose an interface or a route of packets, by their level. */
const leavingOptions: ReadonlyMap<number, readonly number[]> = new Map([
  [option.SOL_SOCKET, [option.SO_BINDTODEVICE, option.SO_BINDTOIFINDEX]],
  [
    option.IPPROTO_IP,
    [
      option.IP_OPTIONS,
      option.IP_MULTICAST_IF,
      option.IP_ADD_MEMBERSHIP,
      option.IP_ADD_SOURCE_MEMBERSHIP,
      option.MCAST_JOIN_GROUP,
      option.MCAST_JOIN_SOURCE_GROUP,
      option.IP_UNICAST_IF,
    ],
  ],
  [
    option.IPPROTO_IPV6,
    [
      option.IPV6_MULTICAST_IF,
      option.IPV6_JOIN_GROUP,
      option.IPV6_JOIN_ANYCAST,
      option.MCAST_JOIN_GROUP,
      option.MCAST_JOIN_SOURCE_GROUP,
      option.IPV6_RTHDR,
      option.IPV6_UNICAST_IF,
    ],
  ],
]);

/** Whether setting the option lets packets leave this machine, or others in, whatever the addresses. */
export function isLeavingOption(level: number, name: number): boolean {
  return leavingOptions.get(level)?.includes(name) ?? false;
}

const controlOptions = {
  IP_RETOPTS: 7,
  IP_PKTINFO: 8,
  IPV6_PKTINFO: 50,
  IPV6_RTHDR: 57,
  IPV6_2292RTHDR: 5,
} as const;
const loIndex = 1;

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

/** @param isLocal `0.0.0.0` then means every interface. As a destination it is this host. */
function isLoopbackAddress(address: SocketAddress, isLocal: boolean): boolean {
  switch (address.family) {
    case 'AF_INET':
      return isLoopbackV4(address.address) || (!isLocal && address.address === '0.0.0.0');
    case 'AF_INET6': {
      const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address.address)?.[1];
      return mapped === undefined
        ? address.address === '::1' || (!isLocal && address.address === '::')
        : isLoopbackV4(mapped);
    }
    case 'AF_UNIX':
      return true;
    case 'AF_VSOCK':
      return address.cid === 1;
    case 'AF_NETLINK':
      return true;
    case 'AF_PACKET':
    case 'AF_CAN':
      return address.interface === 'lo';
    default:
      return false;
  }
}

function isLoopbackV4(text: string): boolean {
  return text.startsWith('127.');
}
