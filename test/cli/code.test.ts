import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseScenario } from '../../src/common/notation/parser.js';
import { printValue } from '../../src/common/notation/printer.js';
import { codeLanguages, exportCode } from '../../src/playground/export/exportCode.js';
import { lower } from '../../src/playground/export/lowering.js';
import type { PrintedProgram } from '../../src/playground/export/program.js';
import { readScenarioFile } from '../../src/playground/scenarioFile.js';
import { hasFixedNames, reserveAddresses } from '../support/addresses.js';
import { type Held, tempDir, untilTestEnds } from '../support/disposal.js';
import { cli, cliPath, root } from './commandLine.js';
import { caseFiles, conformanceFiles, isRunnable, scenarioFiles } from './conformanceFiles.js';
import { programCalls, readTold, threadDifferences, type ToldCall, transcriptCalls } from './programCalls.js';

const run = promisify(execFile);
const strace = ['-f', '-s', '1000000', '-e', 'trace=network,desc,unlink'];
/** Programs that run at a time: most of the time they sleep. */
const lanes = 4;

const files = scenarioFiles().filter(
  (file) => path.dirname(file) === path.join(root, 'scenarios') && isRunnable(file),
);
/** Cases of addresses, lengths and flags that Python's own modules do not pass. */
const odd = [...conformanceFiles(), ...caseFiles()].filter((file) =>
  /\/(accept-null-addrlen|(bind|connect)-afunspec-(any|tcp)|getsockname-short|poll-several|sendto-(bad-family|neg-tolen)|connect-short-len|accept-(short|negative)-addrlen|accept4-.*|recvfrom-udp-addr-cut|bind-unix-bad-family|get(sock|peer)name-neg-len)\.sockets$/.test(
    file,
  ),
);
/** What the command line tells of each file. */
const transcripts = new Map<string, ToldCall[]>();

/** Several files at a time; those with names that stand in them one after the other, so that they do not meet. */
async function inLanes(items: readonly string[], work: (file: string) => Promise<void>): Promise<void> {
  const rest = items.filter((file) => !isFixed(file));
  const lane = async (own: string[]) => {
    for (let item = own.shift(); item !== undefined; item = own.shift()) {
      await work(item);
    }
  };
  await Promise.all([lane(items.filter(isFixed)), ...Array.from({ length: lanes - 1 }, () => lane(rest))]);
}

function isFixed(file: string): boolean {
  return hasFixedNames(readFileSync(file, 'utf8'));
}

// Some lessons bind names that stand in them: one run of them at a time has this machine.
let held: Held | undefined;
afterAll(() => held?.dispose());

beforeAll(async () => {
  held = await reserveAddresses();
  const all = [...files, ...odd];
  const rest = all.filter((file) => !isFixed(file));
  const size = Math.ceil(rest.length / (lanes - 1));
  const batches = [
    all.filter(isFixed),
    ...Array.from({ length: lanes - 1 }, (_, lane) => rest.slice(lane * size, (lane + 1) * size)),
  ];
  await Promise.all(
    batches.map(async (batch) => {
      // A second file, so that each record names its own.
      const args = [cliPath, 'run', '--strace', '--json', ...batch, '/dev/null'];
      const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }).catch(
        (error: { stdout: string }) => error,
      );
      for (const file of batch) {
        transcripts.set(file, readTold(stdout, file));
      }
    }),
  );
}, 600_000);

function languageOf(id: string) {
  return codeLanguages.find((language) => language.id === id)!;
}

async function codeOf(file: string, id: string): Promise<PrintedProgram> {
  return exportCode(parseScenario(readFileSync(file, 'utf8')), languageOf(id), (name) =>
    readScenarioFile(path.resolve(path.dirname(file), name)),
  );
}

/** Compiles a C program without a warning and says how it is started; another is started as it is. */
async function command(
  folder: string,
  file: string,
  id: string,
  flags: readonly string[] = [],
): Promise<{ program: [string, string[]]; omitted: PrintedProgram['omitted'] }> {
  const name = path.basename(file, '.sockets');
  const source = path.join(folder, `${name}${languageOf(id).extension}`);
  const { text, omitted } = await codeOf(file, id);
  await writeFile(source, text);
  if (id !== 'c') {
    return { program: [id === 'python' ? '/usr/bin/python3' : process.execPath, [source]], omitted };
  }
  const program = path.join(folder, name);
  await run('gcc', ['-Wall', '-Wextra', '-Werror', '-pthread', ...flags, '-o', program, source]);
  return { program: [program, []], omitted };
}

