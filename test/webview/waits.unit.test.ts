import { expect, it } from 'vitest';
import type { SocketInfo } from '../../src/common/socket.js';
import { otherWait, waitingServer } from '../../src/webview/state/waits.js';

const listener = (id: number, local: SocketInfo['local']) =>
  ({
    id,
    domain: local?.family ?? null,
    type: 'SOCK_STREAM',
    protocol: 0,
    state: 'listening',
    isLost: false,
    automatic: null,
    tap: null,
    local,
    waiting: [{ seq: id, name: 'accept' }],
  }) as unknown as SocketInfo;

it('tells of a server that waits in one place: with its address, or where it has none as of any other wait', () => {
  const reachable = listener(1, { family: 'AF_INET', address: '127.0.0.1', port: 80 });
  const unknown = listener(2, null);
  expect(waitingServer([unknown], 2)).toBeUndefined();
  expect(otherWait(unknown)).toEqual({ seq: 2, name: 'accept' });
  expect(waitingServer([reachable, unknown], 2)?.id).toBe(1);
  expect(otherWait(reachable)).toBeUndefined();
});
