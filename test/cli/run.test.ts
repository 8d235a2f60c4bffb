import { constants } from 'node:os';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { childrenOf, cli, cliPath, isAlive, run, startCli } from './commandLine.js';

const server = `server = socket(AF_INET, SOCK_STREAM, 0)
bind(server, 127.0.0.1:0) = 0
listen(server, 5) = 0
`;

async function folder(): Promise<string> {
  return untilTestEnds(await tempDir()).path;
}

describe('the transcript', () => {
  it('shows each call with its result, in the order in which they returned', async () => {
    const { status, stdout, stderr } = await run(`${server}[waiter] peer = accept(server)
client = socket(AF_INET, SOCK_STREAM, 0)
connect(client, getsockname(server)) = 0
send(client, "hi\\n", 3, 0) = 3
recv(peer, "hi\\n", 100, 0) = 3
close(client) = 0
`);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const lines = stdout
      .replaceAll(/127\.0\.0\.1:[1-9]\d*/g, '127.0.0.1:PORT')
      .trimEnd()
      .split('\n');
    const fd = Number(/= (\d+)$/.exec(lines[0]!)![1]);
    // Whether it is the accept or the connect that returns first is the kernel's affair.
    const accept = `[waiter] accept(${fd}, 127.0.0.1:PORT) = ${fd + 2}`;
    expect([5, 6]).toContain(lines.indexOf(accept));
    expect(lines.filter((line) => line !== accept)).toEqual([
      `socket(AF_INET, SOCK_STREAM, 0) = ${fd}`,
      `bind(${fd}, 127.0.0.1:0) = 0`,
      `listen(${fd}, 5) = 0`,
      `socket(AF_INET, SOCK_STREAM, 0) = ${fd + 1}`,
      `getsockname(${fd}, 127.0.0.1:PORT) = 0`,
      `connect(${fd + 1}, 127.0.0.1:PORT) = 0`,
      `send(${fd + 1}, "hi\\n", 3, 0) = 3`,
      `recv(${fd + 2}, "hi\\n", 100, 0) = 3`,
      `close(${fd + 1}) = 0`,
    ]);
  });

  it('with --strace is what strace prints', async () => {
    const { status, stdout } = await run(`${server}bind(server, 127.0.0.1:0) = -1 EINVAL\n`, ['--strace']);
    expect(status).toBe(0);
    const [socket, ...rest] = stdout.trimEnd().split('\n');
    const fd = /^socket\(AF_INET, SOCK_STREAM, IPPROTO_IP\) = (\d+)$/.exec(socket!)![1]!;
    const address = '{sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("127.0.0.1")}';
    expect(rest).toEqual([
      `bind(${fd}, ${address}, 16) = 0`,
      `listen(${fd}, 5) = 0`,
      `bind(${fd}, ${address}, 16) = -1 EINVAL (Invalid argument)`,
    ]);
  });

  it('with --json is one object a line', async () => {
    const { status, stdout } = await run(
      `a = socket(AF_INET, SOCK_DGRAM, 0)
bind(a, 127.0.0.1:0) = 0
[sender] sendto(a, hex("00 ff"), 2, 0, getsockname(a)) = 2
recv(a, 10) = 2
recv(a, 10, MSG_DONTWAIT) = -1 EAGAIN
`,
      ['--json'],
    );
    expect(status).toBe(0);
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records.map(({ call, line, thread }) => [call, line, thread])).toEqual([
      ['socket', 1, 'main'],
      ['bind', 2, 'main'],
      ['getsockname', 3, 'sender'],
      ['sendto', 3, 'sender'],
      ['recv', 4, 'main'],
      ['recv', 5, 'main'],
    ]);
    expect(Object.keys(records[0]!)).toEqual(
      'seq thread line call args text result errno startNs endNs data'.split(' '),
    );
    const [, bind, , sendto, recv, again] = records;
    expect(bind).toMatchObject({
      args: [records[0]!['result'], { family: 'AF_INET', address: '127.0.0.1', port: 0 }, 16],
      data: null,
    });
    expect(sendto).toMatchObject({ result: 2, errno: null, data: 'AP8=' });
    expect(recv).toMatchObject({ result: 2, data: 'AP8=', text: expect.stringContaining('= 2') as string });
    expect(again).toMatchObject({ result: -1, errno: 'EAGAIN' });
    for (const [index, record] of records.entries()) {
      expect(record['seq']).toBe(index + 1);
      expect(record['endNs']).toBeGreaterThan(record['startNs'] as number);
    }
  });

  it('is a scenario that passes when it is run again', async () => {
    const first = await cli(['run', 'scenarios/echo.sockets']);
    expect(first.status).toBe(0);
    const strace = await cli(['run', '--strace', 'scenarios/echo.sockets']);
    for (const transcript of [first.stdout, strace.stdout]) {
      const again = await run(transcript);
      expect(again.stderr).toBe('');
      expect(again.status).toBe(0);
    }
  });

  it('carries the whole of long data', async () => {
    const { status, stdout } = await run(`a = socket(AF_INET, SOCK_DGRAM, 0)
bind(a, 127.0.0.1:0) = 0
connect(a, getsockname(a)) = 0
send(a, "ab" * 10000) = 20000
recv(a, "ab" * 10000, 30000, 0) = 20000
`);
    expect(status).toBe(0);
    const again = await run(stdout);
    expect([again.status, again.stderr]).toEqual([0, '']);
    expect(again.stdout.length).toBe(stdout.length);
  });

  it('escapes what would act on a terminal', async () => {
    const { status, stdout } = await run(`a = socket(AF_UNIX, SOCK_DGRAM, 0)
bind(a, unix:"${await folder()}/\\x1b]0;x\\x07\\xe2\\x80\\xae.sock") = 0
connect(a, getsockname(a)) = 0
send(a, "\\x1b]52;c;x\\x07\\xe2\\x80\\xae\\xff\\0<img>") = 19
recv(a, 100) = 19
connect(a, unix:"/no/\\x1b[31m") = -1 ENOENT
`);
    expect(status).toBe(0);
    // eslint-disable-next-line no-control-regex
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd]/);
    const again = await run(stdout);
    expect([again.status, again.stderr]).toEqual([0, '']);
  });
});