describe.each(['c', 'python'])('in %s', (id) => {
  it(
    'makes the same calls as each built-in scenario and odd case, and finds every result as expected',
    { timeout: 120_000 },
    async () => {
      const folder = path.join(untilTestEnds(await tempDir()).path, id);
      await mkdir(folder);
      const found: string[] = [];
      const leftOut: string[] = [];
      await inLanes([...files, ...odd], async (file) => {
        const trace = path.join(folder, `${path.basename(file)}.trace`);
        const { program, omitted } = await command(folder, file, id);
        leftOut.push(...omitted.map(({ line }) => `${path.basename(file, '.sockets')} ${line}`));
        const { stderr } = await run('strace', [...strace, '-o', trace, ...program.flat()], {
          maxBuffer: 64 * 1024 * 1024,
        }).catch((error: { stderr: string }) => error);
        const { threads } = lower(parseScenario(readFileSync(file, 'utf8')));
        const habits = { isPython: id === 'python' };
        const made = programCalls(await readFile(trace, 'utf8'), threads, habits);
        const told = transcriptCalls(transcripts.get(file)!, new Set(omitted.map(({ line }) => line)));
        const differences = [stderr, ...threadDifferences(made, told)].filter((text) => text !== '');
        found.push(...differences.map((text) => `${path.relative(root, file)}: ${text}`));
      });
      expect(found).toEqual([]);
      expect(leftOut).toEqual([]);
    },
  );
});

