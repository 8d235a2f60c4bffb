import { t } from '../../common/l10n.js';
import type { SocketAddress, SocketInfo } from '../../common/socket.js';
import {
  automaticText,
  endpointText,
  protocolName,
  roleText,
  sizeText,
  stateText,
  tapText,
} from '../../common/socketText.js';

/** The parts of the 5-tuple that tell this socket from its neighbours: `127.0.0.1:51234 → :4000`. */
export function addressLabel(socket: SocketInfo): string {
  const { kind, local, remote, role } = socket;
  if (kind !== 'socket') {
    return kind === 'pipe' ? roleText(socket) : protocolName(socket);
  }
  if (role === 'accepted' && remote) {
    return `← ${endpointText(remote)}`;
  }
  if (!local || isUnnamed(socket, local)) {
    return remote ? `→ ${endpointText(remote)}` : newLabel(socket);
  }
  return remote ? `${endpointText(local)} → ${remoteText(local, remote)}` : endpointText(local);
}

/** `getsockname(2)` of a socket that was never bound says a wildcard with port 0, or nothing. */
function isUnnamed({ state }: SocketInfo, local: SocketAddress): boolean {
  if (local.family === 'AF_UNIX') {
    return local.name.length === 0 && !local.isAbstract;
  }
  return state === 'open' && 'port' in local && local.port === 0;
}

export function socketLabel(socket: SocketInfo): string {
  return socket.name === null ? addressLabel(socket) : `${socket.name} ${addressLabel(socket)}`;
}

/** `LISTEN · accept waits · fd 3 · 0/128`, `ESTABLISHED · fd 7 · ↓14 B ↑7 B`: a narrow sidebar cuts the end. */
export function socketDescription(socket: SocketInfo): string {
  const parts = [stateText(socket)];
  const waiting = socket.waiting.find(
    ({ name }) => socket.automatic?.held !== 'send' || !name.startsWith('send'),
  );
  if (waiting) {
    parts.push(t('{0} waits', waiting.name));
  }
  parts.push(`fd ${socket.fd}`);
  if (socket.backlog !== null && socket.state === 'listening') {
    parts.push(`${socket.acceptQueue ?? 0}/${socket.backlog}`);
  }
  const bytes = bytesText(socket);
  if (bytes) {
    parts.push(bytes);
  }
  if (socket.automatic) {
    parts.push(automaticText(socket));
  }
  if (socket.tap?.side === 'listener') {
    parts.push(tapText(socket));
  }
  return parts.join(' · ');
}

/** Title and rows of the tooltip; text of the kernel's or a peer's making, to be escaped by who shows it. */
export function tooltipRows(socket: SocketInfo): [name: string, value: string][] {
  const { local, remote } = socket;
  const rows: [string, string][] = [
    [t('protocol'), protocolName(socket)],
    ...(socket.kind === 'socket'
      ? ([
          [t('local'), local ? endpointText(local) : '–'],
          [t('remote'), remote ? endpointText(remote) : '–'],
        ] as [string, string][])
      : []),
    [t('state'), stateText(socket)],
    ['fd', String(socket.fd)],
    ...(socket.kind === 'socket'
      ? ([['socket', `${socket.domain}, ${socket.type}, ${socket.protocol}`]] as [string, string][])
      : []),
    [t('bytes'), t('{0} received, {1} sent', socket.bytesReceived, socket.bytesSent)],
  ];
  if (socket.automatic) {
    rows.push([t('automatic'), automaticText(socket)]);
  }
  if (socket.tap) {
    rows.push([t('tap'), tapText(socket)]);
  }
  if (socket.unrecordedCalls > 0) {
    rows.push([t('not recorded'), t('{0} calls', socket.unrecordedCalls)]);
  }
  if (socket.receiveQueue !== null && socket.sendQueue !== null) {
    rows.push([t('queues'), t('{0} to receive, {1} to send', socket.receiveQueue, socket.sendQueue)]);
  }
  return rows;
}

function remoteText(local: SocketAddress, remote: SocketAddress): string {
  const isSameHost =
    'address' in local &&
    'address' in remote &&
    local.family === remote.family &&
    local.address === remote.address;
  return isSameHost ? `:${remote.port}` : endpointText(remote);
}

function newLabel(socket: SocketInfo): string {
  const name = protocolName(socket);
  switch (socket.role) {
    case 'accepted':
      return t('accepted {0} socket', name);
    case 'listener':
      return t('listening {0} socket', name);
    default:
      return t('{0} socket', name);
  }
}

function bytesText({ bytesReceived, bytesSent }: SocketInfo): string {
  const parts: string[] = [];
  if (bytesReceived > 0) {
    parts.push(`↓${sizeText(bytesReceived)}`);
  }
  if (bytesSent > 0) {
    parts.push(`↑${sizeText(bytesSent)}`);
  }
  return parts.join(' ');
}
