import { describe, expect, it } from 'vitest';
import { type CallRecord, dataValue, type Value } from '../../../src/common/call.js';
import type { CallStatement } from '../../../src/common/notation/ast.js';
import type { Scope } from '../../../src/common/notation/evaluate.js';
import { matchRecord } from '../../../src/common/notation/match.js';
import { parseScenario } from '../../../src/common/notation/parser.js';
import { encodeUtf8 } from '../../../src/common/utf8.js';
import { testScope } from './support.js';
import { recordOf } from '../../support/records.js';

const inet = (port: number): Value => ({ family: 'AF_INET', address: '127.0.0.1', port });
const text = (value: string) => dataValue(encodeUtf8(value));
const unix = (name: string, isAbstract = false): Value => ({
  family: 'AF_UNIX',
  name: encodeUtf8(name),
  isAbstract,
});
const ints = (...items: number[]): Value => ({ kind: 'list', items });
const length = (value: number, result: number): Value => ({ kind: 'inout', value, result });

/** What the last line of a text misses in a record of its call: `expected -> got at the text of the place`. */
async function miss(
  source: string,
  args: Value[],
  more: Partial<CallRecord> = {},
  scope: Partial<Scope> = {},
): Promise<string | undefined> {
  const { statements, diagnostics } = parseScenario(source);
  expect(diagnostics).toEqual([]);
  const statement = statements.at(-1) as CallStatement;
  const mismatch = await matchRecord(statement, recordOf(statement.name, args, more), testScope(scope));
  return (
    mismatch &&
    `${mismatch.expected} -> ${mismatch.got} at ${source.slice(mismatch.range.start, mismatch.range.end)}`
  );
}

describe('what a request is given', () => {
  const lock = (l_type: Value, ...rest: [string, Value][]): Value => ({
    kind: 'struct',
    fields: [['l_type', l_type] as [string, Value], ...rest].map(([name, value]) => ({ name, value })),
  });

  it.each<[string, Value[], string | undefined]>([
    ['fcntl(3, F_GETLK, {l_type=F_WRLCK})', [3, 5, lock(length(1, 2))], undefined],
    ['fcntl(3, F_GETLK, {l_type=[F_WRLCK => F_UNLCK]})', [3, 5, lock(length(1, 2))], undefined],
    ['fcntl(3, F_GETLK, {l_type=[F_WRLCK => F_WRLCK]})', [3, 5, lock(1)], undefined],
    [
      'fcntl(3, F_GETLK, {l_type=[F_WRLCK => F_RDLCK]})',
      [3, 5, lock(length(1, 2))],
      '{l_type=F_RDLCK} -> {l_type=[F_WRLCK => F_UNLCK]} at {l_type=[F_WRLCK => F_RDLCK]}',
    ],
    ['fcntl(3, F_GETLK, {l_pid=7})', [3, 5, lock(1, ['l_pid', 7])], undefined],
    [
      'fcntl(3, F_GETLK, {l_pid=7})',
      [3, 5, lock(1, ['l_pid', 8])],
      '{l_pid=7} -> {l_type=F_WRLCK, l_pid=8} at {l_pid=7}',
    ],
    ['fcntl(3, F_SETLK, {l_type=F_WRLCK})', [3, 6, lock(1)], undefined],
    [
      'ioctl(3, SIOCGIFHWADDR, {ifr_name="lo", ifr_hwaddr={sa_family=ARPHRD_ETHER, sa_data=0a:bc:00:1e:00:00}}) = 0',
      [3, 0x8927, lock(1, ['ifr_name', text('lo')], ['ifr_hwaddr', text('')])],
      undefined,
    ],
  ])('%s', async (source, args, expected) => {
    expect(await miss(source, args)).toBe(expected);
  });
});

