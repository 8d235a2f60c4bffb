import type { SocketAddress, SocketInfo } from '../../src/common/socket.js';

/** A socket as the host would tell of it right after `socket(2)`, with what a test says of it. */
export function socket(info: Partial<SocketInfo> = {}): SocketInfo {
  return {
    id: 1,
    fd: 21,
    name: null,
    kind: 'socket',
    domain: 'AF_INET',
    type: 'SOCK_STREAM',
    protocol: 0,
    role: 'new',
    state: 'open',
    tcpState: null,
    local: null,
    remote: null,
    listenerId: null,
    peerId: null,
    backlog: null,
    acceptQueue: null,
    receiveQueue: null,
    sendQueue: null,
    bytesReceived: 0,
    bytesSent: 0,
    isNonBlocking: false,
    isCloseOnExec: false,
    sharedWith: [],
    isShutdownRead: false,
    isShutdownWrite: false,
    waiting: [],
    automatic: null,
    unrecordedCalls: 0,
    openedSeq: 1,
    isLost: false,
    ...info,
  };
}

export function inet(address: string, port: number): SocketAddress {
  return address.includes(':') ? { family: 'AF_INET6', address, port } : { family: 'AF_INET', address, port };
}

export function unix(path: string, isAbstract = false): SocketAddress {
  return { family: 'AF_UNIX', name: new TextEncoder().encode(path), isAbstract };
}