describe('exit status 1', () => {
  it('names what was expected and what came, at its place', async () => {
    const file = path.join(await folder(), 'a.sockets');
    await writeFile(file, `${server}bind(server, 127.0.0.1:0) = 0   # twice\nlisten(server, 5) = -1 EBADF\n`);
    const { status, stdout, stderr } = await cli(['run', file]);
    expect(status).toBe(1);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(new RegExp(`^${file}:4:27: .*\\b0\\b.*-1 EINVAL`)) as string,
      expect.stringMatching(new RegExp(`^${file}:5:19: .*-1 EBADF.*\\b0\\b`)) as string,
      '',
    ]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(5);
  });

  it('is that of a file without a call', async () => {
    const { status, stdout, stderr } = await run('# nothing\nsleep(0)\n');
    expect([status, stdout, stderr]).toEqual([1, '', '-: no call ran.\n']);
  });

  it('compares times, data, addresses and alternatives', async () => {
    const { status, stderr } = await run(`a = socket(AF_INET, SOCK_DGRAM, 0)
bind(a, 127.0.0.1:0) = 0 | -1 EACCES
getsockname(a, 127.0.0.2:(getsockname(a).port)) = 0
setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=0, tv_usec=20000}) = 0
recv(a, 10) = -1 EAGAIN <5..6>
sendto(a, "abc", 3, 0, getsockname(a)) = 1..3
recv(a, "abd", 10, 0) = 3
`);
    expect(status).toBe(1);
    expect(stderr.split('\n').map((line) => /^-:\d+/.exec(line)?.[0])).toEqual([
      '-:3',
      '-:5',
      '-:7',
      undefined,
    ]);
  });
});

