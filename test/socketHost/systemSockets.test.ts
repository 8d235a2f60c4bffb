import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { SystemSocket, SystemSocketsRequest } from '../../src/common/system/systemSocket.js';
import { endpointOf } from '../../src/common/system/systemSocketText.js';
import { endProcess } from '../../src/socketHost/system/endProcess.js';
import { startTicksOf } from '../../src/socketHost/system/processes.js';
import { data, loopback, n, TestHost } from './testHost.js';

function holder(program: string): ChildProcess {
  const child = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  return child;
}

/** A process that listens; its port. */
async function listeningProcess(before = ''): Promise<{ child: ChildProcess; port: number }> {
  const child = holder(`
import signal, socket, sys
${before}
made = socket.socket()
made.bind(('127.0.0.1', 0))
made.listen(3)
print(made.getsockname()[1], flush=True)
sys.stdin.read()
`);
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, port: Number(line.toString()) };
}

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { server, port: (server.address() as { port: number }).port };
}

async function list(host: TestHost, request: SystemSocketsRequest): Promise<SystemSocket[]> {
  return (await host.process.systemSockets(request)).sockets;
}

const inodes = (file: string, column: number) =>
  readFileSync(`/proc/net/${file}`, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/)[column]);

describe('the sockets of the machine', () => {
  test('have those of the playground, marked', async () => {
    const host = TestHost.start();
    const { server, client, peer } = await host.tcpPair();
    await host.ok('send', client, data('12345'));
    const sockets = await list(host, { kinds: ['tcp'], withOwners: true });
    const own = new Map(
      sockets.filter(({ ownId }) => ownId !== null).map((socket) => [socket.ownId, socket]),
    );
    expect(new Set(own.keys())).toEqual(new Set([1, 2, 3]));
    expect(own.get(1)).toMatchObject({ state: 'LISTEN', holders: [{ pid: host.pid, fd: server }] });
    expect(own.get(2)).toMatchObject({ state: 'ESTABLISHED', holders: [{ pid: host.pid, fd: client }] });
    expect(own.get(3)).toMatchObject({ receiveQueue: 5, holders: [{ pid: host.pid, fd: peer }] });
    expect(endpointOf(own.get(2)!, 'remote')).toBe(endpointOf(own.get(1)!, 'local'));
  });

  test('have one that is bound and does no more, which ss does not show', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('bind', fd, loopback);
    const [socket] = (await list(host, { kinds: ['tcp'] })).filter(({ ownId }) => ownId === 1);
    expect(socket?.state).toBe('BOUND_INACTIVE');
  });

  test('are those of /proc/net', async () => {
    const host = TestHost.start();
    await host.unixPair('SOCK_STREAM');
    const fd = await host.ok('socket', n('AF_INET6'), n('SOCK_DGRAM'), 0);
    await host.ok('bind', fd, { family: 'AF_INET6', address: '::1', port: 0 });
    const sockets = await list(host, { count: 100_000 });
    const all = (kind: string) =>
      new Set(sockets.filter((socket) => socket.kind === kind).map(({ inode }) => String(inode)));
    // Other programs come and go: what is there before and after is in the list.
    const stays = async (file: string, column: number) => {
      const before = inodes(file, column);
      const listed = new Set((await list(host, { count: 100_000 })).map(({ inode }) => String(inode)));
      const after = new Set(inodes(file, column));
      return before.filter((inode) => inode !== '0' && after.has(inode) && !listed.has(inode!));
    };
    // Where others come and go between two parts of its list, the kernel may pass over one: then the next list has it.
    for (const [file, column] of [
      ['unix', 6],
      ['tcp', 9],
      ['udp6', 9],
      ['netlink', 9],
    ] as const) {
      await expect.poll(() => stays(file, column)).toEqual([]);
    }
    expect(all('unix').size).toBeGreaterThan(2);
  });

  test('say who holds them, and since when that process runs', async () => {
    const host = TestHost.start();
    const { child, port } = await listeningProcess();
    const answer = await host.process.systemSockets({ filter: `sport = :${port}`, withOwners: true });
    expect(answer.sockets).toHaveLength(1);
    expect(answer.sockets[0]!.holders).toEqual([{ pid: child.pid, fd: 3 }]);
    const [info] = answer.processes;
    expect(info).toMatchObject({
      pid: child.pid,
      directory: process.cwd(),
      uid: process.getuid!(),
      role: null,
    });
    expect(info!.name).toMatch(/^python/);
    expect(info!.commandLine![1]).toBe('-c');
    expect(Math.abs(Date.now() - info!.startTime!)).toBeLessThan(60_000);
  });

  test('come in pages', async () => {
    const host = TestHost.start();
    const made = await Promise.all(Array.from({ length: 5 }, () => listening()));
    const filter = made.map(({ port }) => `sport = :${port}`).join(' or ');
    const first = await host.process.systemSockets({ filter, count: 2 });
    expect(first).toMatchObject({ total: 5, counts: { listening: 5, connected: 0 } });
    const second = await host.process.systemSockets({ snapshot: first.snapshot!, from: 2, count: 2 });
    const third = await host.process.systemSockets({ snapshot: second.snapshot!, from: 4, count: 2 });
    expect(third.snapshot).toBeNull();
    const keys = [first, second, third].flatMap(({ sockets }) => sockets.map(({ key }) => key));
    expect(new Set(keys).size).toBe(5);
  });

  test('are cut in each group, and all counted', async () => {
    const host = TestHost.start();
    const made = await Promise.all(Array.from({ length: 4 }, () => listening()));
    const filter = made.map(({ port }) => `sport = :${port}`).join(' or ');
    const answer = await host.process.systemSockets({ filter, limitPerGroup: 3 });
    expect(answer.sockets).toHaveLength(3);
    expect(answer.counts.listening).toBe(4);
  });

  test('are looked at one by one with everything that is known of them', async () => {
    const host = TestHost.start();
    const { server, port } = await listening();
    const [socket] = await list(host, { filter: `sport = :${port}` });
    expect(socket!.details).toBeNull();
    const look = await host.process.lookAtSystemSocket({ socket: socket! });
    expect(look!.socket).toMatchObject({ key: socket!.key, state: 'LISTEN', sendQueue: 511 });
    expect(look!.socket.details!.tcpInfo!['tcpi_state']).toBe(10);
    expect(look!.processes[0]!.pid).toBe(process.pid);
    await new Promise((resolve) => server.close(resolve));
    expect(await host.process.lookAtSystemSocket({ socket: socket! })).toBeNull();
  });

  test('a listener tells which programs wait to be accepted, and of which it cannot tell', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    const { port } = address as { port: number };
    const look = async () => (await host.process.lookAtSystemSocket({ socketId: 1 }))!;
    expect((await look()).waiting).toEqual({ clients: [], more: 0, unlisted: 0, isShared: false });
    const child = holder(`
import socket, struct, sys
closed, reset, waits = [socket.create_connection(('127.0.0.1', ${port})) for _ in range(3)]
closed.close()
reset.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
reset.close()
print(waits.getsockname()[1], flush=True)
sys.stdin.read()
`);
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    const clientPort = Number(line.toString());
    const { waiting, processes } = await look();
    expect(waiting).toMatchObject({ more: 0, unlisted: 1, isShared: false });
    const clients = [...waiting!.clients].sort((a, b) => Number(a.isClosed) - Number(b.isClosed));
    expect(clients).toMatchObject([
      {
        taken: { state: 'ESTABLISHED', inode: null, local: address, remote: { port: clientPort } },
        client: { local: { port: clientPort }, holders: [{ pid: child.pid }] },
        isClosed: false,
      },
      { taken: { state: 'CLOSE_WAIT' }, isClosed: true },
    ]);
    // Nobody looks for who holds the listener: that is known.
    expect(processes.map(({ pid }) => pid)).toEqual([child.pid]);
    for (let i = 0; i < 3; i++) {
      await host.ok('accept', fd);
    }
    expect((await look()).waiting!.clients).toEqual([]);
  });

  test('where several listen at one address, it is said that it is not certain who is waited for', async () => {
    const host = TestHost.start();
    let address = loopback;
    for (let i = 0; i < 2; i++) {
      const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
      await host.ok('setsockopt', fd, n('SOL_SOCKET'), n('SO_REUSEPORT'), 1);
      await host.ok('bind', fd, address);
      await host.ok('listen', fd, 4);
      address = await host.nameOf(fd);
    }
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', client, address);
    const look = await host.process.lookAtSystemSocket({ socketId: 1 });
    const other = await host.process.lookAtSystemSocket({ socketId: 2 });
    const waited = [look, other].find((each) => each!.waiting!.clients.length > 0)!;
    expect(waited.waiting).toMatchObject({ clients: [{ client: { ownId: 3 } }], isShared: true });
  });

  test('of AF_UNIX too: who waits, and who has gone', async () => {
    const host = TestHost.start();
    const server = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    await host.ok('bind', server, { family: 'AF_UNIX', name: new Uint8Array(), isAbstract: false });
    await host.ok('listen', server, 5);
    for (let i = 0; i < 2; i++) {
      const client = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
      await host.ok('connect', client, await host.nameOf(server));
      if (i === 0) {
        await host.ok('close', client);
      }
    }
    const look = await host.process.lookAtSystemSocket({ socketId: 1 });
    const clients = [...look!.waiting!.clients].sort((a, b) => Number(a.isClosed) - Number(b.isClosed));
    expect(clients).toMatchObject([
      { taken: null, client: { ownId: 3 }, isClosed: false },
      { taken: null, client: null, isClosed: true },
    ]);
  });

  test.each(['SOCK_STREAM', 'SOCK_DGRAM'])('of Unix are looked at too: %s', async (type) => {
    const host = TestHost.start();
    await host.ok('socket', n('AF_UNIX'), n(type), 0);
    const [socket] = (await list(host, { kinds: ['unix'], count: 100_000 })).filter(
      ({ ownId }) => ownId === 1,
    );
    const look = await host.process.lookAtSystemSocket({ socket: socket! });
    expect(look!.socket).toMatchObject({ key: socket!.key, ownId: 1, type });
    expect(look!.socket.details!.memory['RCVBUF']).toBeGreaterThan(0);
  });

  test('a kind that the kernel lacks is said', async () => {
    const host = TestHost.start();
    const { problems } = await host.process.systemSockets({ kinds: ['sctp', 'vsock', 'tcp'] });
    expect(problems.every(({ kind, errno }) => kind !== 'tcp' && errno === 'ENOENT')).toBe(true);
  });

  test('leave no descriptor behind but the one they are asked with', async () => {
    const host = TestHost.start();
    await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await list(host, { withOwners: true });
    const before = host.descriptorCount;
    await list(host, { withOwners: true, withDetails: true });
    expect(host.descriptorCount).toBe(before);
    // The user's numbers stay the lowest free ones.
    const next = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    const first = await host.ok('close', next);
    expect(first).toBe(0);
    expect(await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0)).toBe(next);
  });
});