describe.each(['c', 'python'])('structures, control messages and descriptors in %s', (id) => {
  const text = readFileSync(path.join(root, 'test/cli/structures.sockets'), 'utf8');
  const complaints = async (scenario: string) => {
    const folder = untilTestEnds(await tempDir()).path;
    const file = path.join(folder, 'structures.sockets');
    await writeFile(file, scenario);
    const { program, omitted } = await command(folder, file, id);
    expect(omitted).toEqual([]);
    return run(...program).then(
      ({ stderr }) => stderr,
      ({ stderr }: { stderr: string }) => stderr,
    );
  };

  it('are passed, and what comes is as expected', async () => {
    expect(await complaints(text)).toBe('');
  });

  it('are sockets or not, closed or given again, cut or empty', async () => {
    const lines = [
      'a, b = socketpair(AF_UNIX, SOCK_DGRAM, 0)',
      'out, in = pipe()',
      'sendmsg(a, {msg_iov=[{iov_base="x", iov_len=1}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[in, b]}]}, 0) = 1',
      'recvmsg(b, {msg_iov=[{iov_base="x", iov_len=10}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[p, q]}]}, 0) = 1',
      'send(p, "x", 1, 0) = -1 ENOTSOCK',
      'p2 = dup(p)',
      'write(p2, "piped", 5) = 5',
      'read(out, "piped", 10) = 5',
      'close(p2) = 0',
      'write(p2, "x", 1) = -1 EBADF',
      'poll([{fd=p2, events=POLLOUT}], 1, 0) = 1 ([{fd=p2, revents=POLLNVAL}])',
      'out = socket(AF_INET6, SOCK_DGRAM, 0)',
      'bind(out, 127.0.0.1:0) = -1 EAFNOSUPPORT | -1 EINVAL',
      'connect(q, unix:/tmp/sp-code-none.sock) = -1 ENOENT',
      'send(a, "three", 5, 0) = 5',
      'recvfrom(q, "th", 2, MSG_TRUNC) = 5',
      'send(a, "three", 5, 0) = 5',
      'recvmsg(b, {msg_iov=[{iov_base="th", iov_len=2}]}, MSG_TRUNC) = 5',
      'send(a, "three", 5, 0) = 5',
      'recv(b, "", 0, 0) = 0',
      'recv(b, _, 10, MSG_DONTWAIT) = -1 EAGAIN',
      'fcntl(a, F_GETFD) = 0',
      'fcntl(q, F_GETFD) = 0',
      'close(q) = 0',
      'getsockname(q) = -1 EBADF',
      // Its number is given again, and closed under the old name.
      'c = dup(a)',
      'close(q) = 0',
      'close(c) = -1 EBADF',
      'poll([{fd=c, events=POLLOUT}], 1, 0) = 1 ([{fd=c, revents=POLLNVAL}])',
      'shutdown(-1, SHUT_RD) = -1 EBADF',
      'k = socket(AF_UNIX, SOCK_STREAM, 0)',
      'unlink("/tmp/sp-code-file.sock") = 0 | -1 ENOENT',
      'bind(k, unix:/tmp/sp-code-file.sock) = 0',
      // Only root is given the file.
      ...(process.getuid!() === 0 ? ['f = ioctl(k, SIOCUNIXFILE)', 'close(f) = 0'] : []),
      'unlink("/tmp/sp-code-file.sock") = 0',
      '',
    ];
    expect(await complaints(lines.join('\n'))).toBe('');
  });

  it('have the number of an interface by its name, which the program asks for', async () => {
    const lines = [
      'a = socket(AF_INET, SOCK_DGRAM, 0)',
      'setsockopt(a, IPPROTO_IP, IP_MULTICAST_IF, {imr_multiaddr=inet_addr("0.0.0.0"), imr_address=inet_addr("0.0.0.0"), imr_ifindex=if_nametoindex("lo")}) = 0',
      'b = socket(AF_INET6, SOCK_DGRAM, 0)',
      'setsockopt(b, IPPROTO_IPV6, IPV6_MULTICAST_IF, [if_nametoindex("lo")], 4) = 0',
      'getsockopt(b, IPPROTO_IPV6, IPV6_MULTICAST_IF, [if_nametoindex("lo")], [4]) = 0',
      'r = socket(AF_INET, SOCK_DGRAM, 0)',
      'bind(r, 127.0.0.1:0) = 0',
      'sendmsg(a, {msg_name=getsockname(r), msg_iov=[{iov_base="x", iov_len=1}], msg_control=[{cmsg_level=IPPROTO_IP, cmsg_type=IP_PKTINFO, cmsg_data={ipi_ifindex=if_nametoindex("lo"), ipi_spec_dst=inet_addr("127.0.0.1"), ipi_addr=inet_addr("0.0.0.0")}}]}, 0) = 1',
      'recv(r, "x", 10, 0) = 1',
    ];
    expect(await complaints(lines.join('\n'))).toBe('');
  });

  it('are made on the -1 of a socket that could not be made', async () => {
    const lines = [
      'a = socket(AF_INET, 99, 0) = -1 EINVAL',
      'fcntl(a, F_GETFL) = -1 EBADF',
      'fcntl(a, F_SETFL, O_NONBLOCK) = -1 EBADF',
      'ioctl(a, FIONREAD) = -1 EBADF',
      'ioctl(a, FIONBIO, [1]) = -1 EBADF',
      'b = dup(a) = -1 EBADF',
      'fcntl(b, F_GETFL) = -1 EBADF',
      'c = fcntl(a, F_DUPFD, 0) = -1 EBADF',
      'fcntl(c, F_GETFD) = -1 EBADF',
      'd = fcntl(c, F_DUPFD_CLOEXEC, 0) = -1 EBADF',
      'send(c, "x", 1, 0) = -1 EBADF',
      'poll([{fd=a, events=POLLIN}, {fd=-1, events=POLLIN}], 2, 0) = 0',
      'send(a, "x", 1, 0) = -1 EBADF',
      'setsockopt(a, SOL_SOCKET, SO_KEEPALIVE, 1) = -1 EBADF',
      'getsockname(a) = -1 EBADF',
      'read(a, _, 1) = -1 EBADF',
      'x, y = socketpair(AF_UNIX, SOCK_STREAM, 0)',
      'sendmsg(x, {msg_iov=[{iov_base="x", iov_len=1}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[a]}]}, 0) = -1 EBADF',
      'getsockopt(a, SOL_SOCKET, SO_TYPE, _, [-1]) = -1 EBADF',
      'close(c) = -1 EBADF',
      'close(a) = -1 EBADF',
    ];
    expect(await complaints(lines.join('\n'))).toBe('');
  });

  it('are bytes that TCP has thrown away', async () => {
    const lines = [
      's = socket(AF_INET, SOCK_STREAM, 0)',
      'bind(s, 127.0.0.1:0) = 0',
      'listen(s, 1) = 0',
      'c = socket(AF_INET, SOCK_STREAM, 0)',
      'connect(c, getsockname(s)) = 0',
      'a = accept(s)',
      'send(c, "abcdef", 6, 0) = 6',
      'recv(a, "", 2, MSG_TRUNC) = 2',
      'recvfrom(a, "", 9, MSG_PEEK|MSG_TRUNC, NULL, NULL) = 4',
      'recv(a, "cd", 2, 0) = 2',
      'recvmsg(a, {msg_iov=[{iov_base="", iov_len=2}]}, MSG_TRUNC) = 2',
    ];
    expect(await complaints(lines.join('\n'))).toBe('');
  });

  it('are null pointers, bytes that are no address, and lengths that do not fit', async () => {
    const lines = [
      's = socket(AF_INET, SOCK_STREAM, 0)',
      'bind(s, 127.0.0.1:0, 15) = -1 EINVAL',
      'bind(s, raw:hex("0100")) = -1 EINVAL',
      'bind(s, 127.0.0.1:0, 128) = 0',
      'listen(s, 4294967295) = 0',
      'socket(AF_INET, SOCK_STREAM, -1) = -1 EINVAL',
      'socketpair(AF_UNIX, 4294967295, 0) = -1 EINVAL',
      'setsockopt(s, 4294967295, SO_TYPE, 1) = -1 ENOPROTOOPT | -1 EOPNOTSUPP | -1 EINVAL',
      'getsockopt(s, 4294967295, SO_TYPE) = -1 ENOPROTOOPT | -1 EOPNOTSUPP',
      'fcntl(s, 4294967295) = -1 EINVAL',
      'fcntl(-1, F_GETFL) = -1 EBADF',
      'fcntl(-1, F_DUPFD, 5) = -1 EBADF',
      'ioctl(-1, FIONREAD, _) = -1 EBADF',
      'c = socket(AF_INET, SOCK_STREAM, 0)',
      'connect(c, getsockname(s), 4) = -1 EINVAL',
      'connect(c, getsockname(s), 16) = 0',
      'accept4(s, _, [-1], SOCK_NONBLOCK) = -1 EINVAL',
      'c_library = socket(AF_INET, SOCK_STREAM, 0)',
      'connect(c_library, getsockname(s)) = 0',
      'a = accept4(s, getsockname(c_library), [64 => 16], SOCK_NONBLOCK)',
      'recv(a, _, 10, 0) = -1 EAGAIN',
      'name = getsockname(a, _, [16 => 16])',
      'getsockname(s, name, [20 => 16]) = 0',
      // Python builds addresses by itself, not of bytes.
      ...(id === 'c'
        ? [
            'netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)',
            'getsockname(netlink, raw:hex("10000000"), [4 => 12]) = 0',
          ]
        : []),
      'getsockname(s, NULL, [16]) = -1 EFAULT',
      'getpeername(a, _, NULL) = -1 EFAULT',
      'connect(c, raw:hex("0000 0000 00000000 0000000000000000")) = 0',
      'send(c_library, NULL, 3, 0) = -1 EFAULT',
      'read(a, NULL, 3) = -1 EAGAIN',
      'write(c_library, "abc", 3) = 3',
      'recv(a, NULL, 3, 0) = -1 EFAULT',
      'recv(a, "abc", 3, 0) = 3',
      'getsockopt(s, SOL_SOCKET, SO_TYPE, _, [-1]) = -1 EINVAL',
      'getsockopt(s, SOL_SOCKET, SO_TYPE, NULL, [4]) = -1 EFAULT',
      'getsockopt(s, SOL_SOCKET, SO_TYPE, _, [0 => 0]) = 0',
      'setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, NULL, -1) = -1 EINVAL',
      'poll([{fd=s, events=POLLIN}, {fd=a, events=POLLOUT}, {fd=-1, events=POLLIN}], 3, 0) = 1 ([{fd=a, revents=POLLOUT}])',
      'poll(NULL, 0, 0) = 0',
      'pipe(NULL) = -1 EFAULT',
      'socketpair(AF_UNIX, SOCK_STREAM, 0, NULL) = -1 EFAULT',
      'u = socket(AF_INET6, SOCK_DGRAM, 0)',
      'bind(u, [::1]:0, 20) = -1 EINVAL',
      'bind(u, [::1]:0, 28) = 0',
      'sendmsg(u, NULL, 0) = -1 EFAULT',
      'recvmsg(u, NULL, 0) = -1 EFAULT',
      'sendmsg(u, {msg_name=raw:hex("2f00 0009"), msg_iov=[{iov_base="x", iov_len=1}, {iov_base="yz", iov_len=2}]}, 0) = -1 EINVAL',
      'sendto(u, "self", 4, 0, getsockname(u), 28) = 4',
      'recvfrom(u, "self", 100, 0, getsockname(u), [64 => 28]) = 4',
      'x = socket(AF_UNIX, SOCK_DGRAM, 0)',
      'y = socket(AF_UNIX, SOCK_DGRAM, 0)',
      'bind(x, unix:@sp-code-odd, 20) = 0',
      'sendmsg(y, {msg_name=raw:hex("0100 00 73702d636f64652d6f6464 000000000000"), msg_iov=[{iov_base="ab", iov_len=2}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[y]}]}, 0) = 2',
      'recvmsg(x, {msg_iov=[{iov_base="ab", iov_len=10}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[z]}]}, 0) = 2',
      'close(z) = 0',
      '',
    ];
    expect(await complaints(lines.join('\n'))).toBe('');
  });

  it('are refused where the kernel would look behind them, or an address stands for a number', async () => {
    const lines = [
      's = socket(AF_INET, SOCK_STREAM, 0)',
      'a = getsockname(s)',
      'listen(s, a) = 0',
      'fcntl(s, F_GETLK, 5) = 0',
      '',
    ];
    const folder = untilTestEnds(await tempDir()).path;
    const file = path.join(folder, 'refused.sockets');
    await writeFile(file, lines.join('\n'));
    const { omitted } = await command(folder, file, id);
    expect(omitted).toEqual([
      { line: 3, reason: 'a is no number.' },
      { line: 4, reason: 'F_GETLK takes 32 bytes, not 4.' },
    ]);
  });

  it('that are not as expected are told', async () => {
    const wrong = text.split('\n');
    const change = (number: number, said: string, other: string) => {
      expect(wrong[number - 1]).toContain(said);
      wrong[number - 1] = wrong[number - 1]!.replace(said, other);
    };
    change(11, 'cmsg_data=[33]', 'cmsg_data=[34]');
    change(11, '{ipi_ifindex=1', '{ipi_ifindex=2');
    change(20, 'ee_code=3', 'ee_code=4');
    change(21, 'ifr_name="lo"', 'ifr_name="la"');
    change(22, '255.0.0.0', '255.0.0.1');
    change(28, '[0]', '[1]');
    change(31, 'F_OWNER_PID', 'F_OWNER_PGRP');
    const told = [...(await complaints(wrong.join('\n'))).matchAll(/^(\d+): (.*): not as expected/gm)];
    const numbers = told.map(([, line, what]) => `${line} ${what!.replace(/ is .*/, '')}`);
    expect(numbers).toEqual([
      '11 ipi_ifindex',
      '11 IP_TTL',
      '20 ee_code',
      '21 the data',
      '22 the data',
      '28 the value',
      '31 type',
    ]);
  });
});