describe('a result', () => {
  it.each<[string, Partial<CallRecord>, string | undefined]>([
    ['listen(3, 5)', { result: -1, errno: 'EINVAL' }, undefined],
    ['listen(3, 5) = 0', { result: 0 }, undefined],
    ['listen(3, 5) = 0', { result: -1, errno: 'EINVAL' }, '0 -> -1 EINVAL (Invalid argument) at = 0'],
    ['listen(3, 5) = -1 EINVAL', { result: -1, errno: 'EINVAL' }, undefined],
    [
      'listen(3, 5) = -1 EINVAL',
      { result: -1, errno: 'EBADF' },
      '-1 EINVAL -> -1 EBADF (Bad file descriptor) at = -1 EINVAL',
    ],
    ['listen(3, 5) = -1 EINVAL', { result: 0 }, '-1 EINVAL -> 0 at = -1 EINVAL'],
    ['listen(3, 5) = -1', { result: -1, errno: 'EBADF' }, undefined],
    ['listen(3, 5) = -1 EWOULDBLOCK', { result: -1, errno: 'EAGAIN' }, undefined],
    ['listen(3, 5) = -1 EAGAIN', { result: -1, errno: 11 }, undefined],
    ['listen(3, 5) = -1 EACCES | 0', { result: 0 }, undefined],
    [
      'listen(3, 5) = -1 EACCES | 0',
      { result: -1, errno: 'EBADF' },
      '-1 EACCES | 0 -> -1 EBADF (Bad file descriptor) at = -1 EACCES | 0',
    ],
    ['listen(3, 5) = ?', { result: -1, errno: 'EBADF' }, undefined],
    ['listen(3, 5) = 0 ; darwin: = -1 EINVAL', { result: 0 }, undefined],
    ['listen(3, 5) = 1 ; linux: = 0', { result: 0 }, undefined],
  ])('%s after %j', async (source, record, expected) => {
    expect(await miss(source, [3, 5], record)).toBe(expected);
  });

  it('of a call that gives a descriptor only says that it succeeds', async () => {
    expect(await miss('socket(AF_INET, SOCK_STREAM, 0) = 3', [2, 1, 0], { result: 18 })).toBeUndefined();
    expect(
      await miss('socket(AF_INET, SOCK_STREAM, 0) = 3', [2, 1, 0], { result: -1, errno: 'EMFILE' }),
    ).toBeDefined();
    expect(await miss('fcntl(3, F_DUPFD, 0) = 9', [3, 0, 0], { result: 5 })).toBeUndefined();
    expect(await miss('fcntl(3, F_GETFD) = 1', [3, 1], { result: 0 })).toBe('1 -> 0 at = 1');
  });

  it('may be a range', async () => {
    const source = 'recv(3, 100) = 1..5';
    expect(await miss(source, [3, text('ab'), 100], { result: 2 })).toBeUndefined();
    expect(await miss(source, [3, text(''), 100], { result: 0 })).toBe('1..5 -> 0 at = 1..5');
  });

  it('is one number where flags stand beside each other', async () => {
    const source = 'fcntl(3, F_GETFL) = O_RDWR|O_NONBLOCK';
    expect(await miss(source, [3, 3], { result: 0x802 })).toBeUndefined();
    expect(await miss(source, [3, 3], { result: 2 })).toBe(
      '2050 -> 0x2 (flags O_RDWR) at = O_RDWR|O_NONBLOCK',
    );
    expect(await miss('fcntl(3, F_GETFL) = O_RDWR | -1 EBADF', [3, 3], { result: 2 })).toBeUndefined();
    const sizes = 'recv(3, 9000) = 4*1024 | 8*1024';
    expect(await miss(sizes, [3, text(''), 9000], { result: 8192 })).toBeUndefined();
    expect(await miss(sizes, [3, text(''), 9000], { result: 12_288 })).toBeDefined();
  });

  it('of another platform counts there', async () => {
    const source = 'listen(3, 5) = 0 ; win32: = -1 WSAEINVAL';
    const failed = { result: -1, errno: 'WSAEINVAL' };
    expect(await miss(source, [3, 5], failed, { platform: 'win32' })).toBeUndefined();
    expect(await miss(source, [3, 5], { result: 0 }, { platform: 'win32' })).toBeDefined();
  });
});

describe('time', () => {
  it('is compared where it is a range', async () => {
    const record = { startNs: 1e9, endNs: 1.5e9 };
    expect(await miss('close(3) = 0 <0.4..0.6>', [3], record)).toBeUndefined();
    expect(await miss('close(3) = 0 <0.1..0.2>', [3], record)).toBe('<0.1..0.2> -> <0.500000> at <0.1..0.2>');
    expect(await miss('close(3) = 0 <0.1>', [3], record)).toBeUndefined();
  });
});

