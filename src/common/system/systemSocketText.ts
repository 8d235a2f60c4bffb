import { formatIPv6, parseIPv6 } from '../ipAddress.js';
import { t } from '../l10n.js';
import type { SocketAddress } from '../socket.js';
import { constantName } from '../tables/constants.js';
import type {
  AcceptQueueLook,
  ProcessInfo,
  ProcessRole,
  SocketTimer,
  SystemSocket,
  SystemSocketGroup,
  SystemSocketState,
  WaitingClient,
} from './systemSocket.js';

/** The states as `ss` writes them. */
export const stateNames: Readonly<Record<SystemSocketState, string>> = {
  ESTABLISHED: 'ESTAB',
  SYN_SENT: 'SYN-SENT',
  SYN_RECV: 'SYN-RECV',
  FIN_WAIT1: 'FIN-WAIT-1',
  FIN_WAIT2: 'FIN-WAIT-2',
  TIME_WAIT: 'TIME-WAIT',
  CLOSE: 'UNCONN',
  CLOSE_WAIT: 'CLOSE-WAIT',
  LAST_ACK: 'LAST-ACK',
  LISTEN: 'LISTEN',
  CLOSING: 'CLOSING',
  NEW_SYN_RECV: 'SYN-RECV',
  BOUND_INACTIVE: 'BOUND',
};

const unixNetids: Readonly<Record<string, string>> = {
  SOCK_STREAM: 'u_str',
  SOCK_DGRAM: 'u_dgr',
  SOCK_SEQPACKET: 'u_seq',
};

/** The first column of `ss`: `tcp`, `u_str`, `nl`. */
export function netidOf({ kind, type }: SystemSocket): string {
  switch (kind) {
    case 'unix':
      return unixNetids[String(type)] ?? 'u_???';
    case 'netlink':
      return 'nl';
    case 'packet':
      return type === 'SOCK_RAW' ? 'p_raw' : 'p_dgr';
    case 'vsock':
      return type === 'SOCK_STREAM' ? 'v_str' : 'v_dgr';
    default:
      return kind;
  }
}

/** The group of the list that a socket of the machine belongs to. */
export function groupOf({ kind, state }: SystemSocket): SystemSocketGroup {
  switch (kind) {
    case 'tcp':
    case 'mptcp':
    case 'sctp':
      return state === 'LISTEN' ? 'listening' : 'connected';
    case 'udp':
    case 'udplite':
      return 'udp';
    case 'unix':
      return 'unix';
    default:
      return 'other';
  }
}

/** Whether somebody can connect to it, or send to it. */
export function isConnectable({ kind, state, local }: SystemSocket): boolean {
  const isBound = local !== null && (kind === 'unix' || ('port' in local && local.port !== 0));
  return isBound && (state === 'LISTEN' || (kind === 'udp' && state === 'CLOSE'));
}

/** Between address and port: the port of a Unix socket is its inode. */
export function separatorOf({ kind }: SystemSocket): ':' | ' ' {
  return kind === 'unix' ? ' ' : ':';
}

export interface EndpointText {
  address: string;
  port: string;
}

/** The two ends as `ss -n` writes them. */
export function endpointTexts(socket: SystemSocket): { local: EndpointText; remote: EndpointText } {
  const { local, remote, kind, inode, peerInode, device } = socket;
  switch (kind) {
    case 'unix':
      return {
        local: { address: unixName(local), port: String(inode ?? '*') },
        remote: { address: '*', port: String(peerInode ?? 0) },
      };
    case 'netlink':
      return {
        local: netlinkText(socket, local),
        remote: remote ? netlinkText(socket, remote) : { address: '', port: '*' },
      };
    case 'packet':
      return { local: packetText(local), remote: { address: '*', port: '' } };
    case 'vsock':
      return { local: vsockText(local), remote: vsockText(remote) };
    default: {
      // Of raw sockets ss does not tell the two apart.
      const isAnyFamily = socket.isV6Only === false || kind === 'raw';
      const at = inetText(local, isAnyFamily);
      return {
        local: device === null ? at : { ...at, address: `${at.address}%${device}` },
        remote: inetText(remote, isAnyFamily),
      };
    }
  }
}

/** `127.0.0.1:3000`, `[::1]:3000`, `/run/x.sock`, `@name`: an end as people name it. */
export function endpointOf(socket: SystemSocket, end: 'local' | 'remote'): string {
  if (socket.kind === 'unix') {
    const address = end === 'local' ? socket.local : socket.remote;
    return address ? unixName(address) : t('unnamed');
  }
  const { address, port } = endpointTexts(socket)[end];
  return port === '' ? address : `${address}:${port}`;
}