describe.each(['c', 'python', 'node'])('files that are no sockets, in %s,', (id) => {
  it('stay: where a name is taken, and where one is to be removed', async () => {
    const folder = untilTestEnds(await tempDir()).path;
    const [note, removed] = [path.join(folder, 'note.txt'), path.join(folder, 'removed.txt')];
    await Promise.all([note, removed].map((name) => writeFile(name, 'mine')));
    const file = path.join(folder, 'files.sockets');
    const lines = [
      's = socket(AF_UNIX, SOCK_STREAM, 0)',
      `bind(s, unix:${note}) = -1 EADDRINUSE`,
      `unlink("${removed}") = 0`,
      'close(s) = 0',
      '',
    ];
    await writeFile(file, lines.slice(0, 2).join('\n'));
    const runs = async () => {
      const { program } = await command(folder, file, id);
      return run(...program).catch((error: { code: number; stderr: string }) => error);
    };
    expect(await runs()).toMatchObject({ stderr: '' });
    await writeFile(file, lines.join('\n'));
    expect(await runs()).toMatchObject({
      code: 1,
      stderr: `3: the program ends: ${removed} is no socket file\n`,
    });
    expect([note, removed].map((name) => existsSync(name) && readFileSync(name, 'utf8'))).toEqual([
      'mine',
      'mine',
    ]);
  });
});

