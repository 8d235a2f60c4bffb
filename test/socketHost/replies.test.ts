import { expect, it } from 'vitest';
import type { CallRecord } from '../../src/common/call.js';
import { refusalOf } from '../../src/common/errors.js';
import type { ReplyRule } from '../../src/common/replyRules.js';
import type { Automation, SocketInfo } from '../../src/common/socket.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { Peer, startNcat } from '../support/peers.js';
import { loopback, n, TestHost, text, unixPath } from './testHost.js';

const rule = (kind: ReplyRule['kind'], pattern: string, reply: string): ReplyRule => ({
  kind,
  pattern,
  reply,
});

function replying(unit: 'receive' | 'line', ...rules: ReplyRule[]): Automation {
  return { mode: 'reply', accepted: null, isRecorded: true, isBatched: false, replies: { unit, rules } };
}

const served = (automation: Automation): Automation => ({ ...automation, mode: 'accept', accepted: 'reply' });

function socketOf(host: TestHost, fd: number): SocketInfo {
  return [...host.sockets.values()].find((info) => info.fd === fd && info.state !== 'closed')!;
}

/** Two ends of a socketpair. */
async function pair(host: TestHost, type: string): Promise<[number, number]> {
  const { createdIds } = await host.call('socketpair', n('AF_UNIX'), n(type), 0);
  await host.until('the pair', () => createdIds.every((id) => host.sockets.has(id)));
  const [a, b] = createdIds.map((id) => host.sockets.get(id)!.fd);
  return [a!, b!];
}

const counts = ({ automatic }: SocketInfo) => automatic!.replies!.counts.map(({ replies }) => replies);

async function records(host: TestHost): Promise<CallRecord[]> {
  return host.readRecords({ from: 1, count: 10_000 });
}

it('answers ncat line by line, by the first rule that matches, with counters', async () => {
  const host = TestHost.start();
  const { fd, address } = await host.listener(128);
  const automation = served(
    replying(
      'line',
      rule('regex', '^add (\\d+) (\\d+)$', '$1 and $2, the {{counter}}.\\r\\n'),
      rule('startsWith', 'add', 'two numbers, please\\n'),
      rule('equals', 'bye', 'see you\\n'),
    ),
  );
  await host.process.automate({ socketId: socketOf(host, fd).id, automation });
  const ncat = untilTestEnds(await startNcat((address as { port: number }).port));
  // Two lines in one piece, the second one without its end.
  ncat.write('add 1 22\r\nadd 3 ');
  await ncat.waitForText(/1 and 22, the 1\.\r\n$/);
  ncat.write('4\nadd\nnothing\nbye\n');
  await ncat.waitForText(/3 and 4, the 2\.\r\ntwo numbers, please\nsee you\n$/);
  ncat.endInput();
  expect(await ncat.waitForEnd()).toBe(0);
  await host.until('counters', () => counts(socketOf(host, fd)).join() === '2,1,1');
  await host.until('the rest', () => socketOf(host, fd).automatic!.replies!.unmatched === 1);

  const all = await records(host);
  const accepted = all.find(({ name }) => name === 'accept')!.createdIds[0]!;
  const sends = all.filter(({ name, socketId }) => name === 'send' && socketId === accepted);
  expect(sends.map(text)).toEqual([
    '1 and 22, the 1.\r\n',
    '3 and 4, the 2.\r\n',
    'two numbers, please\n',
    'see you\n',
  ]);
  const mine = all.filter(({ socketId }) => socketId === accepted);
  expect(new Set(mine.slice(0, -1).map(({ madeBy }) => madeBy))).toEqual(new Set(['auto-reply']));
  // Each has times of its own.
  expect(
    mine.every(({ startNs, endNs }, at) => endNs! >= startNs && startNs >= (mine[at - 1]?.endNs ?? 0)),
  ).toBe(true);
  // Those that are accepted are in the mode too; the counters are told once.
  expect(host.sockets.get(accepted)?.automatic?.replies).toBeUndefined();
});

it('answers datagrams of a Python program, each to its sender', async () => {
  const host = TestHost.start();
  const fd = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
  await host.ok('bind', fd, loopback);
  const name = await host.call('getsockname', fd);
  const { port } = name.args[1] as { port: number };
  const rules = [rule('regex', '^(\\w+)\\?', '$1!'), rule('equals', 'empty', '')];
  await host.process.automate({ socketId: socketOf(host, fd).id, automation: replying('receive', ...rules) });
  const program = `
import socket
for text in (b"one?", b"empty", b"unheard", b"two? x"):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(20)
    s.sendto(text, ("127.0.0.1", ${port}))
    if text != b"unheard":
        print(text, s.recvfrom(100)[0], flush=True)
`;
  const python = untilTestEnds(await Peer.start('python3', ['-c', program]));
  expect(await python.waitForEnd()).toBe(0);
  expect(python.text).toBe(`b'one?' b'one!'\nb'empty' b''\nb'two? x' b'two!'\n`);
  await host.until('counters', () => counts(socketOf(host, fd)).join() === '2,1');
  const sent = (await records(host)).filter((record) => record.name === 'sendto');
  expect(sent.map(({ result, madeBy }) => [result, madeBy])).toEqual([
    [4, 'auto-reply'],
    [0, 'auto-reply'],
    [4, 'auto-reply'],
  ]);
  const froms = (await records(host))
    .filter(({ name: call }) => call === 'recvfrom')
    .map(({ args }) => args[4]);
  expect(froms[0]).toEqual(sent[0]!.args[4]);
});

