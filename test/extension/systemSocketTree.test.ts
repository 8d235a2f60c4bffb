import { describe, expect, it } from 'vitest';
import type { ProcessInfo, SystemSocketsAnswer } from '../../src/common/system/systemSocket.js';
import {
  systemDescription,
  systemLabel,
  SystemSocketTree,
} from '../../src/extension/views/systemSocketTree.js';
import { systemSocket } from '../common/system/support.js';

const inet = (port: number) => ({ family: 'AF_INET' as const, address: '127.0.0.1', port });

const python: ProcessInfo = {
  pid: 4711,
  name: 'python3',
  commandLine: ['python3', 'server.py'],
  directory: '/srv',
  uid: 1000,
  startTicks: 1,
  startTime: 0,
  role: null,
};

function answer(known: Partial<SystemSocketsAnswer>): SystemSocketsAnswer {
  return {
    snapshot: null,
    total: 0,
    counts: { listening: 0, connected: 0, udp: 0, unix: 0, other: 0 },
    sockets: [],
    processes: [],
    problems: [],
    hiddenProcesses: 0,
    isInterrupted: false,
    ...known,
  };
}

describe('the tree of system sockets', () => {
  const tree = new SystemSocketTree(
    answer({
      counts: { listening: 5, connected: 1, udp: 0, unix: 1, other: 0 },
      processes: [python],
      sockets: [
        systemSocket({ key: 'a', state: 'LISTEN', local: inet(80) }),
        systemSocket({ key: 'b', state: 'LISTEN', local: inet(22), holders: [{ pid: 4711, fd: 3 }] }),
        systemSocket({
          key: 'c',
          state: 'LISTEN',
          local: inet(9000),
          ownId: 7,
          holders: [{ pid: 9, fd: 22 }],
        }),
        systemSocket({ key: 'd', state: 'TIME_WAIT', local: inet(80), remote: inet(5000), inode: null }),
        systemSocket({ key: 'e', kind: 'unix', type: 'SOCK_STREAM', local: null, inode: 12 }),
      ],
    }),
  );
  const text = tree.roots.map((root) => [
    `${root.key} ${'count' in root ? root.count : ''}`,
    tree
      .childrenOf(root)
      .map((node) =>
        node.kind === 'systemSocket'
          ? `${systemLabel(node.socket)} | ${systemDescription(node)}`
          : `more ${node.key}`,
      ),
  ]);

  it('has the groups that are not empty, own ones first, and counts what it leaves out', () => {
    expect(text).toEqual([
      [
        'listening 5',
        [
          '127.0.0.1:9000 | this playground, fd 22',
          '127.0.0.1:22 | python3 4711',
          '127.0.0.1:80 | owner not visible',
          'more more/listening',
        ],
      ],
      [
        'connected 1',
        [
          '127.0.0.1:80 → 127.0.0.1:5000 | no process: the connection is closed, the kernel keeps the address · TIME-WAIT',
        ],
      ],
      ['unix 1', ['unnamed, inode 12 | owner not visible · ESTAB · u_str']],
    ]);
  });

  it('is empty before the first answer', () => {
    expect(new SystemSocketTree().roots).toEqual([]);
  });
});