/** Bytes and texts that end a literal or a comment of some language, or mean something else in it. */
const hostile = [
  '??/',
  '??=??(',
  '*/',
  '/*',
  '//',
  '"""',
  "'''",
  '\\',
  '\\n',
  '`${process.exit()}`',
  '%s%n',
  '\u0000',
  '\r\n',
  '\u2028\u2029',
  '\u202e',
  '\ufeff',
  '안녕',
  '\\u0041\\x41\\101',
  '\x017',
  '#{x}',
  '</script>',
  '\\N{BULLET}',
];

/** A scenario that sends each payload to a socket, with comments and names as bad as can be. */
function hostileScenario(payloads: readonly Uint8Array[]): string {
  const names = [
    'unix',
    'int',
    'class',
    'errno',
    'lambda',
    'send',
    'main',
    'check',
    'await',
    'linux',
    'result',
    'eval',
  ];
  return [
    `# ${hostile.filter((text) => !/[\r\n]/.test(text)).join(' ')}`,
    '# */ """ ??/',
    '',
    'right = socket(AF_INET, SOCK_DGRAM, 0)',
    'bind(right, 127.0.0.1:0) = 0',
    ...names.map((name) => `${name} = socket(AF_INET, SOCK_DGRAM, 0)`),
    ...payloads.flatMap((bytes, index) => {
      const data = printValue({ kind: 'data', bytes, length: bytes.length }, 'data', { maxData: Infinity });
      const hex = `hex("${Buffer.from(bytes).toString('hex')}")`;
      const remark = hostile[index % hostile.length]!.replaceAll(/[\r\n]/g, ' ');
      return [
        `# ${remark} \\`,
        `sendto(${names[index % names.length]!}, ${data}, ${bytes.length}, 0, getsockname(right)) = ${bytes.length}`,
        `recv(right, ${hex}, 65536) = ${bytes.length}`,
      ];
    }),
    ...['close(unix) = 0', 'recv(right, _, 10, MSG_DONTWAIT) = -1 EAGAIN', ''],
  ].join('\n');
}

