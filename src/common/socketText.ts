import type { CallRecord } from './call.js';
import { t } from './l10n.js';
import { printAddress } from './notation/printer.js';
import type { AutomaticMode, SocketAddress, SocketInfo, TcpState, TrafficMode } from './socket.js';
import { printFaults } from './tap/faults.js';
import { injectedTexts, tapTarget } from './tap/maker.js';

/** What a socket's colour says, never its family or direction. */
export type SocketTone = 'none' | 'listen' | 'handshake' | 'open' | 'closing';

/** Families as people write them. */
const familyWords: Readonly<Record<string, string>> = {
  AF_NETLINK: 'Netlink',
  AF_PACKET: 'Packet',
  AF_BLUETOOTH: 'Bluetooth',
};

/** The protocol as people call it: `TCP`, `UDP`, `Unix`, or the kernel's name where there is no such word. */
export function protocolName({ kind, domain, type, protocol }: SocketInfo): string {
  if (kind !== 'socket') {
    return kind === 'pipe' ? t('Pipe') : t('File');
  }
  if (domain === 'AF_UNIX') {
    return 'Unix';
  }
  if (domain !== 'AF_INET' && domain !== 'AF_INET6') {
    return familyWords[String(domain)] ?? String(domain).replace(/^AF_/, '');
  }
  const named = String(protocol).replace(/^IPPROTO_/, '');
  if (protocol !== 0 && named !== 'IP') {
    return named;
  }
  return type === 'SOCK_STREAM' ? 'TCP' : type === 'SOCK_DGRAM' ? 'UDP' : named;
}

/** Host and port, or the bare path: in the tree the group says the family. */
export function endpointText(address: SocketAddress): string {
  if (isUnnamed(address)) {
    return t('unnamed');
  }
  return printAddress(address, 'short').replace(/^unix:/, '');
}

/** What a Unix socket has for an address that was bound to none. */
export function isUnnamed(address: SocketAddress): boolean {
  return address.family === 'AF_UNIX' && address.name.length === 0 && !address.isAbstract;
}

/** What the host does on a socket by itself. */
const modeTexts: Readonly<Record<AutomaticMode, () => string>> = {
  accept: () => t('automatic accept'),
  receive: () => t('automatic receive'),
  echo: () => t('automatic echo'),
  discard: () => t('automatic discard'),
  reply: () => t('automatic reply'),
};

/** Who made a record, in words: what the host did by itself is told as the socket tells it, and so is a tap. */
export function makerText(madeBy: string): string {
  const target = tapTarget(madeBy);
  if (target !== null) {
    return [t('tap to {0}', target), injectedText({ madeBy })].filter((part) => part).join('; ');
  }
  const mode = Object.entries(modeTexts).find(([name]) => madeBy === `auto-${name}`);
  return mode ? mode[1]() : madeBy === 'repeat' ? t('Repeat') : madeBy;
}

/** The faults of a tap that a record is due to, or that became of it; empty without any. */
export function injectedText({ madeBy }: Pick<CallRecord, 'madeBy'>): string {
  const faults = injectedTexts(madeBy);
  return faults.length === 0 ? '' : t('injected: {0}', faults.join(', '));
}

/** What it does with every connection that it accepts. */
const acceptedTexts: Readonly<Record<TrafficMode, () => string>> = {
  receive: () => t('automatic accept → receive'),
  echo: () => t('automatic accept → echo'),
  discard: () => t('automatic accept → discard'),
  reply: () => t('automatic accept → reply'),
};

/** `automatic echo`, `automatic accept → echo`, and what the mode waits for; empty where every call is made by hand. */
export function automaticText({ automatic }: SocketInfo): string {
  if (!automatic) {
    return '';
  }
  const { mode, accepted, held } = automatic;
  const text = accepted ? acceptedTexts[accepted]() : modeTexts[mode]();
  switch (held) {
    case null:
      return text;
    case 'send':
      return t('{0}, its send waits', text);
    case 'records':
      return t('{0}, held: the records are full', text);
    case 'descriptors':
      return t('{0}, held: no descriptor is left', text);
  }
}

/** `tap to 127.0.0.1:8000` with the faults that are on; empty of a socket that is of no tap. */
export function tapText({ tap }: SocketInfo): string {
  if (!tap) {
    return '';
  }
  const target = endpointText(tap.target);
  const faults = printFaults(tap.faults);
  return faults === '' ? t('tap to {0}', target) : t('tap to {0}, faults: {1}', target, faults);
}

/** What TCP says where it was asked, otherwise what our calls have made of the socket. */
export function stateText(socket: SocketInfo): string {
  if (socket.isLost) {
    return t('lost');
  }
  switch (socket.state) {
    case 'closed':
      return socket.waiting.length > 0 ? t('closed, {0} waits', socket.waiting[0]!.name) : t('closed');
    case 'open':
      return t('open');
    case 'bound':
      return socket.tcpState === null || socket.tcpState === 'CLOSE' ? t('bound') : socket.tcpState;
    case 'listening':
      return socket.tcpState ?? t('listening');
    case 'connecting':
      return socket.tcpState ?? t('connecting');
    case 'connected':
      return socket.tcpState ?? t('connected');
  }
}

