import { describe, expect, it } from 'vitest';
import type { SocketInfo } from '../../src/common/socket.js';
import { byScenario } from '../../src/extension/views/socketGroups.js';
import { type SocketNode, SocketTree, visibleSockets } from '../../src/extension/views/socketTree.js';
import { socket } from '../support/sockets.js';

function map(...sockets: SocketInfo[]): Map<number, SocketInfo> {
  return new Map(sockets.map((info) => [info.id, info]));
}

function outline(tree: SocketTree, nodes = tree.roots): unknown[] {
  return nodes.map((node) => {
    const below = outline(tree, tree.children(node));
    return below.length > 0 ? { [node.key]: below } : node.key;
  });
}

describe('SocketTree', () => {
  it('puts sockets under their protocol, accepted ones under their listener, ended ones apart', () => {
    const tree = new SocketTree();
    const changed = tree.update(
      map(
        socket({ id: 1, role: 'listener', state: 'listening' }),
        socket({ id: 2, type: 'SOCK_DGRAM', role: 'datagram' }),
        socket({ id: 3, role: 'accepted', listenerId: 1 }),
        socket({ id: 4, domain: 'AF_UNIX' }),
        socket({ id: 5, state: 'closed' }),
        socket({ id: 6, isLost: true }),
        socket({ id: 7, type: 'SOCK_RAW', protocol: 'IPPROTO_ICMP' }),
        socket({ id: 8, domain: 'AF_NETLINK', type: 'SOCK_RAW' }),
        socket({ id: 9, domain: 16, type: 'SOCK_DGRAM' }),
      ),
    );
    expect(changed).toEqual([undefined]);
    expect(outline(tree)).toEqual([
      { 'group:TCP': [{ 'socket:1': ['socket:3'] }] },
      { 'group:UDP': ['socket:2'] },
      { 'group:Unix': ['socket:4'] },
      { 'group:Raw': ['socket:7'] },
      { 'group:Netlink': ['socket:8'] },
      { 'group:Other': ['socket:9'] },
      { 'group:Ended': ['socket:5', 'socket:6'] },
    ]);
  });

  it('keeps the same rows and names only parents whose children changed', () => {
    const tree = new SocketTree();
    const listener = socket({ id: 1, role: 'listener', state: 'listening' });
    tree.update(map(listener));
    const row = tree.find(1);
    expect(tree.update(map({ ...listener, bytesReceived: 5 }))).toEqual([]);
    const changed = tree.update(map(listener, socket({ id: 2, role: 'accepted', listenerId: 1 })));
    expect(changed).toEqual([row, tree.roots[0]]);
    expect(changed[0]).toBe(row);
    expect(tree.count(tree.roots[0] as SocketNode & { kind: 'group' })).toBe(2);
    expect(tree.parent(tree.find(2)!)).toBe(row);
    expect(tree.parent(row!)).toEqual({ kind: 'group', key: 'group:TCP', group: 'TCP' });
  });

  it('moves accepted sockets up when their listener is closed', () => {
    const tree = new SocketTree();
    const accepted = socket({ id: 2, role: 'accepted', listenerId: 1 });
    tree.update(map(socket({ id: 1, role: 'listener' }), accepted));
    tree.update(map(socket({ id: 1, role: 'listener', state: 'closed' }), accepted));
    expect(outline(tree)).toEqual([{ 'group:TCP': ['socket:2'] }, { 'group:Ended': ['socket:1'] }]);
  });

  it('shows the first 200 of a group and how many more there are', () => {
    const tree = new SocketTree();
    tree.update(map(...Array.from({ length: 10_000 }, (_, index) => socket({ id: index + 1 }))));
    const group = tree.roots[0]!;
    const rows = tree.children(group);
    expect(rows).toHaveLength(visibleSockets + 1);
    expect(rows.at(-1)).toMatchObject({ kind: 'more' } satisfies Partial<SocketNode>);
    expect(tree.hiddenCount(group.key)).toBe(9800);
    expect(tree.count(group as SocketNode & { kind: 'group' })).toBe(10_000);
    expect([...tree.shownIds()]).toHaveLength(visibleSockets);
    expect(tree.find(201)).toBeUndefined();
  });

  it('shows 200 more when asked, as long as there are any', () => {
    const tree = new SocketTree();
    tree.update(map(...Array.from({ length: 450 }, (_, index) => socket({ id: index + 1 }))));
    const group = tree.roots[0]!;
    const more = () => tree.children(group).at(-1) as SocketNode & { kind: 'more' };
    expect(tree.showMore(more())).toBe(group);
    expect(tree.hiddenCount(group.key)).toBe(50);
    expect(tree.find(400)).toBeDefined();
    tree.showMore(more());
    expect(tree.children(group)).toHaveLength(450);
    expect(tree.children(group).every(({ kind }) => kind === 'socket')).toBe(true);
  });

  it('gives the same tree from changes as from everything', () => {
    const sockets = new Map<number, SocketInfo>();
    const gone = new Set<number>();
    const tree = new SocketTree();
    // A fixed sequence of sockets that come, change their group, end and go.
    let state = 7;
    const random = (below: number) => (state = (state * 48271) % 2147483647) % below;
    for (let step = 0; step < 300; step++) {
      const changed: number[] = [];
      for (let i = random(5); i >= 0; i--) {
        const id = 1 + random(200);
        changed.push(id);
        const isThere = sockets.has(id);
        if (isThere && random(4) === 0) {
          sockets.delete(id);
          gone.add(id);
        } else if (isThere && random(2) === 0) {
          sockets.set(id, { ...sockets.get(id)!, state: 'closed' });
        } else if (!isThere && !gone.has(id)) {
          const listenerId = id > 3 && random(2) === 0 ? 1 + random(3) : null;
          const type = random(3) === 0 ? 'SOCK_DGRAM' : 'SOCK_STREAM';
          if (listenerId === null || sockets.has(listenerId)) {
            sockets.set(id, socket({ id, type, listenerId, role: id <= 3 ? 'listener' : 'client' }));
          }
        }
      }
      tree.update(sockets, changed);
      const whole = new SocketTree();
      whole.update(new Map([...sockets].sort(([a], [b]) => a - b)));
      expect(outline(tree)).toEqual(outline(whole));
      expect(tree.roots.map((node) => node.kind === 'group' && tree.count(node))).toEqual(
        whole.roots.map((node) => node.kind === 'group' && whole.count(node)),
      );
      for (const id of sockets.keys()) {
        expect(tree.parent(tree.find(id)!)).toEqual(whole.parent(whole.find(id)!));
      }
    }
  });

  it('shows as many as it takes to come to one, below a listener too', () => {
    const accepted = Array.from({ length: 250 }, (_, index) =>
      socket({ id: 1001 + index, role: 'accepted', listenerId: 1000 }),
    );
    const listeners = Array.from({ length: 1000 }, (_, index) => socket({ id: index + 1, role: 'listener' }));
    const tree = new SocketTree();
    tree.update(map(...listeners, ...accepted));
    expect(tree.find(1250)).toBeUndefined();
    expect(tree.showUntil(1250).map(({ key }) => key)).toEqual(['group:TCP', 'socket:1000']);
    expect(tree.parent(tree.find(1250)!)).toBe(tree.find(1000));
    expect(tree.showUntil(1250)).toEqual([]);
    expect(tree.showUntil(5000)).toEqual([]);
  });

  it('groups by scenario: what was made by hand first, and what is closed apart', () => {
    const makers = new Map([
      [2, 'Echo'],
      [5, 'Busy'],
    ]);
    const tree = new SocketTree(byScenario((id) => makers.get(id)));
    const sockets = map(
      socket({ id: 1, type: 'SOCK_DGRAM' }),
      socket({ id: 2, role: 'listener' }),
      socket({ id: 3, role: 'accepted', listenerId: 2 }),
      socket({ id: 4, state: 'closed' }),
      socket({ id: 5, type: 'SOCK_RAW' }),
      socket({ id: 6, domain: 'AF_UNIX' }),
    );
    tree.update(sockets);
    const begin = ['socket:1', 'socket:6'];
    expect(outline(tree)).toEqual([
      { 'group:hand': begin },
      { 'group:scenario:Busy': ['socket:5'] },
      { 'group:scenario:Echo': [{ 'socket:2': ['socket:3'] }] },
      { 'group:Ended': ['socket:4'] },
    ]);
    // The record that names the maker may come after the socket.
    makers.set(6, 'Busy');
    tree.update(sockets, [6]);
    expect(outline(tree).slice(0, 2)).toEqual([
      { 'group:hand': ['socket:1'] },
      { 'group:scenario:Busy': ['socket:5', 'socket:6'] },
    ]);
  });

  it('forgets what is gone', () => {
    const tree = new SocketTree();
    tree.update(map(socket({ id: 1 })));
    expect(tree.update(map())).toEqual([undefined]);
    expect(tree.roots).toEqual([]);
    expect(tree.find(1)).toBeUndefined();
  });
});
