import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ConnectionClosedError } from '../../src/common/errors.js';
import type { HostStatus } from '../../src/common/protocol/panel.js';
import { HostGivenUpError } from '../../src/playground/callHandle.js';
import { SocketHostProcess } from '../../src/playground/socketHostProcess.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { nextEvent } from '../support/events.js';
import { spawnSource } from '../support/sourceProcess.js';
import { any, data, n, TestHost, unixPath } from '../socketHost/testHost.js';

/** A process that has ended and that nobody has waited for yet is gone too. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** A module that stands in for the host. */
async function moduleOf(source: string): Promise<string> {
  const folder = untilTestEnds(await tempDir());
  const file = path.join(folder.path, 'host.cjs');
  writeFileSync(file, source);
  return file;
}

/** A process that has started a host, and the host's number. */
async function parentOfHost() {
  const { child: parent, message } = await spawnSource(`
    import { SocketHostProcess } from './src/playground/socketHostProcess.js';
    const host = new SocketHostProcess(process.argv[2]);
    void host.call({ call: { name: 'socket', args: [2, 1, 0] } }).then(() => process.send(host.status.host.pid));
  `);
  return { parent, pid: message as number };
}

function lost(host: SocketHostProcess): Promise<HostStatus> {
  return nextEvent(host.onDidChangeStatus, ({ kind }) => kind === 'lost');
}

const socket = [n('AF_INET'), n('SOCK_STREAM'), 0] as const;