describe('exit status 2', () => {
  it('names every error of a file at its place, and runs nothing', async () => {
    const { status, stdout, stderr } = await run(`s = socket(AF_INET, SOCK_STREAM, 0)
bind(s, 127.0.0.1:65536) = 0
bnid(s)
send(s, hex("abc"), 2, 0)
listen(s, 5) = 0
listen(t, )
`);
    expect([status, stdout]).toEqual([2, '']);
    const places = stderr
      .trimEnd()
      .split('\n')
      .map((line) => /^-:(\d+):(\d+): ./.exec(line)?.slice(1).map(Number));
    expect(places.map((place) => place?.[0])).toEqual(expect.arrayContaining([2, 3, 4, 6]));
    expect(places[0]).toEqual([2, 19]);
  });

  it('names open blanks', async () => {
    const { status, stdout, stderr } = await run('s = ___(AF_INET, SOCK_STREAM, 0)\nlisten(s, 1) = ___\n');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe('-:1:5: This blank is still open.\n-:2:16: This blank is still open.\n');
  });

  it('is that of a file that cannot be read', async () => {
    const missing = path.join(await folder(), 'none.sockets');
    expect(await cli(['run', missing])).toEqual({
      status: 2,
      stdout: '',
      stderr: `${missing}: There is no such file.\n`,
    });
  });

  it('and one message are what a megabyte of random bytes gets', async () => {
    let seed = 1;
    const bytes = Uint8Array.from({ length: 1 << 20 }, () => (seed = (seed * 48271) % 0x7fffffff) & 0xff);
    const { status, stdout, stderr } = await cli(['run', '-'], { stdin: bytes });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^-:1:\d+: The file is not UTF-8: .*\n$/);
  });

  it('and a bounded list of errors are what a megabyte of printable noise gets', async () => {
    let seed = 7;
    const next = () => (seed = (seed * 48271) % 0x7fffffff);
    const noise = Array.from({ length: 1 << 20 }, () =>
      next() % 40 === 0 ? '\n' : String.fromCharCode(0x20 + (next() % 0x5f)),
    ).join('');
    const { status, stdout, stderr } = await run(noise);
    expect([status, stdout]).toEqual([2, '']);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.length).toBeLessThan(300);
  });

  it('is that of a command line that means nothing', async () => {
    for (const args of [
      ['run'],
      ['run', '--nonsense', 'x'],
      ['run', '--timeout', 'soon', 'x'],
      ['nonsense'],
      [],
    ]) {
      const { status, stdout, stderr } = await cli(args);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^socket-playground: .*\nTry 'socket-playground .*--help' for help\.\n$/);
    }
  });
});

describe('exit status 3', () => {
  it('names the thread and the line whose call did not return in time', async () => {
    const { status, stdout, stderr } = await run(
      `${server}timeout(30)\n[waiter] timeout(1)\n[waiter] a = accept(server)\naccept(server)\n`,
    );
    expect(status).toBe(3);
    expect(stderr).toBe('-:6:14: accept in thread waiter has not returned within 1 s.\n');
    const ends = stdout.trimEnd().split('\n').slice(3);
    expect(ends).toHaveLength(2);
    for (const line of ends) {
      expect(line).not.toMatch(/= -?\d+/);
    }
  });

  it('names what still waits when the whole takes too long', async () => {
    const { status, stderr } = await run(`${server}[b] accept(server)\nsleep(60)\n`, ['--timeout', '5']);
    expect([status, stderr.split('\n')]).toEqual([
      3,
      [
        '-:4:5: The run has not ended within 5 s: accept in thread b still waits.',
        '-:5:1: The run has not ended within 5 s: thread main still sleeps.',
        '',
      ],
    ]);
  });

  it('is that of an address that --loopback-only refuses', async () => {
    const scenario = 's = socket(AF_INET, SOCK_DGRAM, 0)\nconnect(s, 192.0.2.1:9) = 0\n';
    const { status, stdout, stderr } = await run(scenario, ['--loopback-only']);
    expect([status, stdout.trimEnd().split('\n').length]).toEqual([3, 1]);
    expect(stderr).toMatch(/^-:2:12: /);
  });

  it('is that of the descriptors of the host itself, and of a length beyond the data', async () => {
    const own = await run('close(1) = 0\n');
    expect(own.status).toBe(3);
    expect(own.stderr).toMatch(/^-:1:7: /);
    const long = await run('s = socket(AF_INET, SOCK_STREAM, 0)\nsend(s, "abc", 4, 0)\n');
    expect(long.status).toBeGreaterThanOrEqual(2);
    expect(long.stderr).toMatch(/^-:2:\d+: /);
  });

  it('is that of a name that does not resolve, or of a value that is not there', async () => {
    const name = await run('s = socket(AF_INET, SOCK_STREAM, 0)\nconnect(s, "no-such-name.invalid":80)\n');
    expect(name.status).toBe(3);
    expect(name.stderr).toMatch(/^-:2:12: The name no-such-name\.invalid does not resolve/);
    const value = await run('a = getsockname(-1)\ns = socket(AF_INET, SOCK_STREAM, 0)\nbind(s, a)\n');
    expect(value.status).toBe(3);
    expect(value.stderr).toMatch(/^-:3:9: a has no value/);
  });
});

