import type { SystemSocket } from '../../../src/common/system/systemSocket.js';

/** An established TCP socket, but for what the test says. */
export function systemSocket(known: Partial<SystemSocket> = {}): SystemSocket {
  return {
    key: 'tcp/1',
    kind: 'tcp',
    domain: 'AF_INET',
    type: 'SOCK_STREAM',
    protocol: 'IPPROTO_TCP',
    state: 'ESTABLISHED',
    local: { family: 'AF_INET', address: '127.0.0.1', port: 40000 },
    remote: null,
    device: null,
    receiveQueue: 0,
    sendQueue: 0,
    inode: 1000,
    peerInode: null,
    file: null,
    cookie: 1n,
    uid: 0,
    mark: null,
    cgroup: null,
    timer: null,
    isV6Only: null,
    shutdown: null,
    details: null,
    holders: [],
    ownId: null,
    ...known,
  };
}