describe('ending a process', () => {
  async function shown(host: TestHost, port: number) {
    const answer = await host.process.systemSockets({ filter: `sport = :${port}`, withOwners: true });
    return answer.processes[0]!;
  }

  test('sends SIGTERM and tells that it has ended', async () => {
    const host = TestHost.start();
    const { child, port } = await listeningProcess();
    const { pid, startTicks } = await shown(host, port);
    const exit = once(child, 'exit');
    expect(await host.process.endProcess({ pid, startTicks })).toEqual({ kind: 'ended' });
    expect((await exit)[1]).toBe('SIGTERM');
    expect(await host.process.endProcess({ pid, startTicks })).toEqual({ kind: 'gone', isReused: false });
  });

  test('looks once more when its time is over, however late it gets to that', async () => {
    const { pid } = (await listeningProcess()).child;
    const startTicks = startTicksOf(pid!)!;
    const now = vi.spyOn(performance, 'now').mockReturnValueOnce(0);
    onTestFinished(() => now.mockRestore());
    now.mockImplementation(() => {
      while (startTicksOf(pid!) !== null) {
        // It ends.
      }
      return 3_600_000;
    });
    expect(await endProcess({ pid: pid!, startTicks })).toEqual({ kind: 'ended' });
  });

  test('tells of one that goes on', async () => {
    const host = TestHost.start();
    const { port } = await listeningProcess('signal.signal(signal.SIGTERM, signal.SIG_IGN)');
    const { pid, startTicks } = await shown(host, port);
    expect(await host.process.endProcess({ pid, startTicks })).toEqual({ kind: 'signalled' });
  });

  test('leaves another process of the same number alone', async () => {
    const host = TestHost.start();
    const { child, port } = await listeningProcess();
    const { pid, startTicks } = await shown(host, port);
    const earlier = { pid, startTicks: startTicks - 1 };
    expect(await host.process.endProcess(earlier)).toEqual({ kind: 'gone', isReused: true });
    expect(child.exitCode ?? child.signalCode).toBeNull();
  });

  test('refuses the socket host and what it runs under', async () => {
    const host = TestHost.start();
    const { server } = await host.tcpPair();
    const { port } = (await host.nameOf(server)) as { port: number };
    const own = await shown(host, port);
    expect(own.role).toBe('socketHost');
    expect(await host.process.endProcess(own)).toEqual({ kind: 'refused', role: 'socketHost' });
    const test = await shown(host, (await listening()).port);
    expect(test.pid).toBe(process.pid);
    expect(await host.process.endProcess(test)).toEqual({ kind: 'refused', role: 'ancestor' });
  });
});
