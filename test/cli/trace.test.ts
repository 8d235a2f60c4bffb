import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachObstacle } from '../../src/playground/trace/strace.js';
import { type Held, tempDir } from '../support/disposal.js';
import { compile } from '../support/tracedPrograms.js';
import { cli, startCli } from './commandLine.js';

let folder: Held & { path: string };
beforeAll(async () => {
  folder = await tempDir();
});
afterAll(() => folder?.dispose());

const canAttach = attachObstacle(process.pid) === undefined;
const file = (name: string) => path.join(folder.path, name);
const fixture = (name: string) => fileURLToPath(new URL(`../common/strace/${name}.log`, import.meta.url));

/** Until a server waits in accept(): where it is traced, strace has seen all that it did before. */
async function sleeps(pid: number) {
  await expect.poll(() => readFile(`/proc/${pid}/stat`, 'latin1'), { timeout: 30_000 }).toMatch(/\) S /);
}

/** Traces a command, and runs what was made of it. */
async function replay(name: string, ...command: string[]) {
  const scenario = file(`${name}.sockets`);
  const traced = await cli(['trace', '-o', scenario, '--', ...command], { cwd: folder.path });
  const text = await readFile(scenario, 'utf8');
  const run = await cli(['run', scenario, '--loopback-only']);
  return { traced, text, run };
}