describe('data that came', () => {
  it('is compared byte by byte', async () => {
    expect(await miss('recv(3, "abc", 10, 0) = 3', [3, text('abc'), 10, 0], { result: 3 })).toBeUndefined();
    expect(await miss('recv(3, "abc", 10, 0) = 3', [3, text('abd'), 10, 0], { result: 3 })).toBe(
      '"abc" -> "abd" (they differ from byte 2 on) at "abc"',
    );
    expect(
      await miss('recv(3, "ab" * 2, 10, 0) = 4', [3, text('abab'), 10, 0], { result: 4 }),
    ).toBeUndefined();
    expect(
      await miss('recv(3, "abc"..., 10, 0) = 6', [3, text('abcdef'), 10, 0], { result: 6 }),
    ).toBeUndefined();
    expect(await miss('recv(3, "abc"..., 10, 0) = 2', [3, text('ab'), 10, 0], { result: 2 })).toBeDefined();
    expect(await miss('recv(3, _, 10, 0) = 2', [3, text('ab'), 10, 0], { result: 2 })).toBeUndefined();
    expect(await miss('recv(3, "", 10, 0) = 0', [3, text(''), 10, 0], { result: 0 })).toBeUndefined();
  });

  it('is not expected of a call that failed', async () => {
    expect(
      await miss('recv(3, "abc", 10, 0) = -1 EAGAIN', [3, { kind: 'any' }, 10, 0], {
        result: -1,
        errno: 'EAGAIN',
      }),
    ).toBeUndefined();
  });

  it('is fetched where the record carries only its beginning', async () => {
    const whole = encodeUtf8('x'.repeat(299) + 'y');
    const preview: Value = { kind: 'data', bytes: whole.slice(0, 256), length: 300 };
    const readPayload = () => Promise.resolve(whole);
    const args = [3, preview, 1000, 0];
    expect(await miss('recv(3, "x" * 299 , 1000, 0)', args, { result: 300 }, { readPayload })).toBeDefined();
    expect(await miss('recv(3, "x"..., 1000, 0)', args, { result: 300 }, { readPayload })).toBeUndefined();
    expect(
      await miss(`recv(3, "${'x'.repeat(299)}y", 1000, 0)`, args, { result: 300 }, { readPayload }),
    ).toBeUndefined();
  });
});