it('answers socat on a Unix socket by what one receive delivered', async () => {
  const host = TestHost.start();
  const path = `${untilTestEnds(await tempDir()).path}/replies.sock`;
  const fd = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
  await host.ok('bind', fd, unixPath(path));
  await host.ok('listen', fd, 5);
  const automation = served(replying('receive', rule('contains', 'ping', 'pong {{len}}ab')));
  await host.process.automate({ socketId: socketOf(host, fd).id, automation });
  const socat = untilTestEnds(await Peer.start('socat', ['-t5', '-', `UNIX-CONNECT:${path}`]));
  socat.write('a ping\nb ping\n');
  await socat.waitForText(/^pong 2ab$/);
  socat.endInput();
  expect(await socat.waitForEnd()).toBe(0);
});

it('never hangs on a hostile pattern, and says that it gave up', async () => {
  const host = TestHost.start();
  const [a, b] = await pair(host, 'SOCK_STREAM');
  const hostile = rule('regex', '(?:x?){60}x{60}y', 'never');
  const automation = replying('receive', hostile, rule('contains', 'x', 'still here'));
  await host.process.automate({ socketId: socketOf(host, a).id, automation });
  const data = new Uint8Array(60_000).fill(0x78);
  await host.ok('send', b, { kind: 'data', bytes: data, length: data.length }, data.length, 0);
  expect(text(await host.call('recv', b, { kind: 'any' }, 10, 0))).toBe('still here');
  await host.until('what failed', () => {
    const [count] = socketOf(host, a).automatic!.replies!.counts;
    return count!.failures === 1 && /took too long for 60000 bytes/.test(count!.problem ?? '');
  });
});

it('goes on after replies that had to wait', async () => {
  const host = TestHost.start();
  const [a, b] = await pair(host, 'SOCK_STREAM');
  const long = 'y'.repeat(10_000);
  const automation = replying('line', rule('equals', 'x', long));
  await host.process.automate({ socketId: socketOf(host, a).id, automation });
  const lines = new TextEncoder().encode('x\n'.repeat(200));
  await host.ok('send', b, { kind: 'data', bytes: lines, length: lines.length }, lines.length, 0);
  await host.until('a hold', () => socketOf(host, a).automatic?.held === 'send');
  let received = 0;
  while (received < 200 * long.length) {
    received += (await host.call('recv', b, { kind: 'any' }, 1 << 20, 0)).result!;
  }
  expect(received).toBe(200 * long.length);
  await host.until('counters', () => counts(socketOf(host, a)).join() === '200');
});

it('counts replies that cannot be made', async () => {
  const host = TestHost.start();
  const [a, b] = await pair(host, 'SOCK_DGRAM');
  const rules = [
    rule('equals', 'big', `{{len:u8}}${'z'.repeat(300)}`),
    rule('equals', 'huge', '{{random:40000}}{{random:40000}}'),
  ];
  await host.process.automate({ socketId: socketOf(host, a).id, automation: replying('receive', ...rules) });
  for (const message of ['big', 'huge']) {
    const bytes = new TextEncoder().encode(message);
    await host.ok('send', b, { kind: 'data', bytes, length: bytes.length }, bytes.length, 0);
  }
  const problems = () => socketOf(host, a).automatic?.replies?.counts.map(({ problem }) => problem);
  await host.until('problems', () => problems()?.every((problem) => problem !== null) === true);
  expect(problems()).toEqual([
    'len is 300 here, which does not fit into u8.',
    'A reply has at most 65536 bytes, not 80000.',
  ]);
});

it('refuses rules that are none', async () => {
  const host = TestHost.start();
  const [a] = await pair(host, 'SOCK_STREAM');
  const socketId = socketOf(host, a).id;
  const refused = (automation: Automation) =>
    host.process.automate({ socketId, automation }).then(
      () => undefined,
      (error: unknown) => refusalOf(error)?.message,
    );
  expect(await refused(replying('line', rule('regex', 'a(b', '')))).toBe(
    'Rule 1, column 2: This bracket is not closed.',
  );
  expect(await refused(replying('line'))).toBe('There is no rule to reply by.');
  const many = Array.from({ length: 51 }, () => rule('equals', 'a', 'b'));
  expect(await refused(replying('line', ...many))).toBe('There are at most 50 rules.');
  expect(socketOf(host, a).automatic).toBeNull();
});
