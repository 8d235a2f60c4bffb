import { expect, test } from 'vitest';
import type { SocketAddress } from '../../src/common/socket.js';
import type { SystemSocket } from '../../src/common/system/systemSocket.js';
import { waitingAt } from '../../src/socketHost/system/acceptQueue.js';
import { systemSocket } from '../common/system/support.js';

const inet = (port: number): SocketAddress => ({ family: 'AF_INET', address: '127.0.0.1', port });

test('what an accept takes while the list is read was not reset', () => {
  const listener = systemSocket({ state: 'LISTEN', local: inet(80), receiveQueue: 3 });
  const taken = systemSocket({ inode: null, local: inet(80), remote: inet(5000) });
  const unlisted = (count: number) =>
    waitingAt(listener, [{ ...listener, receiveQueue: count }, taken]).unlisted;
  expect([3, 2, 1, 0].map(unlisted)).toEqual([2, 1, 0, 0]);
});

test('what TCP Fast Open has queued before the handshake ended was not reset', () => {
  const listener = systemSocket({ state: 'LISTEN', local: inet(80), receiveQueue: 4 });
  // As the kernel tells of them: what is not in the queue yet is no socket, of which it says less.
  const half = (port: number, receiveQueue: number, shutdown: number | null) =>
    systemSocket({
      inode: null,
      state: 'SYN_RECV',
      local: inet(80),
      remote: inet(port),
      receiveQueue,
      shutdown,
    });
  const other = { ...half(5009, 0, 0), local: inet(81) };
  const listed = [listener, half(5000, 5, 0), half(5001, 0, 0), half(5002, 0, null), other];
  const { clients, unlisted } = waitingAt(listener, listed);
  expect(clients.map(({ taken }) => taken?.remote)).toEqual([inet(5000), inet(5001)]);
  expect(unlisted).toBe(2);
});

test('of AF_VSOCK two ends belong together by the machines that they name, too', () => {
  const end = (cid: number, port: number): SocketAddress => ({ family: 'AF_VSOCK', cid, port });
  const vsock = (known: Partial<SystemSocket>) =>
    systemSocket({ kind: 'vsock', domain: 'AF_VSOCK', receiveQueue: null, ...known });
  const listener = vsock({ state: 'LISTEN', local: end(0xffffffff, 80) });
  const taken = vsock({ inode: null, local: end(2, 80), remote: end(3, 5000) });
  const other = vsock({ inode: 7, local: end(1, 5000), remote: end(1, 80) });
  const client = vsock({ inode: 8, local: end(3, 5000), remote: end(2, 80) });
  const clientOf = (...sockets: SystemSocket[]) =>
    waitingAt(listener, [listener, taken, ...sockets]).clients.map((each) => each.client?.inode ?? null);
  expect([clientOf(other), clientOf(other, client)]).toEqual([[null], [8]]);
});