describe('an address that came', () => {
  const accepted = (address: Value): [Value[], Partial<CallRecord>] => [
    [3, address, length(128, 16)],
    { result: 5 },
  ];

  it('is compared by family, host and port', async () => {
    expect(await miss('accept(3, 127.0.0.1:5000)', ...accepted(inet(5000)))).toBeUndefined();
    expect(await miss('accept(3, 127.0.0.1:5000)', ...accepted(inet(5001)))).toBe(
      '127.0.0.1:5000 -> 127.0.0.1:5001 at 127.0.0.1:5000',
    );
    expect(await miss('accept(3, [::1]:5000)', ...accepted(inet(5000)))).toBeDefined();
    const mapped: Value = { family: 'AF_INET6', address: '::ffff:127.0.0.3', port: 1 };
    const long =
      'getpeername(3, {sa_family=AF_INET6, sin6_port=htons(1), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::FFFF:127.0.0.3", &sin6_addr), sin6_scope_id=0}) = 0';
    expect(await miss(long, [3, mapped])).toBeUndefined();
  });

  it('is a path to its first NUL, an abstract name to its end', async () => {
    expect(await miss('getsockname(3, unix:/tmp/a) = 0', [3, unix('/tmp/a\0junk')])).toBeUndefined();
    expect(await miss('getsockname(3, unix:@a) = 0', [3, unix('a\0', true)])).toBeDefined();
    expect(await miss('getsockname(3, unix:@a) = 0', [3, unix('a', true)])).toBeUndefined();
    expect(await miss('getsockname(3, {sa_family=AF_UNIX}) = 0', [3, unix('')])).toBeUndefined();
  });

  it('may be open in its numbers', async () => {
    expect(await miss('getsockname(3, 127.0.0.1:_) = 0', [3, inet(7)])).toBeUndefined();
    expect(await miss('getsockname(3, 127.0.0.2:_) = 0', [3, inet(7)])).toBe(
      '127.0.0.2:7 -> 127.0.0.1:7 at 127.0.0.2:_',
    );
    const long = (port: string) =>
      `getsockname(3, {sa_family=AF_INET, sin_port=${port}, sin_addr=inet_addr("127.0.0.1")}) = 0`;
    expect(await miss(long('htons(_)'), [3, inet(7)])).toBeUndefined();
    expect(await miss(long('_'), [3, inet(7)])).toBeUndefined();
    const netlink: Value = { family: 'AF_NETLINK', pid: 7, groups: 0 };
    expect(await miss('getsockname(3, netlink:_/0) = 0', [3, netlink])).toBeUndefined();
    expect(
      await miss('getsockname(3, {sa_family=AF_NETLINK, nl_pid=_, nl_groups=1}) = 0', [3, netlink]),
    ).toBeDefined();
  });

  it('is compared with what another call gives', async () => {
    const call: Scope['call'] = ({ name, args }) => Promise.resolve(recordOf(name, [...args, inet(7)]));
    expect(await miss('getpeername(3, getsockname(4)) = 0', [3, inet(7)], {}, { call })).toBeUndefined();
    expect(await miss('getpeername(3, getsockname(4)) = 0', [3, inet(8)], {}, { call })).toBe(
      '127.0.0.1:7 -> 127.0.0.1:8 at getsockname(4)',
    );
  });

  it('may have a port that the kernel chose in a recording', async () => {
    const isSamePort = () => true;
    expect(
      await miss('getsockname(3, 127.0.0.1:41234) = 0', [3, inet(5)], {}, { isSamePort }),
    ).toBeUndefined();
    const call: Scope['call'] = ({ name, args }) => Promise.resolve(recordOf(name, [...args, inet(7)]));
    expect(
      await miss('getpeername(3, getsockname(4)) = 0', [3, inet(8)], {}, { call, isSamePort }),
    ).toBeDefined();
  });

  it('are as passed where the kernel wrote none', async () => {
    const args: Value[] = [
      3,
      dataValue(new Uint8Array()),
      0,
      0,
      null,
      { kind: 'inout', value: 16, result: null },
    ];
    expect(await miss('recvfrom(3, "", 0, 0, NULL, [16]) = 0', args)).toBeUndefined();
    expect(await miss('recvfrom(3, "", 0, 0, NULL, [128 => 8]) = 0', args)).toMatch(/^\[8\] -> \[16\]/);
  });

  it('has its length compared where it is written', async () => {
    const args = [3, inet(1), length(128, 16)];
    expect(await miss('accept(3, _, [128 => 16]) = 5', args, { result: 5 })).toBeUndefined();
    expect(await miss('accept(3, _, [128 => 2]) = 5', args, { result: 5 })).toBe(
      '[2] -> [128 => 16] at [128 => 2]',
    );
    expect(await miss('accept(3, _, [128]) = 5', args, { result: 5 })).toBeDefined();
    expect(await miss('accept(3, _, 128) = 5', args, { result: 5 })).toBeUndefined();
  });
});

