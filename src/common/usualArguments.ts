import { type Call, type DataValue, dataValue, type StructValue, type Value } from './call.js';
import type { SocketAddress, SocketId, SocketInfo } from './socket.js';
import { protocolName } from './socketText.js';
import { constantValue, type Platform } from './tables/constants.js';
import { type CallName, parameterIndex } from './tables/signatures.js';
import { encodeUtf8 } from './utf8.js';

/** What suggestions are made from. */
export interface SuggestionContext {
  sockets: ReadonlyMap<SocketId, SocketInfo>;
  platform: Platform;
  /** Where the last datagram came from that a socket has received, where that is known. */
  senderTo?: (id: SocketId) => SocketAddress | undefined;
}

/** Something to send that is seen to arrive. */
export const greetingText = 'hello\n';

/** What forms offer to send. */
export function greeting(): DataValue {
  return dataValue(encodeUtf8(greetingText));
}

/** `struct nlmsghdr` of RTM_GETLINK with NLM_F_REQUEST|NLM_F_DUMP, and its `struct rtgenmsg`: lists all interfaces. */
const listInterfaces = [20, 0, 0, 0, 18, 0, 1, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/** An ICMP echo request with its checksum: identifier 1, sequence number 1. */
const echoRequest = [8, 0, 0xf7, 0xfd, 0, 1, 0, 1];

/** Something to send that the other end of such a socket understands. */
function usualData({ domain, type, protocol }: SocketInfo): DataValue {
  if (domain === 'AF_NETLINK' && (protocol === 0 || protocol === 'NETLINK_ROUTE')) {
    return dataValue(Uint8Array.from(listInterfaces));
  }
  const isEcho =
    domain === 'AF_INET' && protocol === 'IPPROTO_ICMP' && (type === 'SOCK_RAW' || type === 'SOCK_DGRAM');
  return isEcho ? dataValue(Uint8Array.from(echoRequest)) : greeting();
}

export const defaultBacklog = 128;
export const defaultReceiveLength = 4096;

/** Sockets that still hold a descriptor. */
export function isOpenSocket(socket: SocketInfo): boolean {
  return socket.state !== 'closed' && !socket.isLost;
}

/** Whether the socket carries a stream or a sequence of packets over a connection. */
export function isConnectionSocket({ type }: SocketInfo): boolean {
  return type === 'SOCK_STREAM' || type === 'SOCK_SEQPACKET';
}

/** A socket address on this machine that a program would bind first: a free port, or a path of its own. */
export function defaultBindAddress(socket: SocketInfo): SocketAddress {
  const port = 0;
  switch (socket.domain) {
    case 'AF_INET6':
      return { family: 'AF_INET6', address: '::1', port };
    case 'AF_UNIX':
      return unixAddress(`/tmp/playground-${socket.id}.sock`);
    case 'AF_NETLINK':
      return { family: 'AF_NETLINK', pid: 0, groups: 0 };
    case 'AF_PACKET':
      return { family: 'AF_PACKET', interface: 'lo', protocol: 'ETH_P_ALL' };
    case 'AF_VSOCK':
      return { family: 'AF_VSOCK', cid: cidLocal, port: anyVsockPort };
    case 'AF_CAN':
      return { family: 'AF_CAN', interface: 'vcan0' };
    default:
      return { family: 'AF_INET', address: '127.0.0.1', port };
  }
}

/** VMADDR_CID_LOCAL and VMADDR_PORT_ANY. */
const cidLocal = 1;
const anyVsockPort = 0xffffffff;

/** The address of a Unix socket with a path. */
export function unixAddress(path: string): SocketAddress {
  return { family: 'AF_UNIX', name: encodeUtf8(path), isAbstract: false };
}

/** Whether an address can be connected or sent to: not a port that is still to be chosen, not an unnamed socket. */
export function isReachable(address: SocketAddress | null): address is SocketAddress {
  if (!address) {
    return false;
  }
  switch (address.family) {
    case 'AF_INET':
    case 'AF_INET6':
      return address.port !== 0;
    case 'AF_UNIX':
      return address.name.length > 0;
    default:
      return true;
  }
}

/** The address that reaches a socket of ours from this machine: a wildcard address becomes loopback. */
export function reachableAddress({ local }: SocketInfo): SocketAddress | null {
  if (!isReachable(local)) {
    return null;
  }
  if (local.family === 'AF_INET' && local.address === '0.0.0.0') {
    return { ...local, address: '127.0.0.1' };
  }
  if (local.family === 'AF_INET6' && local.address === '::') {
    return { ...local, address: '::1' };
  }
  return local;
}

/**
 * Our sockets that have an address which this one can connect or send to, the latest first: of a stream what listens
 * or may come to, of datagrams any, itself too.
 */
export function addressedSockets(socket: SocketInfo, { sockets }: SuggestionContext): SocketInfo[] {
  const isConnection = isConnectionSocket(socket);
  return [...sockets.values()]
    .reverse()
    .filter(
      (other) =>
        isOpenSocket(other) &&
        other.domain === socket.domain &&
        other.type === socket.type &&
        wireName(other) === wireName(socket) &&
        (!isConnection || (other.id !== socket.id && ['listening', 'bound'].includes(other.state))) &&
        reachableAddress(other) !== null,
    );
}

/** What carries it: MPTCP talks to TCP, and nothing else to another protocol. */
function wireName(socket: SocketInfo): string {
  return protocolName(socket).replace(/^MPTCP$/, 'TCP');
}

/** The latest socket of ours that this one could talk to: a listener for a stream, a bound socket for datagrams. */
export function counterpartOf(socket: SocketInfo, context: SuggestionContext): SocketInfo | undefined {
  const wanted = isConnectionSocket(socket) ? 'listening' : 'bound';
  return addressedSockets(socket, context).find(({ id, state }) => id !== socket.id && state === wanted);
}

/** The address to connect or send to: that of who is to be answered, or by what else is open; a port of the user's choice otherwise. */
export function defaultPeerAddress(socket: SocketInfo, context: SuggestionContext): SocketAddress {
  const sender = isConnectionSocket(socket) ? undefined : context.senderTo?.(socket.id);
  if (sender) {
    return sender;
  }
  const counterpart = counterpartOf(socket, context);
  const known = (counterpart && reachableAddress(counterpart)) ?? socket.remote;
  if (isReachable(known)) {
    return known;
  }
  // A raw socket has no ports.
  const port = socket.type === 'SOCK_RAW' ? 0 : 8080;
  switch (socket.domain) {
    case 'AF_INET6':
      return { family: 'AF_INET6', address: '::1', port };
    case 'AF_UNIX':
      return unixAddress('/tmp/playground.sock');
    case 'AF_NETLINK':
      // Port 0 is the kernel.
      return { family: 'AF_NETLINK', pid: 0, groups: 0 };
    case 'AF_PACKET':
      return { family: 'AF_PACKET', interface: 'lo', protocol: 'ETH_P_IP' };
    case 'AF_VSOCK':
      return { family: 'AF_VSOCK', cid: cidLocal, port: 1234 };
    case 'AF_CAN':
      return { family: 'AF_CAN', interface: 'vcan0' };
    default:
      return { family: 'AF_INET', address: '127.0.0.1', port };
  }
}

/** `socket(AF_INET, SOCK_STREAM, 0)`. */
export function defaultSocketCall(platform: Platform): Call {
  return {
    name: 'socket',
    args: [constantValue('AF_INET', platform)!, constantValue('SOCK_STREAM', platform)!, 0],
  };
}

/** A call on a socket with the arguments that a person would most likely choose. */
export function defaultCall(name: CallName, socket: SocketInfo, context: SuggestionContext): Call {
  if (name === 'poll') {
    return pollCall(socket, context.platform);
  }
  return parameterIndex(name, 'fd') < 0
    ? defaultFreeCall(name, context)
    : { name, args: [socket.fd, ...defaultArguments(name, socket, context)] };
}

/** A call that is made on no descriptor, or on one of those that are open. */
export function defaultFreeCall(name: CallName, context: SuggestionContext): Call {
  const { platform, sockets } = context;
  const latest = [...sockets.values()].filter(isOpenSocket).at(-1);
  switch (name) {
    case 'socket':
      return defaultSocketCall(platform);
    case 'socketpair':
      return {
        name,
        args: [constantValue('AF_UNIX', platform) ?? 1, constantValue('SOCK_STREAM', platform) ?? 1, 0],
      };
    case 'poll':
      return latest ? pollCall(latest, platform) : { name, args: [{ kind: 'list', items: [] }, 0, 1000] };
    case 'unlink': {
      const path = [...sockets.values()].findLast(({ local }) => isPath(local))?.local;
      return { name, args: path?.family === 'AF_UNIX' ? [dataValue(path.name)] : [] };
    }
    default:
      return { name, args: [] };
  }
}

function isPath(address: SocketAddress | null): boolean {
  return address?.family === 'AF_UNIX' && !address.isAbstract && address.name.length > 0;
}

/** Waits until there is something to receive. */
function pollCall({ fd }: SocketInfo, platform: Platform): Call {
  const events = constantValue('POLLIN', platform) ?? 1;
  return { name: 'poll', args: [{ kind: 'list', items: [struct({ fd, events })] }, 1, -1] };
}

function struct(fields: Readonly<Record<string, Value>>): StructValue {
  return { kind: 'struct', fields: Object.entries(fields).map(([name, value]) => ({ name, value })) };
}

/** Whether each datagram needs an address. */
function needsAddress(socket: SocketInfo): boolean {
  return !isConnectionSocket(socket) && socket.state !== 'connected';
}

function defaultArguments(name: CallName, socket: SocketInfo, context: SuggestionContext): Value[] {
  const constant = (text: string) => constantValue(text, context.platform) ?? 0;
  const data = usualData(socket);
  const any: Value = { kind: 'any' };
  switch (name) {
    case 'bind':
      return [defaultBindAddress(socket)];
    case 'listen':
      return [defaultBacklog];
    case 'connect':
      return [defaultPeerAddress(socket, context)];
    case 'send':
      return [data, data.length, 0];
    case 'sendto':
      return [data, data.length, 0, defaultPeerAddress(socket, context)];
    case 'sendmsg':
      return [
        struct({
          ...(needsAddress(socket) ? { msg_name: defaultPeerAddress(socket, context) } : {}),
          msg_iov: { kind: 'list', items: [struct({ iov_base: data, iov_len: data.length })] },
        }),
        0,
      ];
    case 'write':
      return [data, data.length];
    case 'recv':
    case 'recvfrom':
      return [any, defaultReceiveLength, 0];
    case 'recvmsg':
      return [
        struct({
          ...(isConnectionSocket(socket) ? {} : { msg_name: any }),
          msg_iov: { kind: 'list', items: [struct({ iov_base: any, iov_len: defaultReceiveLength })] },
          msg_control: any,
        }),
        0,
      ];
    case 'read':
      return [any, defaultReceiveLength];
    case 'shutdown':
      return [constant('SHUT_WR')];
    case 'getsockopt':
      return [constant('SOL_SOCKET'), constant('SO_RCVBUF')];
    case 'setsockopt':
      return [constant('SOL_SOCKET'), constant('SO_REUSEADDR'), 1];
    case 'fcntl':
      return [constant('F_GETFL')];
    case 'ioctl':
      return [constant('FIONREAD')];
    default:
      return [];
  }
}
