import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { canOrdinaryUserRun, cli, cliPath } from './commandLine.js';

interface Row {
  netid: string;
  state: string;
  local: string;
  localPort: string;
  recvQ: number | null;
  processes: { pid: number; name: string; directory: string; commandLine: string[]; startTime: string }[];
}

async function listenHere(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

function holder(program: string): ChildProcess {
  const child = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    child.stdin.end('\n');
    await once(child, 'close');
  });
  return child;
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  const [line] = (await once(stdout!, 'data')) as [Buffer];
  return line.toString();
}

const rowsOf = (text: string) => text.split('\n').filter((line) => line !== '');
const jsonRows = (text: string) => rowsOf(text).map((line) => JSON.parse(line) as Row);

/** The words of each line; the holders of a socket have no order. */
function normalized(text: string): string[] {
  return rowsOf(text)
    .map((line) =>
      line
        .trim()
        .replaceAll(/\s+/g, ' ')
        .replace(/users:\((.*)\)$/, (_, users: string) =>
          users
            .split(/(?<=\)),/)
            .sort()
            .join(' '),
        ),
    )
    .sort();
}

const busySockets = fileURLToPath(new URL('busySockets.py', import.meta.url));
const hasNamespaces = spawnSync('unshare', ['--net', 'ip', 'link']).status === 0;
if (!hasNamespaces) {
  process.stderr.write('Not compared with ss: `unshare --net` is not permitted here.\n');
}

describe('sockets', () => {
  it.skipIf(!hasNamespaces)('agrees with ss on a busy mixture of sockets', { timeout: 60_000 }, () => {
    const command = [process.execPath, cliPath, 'sockets', '-tuxwanp'];
    const made = spawnSync('unshare', ['--net', 'python3', busySockets, ...command], { encoding: 'utf8' });
    expect(made.stderr).toBe('');
    const { ss, ours } = JSON.parse(made.stdout) as Record<'ss' | 'ours', { pid: number; text: string }>;
    // The pipes between the command and its socket host came after ss had looked.
    const isOfCommand = (line: string) => /"(node|MainThread)"/.test(line);
    const expected = normalized(ss.text);
    expect(normalized(ours.text).filter((line) => !isOfCommand(line))).toEqual(expected);
    const states = new Set(expected.map((line) => line.split(' ')[1]));
    for (const state of ['LISTEN', 'ESTAB', 'CLOSE-WAIT', 'FIN-WAIT-2', 'TIME-WAIT', 'SYN-SENT', 'UNCONN']) {
      expect(states).toContain(state);
    }
    expect(new Set(expected.map((line) => line.split(' ')[0]))).toEqual(
      new Set(['Netid', 'tcp', 'udp', 'raw', 'u_str', 'u_dgr', 'u_seq']),
    );
  });

  it('tells who uses a port', async () => {
    const port = await listenHere();
    const { status, stdout } = await cli(['sockets', `:${port}`]);
    expect(status).toBe(0);
    expect(stdout).toContain(`(pid ${process.pid})\n`);
    expect(stdout).toContain(`  directory     ${process.cwd()}\n`);
    expect(stdout).toContain(`LISTEN TCP 127.0.0.1:${port}\n`);
    const [, started] = /started +(.*)/.exec(stdout)!;
    const age = Date.now() - Date.parse(started!.replace(' ', 'T'));
    expect(Math.abs(age - process.uptime() * 1000)).toBeLessThan(60_000);
  });

  it('tells who waits to be accepted by who uses it', async () => {
    const server = holder(`
import socket
made = socket.create_server(('127.0.0.1', 0), backlog=8)
print(made.getsockname()[1], flush=True)
input()
`);
    const port = Number(await firstLine(server));
    const client = holder(`
import socket, struct
waits = socket.create_connection(('127.0.0.1', ${port}))
reset = socket.create_connection(('127.0.0.1', ${port}))
reset.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
reset.close()
print(waits.getsockname()[1], flush=True)
input()
`);
    const clientPort = Number(await firstLine(client));
    const { stdout } = await cli(['sockets', `:${port}`]);
    expect(stdout).toMatch(
      new RegExp(
        `waiting to be accepted  TCP 127\\.0\\.0\\.1:${port} → 127\\.0\\.0\\.1:${clientPort}  python3\\S* \\(pid ${client.pid}\\)\n` +
          ' +1 more that the kernel counts and does not list: reset before the accept\n',
      ),
    );
    expect(stdout).not.toContain('closed already');
  });

  it.each([':1', '1'])('tells that nobody uses the port of %j', async (port) => {
    const { status, stdout } = await cli(['sockets', port]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'Nobody uses port 1.\n' });
  });

  it.runIf(canOrdinaryUserRun)('does not guess an owner that it cannot see', async () => {
    const port = await listenHere();
    const { stdout } = await cli(['sockets', `:${port}`], { isOrdinaryUser: true });
    expect(stdout).toContain('owner not visible (socket of uid 0; other user or PID namespace)\n');
    expect(stdout).not.toContain(`pid ${process.pid}`);
  });

  it('prints a JSON object a line', async () => {
    const port = await listenHere();
    const { stdout } = await cli(['sockets', '-tl', '--json', `sport = :${port}`]);
    expect(jsonRows(stdout)).toEqual([
      expect.objectContaining({
        netid: 'tcp',
        state: 'LISTEN',
        recvQ: 0,
        sendQ: 511,
        local: '127.0.0.1',
        localPort: String(port),
        peer: '0.0.0.0',
        peerPort: '*',
        tcpInfo: expect.objectContaining({ tcpi_state: 10 }) as unknown,
        processes: [expect.objectContaining({ pid: process.pid, directory: process.cwd() })],
      }),
    ]);
  });

  it.each([
    [['-tan', 'state', 'listening', '(', 'src', '127.0.0.0/8', 'and', 'sport', '=', ':PORT', ')'], 1],
    [['-6aBp', 'sport = :PORT'], 0],
  ])('understands %j', async (args, count) => {
    const port = String(await listenHere());
    const { status, stdout } = await cli([
      'sockets',
      '-H',
      ...args.map((arg) => arg.replaceAll('PORT', port)),
    ]);
    expect(status).toBe(0);
    expect(rowsOf(stdout)).toHaveLength(count);
  });

  it('shows timers, identity, memory and everything of TCP_INFO', async () => {
    const port = await listenHere();
    const { stdout } = await cli(['sockets', '-tlnoemiH', `sport = :${port}`]);
    expect(stdout).toMatch(/ uid:\d+ ino:\d+ sk:[0-9a-f]+/);
    expect(stdout).toMatch(
      /\n\t skmem:\(r\d+,rb\d+,t\d+,tb\d+,f\d+,w\d+,o\d+,bl\d+,d\d+\) \w+ state:TCP_LISTEN /,
    );
  });

  it.each([
    [['state', 'nowhere'], /nowhere is no state.*\(character 7 of the filter\)/],
    [[':70000'], /:70000 is no port: the highest is 65535/],
    [['-Z'], /-Z/],
  ])('refuses %j', async (args, message) => {
    const { status, stdout, stderr } = await cli(['sockets', ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