describe('an option that came', () => {
  const get = (written: string, value: Value, level = 1, name = 4) => {
    const names = level === 1 ? 'SOL_SOCKET' : 'IPPROTO_TCP';
    const options: Record<string, string> = {
      '1:4': 'SO_ERROR',
      '1:13': 'SO_LINGER',
      '1:20': 'SO_RCVTIMEO',
      '6:13': 'TCP_CONGESTION',
    };
    const option = options[`${level}:${name}`]!;
    return miss(`getsockopt(3, ${names}, ${option}, ${written}) = 0`, [3, level, name, value]);
  };

  it('is compared as far as it came, and what is written of the rest is false', async () => {
    const half = text('\x01\0\0\0');
    expect(await get('{l_onoff=1}', half, 1, 13)).toBeUndefined();
    expect(await get('{l_onoff=1, l_linger=5}', half, 1, 13)).toBeDefined();
    expect(await get('{l_onoff=0}', text(''), 1, 13)).toBeDefined();
    expect(await get('[1]', text('\x01\0'))).toBeUndefined();
    expect(await get('[0]', text(''))).toBeDefined();
  });

  it('is compared by its bytes, however it is written', async () => {
    expect(await get('[0]', ints(0))).toBeUndefined();
    expect(await get('[ECONNREFUSED]', ints(111))).toBeUndefined();
    expect(await get('[111]', ints(0))).toBe('[111] -> [0] at [111]');
    expect(await get('"\\0\\0\\0\\0"', ints(0))).toBeUndefined();
    const linger: Value = {
      kind: 'struct',
      fields: [
        { name: 'l_onoff', value: 1 },
        { name: 'l_linger', value: 5 },
      ],
    };
    expect(await get('{l_onoff=1, l_linger=5}', linger, 1, 13)).toBeUndefined();
    expect(await get('{l_onoff=1, l_linger=6}', linger, 1, 13)).toBeDefined();
    const time: Value = {
      kind: 'struct',
      fields: [
        { name: 'tv_sec', value: 0 },
        { name: 'tv_usec', value: 100000 },
      ],
    };
    expect(await get('"\\0\\0\\0\\0\\0\\0\\0\\0\\240\\206\\1\\0\\0\\0\\0\\0"', time, 1, 20)).toBeUndefined();
    expect(await get('"cubic"', text('cubic\0\0\0\0\0\0\0\0\0\0\0'), 6, 13)).toBeUndefined();
    expect(await get('"reno"', text('cubic\0\0\0\0\0\0\0\0\0\0\0'), 6, 13)).toBeDefined();
    expect(await get('_', ints(5))).toBeUndefined();
    expect(await get('"cub"...', text('cubic\0\0\0\0\0\0\0\0\0\0\0'), 6, 13)).toBeUndefined();
    expect(await get('"ren"...', text('cubic\0\0\0\0\0\0\0\0\0\0\0'), 6, 13)).toBeDefined();
  });

  it('is a number or a structure in less room, or one that goes both ways', async () => {
    expect(await get('[300]', text('\x2c\x01'))).toBeUndefined();
    expect(await get('[44]', text('\x2c\x01'))).toBeDefined();
    expect(await get('{l_onoff=1}', text('\x01\0\0\0'), 1, 13)).toBeUndefined();
    expect(await get('{l_onoff=2}', text('\x01\0\0\0'), 1, 13)).toBeDefined();
    expect(await get('[2 => 48]', { kind: 'inout', value: 2, result: 48 })).toBeUndefined();
    expect(await get('[2 => 32]', { kind: 'inout', value: 2, result: 48 })).toBe('32 -> [2 => 48] at 32');
  });

  it('may name another process than this run has', async () => {
    const of = (pid: number): Value => ({
      kind: 'struct',
      fields: [
        { name: 'pid', value: pid },
        { name: 'uid', value: 0 },
      ],
    });
    const peer = (pid: number, got: number) =>
      miss(`getsockopt(3, SOL_SOCKET, SO_PEERCRED, {pid=${pid}, uid=0}) = 0`, [3, 1, 17, of(got)]);
    expect(await peer(25343, 9)).toBeUndefined();
    expect(await peer(25343, 0)).toBeDefined();
    expect(await peer(0, 9)).toBeDefined();
  });
});

describe('TCP_INFO', () => {
  const got: Value = {
    kind: 'struct',
    fields: [
      { name: 'tcpi_state', value: 8 },
      { name: 'tcpi_rtt', value: 77 },
    ],
  };
  const get = (written: string) => miss(`getsockopt(3, SOL_TCP, TCP_INFO, ${written}) = 0`, [3, 6, 11, got]);

  it('is no list of numbers', async () => {
    expect(await get('[8]')).toMatch(/^\[8\] -> /);
  });

  it('is compared in the fields that are written, a recording in the state', async () => {
    expect(await get('{tcpi_state=8}')).toBeUndefined();
    expect(await get('{tcpi_state=8, tcpi_rtt=78}')).toBeDefined();
    expect(await get('"\\10\\0\\0\\7"')).toBeUndefined();
    expect(await get('"\\1\\0\\0\\7"')).toBeDefined();
  });
});