describe('the life of the host', () => {
  test('begins with the first call, and ends with dispose', async () => {
    const host = TestHost.start();
    expect(host.process.status).toEqual({ kind: 'idle' });
    const statuses: string[] = [];
    host.process.onDidChangeStatus(({ kind }) => statuses.push(kind));
    await Promise.all([host.ok('socket', ...socket), host.ok('socket', ...socket)]);
    expect(statuses).toEqual(['running']);
    expect(host.process.status).toMatchObject({ kind: 'running', host: { platform: 'linux' } });
    const { pid } = host;
    await host.process.end();
    expect(isAlive(pid)).toBe(false);
    expect(statuses).toEqual(['running']);
    await expect(host.call('socket', ...socket)).rejects.toThrow(ConnectionClosedError);
  });

  test('is what times count from, however long nobody has made a call', async () => {
    const host = TestHost.start();
    const before = process.hrtime.bigint();
    const becomesRunning = nextEvent(host.process.onDidChangeStatus, ({ kind }) => kind === 'running');
    const { startNs } = await host.call('socket', ...socket);
    const { originNs } = host.process;
    expect(originNs).toBeGreaterThan(before);
    expect(startNs).toBeGreaterThan(0);
    const { originTime } = (await becomesRunning) as HostStatus & { kind: 'running' };
    expect(Math.abs(Date.now() - originTime)).toBeLessThan(10_000);
    const loss = lost(host.process);
    process.kill(host.pid, 'SIGKILL');
    await loss;
    expect((await host.call('socket', ...socket)).startNs).toBeGreaterThan(startNs);
    expect(host.process.originNs).toBe(originNs);
  });

  test('is not held up by what the user tells other programs that run in Node', async () => {
    vi.stubEnv('NODE_OPTIONS', '--no-warnings');
    vi.stubEnv('NODE_EXTRA_CA_CERTS', '/nowhere/certificates.pem');
    onTestFinished(() => void vi.unstubAllEnvs());
    const host = TestHost.start();
    await host.ok('socket', ...socket);
    const environment = readFileSync(`/proc/${host.pid}/environ`, 'utf8').split('\0');
    const names = environment.map((line) => line.split('=')[0]);
    expect(names).toContain('PATH');
    expect(names).not.toContain('NODE_OPTIONS');
    expect(names).not.toContain('NODE_EXTRA_CA_CERTS');
  });

  test('no question but a call starts it', async () => {
    const host = TestHost.start();
    await expect(host.process.watch({ socketIds: 'all' })).rejects.toThrow(ConnectionClosedError);
    await expect(host.process.readRows({ from: 1, count: 1 })).rejects.toThrow(ConnectionClosedError);
    await expect(host.process.interfaceIndex({ name: 'lo' })).rejects.toThrow(ConnectionClosedError);
    expect(host.process.status).toEqual({ kind: 'idle' });
  });

  test('ends while calls wait', async () => {
    const host = TestHost.start();
    const { peer, server } = await host.tcpPair();
    const [recv, accept] = [await host.waits('recv', peer, any, 10), await host.waits('accept', server)];
    const rejected = Promise.allSettled([recv.returned, accept.returned]);
    const { pid } = host;
    await host.process.end();
    expect(isAlive(pid)).toBe(false);
    for (const result of await rejected) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: expect.any(ConnectionClosedError) as unknown,
      });
    }
  });

  test('ends when it is stopped and does not answer', async () => {
    const host = TestHost.start();
    await host.ok('socket', ...socket);
    const { pid } = host;
    process.kill(pid, 'SIGSTOP');
    await host.process.end();
    expect(isAlive(pid)).toBe(false);
  });

  test('ends while a close lingers', async () => {
    const host = TestHost.start();
    const { client } = await host.tcpPair();
    const fields = [
      { name: 'l_onoff', value: 1 },
      { name: 'l_linger', value: 60 },
    ];
    await host.ok('setsockopt', client, n('SOL_SOCKET'), n('SO_LINGER'), { kind: 'struct', fields });
    await host.ok('send', client, data(new Uint8Array(16 << 20)), 16 << 20, n('MSG_DONTWAIT'));
    const close = await host.waits('close', client);
    close.returned.catch(() => {});
    const { pid } = host;
    await host.process.end();
    expect(isAlive(pid)).toBe(false);
  });

  test('removes the socket files it made, and no others', async () => {
    const host = TestHost.start();
    const folder = untilTestEnds(await tempDir());
    const [ours, theirs] = [path.join(folder.path, 'ours'), path.join(folder.path, 'theirs')];
    for (const file of [ours, theirs]) {
      await host.ok('bind', await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0), unixPath(file));
    }
    const other = TestHost.start();
    unlinkSync(theirs);
    await other.ok('bind', await other.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0), unixPath(theirs));
    await host.process.end();
    expect([existsSync(ours), existsSync(theirs)]).toEqual([false, true]);
    await other.process.end();
    expect(existsSync(theirs)).toBe(false);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('its parent ends by %s', async (signal) => {
    const { parent, pid } = await parentOfHost();
    expect(isAlive(pid)).toBe(true);
    parent.kill(signal);
    await once(parent, 'exit');
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test('its parent ends while it is stopped: no listener is left behind', async () => {
    const { parent, pid } = await parentOfHost();
    process.kill(pid, 'SIGSTOP');
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test('ends by itself on SIGTERM, and Ctrl+C is its parent’s matter', async () => {
    const host = TestHost.start();
    await host.ok('socket', ...socket);
    process.kill(host.pid, 'SIGINT');
    process.kill(host.pid, 'SIGHUP');
    await host.ok('socket', ...socket);
    const loss = lost(host.process);
    process.kill(host.pid, 'SIGTERM');
    expect(await loss).toEqual({ kind: 'lost', reason: 'exit code 0' });
  });
});

describe('a host that is stopped on demand', () => {
  test.each([false, true])('ends, and is lost (stuck: %s)', async (isStuck) => {
    const host = TestHost.start();
    const folder = untilTestEnds(await tempDir());
    const file = path.join(folder.path, 's');
    await host.ok('bind', await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0), unixPath(file));
    const { pid } = host;
    if (isStuck) {
      process.kill(pid, 'SIGSTOP');
    }
    const loss = lost(host.process);
    host.process.stop();
    host.process.stop();
    expect(await loss).toEqual({ kind: 'lost', reason: 'it was stopped' });
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(file)).toBe(false);
  });

  test('is started again however often', async () => {
    const host = TestHost.start();
    for (let i = 0; i < 5; i++) {
      await host.ok('socket', ...socket);
      const loss = lost(host.process);
      host.process.stop();
      await loss;
    }
    expect(await host.ok('socket', ...socket)).toBeGreaterThan(0);
  });

  test('does nothing where there is none, as what asks of one of its sockets', async () => {
    const host = TestHost.start();
    host.process.stop();
    expect(await host.process.lookAtSystemSocket({ socketId: 1 })).toBeNull();
    expect(host.process.status).toEqual({ kind: 'idle' });
  });
});

