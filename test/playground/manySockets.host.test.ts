import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SocketTree, visibleSockets } from '../../src/extension/views/socketTree.js';
import { Playground } from '../../src/playground/playground.js';
import { SocketHostProcess } from '../../src/playground/socketHostProcess.js';
import { untilTestEnds } from '../support/disposal.js';
import { waitUntil } from '../support/events.js';
import { loopback, modulePath, n } from '../socketHost/testHost.js';

/** Each takes a descriptor here and one there; the host has some of its own, at the top of the range too. */
const limit = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1024);
const count = Math.min(10_000, Math.floor(limit * 0.7));

/** Opens connections one after the other, says so, and keeps them until it is told to close. */
const client = `
import socket, sys
port, count = int(sys.argv[1]), int(sys.argv[2])
held = []
for i in range(count):
    s = socket.create_connection(("127.0.0.1", port))
    held.append(s)
    if i % 500 == 499 or i == count - 1:
        s.sendall(b"x")
        s.recv(1)
print("open", flush=True)
sys.stdin.readline()
for s in held:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\x01\\0\\0\\0\\0\\0\\0\\0")
    s.close()
`;

it(
  'holds ten thousand connections of another process, and lets go of all of them',
  { timeout: 240_000 },
  async () => {
    const host = new SocketHostProcess(modulePath);
    const playground = new Playground(host);
    untilTestEnds({
      dispose: async () => {
        playground.dispose();
        await host.end();
      },
    });
    const tree = new SocketTree();
    const watcher = playground.createWatcher();
    const dirty = new Set<number>();
    // What the view does with each change, and how many sockets it looks at for that.
    let changed = 0;
    let looks = 0;
    const counted = new Proxy(playground.sockets, {
      get: (sockets, name) => {
        looks += name === 'get' ? 1 : sockets.size;
        const member: unknown = Reflect.get(sockets, name);
        return typeof member === 'function' ? (member.bind(sockets) as unknown) : member;
      },
    });
    playground.onDidChange(({ sockets, removed }) => {
      sockets.forEach(({ id }) => dirty.add(id));
      removed.forEach((id) => dirty.add(id));
      changed += dirty.size;
      tree.update(counted, dirty);
      dirty.clear();
      watcher.watch([...tree.shownIds()]);
    });

    const make = (name: 'socket' | 'bind' | 'listen' | 'getsockname', ...args: never[]) =>
      playground.call({ name, args }).returned;
    const { result: fd, createdIds } = await make('socket', n('AF_INET') as never, n('SOCK_STREAM') as never);
    await make('bind', fd as never, loopback as never);
    await make('listen', fd as never, 4096 as never);
    const { args } = await make('getsockname', fd as never);
    const listenerId = createdIds[0]!;
    await playground.automate(listenerId, {
      mode: 'accept',
      accepted: 'echo',
      isRecorded: true,
      isBatched: false,
    });
    const { status } = playground;
    const pid = status.kind === 'running' ? status.host.pid : 0;
    const descriptors = () => readdirSync(`/proc/${pid}/fd`).length;
    const before = descriptors();

    const peer = spawn('python3', ['-c', client, String((args[1] as { port: number }).port), String(count)]);
    untilTestEnds({
      dispose: async () => {
        if (peer.exitCode === null) {
          const ended = once(peer, 'close');
          peer.kill('SIGKILL');
          await ended;
        }
      },
    });
    await once(peer.stdout, 'data');
    await waitUntil(playground.onDidChange, () => playground.openCount === count + 1, {
      what: 'all to be listed',
      timeoutMs: 90_000,
    });
    expect(descriptors()).toBe(before + count);
    const [group] = tree.roots;
    const rows = tree.children(tree.find(listenerId)!);
    expect(rows).toHaveLength(visibleSockets + 1);
    expect(rows.at(-1)).toMatchObject({ kind: 'more' });
    expect(tree.hiddenCount(tree.find(listenerId)!.key)).toBe(count - visibleSockets);
    expect(group?.kind === 'group' && tree.count(group)).toBe(count + 1);

    peer.stdin.write('\n');
    await waitUntil(playground.onDidChange, () => playground.openCount === 1, {
      what: 'all to be closed',
      timeoutMs: 90_000,
    });
    expect(descriptors()).toBe(before);
    // A reset is what each of them met.
    expect(tree.children(tree.find(listenerId)!)).toEqual([]);
    // At each that has changed and at its listener, however many there are.
    expect(looks).toBeLessThanOrEqual(2 * changed);
  },
);