describe('other answers', () => {
  it('of ioctl and poll are compared too', async () => {
    expect(await miss('ioctl(3, FIONREAD, [100]) = 0', [3, 0x541b, ints(100)])).toBeUndefined();
    expect(await miss('ioctl(3, FIONREAD, [100]) = 0', [3, 0x541b, ints(99)])).toBe('[100] -> [99] at [100]');
    const fds = (revents: number): Value => ({
      kind: 'list',
      items: [
        {
          kind: 'struct',
          fields: [
            { name: 'fd', value: 3 },
            { name: 'events', value: 1 },
            { name: 'revents', value: revents },
          ],
        },
      ],
    });
    const source = 'poll([{fd=3, events=POLLIN}], 1, 0) = 1 ([{fd=3, revents=POLLIN}])';
    expect(await miss(source, [fds(1), 1, 0], { result: 1 })).toBeUndefined();
    expect(await miss(source, [fds(0x11), 1, 0], { result: 1 })).toBe(
      '[{fd=3, revents=POLLIN}] -> [{fd=3, revents=POLLIN|POLLHUP}] at [{fd=3, revents=POLLIN}]',
    );
  });

  it('of recvmsg may be a beginning, bytes in a list, and the time of another run', async () => {
    const struct = (fields: Record<string, Value>): Value => ({
      kind: 'struct',
      fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
    });
    const control = (cmsg_level: number, cmsg_type: number, cmsg_data: Value) =>
      struct({ cmsg_level, cmsg_type, cmsg_data });
    const got = struct({
      msg_iov: { kind: 'list', items: [struct({ iov_base: text('abcdef'), iov_len: 10 })] },
      msg_control: {
        kind: 'list',
        items: [control(1, 29, struct({ tv_sec: 7, tv_usec: 8 })), control(0, 6, text('\x01\0'))],
      },
    });
    const message = (data: string, options: string) =>
      miss(
        `recvmsg(3, {msg_iov=[{iov_base=${data}, iov_len=10}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SO_TIMESTAMP_OLD, cmsg_data={tv_sec=1, tv_usec=2}}, {cmsg_level=SOL_IP, cmsg_type=IP_RECVOPTS, cmsg_data=${options}}]}, 0)`,
        [3, got, 0],
        { result: 6 },
      );
    expect(await message('"abc"...', '[0x1, 0]')).toBeUndefined();
    expect(await message('"abd"...', '[0x1, 0]')).toBeDefined();
    expect(await message('"abcdef"', '[0x1, 1]')).toBeDefined();
  });

  it('of recvmsg are compared field by field, and unknown names take what comes', async () => {
    const message = (fd: number, flags: number): Value => ({
      kind: 'struct',
      fields: [
        {
          name: 'msg_iov',
          value: {
            kind: 'list',
            items: [
              {
                kind: 'struct',
                fields: [
                  { name: 'iov_base', value: text('x') },
                  { name: 'iov_len', value: 10 },
                ],
              },
            ],
          },
        },
        {
          name: 'msg_control',
          value: {
            kind: 'list',
            items: [
              {
                kind: 'struct',
                fields: [
                  { name: 'cmsg_level', value: 1 },
                  { name: 'cmsg_type', value: 1 },
                  { name: 'cmsg_data', value: ints(fd) },
                ],
              },
            ],
          },
        },
        { name: 'msg_flags', value: flags },
      ],
    });
    const source =
      'recvmsg(3, {msg_iov=[{iov_base="x", iov_len=10}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[got]}], msg_flags=0}, 0) = 1';
    expect(await miss(source, [3, message(9, 0), 0], { result: 1 })).toBeUndefined();
    expect(await miss(source, [3, message(9, 8), 0], { result: 1 })).toBeDefined();
  });

  it('and compares what other control messages hold', async () => {
    const ttl: Value = {
      kind: 'struct',
      fields: [
        {
          name: 'msg_control',
          value: {
            kind: 'list',
            items: [
              {
                kind: 'struct',
                fields: [
                  { name: 'cmsg_level', value: 0 },
                  { name: 'cmsg_type', value: 2 },
                  { name: 'cmsg_data', value: ints(9) },
                ],
              },
            ],
          },
        },
      ],
    };
    const source = (said: string) =>
      `recvmsg(3, {msg_control=[{cmsg_level=IPPROTO_IP, cmsg_type=IP_TTL, cmsg_data=${said}}]}, 0) = 1`;
    for (const said of ['[9]', '_']) {
      expect(await miss(source(said), [3, ttl, 0], { result: 1 })).toBeUndefined();
    }
    expect(await miss(source('[8]'), [3, ttl, 0], { result: 1 })).toMatch(
      /IP_TTL, cmsg_data=\[8\].* -> .*cmsg_data=\[9\]/,
    );
  });
});