describe('several files', () => {
  it('have the highest status of theirs and a heading each; a skipped one is named', async () => {
    const where = await folder();
    const good = path.join(where, 'good.sockets');
    const skipped = path.join(where, 'skipped.sockets');
    const bad = path.join(where, 'bad.sockets');
    await writeFile(good, 's = socket(AF_INET, SOCK_STREAM, 0)\n');
    await writeFile(skipped, '# later\n# needs: win32\ns = socket(AF_INET, SOCK_STREAM, 0) = -1 EBADF\n');
    await writeFile(bad, 'listen(-1, 5) = 0\n');
    const { status, stdout, stderr } = await cli(['run', good, skipped, bad, good]);
    expect(status).toBe(1);
    expect(stderr.split('\n')).toEqual([
      `${skipped}: skipped, because it needs: win32`,
      expect.stringContaining(`${bad}:1:15: `) as string,
      '',
    ]);
    expect(stdout.split('\n').filter((line) => line.startsWith('#'))).toEqual([
      `# ${good}`,
      `# ${skipped}`,
      `# ${bad}`,
      `# ${good}`,
    ]);
    expect((await cli(['run', skipped])).status).toBe(0);
  });
});

describe('a run', () => {
  it('sends files that lie beside the scenario', async () => {
    const where = await folder();
    await writeFile(path.join(where, 'payload.bin'), Uint8Array.of(0, 255));
    const file = path.join(where, 'a.sockets');
    await writeFile(
      file,
      `a = socket(AF_INET, SOCK_DGRAM, 0)
bind(a, 127.0.0.1:0) = 0
connect(a, getsockname(a)) = 0
send(a, file("payload.bin")) = 2
recv(a, "\\0\\377", 10, 0) = 2
`,
    );
    expect(await cli(['run', file])).toMatchObject({ status: 0, stderr: '' });
  });

  it('resolves a host name to an address of the family of its socket', async () => {
    const { status, stdout } = await run(`${server}c = socket(AF_INET, SOCK_STREAM, 0)
connect(c, "localhost":(getsockname(server).port)) = 0
`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/connect\(\d+, 127\.0\.0\.1:\d+\) = 0/);
  });

  it('removes the socket files that it bound', async () => {
    const file = path.join(await folder(), 'x.sock');
    const { status } = await run(`s = socket(AF_UNIX, SOCK_STREAM, 0)\nbind(s, unix:"${file}") = 0\n`);
    expect(status).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it('ends quietly when nobody reads its output', async () => {
    const lines = 'socket(AF_INET, SOCK_STREAM, 0)\n'.repeat(3000);
    const child = startCli(['run', '-']);
    const stderr = text(child.stderr);
    child.stdin.on('error', () => {});
    child.stdin.end(lines);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [status] = (await once(child, 'exit')) as [number];
    expect(await stderr).toBe('');
    expect(status).toBe(141);
  });

  it('says that its output cannot be written', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [cliPath, '--help'], { stdio: ['ignore', full, 'pipe'] });
    const stderr = text(child.stderr!);
    const [status] = (await once(child, 'close')) as [number];
    closeSync(full);
    expect(await stderr).toMatch(/^ENOSPC: /);
    expect(status).toBe(3);
  });

  it('interrupted by Ctrl+C tells what waited, ends its host and says 130', async () => {
    const child = startCli(['run', '-']);
    child.stdin.end(`${server}accept(server)\n`);
    const closed = once(child, 'close') as Promise<[number]>;
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await expect.poll(() => output).toContain('listen(');
    const [host] = childrenOf(child.pid!);
    expect(isAlive(host!)).toBe(true);
    child.kill('SIGINT');
    const [status] = await closed;
    expect(status).toBe(130);
    expect(output).toMatch(/\naccept\(.* = \? {2}# cancelled: .*\n$/);
    expect(isAlive(host!)).toBe(false);
  });

  it('interrupted while it reads standard input says 130', async () => {
    const child = startCli(['run', 'scenarios/echo.sockets', '-']);
    const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    let output = '';
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      output += chunk.toString();
      if (output.split('close(').length > 3) {
        break;
      }
    }
    child.kill('SIGINT');
    const [code, signal] = await closed;
    // What is still being written when it ends has nobody who reads it: then it ends by the signal itself.
    expect(code ?? 128 + constants.signals[signal!]).toBe(130);
  });

  it('leaves no host behind when it is killed', async () => {
    const child = startCli(['run', '-']);
    child.stdin.end(`${server}accept(server)\n`);
    await once(child.stdout, 'data');
    const [host] = childrenOf(child.pid!);
    child.kill('SIGKILL');
    await once(child, 'close');
    await expect.poll(() => isAlive(host!)).toBe(false);
  });
});

describe('help', () => {
  it('is given for the program and for its commands', async () => {
    const program = await cli(['--help']);
    expect([program.status, program.stderr]).toEqual([0, '']);
    expect(program.stdout).toMatch(/^Usage: socket-playground /);
    expect(program.stdout).toContain('run ');
    const command = await cli(['run', '--help']);
    expect(command.status).toBe(0);
    for (const option of ['--strace', '--json', '--timeout S', '--loopback-only']) {
      expect(command.stdout).toContain(option);
    }
  });

  it('follows LANG', async () => {
    const korean = await cli(['--help'], { env: { LC_ALL: '', LC_MESSAGES: '', LANG: 'ko_KR.UTF-8' } });
    expect(korean.status).toBe(0);
    expect(korean.stdout).toMatch(/[가-힣]/);
    const english = (await cli(['--help'])).stdout;
    // A language without translations, and an encoding that is not written.
    for (const locale of ['xx_XX.UTF-8', 'ko_KR.EUC-KR']) {
      expect((await cli(['--help'], { env: { LC_ALL: locale } })).stdout).toBe(english);
    }
  });

  it.each([
    [['--nothing'], '--nothing 옵션은 없습니다.'],
    [['--timeout'], '--timeout 옵션에는 값이 필요합니다.'],
    [['--json=1'], '--json 옵션은 값을 받지 않습니다.'],
  ])('says what is wrong with options in its own words: %j', async (options, message) => {
    const { status, stderr } = await cli(['run', ...options], {
      env: { LC_ALL: '', LC_MESSAGES: '', LANG: 'ko_KR.UTF-8' },
    });
    expect(status).toBe(2);
    expect(stderr).toContain(`socket-playground: ${message}\n`);
  });

  it('names the version', async () => {
    expect(await cli(['--version'])).toEqual({ status: 0, stdout: '0.1.0\n', stderr: '' });
  });
});