/** `TCP 127.0.0.1:51234 → 127.0.0.1:4000`. */
export function systemTupleText(socket: SystemSocket): string {
  const ends = [endpointOf(socket, 'local'), ...(isConnected(socket) ? [endpointOf(socket, 'remote')] : [])];
  return `${kindText(socket)} ${ends.join(' → ')}`;
}

/** Whether it has another end. */
export function isConnected({ remote }: SystemSocket): boolean {
  return remote !== null && !isUnspecified(remote);
}

/** As people call it: `TCP`, `UDP`, `Unix`. */
export function kindText({ kind }: Pick<SystemSocket, 'kind'>): string {
  return kind === 'unix' ? 'Unix' : kind === 'packet' || kind === 'netlink' ? kind : kind.toUpperCase();
}

/** `on,204ms,0` between the brackets of `timer:(…)`. */
export function timerText({ kind, expiresMs, retransmits }: SocketTimer): string {
  const names = { retransmit: 'on', probe: 'persist', keepalive: 'keepalive', timewait: 'timewait' };
  const name = kind === 'unknown' ? kind : names[kind];
  return `${name},${durationText(expiresMs)},${retransmits}`;
}

/** `23sec`, `1min4sec`, `204ms`. */
function durationText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.floor((ms % 60_000) / 1000);
  const rest = ms % 1000;
  if (minutes > 0) {
    return `${minutes}min${seconds > 0 ? `${seconds}sec` : ''}`;
  }
  if (seconds > 9) {
    return `${seconds}sec`;
  }
  return seconds > 0 ? `${seconds}.${String(rest).padStart(3, '0')}sec` : `${rest}ms`;
}

/** Whether an address says nothing: any host and no port. */
export function isUnspecified(address: SocketAddress): boolean {
  switch (address.family) {
    case 'AF_INET':
    case 'AF_INET6':
      return address.port === 0 && isAnyHost(address.address);
    case 'AF_UNIX':
      return address.name.length === 0 && !address.isAbstract;
    default:
      return false;
  }
}