/** The same bytes each time. */
function randomBytes(count: number): Uint8Array {
  let state = count * 7919 + 17;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 16;
  });
}

const payloads = [
  ...hostile.map((text) => Buffer.from(text)),
  Buffer.from(hostile.join('')),
  ...[1, 2, 3, 50, 97, 255, 1000].map(randomBytes),
  Uint8Array.from({ length: 256 }, (_, byte) => byte),
  Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x30),
  Buffer.from('ab'.repeat(300)),
];

/** The lines that the transcript of a program tells, each with what it answered. */
function answersOf(stdout: string): Map<string, string> {
  const lines = stdout.matchAll(/^(\d+): (\w+) = (-?\d+)(?: \((\w+)\))?$/gm);
  return new Map([...lines].map(([, line, call, result, error]) => [`${line} ${call}`, error ?? result!]));
}

describe('in node', () => {
  it(
    'moves the same bytes, ends and errors on each connection of each built-in scenario',
    { timeout: 120_000 },
    async () => {
      const folder = untilTestEnds(await tempDir()).path;
      const found: string[] = [];
      let compared = 0;
      await inLanes(files, async (file) => {
        const { program, omitted } = await command(folder, file, 'node');
        const { stdout, stderr } = await run(...program, { timeout: 60_000 }).catch(
          (error: { stdout: string; stderr: string }) => error,
        );
        const left = new Set(omitted.map(({ line }) => line));
        const answers = answersOf(stdout);
        const moved = transcripts
          .get(file)!
          .filter(({ name, line }) => /^(send|recv|read|write|connect)/.test(name) && !left.has(line));
        compared += moved.length;
        const told = moved.flatMap(({ name, line, result }) => {
          const answer = answers.get(`${line} ${name}`);
          return answer === result.replace('-1 ', '')
            ? []
            : [`line ${line}: ${name} = ${answer}, not ${result}`];
        });
        found.push(
          ...[stderr, ...told, ...(stdout.match(/^\d+: (socket|accept4?) = \d+$/gm) ?? [])]
            .filter((text) => text !== '')
            .map((text) => `${path.basename(file)}: ${text}`),
        );
      });
      expect(found).toEqual([]);
      expect(compared).toBeGreaterThan(50);
    },
  );

  it('sets options of datagram sockets', async () => {
    const folder = untilTestEnds(await tempDir()).path;
    const file = path.join(folder, 'options.sockets');
    const membership = '{imr_multiaddr=inet_addr("239.1.2.3"), imr_interface=inet_addr("127.0.0.1")}';
    const source = membership.replace('}', ', imr_sourceaddr=inet_addr("127.0.0.1")}').replace('239', '232');
    const options = [
      ['SOL_SOCKET', 'SO_BROADCAST', '1'],
      ['IPPROTO_IP', 'IP_TTL', '9'],
      ['IPPROTO_IP', 'IP_MULTICAST_TTL', '2'],
      ['IPPROTO_IP', 'IP_MULTICAST_LOOP', '1'],
      ['IPPROTO_IP', 'IP_MULTICAST_IF', '{s_addr=inet_addr("127.0.0.1")}'],
      ...['ADD', 'DROP'].flatMap((change) => [
        ['IPPROTO_IP', `IP_${change}_MEMBERSHIP`, membership],
        ['IPPROTO_IP', `IP_${change}_SOURCE_MEMBERSHIP`, source],
      ]),
    ];
    const lines = options.map((each) => `setsockopt(s, ${each.join(', ')}) = 0`);
    await writeFile(
      file,
      ['s = socket(AF_INET, SOCK_DGRAM, 0)', 'bind(s, 127.0.0.1:0) = 0', ...lines, ''].join('\n'),
    );
    const { program, omitted } = await command(folder, file, 'node');
    expect(omitted).toEqual([]);
    expect((await run(...program, { timeout: 60_000 })).stderr).toBe('');
  });

  it('gives each of two lines that wait for the same what comes for it', async () => {
    const folder = untilTestEnds(await tempDir()).path;
    const file = path.join(folder, 'rivals.sockets');
    await writeFile(
      file,
      `s = socket(AF_INET, SOCK_STREAM, 0)
bind(s, 127.0.0.1:0) = 0
listen(s, 1) = 0
[third] c = accept(s)
[fourth] d = accept(s)
a = socket(AF_INET, SOCK_STREAM, 0)
connect(a, getsockname(s)) = 0
e = socket(AF_INET, SOCK_STREAM, 0)
connect(e, getsockname(s)) = 0
b = socket(AF_INET, SOCK_DGRAM, 0)
bind(b, 127.0.0.1:0) = 0
[one] recv(a, "x", 1, 0) = 1
[two] recv(a, "x", 1, 0) = 1
[five] recv(b, "y", 1, 0) = 1
[six] recv(b, "y", 1, 0) = 1
[third] send(c, "xx", 2, 0) = 2
f = socket(AF_INET, SOCK_DGRAM, 0)
sendto(f, "y", 1, 0, getsockname(b)) = 1
sendto(f, "y", 1, 0, getsockname(b)) = 1
`,
    );
    const { program, omitted } = await command(folder, file, 'node');
    expect(omitted).toEqual([]);
    const { stdout, stderr } = await run(...program, { timeout: 20_000 });
    expect(stderr).toBe('');
    expect(stdout.match(/recv = 1/g)).toHaveLength(4);
  });

  it.each([
    ['connect-udp-port0', [3]],
    ['listen-tcp-unbound', []],
    ['recv-rst-buffered', []],
    ['connect-listener-closed-with-queue', []],
    ['send-udp-more', [6]],
    ['recv-shutdown-wakes', [9, 10]],
    ['sendto-udp-port0', [3]],
    ['sendto-udp-connected-elsewhere', [8, 9]],
    ['shutdown-listener-refuses', []],
  ])('does as the kernel or says that it does not: %s', async (name, lines) => {
    const folder = untilTestEnds(await tempDir()).path;
    const file = conformanceFiles().find((each) => path.basename(each) === `${name}.sockets`)!;
    const { program, omitted } = await command(folder, file, 'node');
    expect((await run(...program, { timeout: 60_000 })).stderr).toBe('');
    expect(omitted.map(({ line }) => line)).toEqual(expect.arrayContaining(lines));
  });
});

