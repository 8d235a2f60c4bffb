import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startTicksOf } from '../../src/socketHost/system/processes.js';
import { asNobody, canBeNobody, spawnSource } from '../support/sourceProcess.js';

/** A host that looks at a port and a process of this test's, and tells what it has found. */
const look = `
  import { withFacts } from './src/common/system/errorFacts.js';
  import { SocketHostProcess } from './src/playground/socketHostProcess.js';
  const { port, pid, startTicks } = JSON.parse(process.argv[3]);
  const host = new SocketHostProcess(process.argv[2]);
  const call = (name, ...args) => host.call({ call: { name, args } });
  async function look() {
    const { result: fd } = await call('socket', 2, 1, 0);
    const { args, errno, socketId } = await call('bind', fd, { family: 'AF_INET', address: '127.0.0.1', port });
    const said = withFacts('', await host.lookUpFacts({ name: 'bind', args, errno, socketId }));
    const { sockets, processes } = await host.systemSockets({ filter: 'sport = :' + port, withOwners: true });
    const end = await host.endProcess({ pid, startTicks });
    await host.end();
    return { errno, said, sockets: sockets.map(({ state, holders }) => ({ state, holders })), processes, end };
  }
  look().then((found) => process.send(found, () => process.disconnect()));
`;

async function listening(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

/** A process that does nothing, and when it was started. */
async function idleProcess() {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  onTestFinished(async () => {
    if (child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  await once(child, 'spawn');
  return { child, pid: child.pid!, startTicks: startTicksOf(child.pid!)! };
}

async function lookUnder(under: readonly string[]) {
  const port = await listening();
  const { child, pid, startTicks } = await idleProcess();
  const { message } = await spawnSource(look, { under, args: [JSON.stringify({ port, pid, startTicks })] });
  expect(child.signalCode).toBeNull();
  return { port, found: message as Record<string, unknown> };
}

const inOwnPids = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
const hasPids = spawnSync(inOwnPids[0]!, [...inOwnPids.slice(1), 'true']).status === 0;

describe('who holds a socket is not guessed where it cannot be seen', () => {
  const hidden = (port: number) => ({
    errno: 'EADDRINUSE',
    said: `127.0.0.1:${port} is held by a socket in state LISTEN: owner not visible (socket of uid ${process.getuid!()}; other user or PID namespace).`,
    sockets: [{ state: 'LISTEN', holders: [] }],
    processes: [],
  });

  test.runIf(canBeNobody)('of another user’s process, which cannot be ended either', async () => {
    const { port, found } = await lookUnder(asNobody);
    expect(found).toEqual({ ...hidden(port), end: { kind: 'failed', errno: 'EPERM' } });
  });

  test.runIf(hasPids)(
    'of a process in another PID namespace, whose number is nobody’s or another’s',
    async () => {
      const { port, found } = await lookUnder(inOwnPids);
      expect(found).toEqual({
        ...hidden(port),
        end: { kind: 'gone', isReused: expect.any(Boolean) as unknown },
      });
    },
  );
});
