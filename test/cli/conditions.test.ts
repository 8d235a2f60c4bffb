import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { cli, hasOrdinaryUser, run, type RunOptions } from './commandLine.js';

const conversation = `
server = socket(AF_INET, SOCK_STREAM, 0)
bind(server, 127.0.0.1:0) = 0
listen(server, 5) = 0
client = socket(AF_INET, SOCK_STREAM, 0)
connect(client, getsockname(server)) = 0
peer = accept(server)
send(client, "hello") = 5
recv(peer, "hello", 100) = 5
`;

describe('a conversation is held', () => {
  it.runIf(hasOrdinaryUser)('by an ordinary user, who hears what the kernel forbids', async () => {
    const privileged = `raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) = -1 EPERM
low = socket(AF_INET, SOCK_STREAM, 0)
setsockopt(low, SOL_SOCKET, SO_MARK, [1], 4) = -1 EPERM
`;
    expect(await run(conversation + privileged, [], { isOrdinaryUser: true })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  it.each<[string, RunOptions]>([
    ['with 32 descriptors', { under: ['prlimit', '--nofile=32'] }],
    ['with 1.5 GB of addresses', { under: ['prlimit', '--as=1500000000'] }],
    ['without a folder for temporary files or a home', { env: { TMPDIR: '/nowhere', HOME: '/proc' } }],
    ['in a folder in which nothing can be written', { cwd: '/proc' }],
  ])('%s', async (_title, options) => {
    expect(await run(conversation, [], options)).toMatchObject({ status: 0, stderr: '' });
  });
});

it('says why there is no socket host, where not even that is possible', async () => {
  const { status, stderr } = await run(conversation, [], { under: ['prlimit', '--nofile=21'] });
  expect(status).toBe(3);
  expect(stderr).toContain('EMFILE');
});

describe('what comes from elsewhere does nothing to the terminal', () => {
  const hostile = '\u001b]0;x\u0007\u202e\u2066\u0085';
  const acting = /[\p{Cc}\p{Cf}]/u;

  const escaped = (text: string) =>
    Buffer.from(text)
      .toString('hex')
      .replaceAll(/../g, String.raw`\x$&`);

  it('in names of files and folders, and in what stands in files', async () => {
    const folder = untilTestEnds(await tempDir());
    const inside = path.join(folder.path, `d${hostile}`);
    await mkdir(inside);
    const file = path.join(inside, `f${hostile}.sockets`);
    await writeFile(file, `${hostile} nonsense(${hostile}\nsocket("${hostile}", ${hostile})\n`);
    for (const args of [[file], [inside], [`${file}.none`]]) {
      const { status, stdout, stderr } = await cli(['run', ...args]);
      expect(status).toBe(2);
      expect(stdout).toBe('');
      expect(stderr.replaceAll('\n', '')).not.toMatch(acting);
    }
  });

  it('in paths, payloads and expectations that do not hold', async () => {
    const folder = untilTestEnds(await tempDir());
    const file = path.join(folder.path, `${hostile}.sock`);
    const scenario = `a = socket(AF_UNIX, SOCK_DGRAM, 0)
bind(a, unix:"${escaped(file)}") = 0
connect(a, getsockname(a)) = 0
send(a, "\\x1b]52;\\xe2\\x80\\xae") = 8
recv(a, "\\x1b]52;", 100) = 5
`;
    for (const args of [[], ['--json'], ['--strace']]) {
      const { status, stdout, stderr } = await run(scenario, args);
      expect(status).toBe(1);
      expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(acting);
    }
    const [, bind] = (await run(scenario, ['--json'])).stdout.split('\n');
    const { args } = JSON.parse(bind!) as { args: unknown[] };
    expect(args[1]).toEqual({ family: 'AF_UNIX', path: file });
  });
});