describe('writes any bytes, names and comments down', () => {
  it.each([
    ['c', []],
    ['c', ['-std=c11', '-trigraphs']],
    ['python', []],
    ['node', []],
  ] as const)('in %s %j', async (id, flags) => {
    const folder = untilTestEnds(await tempDir()).path;
    const file = path.join(folder, 'hostile.sockets');
    await writeFile(file, hostileScenario(payloads));
    expect(parseScenario(readFileSync(file, 'utf8')).diagnostics).toEqual([]);
    const { stdout, stderr } = await run(...(await command(folder, file, id, flags)).program);
    expect(stderr).toBe('');
    // Each name, send and recv; the socket, its bind, the others, the close, and the last try, which Node.js cannot make.
    expect(stdout.trimEnd().split('\n')).toHaveLength(3 * payloads.length + 15 + (id === 'node' ? 0 : 1));
  });
});

describe('in python', () => {
  it.each([
    [
      ['s = socket(AF_INET, 99, 0)', 'bind(s, 127.0.0.1:0) = 0'],
      ['socket: not as expected', 'the program ends'],
    ],
    [
      [
        '[other] p, q = socketpair(AF_INET, SOCK_STREAM, 0)',
        'send(p, "x", 1, 0) = 1',
        '[other] recv(q, "x", 1) = 1',
      ],
      ['socketpair: not as expected', 'the program ends'],
    ],
    [
      ['a = getpeername(v)', 'connect(v, a) = 0'],
      ['getpeername: not as expected', 'the program ends'],
    ],
    [['s = socket(AF_INET, 99, 0) = -1 EPERM'], ['socket: not as expected']],
  ])('ends where there is nothing to go on with: %j', async (lines, complaints) => {
    const folder = untilTestEnds(await tempDir()).path;
    const file = path.join(folder, 'fails.sockets');
    const name = path.join(folder, 'name.sock');
    const bound = ['u = socket(AF_UNIX, SOCK_DGRAM, 0)', `bind(u, unix:${name}) = 0`, 'v = dup(u)'];
    await writeFile(file, [...bound, ...lines, ''].join('\n'));
    const { program } = await command(folder, file, 'python');
    const { code, stderr } = (await run(...program, { timeout: 30_000 }).catch((error: object) => error)) as {
      code?: number;
      stderr: string;
    };
    expect(stderr.match(/(?<=^4: )[^:]*(: not as expected)?/gm)).toEqual(complaints);
    expect(stderr).not.toContain('Traceback');
    expect(code).toBe(1);
    expect(existsSync(name)).toBe(false);
  });
});