/** Whether a socket bound to this address takes what comes to any. */
export function isAnyHost(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** IPv4 in IPv6's clothes as what it is: `::ffff:127.0.0.1`. */
export function plainHost(host: string): string {
  return /^::ffff:([\d.]+)$/i.exec(host)?.[1] ?? normalizedHost(host);
}

function normalizedHost(host: string): string {
  const bytes = host.includes(':') ? parseIPv6(host) : undefined;
  return bytes ? formatIPv6(bytes) : host;
}

/** `python3 (pid 4711)`. */
export function processText({ name, pid }: Pick<ProcessInfo, 'name' | 'pid'>): string {
  return t('{0} (pid {1})', name, pid);
}

/** What a process of VS Code's or of ours is called. */
export function roleName(role: ProcessRole): string {
  switch (role) {
    case 'socketHost':
      return t("this playground's socket host");
    case 'extensionHost':
      return t("VS Code's extension host");
    case 'server':
      return t("VS Code's server");
    case 'forwarding':
      return t("VS Code's port forwarding");
    case 'terminals':
      return t("VS Code's terminals");
    case 'editor':
      return t('VS Code');
    case 'ancestor':
      return t('a process that this window runs under');
  }
}

/** Why a socket has no owner to show; null when it has one. */
export function ownerProblem(socket: SystemSocket): string | null {
  const { holders, inode, state, uid } = socket;
  if (holders.length > 0) {
    return null;
  }
  if (inode !== null) {
    return uid === null
      ? t('owner not visible (other user or PID namespace)')
      : t('owner not visible (socket of uid {0}; other user or PID namespace)', uid);
  }
  if (state === 'TIME_WAIT') {
    return t('no process: the connection is closed, the kernel keeps the address');
  }
  return isNotAccepted(socket) || state === 'SYN_RECV'
    ? t('no process: it is not accepted yet')
    : t('no process: it is closed already');
}

/**
 * A connection that nobody holds though nobody has closed it: whoever closes it leaves these states. One of TCP Fast Open may
 * be accepted before its handshake has ended: it is a socket by then, where the kernel tells of others no more than addresses.
 */
export function isNotAccepted({ inode, state, shutdown }: SystemSocket): boolean {
  const isHere =
    state === 'ESTABLISHED' || state === 'CLOSE_WAIT' || (state === 'SYN_RECV' && shutdown !== null);
  return inode === null && isHere;
}

/** Who waits to be accepted: where from, and who that is. */
export function waitingClientText(
  { taken, client, isClosed }: WaitingClient,
  processes: readonly ProcessInfo[],
): { end: string; who: string } {
  const end = taken
    ? systemTupleText(taken)
    : client
      ? `${kindText(client)} ${endpointOf(client, 'local')} ${t('inode {0}', client.inode ?? 0)}`
      : kindText({ kind: 'unix' });
  if (isClosed) {
    return { end, who: t('closed already') };
  }
  if (!client) {
    // The kernel forgets a closed end some time after its FIN.
    const who =
      taken?.state === 'CLOSE_WAIT'
        ? t('not visible (it has sent FIN: closed, or of another machine or network namespace)')
        : t('not visible (another machine or network namespace)');
    return { end, who };
  }
  const pids = new Set(client.holders.map(({ pid }) => pid));
  const holders = processes.filter(({ pid }) => pids.has(pid)).map((info) => processText(info));
  return { end, who: holders.length > 0 ? holders.join(', ') : (ownerProblem(client) ?? t('unknown')) };
}

/** Those who are not told of one by one, and what is not certain. */
export function waitingNotes({ more, unlisted, isShared }: AcceptQueueLook): string[] {
  return [
    ...(more > 0 ? [t('{0} more…', more)] : []),
    ...(unlisted > 0
      ? [t('{0} more that the kernel counts and does not list: reset before the accept', unlisted)]
      : []),
    ...(isShared ? [t('Several sockets listen here: which of them these wait for is not told.')] : []),
  ];
}

/** Who holds sockets: a process, or why none is known. */
export function holderText(process: ProcessInfo | null, [socket]: readonly SystemSocket[]): string {
  return process ? processText(process) : ((socket && ownerProblem(socket)) ?? t('unknown'));
}

/** A command line as a person would type it. */
export function commandLineText({ commandLine, name }: ProcessInfo): string {
  return commandLine && commandLine.length > 0
    ? commandLine.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')
    : `[${name}]`;
}

function inetText(address: SocketAddress | null, isAnyFamily: boolean): EndpointText {
  if (address?.family !== 'AF_INET' && address?.family !== 'AF_INET6') {
    return { address: '*', port: '*' };
  }
  const port = address.port === 0 ? '*' : String(address.port);
  if (address.family === 'AF_INET') {
    return { address: address.address, port };
  }
  return { address: isAnyFamily && address.address === '::' ? '*' : `[${address.address}]`, port };
}

function unixName(address: SocketAddress | null): string {
  if (address?.family !== 'AF_UNIX' || (address.name.length === 0 && !address.isAbstract)) {
    return '*';
  }
  // As ss does: every NUL of an abstract name is an @.
  const name = nameText(address.name).replaceAll('\0', '@');
  return address.isAbstract ? `@${name}` : name;
}

/** UTF-8, which a name need not be: then what is not ASCII is shown as bytes. */
function nameText(name: Uint8Array): string {
  const hex = (byte: number) => byte.toString(16).padStart(2, '0');
  try {
    return decodeURIComponent(Array.from(name, (byte) => `%${hex(byte)}`).join(''));
  } catch {
    return Array.from(name, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${hex(byte)}`)).join('');
  }
}

function netlinkText({ protocol }: SystemSocket, address: SocketAddress | null): EndpointText {
  const name = String(protocol)
    .replace(/^NETLINK_/, '')
    .toLowerCase();
  return { address: name, port: address?.family === 'AF_NETLINK' ? String(address.pid) : '*' };
}

function packetText(address: SocketAddress | null): EndpointText {
  if (address?.family !== 'AF_PACKET') {
    return { address: '*', port: '*' };
  }
  const { protocol, interface: device } = address;
  const number = typeof protocol === 'number' ? constantName('ethertype', protocol, 'linux') : protocol;
  const name = number === undefined ? `[${protocol}]` : number === 'ETH_P_ALL' ? '*' : number;
  return { address: name, port: device === 0 ? '*' : String(device) };
}

function vsockText(address: SocketAddress | null): EndpointText {
  const any = 0xffffffff;
  const text = (value: number) => (value === any ? '*' : String(value));
  return address?.family === 'AF_VSOCK'
    ? { address: text(address.cid), port: text(address.port) }
    : { address: '*', port: '*' };
}