describe('trace', () => {
  it('writes the calls alone where no answer is to be expected', async () => {
    const scenario = file('plain.sockets');
    await cli(['trace', '--log', fixture('f-ttt-yy'), '-o', scenario, '--no-expect']);
    const text = await readFile(scenario, 'utf8');
    expect(text).toMatch(/^(?:\[\w+\] )?connect\(.*\)$/m);
    expect(text).not.toMatch(/^[^#].*\) = /m);
  });

  it('tells the calls of a log', async () => {
    const { status, stdout, stderr } = await cli(['trace', '--log', fixture('f-ttt-yy')]);
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(21);
    expect(lines[0]).toMatch(/^echo\[\d+\] socket\(AF_INET, SOCK_STREAM, 0\) = 3$/);
    const json = await cli(['trace', '--json', '--log', fixture('f')]);
    const objects = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { madeBy: string });
    expect(objects.every(({ madeBy }) => madeBy === 'strace')).toBe(true);
  });

  it('ends as the command does, which has its own input and output', async () => {
    const { status, stdout } = await cli(['trace', '--', 'sh', '-c', 'cat; exit 7'], { stdin: 'hello' });
    expect([status, stdout]).toEqual([7, 'hello']);
  });

  it('ends the command when it is ended itself, and tells what it did until then', async () => {
    const server =
      'import os, socket; s = socket.create_server(("127.0.0.1", 0)); print(os.getpid(), flush=True); s.accept()';
    const child = startCli(['trace', '--', 'python3', '-c', server]);
    const told = text(child.stderr);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    await sleeps(pid);
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([143, null]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(await told).toMatch(/accept4\(3.*\) = \?  # its return is not in the log/);
  });

  it('starts nothing after Ctrl+C', async () => {
    const bin = file('bin');
    await mkdir(bin);
    const strace = '#!/bin/sh\n[ "$2" = /dev/null ] && kill -INT $PPID || echo traced\n';
    await writeFile(path.join(bin, 'strace'), strace, { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env['PATH']}` };
    expect(await cli(['trace', '--', 'true'], { env })).toMatchObject({ status: 130, stdout: '' });
  });

  it.runIf(canAttach)('leaves a process alone that it was attached to, and tells what it did', async () => {
    const server = `import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while True:
    s.accept()[0].sendall(b"hi")`;
    // What stands before the program of a python3 that is a script is no part of it.
    const program = spawn('python3', ['-c', server], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(program, 'exit');
    const [line] = (await once(program.stdout, 'data')) as [Buffer];
    const scenario = file('attached.sockets');
    const child = startCli(['trace', '-o', scenario, '--pid', String(program.pid)]);
    const told = text(child.stderr);
    await once(child.stderr, 'data');
    // It is attached, and the call that strace broke into is made again.
    await sleeps(program.pid!);
    const client = connect(Number(line.toString()), '127.0.0.1');
    await once(client, 'data');
    client.destroy();
    // The bytes are here before strace has seen the call return.
    await sleeps(program.pid!);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(await told).toMatch(/sendto\(4, "hi", 2, 0, NULL, 0\) = 2/);
    expect(program.exitCode).toBeNull();
    program.kill();
    await ended;
    expect(await readFile(scenario, 'utf8')).toContain('server_peer = accept(server)');
    expect(await cli(['run', scenario, '--loopback-only'])).toMatchObject({ status: 0, stderr: '' });
  });

  it('says where nothing in a file is a call on a socket', async () => {
    await writeFile(file('other.txt'), 'print(1) = 3\nopen("a", O_RDONLY) = -1 ENOENT (No such file)\n');
    await writeFile(file('one.log'), 'what is this\nsocket(AF_INET, SOCK_STREAM, 0) = 3\n');
    const [none, one] = await Promise.all([
      cli(['trace', '--log', file('other.txt')]),
      cli(['trace', '--log', file('one.log')]),
    ]);
    expect(none).toMatchObject({
      status: 1,
      stdout: '',
      stderr: `Nothing in ${file('other.txt')} is a call on a socket.\n`,
    });
    const some = await cli(['trace', '--filter', 'call == accept', '--log', fixture('f')]);
    expect(some).toMatchObject({ status: 0, stderr: '' });
    expect(some.stdout).toMatch(/^.* accept\(.*\) = \d+\n$/);
    const wrong = await cli(['trace', '--filter', 'call ==', '--log', fixture('f')]);
    expect(wrong).toMatchObject({ status: 2, stdout: '' });
    expect(wrong.stderr).toMatch(/^socket-playground: --filter: /);
    expect(one).toMatchObject({ status: 0, stdout: 'socket(AF_INET, SOCK_STREAM, 0) = 3\n' });
    expect(one.stderr).toContain('Lines that were not understood: 1. The first is line 1: what is this');
  });

  it('says what is wrong', async () => {
    await writeFile(file('change.diff'), '--- a/file\n+++ b/file\n@@ -1 +1 @@\n-one\n+two\n');
    const [none, noLog, poem, change, gone, missing] = await Promise.all([
      cli(['trace']),
      cli(['trace', '--log', file('none.log')]),
      cli(['trace', '--log', fileURLToPath(import.meta.url)]),
      cli(['trace', '--log', file('change.diff')]),
      cli(['trace', '--pid', '999999999']),
      cli(['trace', '--', 'true'], { env: { PATH: folder.path } }),
    ]);
    expect([none, noLog, poem, change, gone, missing].map(({ status }) => status)).toEqual([
      2, 2, 2, 2, 3, 3,
    ]);
    expect(noLog.stderr).toBe(`${file('none.log')}: There is no such file.\n`);
    expect(poem.stderr).toContain('No line of this file is one of strace.');
    expect(change.stderr).toContain('No line of this file is one of strace.');
    expect(none.stderr).toContain('Give either a command behind --, a process or a log.');
    expect(gone.stderr).toContain('There is no process 999999999.');
    expect(missing.stderr).toContain('strace is not installed');
  });
});

describe.concurrent('a scenario of what a program did', () => {
  it('does the same here: a server and its client in C', async () => {
    const { text, run } = await replay('c', await compile('echo.c', folder.path));
    expect(text).toContain(String.raw`recv(server_peer, "hello \1안녕 9\n", 16, MSG_WAITALL) = 16`);
    expect(text).toContain('[echo_2] connect(client, getsockname(server)) = 0');
    expect(run).toMatchObject({ status: 0, stderr: '' });
  });

  it('does the same here: datagrams of Python', async () => {
    await writeFile(
      file('udp.py'),
      `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
c = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
c.sendto(b"ping", s.getsockname())
data, address = s.recvfrom(100)
s.sendto(data.upper(), address)
print(c.recvfrom(100))
`,
    );
    const { text, run } = await replay('python', 'python3', 'udp.py');
    expect(text).toContain('sendto(receiver, "PING", 4, 0, getsockname(sender)) = 4');
    expect(run).toMatchObject({ status: 0, stderr: '' });
  });

  it('fails for the same reasons, and passes descriptors: Python', async () => {
    await writeFile(
      file('fail.py'),
      `import array, os, socket

def fails(call):
    try:
        call()
    except OSError:
        return
    raise AssertionError

closed = socket.create_server(("127.0.0.1", 0))
gone = closed.getsockname()
closed.close()
server = socket.create_server(("127.0.0.1", 0))
client = socket.socket()
fails(lambda: client.connect(gone))
fails(lambda: client.shutdown(socket.SHUT_WR))
fails(lambda: client.bind(server.getsockname()))
client.connect(server.getsockname())
fails(lambda: client.connect(gone))
fails(lambda: client.listen())
late = socket.socket()
late.settimeout(5)
fails(lambda: late.connect(gone))
fails(lambda: socket.socket(socket.AF_UNIX).connect("/no/such.sock"))
fails(lambda: server.setsockopt(socket.IPPROTO_TCP, 9999, 1))
left, right = socket.socketpair()
if os.fork() == 0:
    connection, _ = server.accept()
    right.sendmsg([b"f"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [connection.fileno()]))])
    os._exit(0)
data, [(_, _, fds)], _, _ = left.recvmsg(9, 64)
passed = socket.socket(fileno=array.array("i", fds)[0])
passed.sendall(b"passed on")
print(client.recv(9))
client.shutdown(socket.SHUT_WR)
fails(lambda: client.send(b"x"))
`,
    );
    const { traced, text, run } = await replay('fail', 'python3', 'fail.py');
    expect(traced).toMatchObject({ status: 0 });
    for (const failing of [
      /connect\(client, getsockname\(\w+\)\) = -1 ECONNREFUSED/,
      /shutdown\(client, SHUT_WR\) = -1 ENOTCONN/,
      /bind\(client, getsockname\(server2\)\) = -1 EADDRINUSE/,
      /connect\(client, 127\.0\.0\.1:65535\) = -1 EISCONN/,
      /listen\(client, \d+\) = -1 EINVAL/,
      /connect\(client2, getsockname\(\w+\)\) = -1 ECONNREFUSED/,
      /connect\(client3, unix:\/no-such-socket-\d+\) = -1 ENOENT/,
      /setsockopt\(server2, IPPROTO_TCP, 9999, 1\) = -1 ENOPROTOOPT/,
      /cmsg_data=\[server2_peer\]/,
      /send\(received, "passed on", 9, 0\) = 9/,
      /send\(client, "x", 1, 0\) = -1 EPIPE/,
    ]) {
      expect(text).toMatch(failing);
    }
    expect(run).toMatchObject({ status: 0, stderr: '' });
  });

  it('does the same here: net of Node', async () => {
    await writeFile(
      file('echo.cjs'),
      `const net = require('net');
const server = net.createServer((c) => { c.on('data', (d) => c.end(String(d).toUpperCase())); });
server.listen(0, '127.0.0.1', () => {
  const client = net.connect(server.address().port, '127.0.0.1', () => client.write('hello node'));
  client.on('data', (d) => process.stdout.write(d));
  client.on('close', () => server.close());
});
`,
    );
    const { traced, text, run } = await replay('node', 'node', 'echo.cjs');
    expect(traced.stdout).toBe('HELLO NODE');
    expect(text).toContain('recv(client, "HELLO NODE", 10, MSG_WAITALL) = 10');
    expect(run).toMatchObject({ status: 0, stderr: '' });
  });

  it('plays the bytes of a server that was not traced: curl', async () => {
    await writeFile(file('index.html'), '<h1>안녕</h1>\n');
    const server = spawn('python3', ['-u', '-m', 'http.server', '0', '--bind', '127.0.0.1'], {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const port = / port (\d+) /.exec(line.toString())![1];
    const { traced, text, run } = await replay('curl', 'curl', '-s', `http://127.0.0.1:${port}/`);
    server.kill();
    await once(server, 'exit');
    expect(traced.stdout).toBe('<h1>안녕</h1>\n');
    expect(text).toContain(
      `The other end of 127.0.0.1:${port} is not in the log: the thread peer plays what it sent.`,
    );
    expect(text).toMatch(/\[peer\] send\(server_peer, "HTTP\/1\.0 200 OK/);
    expect(run).toMatchObject({ status: 0, stderr: '' });
  });

  it('plays the bytes of a client that was not traced: ncat', async () => {
    const socket = file('ncat.sock');
    const scenario = file('ncat.sockets');
    const traced = cli(['trace', '-o', scenario, '--', 'ncat', '-lU', socket], { cwd: folder.path });
    const client = `import socket, time
while True:
    try:
        c = socket.socket(socket.AF_UNIX); c.connect(${JSON.stringify(socket)}); break
    except OSError:
        time.sleep(0.05)
c.sendall(b"to ncat\\n"); c.close()`;
    await promisify(execFile)('python3', ['-c', client]);
    expect((await traced).stdout).toBe('to ncat\n');
    const run = await cli(['run', scenario]);
    expect(await readFile(scenario, 'utf8')).toContain(
      String.raw`recv(server_peer, "to ncat\n", 8, MSG_WAITALL) = 8`,
    );
    expect(run).toMatchObject({ status: 0, stderr: '' });
  });
});