/** The colour of what TCP says. */
export const tcpTones: Readonly<Record<TcpState, SocketTone>> = {
  LISTEN: 'listen',
  SYN_SENT: 'handshake',
  SYN_RECV: 'handshake',
  NEW_SYN_RECV: 'handshake',
  ESTABLISHED: 'open',
  FIN_WAIT1: 'closing',
  FIN_WAIT2: 'closing',
  CLOSE_WAIT: 'closing',
  LAST_ACK: 'closing',
  CLOSING: 'closing',
  TIME_WAIT: 'closing',
  CLOSE: 'none',
};

/** The colour that stands for the state of a socket. */
export function socketTone(socket: SocketInfo): SocketTone {
  if (socket.isLost || socket.state === 'closed') {
    return 'none';
  }
  return socket.tcpState === null ? toneOfState(socket) : tcpTones[socket.tcpState];
}

function toneOfState({ state, role }: SocketInfo): SocketTone {
  switch (state) {
    case 'listening':
      return 'listen';
    case 'bound':
      return role === 'datagram' ? 'listen' : 'none';
    case 'connecting':
      return 'handshake';
    case 'connected':
      return 'open';
    default:
      return 'none';
  }
}

/** Families whose sockets have neither listeners nor clients. */
const familyIcons: Readonly<Record<string, string>> = {
  AF_NETLINK: 'server-process',
  AF_PACKET: 'package',
  AF_CAN: 'circuit-board',
};

/** The codicon of the role, or of a family without roles. */
export function socketIcon(socket: SocketInfo): string {
  if (socket.kind !== 'socket') {
    return socket.kind === 'pipe' ? 'link' : 'file';
  }
  const ofFamily = familyIcons[String(socket.domain)];
  if (ofFamily !== undefined) {
    return ofFamily;
  }
  if (socket.type === 'SOCK_RAW') {
    return 'zap';
  }
  if (socket.role === 'accepted') {
    return 'arrow-circle-left';
  }
  if (socket.domain === 'AF_UNIX') {
    return 'file-symlink-file';
  }
  switch (socket.role) {
    case 'listener':
      return 'broadcast';
    case 'client':
      return 'arrow-circle-right';
    case 'datagram':
      return 'radio-tower';
    default:
      return 'circle-outline';
  }
}

/** The role as a word, for the tooltip and for screen readers. */
export function roleText({ role }: SocketInfo): string {
  switch (role) {
    case 'listener':
      return t('listener');
    case 'accepted':
      return t('accepted');
    case 'client':
      return t('client');
    case 'datagram':
      return t('datagram');
    case 'pair':
      return t('pair');
    case 'received':
      return t('received');
    case 'reader':
      return t('reading end');
    case 'writer':
      return t('writing end');
    case 'new':
      return t('new');
  }
}

/** The 5-tuple in one line, as it is copied; of what is no socket its descriptor: `TCP 127.0.0.1:51234 → 127.0.0.1:4000`. */
export function fiveTupleText(socket: SocketInfo): string {
  const { local, remote } = socket;
  if (socket.kind !== 'socket') {
    return `${protocolName(socket)} fd ${socket.fd}`;
  }
  const ends = [local ? endpointText(local) : '–', ...(remote ? [endpointText(remote)] : [])];
  return `${protocolName(socket)} ${ends.join(' → ')}`;
}

/** Why a user's first socket has a higher number than in a small program. */
export function descriptorSentence(): string {
  return t(
    'The first socket is not 3, as it would be in a small program: the process that owns the sockets is a Node process, and it holds about 20 descriptors of its own.',
  );
}

/** Bytes in three figures: `14 B`, `1.5 KiB`, `12 MiB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** The socket's own name where it has one, otherwise its role. */
export function socketTitle(socket: SocketInfo): string {
  return socket.name ?? roleText(socket);
}

/** It with its number, which tells it from others of the same name: `server fd 19`. */
export function numberedTitle(socket: SocketInfo): string {
  return `${socketTitle(socket)} fd ${socket.fd}`;
}

/** Both ends on one line, the second shortened to its port where the host is the same: `127.0.0.1:8080 ← :51240`. */
export function pairText({ local, remote, role }: Pick<SocketInfo, 'local' | 'remote' | 'role'>): string {
  if (!remote) {
    return local && !isUnset(local) ? endpointText(local) : '';
  }
  const arrow = role === 'accepted' ? '←' : '→';
  if (!local) {
    return `${arrow} ${endpointText(remote)}`;
  }
  const isSameHost =
    (local.family === 'AF_INET' || local.family === 'AF_INET6') &&
    local.family === remote.family &&
    local.address === remote.address;
  return `${endpointText(local)} ${arrow} ${isSameHost ? `:${remote.port}` : endpointText(remote)}`;
}

/** What `getsockname(2)` says of a socket that is not bound. */
function isUnset(address: SocketAddress): boolean {
  return (address.family === 'AF_INET' || address.family === 'AF_INET6') && address.port === 0;
}

/** How many of a list of sockets a sentence names. */
export const namedSockets = 12;

/** `fd 3, fd 4 and 12 more`: which sockets a sentence is about. */
export function descriptorsText(sockets: readonly Pick<SocketInfo, 'fd'>[], most = namedSockets): string {
  const shown = sockets
    .slice(0, most)
    .map(({ fd }) => `fd ${fd}`)
    .join(', ');
  return sockets.length > most ? t('{0} and {1} more', shown, sockets.length - most) : shown;
}
