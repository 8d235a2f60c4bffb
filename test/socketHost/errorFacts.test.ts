import { once } from 'node:events';
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SocketAddress } from '../../src/common/socket.js';
import { explainError } from '../../src/common/tables/explanations.js';
import { withFacts } from '../../src/common/system/errorFacts.js';
import type { CallName } from '../../src/common/tables/signatures.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { abstract, n, TestHost, unixPath } from './testHost.js';

const inet = (port: number, address = '127.0.0.1'): SocketAddress => ({ family: 'AF_INET', address, port });
const inet6 = (port: number, address = '::1'): SocketAddress => ({ family: 'AF_INET6', address, port });

async function listening(host: string): Promise<number> {
  const server = createServer().listen({ port: 0, host, ipv6Only: host === '::1' });
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

/** Makes a call that fails, and asks why; the sentence is for people, behind `Base.` where it is no answer. */
async function why(host: TestHost, name: CallName, errno: string, fd: number, address: SocketAddress) {
  return withFacts('Base.', await factsOf(host, name, errno, fd, address));
}

async function factsOf(host: TestHost, name: CallName, errno: string, fd: number, address: SocketAddress) {
  const record = await host.process.call({ call: { name, args: [fd, address] } });
  expect(record.errno).toBe(errno);
  const { args, socketId } = record;
  const facts = await host.process.lookUpFacts({ name, args, errno, socketId });
  return facts && facts.kind !== 'group' ? facts : undefined;
}

const stream = (host: TestHost, domain = 'AF_INET') => host.ok('socket', n(domain), n('SOCK_STREAM'), 0);

describe('EADDRINUSE names', () => {
  test('the process that holds the address', async () => {
    const host = TestHost.start();
    const port = await listening('127.0.0.1');
    expect(await why(host, 'bind', 'EADDRINUSE', await stream(host), inet(port))).toMatch(
      new RegExp(`^127.0.0.1:${port} is held by .+ \\(pid ${process.pid}\\) in state LISTEN\\.$`),
    );
    // Every address takes this one too, and what is bound to it is told.
    expect(await why(host, 'bind', 'EADDRINUSE', await stream(host), inet(port, '0.0.0.0'))).toMatch(
      new RegExp(
        `^0.0.0.0:${port} is held by .+ \\(pid ${process.pid}\\) in state LISTEN \\(TCP 127.0.0.1:${port}\\)\\.$`,
      ),
    );
  });

  test('a socket of the playground by its descriptor and name', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    await host.process.rename({ socketId: 1, name: 'server' });
    const { port } = address as { port: number };
    expect(await why(host, 'bind', 'EADDRINUSE', await stream(host), address)).toBe(
      `127.0.0.1:${port} is held by this playground's socket fd ${fd} server in state LISTEN.`,
    );
  });

  test('one that is bound and does not listen', async () => {
    const host = TestHost.start();
    const first = await stream(host);
    await host.ok('bind', first, inet(0));
    const address = await host.nameOf(first);
    expect(await why(host, 'bind', 'EADDRINUSE', await stream(host), address)).toContain(
      `is held by this playground's socket fd ${first} in state bound.`,
    );
  });

  test('a closed connection, and for how long it holds the address', async () => {
    const host = TestHost.start();
    const { client, peer, server } = await host.tcpPair();
    const address = await host.nameOf(peer);
    await host.ok('close', peer);
    await host.ok('recv', client, { kind: 'any' }, 1);
    await host.ok('close', client);
    await host.ok('close', server);
    const said = await why(host, 'bind', 'EADDRINUSE', await stream(host), address);
    const [, seconds] =
      /is held by a closed connection in state TIME-WAIT \(TCP .+ → .+\) for (\d+) more seconds\.$/.exec(
        said!,
      )!;
    expect(Number(seconds)).toBeGreaterThan(0);
    expect(Number(seconds)).toBeLessThanOrEqual(60);
  });

  test('up to three sockets, and how many more there are', async () => {
    const host = TestHost.start();
    const { fd: any, address } = await host.listener();
    const { port } = address as { port: number };
    const fds = [any];
    for (let last = 2; last <= 5; last++) {
      const fd = await stream(host);
      await host.ok('bind', fd, inet(port, `127.0.0.${last}`));
      await host.ok('listen', fd, 1);
      fds.push(fd);
    }
    const said = await why(host, 'bind', 'EADDRINUSE', await stream(host), inet(port, '0.0.0.0'));
    const named = [
      ...said!.matchAll(
        /by this playground's socket fd (\d+) server\d? in state LISTEN \(TCP 127\.0\.0\.\d:/g,
      ),
    ];
    expect(named).toHaveLength(3);
    expect(said).toMatch(/^0\.0\.0\.0:\d+ is held by .+ Also by .+ Also by .+ And by 2 more\.$/);
  });

  test.each([
    ['SO_REUSEADDR', 'bound', 'SO_REUSEADDR'],
    ['SO_REUSEPORT', 'bound', 'SO_REUSEPORT'],
    ['SO_REUSEPORT', 'listening', 'SO_REUSEPORT'],
    ['SO_REUSEADDR', 'listening', 'none'],
    [null, 'bound', 'none'],
  ] as const)(
    'the option with which the kernel takes the address: where one with %s is %s, %s',
    async (name, state, reuse) => {
      const host = TestHost.start();
      const set = (fd: number, option: string | null) =>
        option === null ? 0 : host.ok('setsockopt', fd, n('SOL_SOCKET'), n(option), 1);
      const holder = await stream(host);
      await set(holder, name);
      await host.ok('bind', holder, inet(0));
      if (state === 'listening') {
        await host.ok('listen', holder, 1);
      }
      const address = await host.nameOf(holder);
      const other = await stream(host);
      expect((await factsOf(host, 'bind', 'EADDRINUSE', other, address))?.reuse).toBe(reuse);
      for (const option of ['SO_REUSEADDR', 'SO_REUSEPORT'] as const) {
        const third = await stream(host);
        await set(third, option);
        const { errno } = await host.process.call({ call: { name: 'bind', args: [third, address] } });
        expect(errno).toBe(reuse === option ? null : 'EADDRINUSE');
        await host.ok('close', third);
      }
    },
  );

  test('no option where the kernel does not tell which the holder has', async () => {
    const host = TestHost.start();
    const port = await listening('127.0.0.1');
    const facts = await factsOf(host, 'bind', 'EADDRINUSE', await stream(host), inet(port));
    expect(facts?.reuse).toBeNull();
  });

  test('a UDP socket, and not a TCP socket of the same number', async () => {
    const host = TestHost.start();
    const other = createSocket('udp4').bind(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    expect(await why(host, 'bind', 'EADDRINUSE', fd, inet(port))).toContain(
      `(pid ${process.pid}) in state bound.`,
    );
  });

  test('whoever has a Unix name, and a file that nobody has', async () => {
    const host = TestHost.start();
    const { path: folder } = untilTestEnds(await tempDir());
    const first = await stream(host, 'AF_UNIX');
    const address = unixPath(path.join(folder, 'x.sock'));
    await host.ok('bind', first, address);
    expect(await why(host, 'bind', 'EADDRINUSE', await stream(host, 'AF_UNIX'), address)).toContain(
      `is held by this playground's socket fd ${first} in state bound.`,
    );
    await host.ok('close', first);
    expect(await why(host, 'bind', 'EADDRINUSE', await stream(host, 'AF_UNIX'), address)).toMatch(
      /^No socket of this network namespace is bound to unix:.*: the file was left behind\./,
    );
    const named = await stream(host, 'AF_UNIX');
    await host.ok('bind', named, abstract('facts'));
    expect(await why(host, 'bind', 'EADDRINUSE', await stream(host, 'AF_UNIX'), abstract('facts'))).toContain(
      `is held by this playground's socket fd ${named} in state bound.`,
    );
  });
});

test('of a path that is no socket it is told what it is, and nobody is advised to remove it', async () => {
  const host = TestHost.start();
  const { path: folder } = untilTestEnds(await tempDir());
  const at = (name: string) => path.join(folder, name);
  writeFileSync(at('plain'), 'mine');
  execFileSync('mkfifo', [at('fifo')]);
  symlinkSync('nowhere', at('dangling'));
  symlinkSync(at('plain'), at('toPlain'));
  symlinkSync(at('x.sock'), at('toSocket'));
  await host.ok('bind', await stream(host, 'AF_UNIX'), unixPath(at('x.sock')));
  for (const [name, said] of [
    ['plain', 'an ordinary file, not a socket'],
    ['.', 'a directory, not a socket'],
    ['fifo', 'a FIFO, not a socket'],
    ['dangling', 'a symbolic link, and bind follows none'],
    ['toPlain', 'a symbolic link, and bind follows none'],
    ['toSocket', 'a symbolic link, and bind follows none'],
  ] as const) {
    const args = [await stream(host, 'AF_UNIX'), unixPath(at(name))];
    const record = await host.process.call({ call: { name: 'bind', args } });
    const { errno, socketId } = record;
    expect(errno).toBe('EADDRINUSE');
    const facts = await host.process.lookUpFacts({ name: 'bind', args, errno: 'EADDRINUSE', socketId });
    const { cause, remedy } = explainError({ record: { ...record, facts: facts! } })!;
    const meaning = withFacts('Base.', facts ?? undefined)!;
    expect(meaning).toBe(`unix:${at(name)} is ${said}.`);
    expect([cause, remedy]).toEqual([undefined, 'Take another path.']);
  }
  expect(
    await why(host, 'connect', 'ECONNREFUSED', await stream(host, 'AF_UNIX'), unixPath(at('toPlain'))),
  ).toBe(`unix:${at('toPlain')} is an ordinary file, not a socket.`);
});

describe('ECONNREFUSED tells', () => {
  test('that somebody listens in the other family only', async () => {
    const host = TestHost.start();
    const port = await listening('::1');
    expect(await why(host, 'connect', 'ECONNREFUSED', await stream(host), inet(port))).toMatch(
      new RegExp(`^.+ \\(pid ${process.pid}\\) listens on \\[::1\\]:${port}, not on 127.0.0.1:${port}\\.$`),
    );
    const other = await listening('127.0.0.1');
    expect(
      await why(host, 'connect', 'ECONNREFUSED', await stream(host, 'AF_INET6'), inet6(other)),
    ).toContain(` listens on 127.0.0.1:${other}, not on [::1]:${other}.`);
  });

  test('that it is another address of this machine', async () => {
    const host = TestHost.start();
    const port = await listening('127.0.0.2');
    expect(await why(host, 'connect', 'ECONNREFUSED', await stream(host), inet(port))).toContain(
      ` listens on 127.0.0.2:${port}, not on 127.0.0.1:${port}.`,
    );
  });

  test('that nobody is there', async () => {
    const host = TestHost.start();
    expect(await why(host, 'connect', 'ECONNREFUSED', await stream(host), inet(1))).toBe(
      'Base. No other address of this machine had a listener at port 1 right after the call.',
    );
  });

  test('that a Unix socket is bound and does not listen', async () => {
    const host = TestHost.start();
    const fd = await stream(host, 'AF_UNIX');
    await host.ok('bind', fd, abstract('deaf'));
    expect(await why(host, 'connect', 'ECONNREFUSED', await stream(host, 'AF_UNIX'), abstract('deaf'))).toBe(
      `This playground's socket fd ${fd} is bound there and does not listen.`,
    );
  });

  test('nothing of other machines', async () => {
    const host = TestHost.start();
    const fd = await stream(host);
    const args = [fd, inet(80, '192.0.2.1')];
    const question = { name: 'connect', args, errno: 'ECONNREFUSED', socketId: 1 } as const;
    expect(await host.process.lookUpFacts(question)).toBeNull();
  });
});