describe('a host that dies', () => {
  test('is told of, its calls are rejected, and the next call starts another whose numbers go on', async () => {
    const host = TestHost.start();
    const { server } = await host.tcpPair();
    const accept = await host.waits('accept', server);
    const rejection = accept.returned.then(
      () => undefined,
      (error: unknown) => ({ error, status: host.process.status }),
    );
    const loss = lost(host.process);
    const { pid } = host;
    process.kill(pid, 'SIGKILL');
    expect(await loss).toEqual({ kind: 'lost', reason: 'signal SIGKILL' });
    expect(await rejection).toMatchObject({ status: { kind: 'lost' } });
    expect((await rejection)!.error).toBeInstanceOf(ConnectionClosedError);

    const record = await host.call('socket', ...socket);
    expect(record.seq).toBeGreaterThan(accept.seq);
    expect(record.createdIds[0]).toBeGreaterThan(3);
    expect(host.pid).not.toBe(pid);
    expect(host.process.status.kind).toBe('running');
    expect(record.startNs).toBeGreaterThan(0);
  });

  test('leaves no socket file behind', async () => {
    const host = TestHost.start();
    const folder = untilTestEnds(await tempDir());
    const file = path.join(folder.path, 's');
    await host.ok('bind', await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0), unixPath(file));
    const loss = lost(host.process);
    process.kill(host.pid, 'SIGKILL');
    await loss;
    expect(existsSync(file)).toBe(false);
  });

  test('is started three times more in five minutes; then a person has to ask', async () => {
    const host = TestHost.start();
    const givenUp: string[] = [];
    host.process.onDidGiveUp((message) => givenUp.push(message));
    const states: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      await host.ok('socket', ...socket);
      const loss = lost(host.process);
      process.kill(host.pid, 'SIGKILL');
      states.push(await loss);
    }
    const reason = 'signal SIGKILL';
    expect(states).toEqual([
      ...Array.from({ length: 3 }, () => ({ kind: 'lost', reason })),
      { kind: 'lost', reason, isGivenUp: true },
    ]);
    const refused = host.call('socket', ...socket);
    await expect(refused).rejects.toThrow(/4 times within 5 minutes.*SIGKILL/);
    // Nobody could take it for a call whose answer got lost.
    await expect(refused).rejects.toBeInstanceOf(HostGivenUpError);
    expect(host.process.status.kind).toBe('lost');
    expect(givenUp).toEqual([expect.stringContaining('4 times') as unknown]);
    await host.process.restart();
    await host.ok('socket', ...socket);
    expect(givenUp).toHaveLength(1);
  });

  test('gives no number twice, also not that of a call that it has not told of', async () => {
    const host = TestHost.start();
    const { server } = await host.tcpPair();
    const waiting = await host.waits('accept', server);
    waiting.returned.catch(() => {});
    const { pid } = host;
    process.kill(pid, 'SIGSTOP');
    const unheard = Promise.allSettled([host.call('socket', ...socket), host.call('socket', ...socket)]);
    const loss = lost(host.process);
    process.kill(pid, 'SIGKILL');
    await loss;
    await unheard;
    expect((await host.call('socket', ...socket)).seq).toBe(waiting.seq + 3);
  });

  test('gives what it said as the reason', async () => {
    const module = await moduleOf(`throw new Error('the wire is cut');`);
    const host = new SocketHostProcess(module);
    untilTestEnds({ dispose: () => host.end() });
    const loss = lost(host);
    await expect(host.call({ call: { name: 'close', args: [3] } })).rejects.toThrow(ConnectionClosedError);
    expect(await loss).toEqual({ kind: 'lost', reason: 'exit code 1: Error: the wire is cut' });
  });

  test('for which there is no descriptor is told of', async () => {
    // As at the limit of open files: without pipes there is no process, nor anything to read from.
    const { message } = await spawnSource(
      `
      import { openSync } from 'node:fs';
      import { SocketHostProcess } from './src/playground/socketHostProcess.js';
      const held = [];
      try { for (;;) held.push(openSync('/dev/null')); } catch {}
      const host = new SocketHostProcess(process.argv[2]);
      void host.start().catch(({ name }) => process.send({ error: name, status: host.status }));
    `,
      { under: ['prlimit', '--nofile=64'] },
    );
    const { error, status } = message as { error: string; status: unknown };
    expect(error).toBe('ConnectionClosedError');
    expect(status).toEqual({ kind: 'lost', reason: expect.stringContaining('EMFILE') as unknown });
  });

  test('that cannot be started at all is told of', async () => {
    const host = new SocketHostProcess('/nowhere/socketHost.js');
    untilTestEnds({ dispose: () => host.end() });
    const loss = lost(host);
    await expect(host.start()).rejects.toThrow(ConnectionClosedError);
    expect((await loss) as { reason: string }).toMatchObject({
      reason: expect.stringContaining('Cannot find module') as string,
    });
  });

  test('that does not run here says so, and is not started again', async () => {
    const module = await moduleOf(`
      process.on('message', ({ id }) => process.send({
        type: 'error', id, message: 'Not on this platform.', data: { kind: 'refused', argument: null, message: 'Not on this platform.', reason: 'unsupported' },
      }));
      process.on('disconnect', () => process.exit());
    `);
    const host = new SocketHostProcess(module);
    untilTestEnds({ dispose: () => host.end() });
    const call = () => host.call({ call: { name: 'close', args: [3] } });
    await expect(call()).rejects.toThrow('Not on this platform.');
    expect(host.status).toEqual({ kind: 'unsupported', reason: 'Not on this platform.' });
    await expect(call()).rejects.toThrow('Not on this platform.');
    expect(host.status.kind).toBe('unsupported');
  });
});
