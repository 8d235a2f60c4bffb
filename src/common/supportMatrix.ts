import type { Call } from './call.js';
import type { Probe } from './protocol/socketHost.js';
import type { Named } from './socket.js';
import { constantName, constantValue, names } from './tables/constants.js';
import { families } from './tables/families.js';
import { socketTypes } from './tables/socketTypes.js';

/**
 * The protocol that is asked for in the family's own row, where it is not 0: the one that a program most likely
 * wants of this type. Without it the row would say no to raw IP sockets, which have no protocol 0.
 */
const usual: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AF_INET: { SOCK_RAW: 'IPPROTO_ICMP', SOCK_SEQPACKET: 'IPPROTO_SCTP', SOCK_DCCP: 'IPPROTO_DCCP' },
  AF_INET6: { SOCK_RAW: 'IPPROTO_ICMPV6', SOCK_SEQPACKET: 'IPPROTO_SCTP', SOCK_DCCP: 'IPPROTO_DCCP' },
  AF_KEY: { SOCK_RAW: 'PF_KEY_V2' },
  AF_ATMPVC: { SOCK_DGRAM: 'ATM_AAL5' },
  AF_ATMSVC: { SOCK_DGRAM: 'ATM_AAL5' },
  AF_CAN: { SOCK_RAW: 'CAN_RAW', SOCK_DGRAM: 'CAN_BCM' },
  AF_BLUETOOTH: { SOCK_STREAM: 'BTPROTO_RFCOMM', SOCK_RAW: 'BTPROTO_HCI' },
  AF_RXRPC: { SOCK_DGRAM: 'PF_INET' },
  AF_ISDN: { SOCK_DGRAM: 'ISDN_P_TE_S0' },
  AF_PHONET: { SOCK_DGRAM: 'PN_PROTO_PHONET', SOCK_SEQPACKET: 'PN_PROTO_PIPE' },
  AF_NFC: {
    SOCK_STREAM: 'NFC_SOCKPROTO_LLCP',
    SOCK_DGRAM: 'NFC_SOCKPROTO_LLCP',
  },
};

/** Of the many kinds of Ethernet frames: the kernel takes any number. */
const etherTypes = ['ETH_P_ALL', 'ETH_P_IP', 'ETH_P_ARP', 'ETH_P_IPV6', 'ETH_P_8021Q', 'ETH_P_LLDP'];

/** The columns: the numbers of the types, as Linux has them. */
export const matrixTypes: readonly number[] = socketTypes.map(({ name }) => linux(name));

/** The rows: the numbers of the families. */
export const matrixDomains: readonly number[] = families.map(({ name }) => linux(name));

/** The probes of the families' own rows. */
export function familyProbes(domains: readonly number[] = matrixDomains): Probe[] {
  return domains.flatMap((domain) =>
    matrixTypes.map((type) => ({ domain, type, protocol: usualProtocol(domain, type) })),
  );
}

/** The probes of a family's protocols, one row each. */
export function protocolProbes(domain: number): Probe[] {
  return protocolsOf(domain).flatMap((protocol) =>
    matrixTypes
      // There the protocol is a kind of Ethernet frames.
      .filter((type) => domain === linux('AF_PACKET') || type !== linux('SOCK_PACKET') || protocol === 0)
      .map((type) => ({ domain, type, protocol })),
  );
}

/** The protocols of a family that have a name, and 0: the family's own choice. */
export function protocolsOf(domain: number): number[] {
  if (domain === linux('AF_PACKET')) {
    return [0, ...etherTypes.map((name) => networkOrder(linux(name)))];
  }
  const group = constantName('domain', domain, 'linux');
  const named = group === undefined ? [] : names('protocol', 'linux', domain).map(linux);
  return [...new Set([0, ...named])];
}

/** The protocol that a domain and a type usually go with, as a number; 0 where the kernel chooses. */
export function usualProtocol(domain: number, type: number): number {
  const row = usual[constantName('domain', domain, 'linux') ?? ''];
  const name = row?.[constantName('socktype', type, 'linux') ?? ''];
  return name === undefined ? 0 : linux(name);
}

/** The call that a probe makes; the probe adds SOCK_CLOEXEC, as the host does to every socket. */
export function probeCall({ domain, type, protocol }: Probe): Call {
  return { name: 'socket', args: [domain, type, protocol] };
}

/** The number of a family: `AF_INET`, `PF_INET`, `inet`, `2`. */
export function domainNumber(text: string): number | undefined {
  if (/^\d{1,9}$/.test(text)) {
    return Number(text);
  }
  const plain = text.replace(/^[AP]F_/i, '').toUpperCase();
  const name = ['AF_DECnet', `AF_${plain}`].find((known) => known.toUpperCase() === `AF_${plain}`)!;
  return constantValue(name, 'linux');
}

/** A protocol as a program writes it; with its number, where it has a name. */
export function protocolText(domain: number, protocol: number): string {
  if (domain === linux('AF_PACKET') && protocol !== 0) {
    const name = constantName('ethertype', networkOrder(protocol), 'linux');
    return name === undefined ? String(protocol) : `htons(${name})`;
  }
  const name = constantName('protocol', protocol, 'linux', domain);
  return name === undefined ? String(protocol) : `${name} ${protocol}`;
}

/** Whether the kernel has a family at all, by the answers of its row. */
export function hasFamily(answers: Iterable<Named | null>): boolean {
  return [...answers].some((errno) => errno !== 'EAFNOSUPPORT');
}

/** Linux's number for a constant of the tables. */
function linux(name: string): number {
  return constantValue(name, 'linux')!;
}

/** As `htons(3)` does where the lowest byte comes first. */
function networkOrder(value: number): number {
  return ((value & 0xff) << 8) | (value >> 8);
}