describe('the command', () => {
  it('prints a program of standard input', async () => {
    const stdin = 's = socket(AF_INET, SOCK_STREAM, 0)\nclose(s) = 0\n';
    const { status, stdout, stderr } = await cli(['code', '--lang', 'python', '-'], { stdin });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('# 2: close(s) = 0\n');
  });

  it('says what is wrong with a text, and prints nothing', async () => {
    const { status, stdout, stderr } = await cli(['code', '--lang', 'c', '-'], { stdin: 'socket(AF_NIT)\n' });
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('-:1:');
  });

  it.each([
    [['code', 'x.sockets'], '--lang takes one of: c, python, node'],
    [['code', '--lang', 'cobol', 'x.sockets'], '--lang takes one of: c, python, node'],
    [['code', '--lang', 'c'], 'One file is expected'],
  ])('refuses %j', async (args, message) => {
    const { status, stderr } = await cli(args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  it('tells in the place of a line what a language cannot say', async () => {
    const stdin = 's = socket(AF_INET, SOCK_DGRAM, 0)\nrecv(s, _, 100000000, 0) = -1 EAGAIN\nclose(s) = 0\n';
    const { stdout } = await cli(['code', '--lang', 'python', '-'], { stdin });
    expect(stdout).toContain(
      '    # 2: recv(s, _, 100000000, 0) = -1 EAGAIN\n    # A buffer of this length is not exported.\n\n    # 3: close(s) = 0\n',
    );
  });
});
