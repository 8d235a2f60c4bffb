import { describe, expect, it } from 'vitest';
import { type Call, dataValue, type Value } from '../../../src/common/call.js';
import type { CallStatement } from '../../../src/common/notation/ast.js';
import { evaluateCall, type Scope } from '../../../src/common/notation/evaluate.js';
import { parseCall, parseScenario, parseValueText } from '../../../src/common/notation/parser.js';
import { printValue } from '../../../src/common/notation/printer.js';
import { encodeUtf8 } from '../../../src/common/utf8.js';
import { testScope } from './support.js';
import { recordOf } from '../../support/records.js';

const names = 's = socket(AF_INET, SOCK_STREAM)\nn = recv(s, 1)\naddr = getsockname(s)\n';
const local: Value = { family: 'AF_INET', address: '127.0.0.1', port: 40000 };

/** Evaluates a line in which `s` is 7, `n` is 3 and `addr` is 127.0.0.1:40000, as is what `getsockname` answers. */
async function evaluate(line: string, scope: Partial<Scope> = {}): Promise<Call> {
  const { statements, diagnostics } = parseScenario(names + line);
  expect(diagnostics).toEqual([]);
  const variables: Record<string, Value> = { s: 7, n: 3, addr: local };
  return evaluateCall(
    statements.at(-1) as CallStatement,
    testScope({
      lookup: (name) => variables[name],
      call: ({ name, args }) => Promise.resolve(recordOf(name, [...args, local])),
      ...scope,
    }),
  );
}

const text = (value: string) => dataValue(encodeUtf8(value));
const struct = (fields: Record<string, Value>): Value => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
});
const any: Value = { kind: 'any' };

describe('an argument', () => {
  it.each<[string, Value[]]>([
    ['socket(AF_INET6, SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP)', [10, 0x801, 6]],
    ['socket(PF_INET, SOCK_DGRAM)', [2, 2]],
    ['socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))', [17, 3, 0x300]],
    ['bind(s, 127.0.0.1:4000)', [7, { family: 'AF_INET', address: '127.0.0.1', port: 4000 }]],
    ['bind(s, 127.0.0.1:0, 15)', [7, { family: 'AF_INET', address: '127.0.0.1', port: 0 }, 15]],
    ['bind(s, addr)', [7, local]],
    ['bind(s, getsockname(s))', [7, local]],
    [
      'bind(s, 127.0.0.2:(getsockname(s).port))',
      [7, { family: 'AF_INET', address: '127.0.0.2', port: 40000 }],
    ],
    ['bind(s, 127.0.0.2:(addr.port + 1))', [7, { family: 'AF_INET', address: '127.0.0.2', port: 40001 }]],
    [
      'bind(s, {sa_family=AF_INET, sin_port=htons(getsockname(s).port), sin_addr=htonl(INADDR_LOOPBACK)})',
      [7, { family: 'AF_INET', address: '127.0.0.1', port: 40000 }],
    ],
    ['bind(s, {sa_family=AF_INET})', [7, { family: 'raw', bytes: Uint8Array.of(2, 0) }]],
    ['bind(s, [::FFFF:1.2.3.4]:80)', [7, { family: 'AF_INET6', address: '::ffff:1.2.3.4', port: 80 }]],
    ['bind(s, [0:0::0:1%lo]:80)', [7, { family: 'AF_INET6', address: '::1', port: 80, scopeId: 'lo' }]],
    ['bind(s, [fe80::1%2]:80)', [7, { family: 'AF_INET6', address: 'fe80::1', port: 80, scopeId: 2 }]],
    [
      'bind(s, unix:/tmp/a#b]}.sock)',
      [7, { family: 'AF_UNIX', name: encodeUtf8('/tmp/a#b]}.sock'), isAbstract: false }],
    ],
    [
      'bind(s, unix:"/tmp/a b, c)")',
      [7, { family: 'AF_UNIX', name: encodeUtf8('/tmp/a b, c)'), isAbstract: false }],
    ],
    ['bind(s, unix:@name)', [7, { family: 'AF_UNIX', name: encodeUtf8('name'), isAbstract: true }]],
    // In quotes all belongs to the path.
    ['bind(s, unix:"@x")', [7, { family: 'AF_UNIX', name: Uint8Array.of(64, 120), isAbstract: false }]],
    ['bind(s, unix:@"\\0x")', [7, { family: 'AF_UNIX', name: Uint8Array.of(0, 120), isAbstract: true }]],
    ['bind(s, netlink:0/3)', [7, { family: 'AF_NETLINK', pid: 0, groups: 3 }]],
    ['bind(s, packet:lo/ETH_P_ALL)', [7, { family: 'AF_PACKET', interface: 'lo', protocol: 'ETH_P_ALL' }]],
    ['bind(s, packet:2/0x0800)', [7, { family: 'AF_PACKET', interface: 2, protocol: 'ETH_P_IP' }]],
    ['read(s, _, -1)', [7, { kind: 'any' }, 2n ** 64n - 1n]],
    ['recv(s, _, 0x8000000000000000, 0)', [7, { kind: 'any' }, 2n ** 63n, 0]],
    ['bind(s, vsock:VMADDR_CID_ANY:1024)', [7, { family: 'AF_VSOCK', cid: 0xffffffff, port: 1024 }]],
    ['bind(s, can:vcan0)', [7, { family: 'AF_CAN', interface: 'vcan0' }]],
    ['bind(s, raw:hex("0200 ff"))', [7, { family: 'raw', bytes: Uint8Array.of(2, 0, 255) }]],
    ['bind(s, NULL, 0)', [7, null, 0]],
    ['listen(s, n)', [7, 3]],
    ['listen(s, SOMAXCONN)', [7, 4096]],
    ['listen(s, 017 + 0x10 * 2 - (1 << 3))', [7, 39]],
    ['listen(s, -1)', [7, -1]],
    ['listen(s, ~0)', [7, -1]],
    ['accept(s)', [7]],
    ['accept(s, _, [128 => 16])', [7, any, { kind: 'inout', value: 128, result: null }]],
    ['accept(s, NULL, NULL)', [7, null, null]],
    ['accept(s, 127.0.0.1:51234)', [7, any]],
    ['getsockname(s, _, [-1])', [7, any, { kind: 'inout', value: -1, result: null }]],
    ['send(s, "a\\n\\r\\t\\v\\f\\0\\x41\\101\\\\\\"" "안")', [7, text('a\n\r\t\v\f\0AA\\"안')]],
    ['send(s, "ab" * 3, 6, MSG_DONTWAIT|MSG_NOSIGNAL)', [7, text('ababab'), 6, 0x4040]],
    [
      'send(s, hex("de AD") base64("aGk=") base64("aGk") "!")',
      [7, dataValue(Uint8Array.of(0xde, 0xad, 104, 105, 104, 105, 33))],
    ],
    ['send(s, NULL, 5)', [7, null, 5]],
    ['recv(s, "Hello", 1024, 0)', [7, any, 1024, 0]],
    ['recv(s, "Hello")', [7, any, 5]],
    ['recv(s, 1024)', [7, any, 1024]],
    ['recv(s, 10, MSG_DONTWAIT)', [7, any, 10, 0x40]],
    ['recvfrom(s, 0x7ffd08c28490, 16, 0, NULL, NULL)', [7, any, 16, 0, null, null]],
    ['setsockopt(s, SOL_SOCKET, SO_SNDBUFFORCE, 4294967040)', [7, 1, 32, 4294967040]],
    [
      'setsockopt(s, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=0})',
      [
        7,
        1,
        13,
        {
          kind: 'struct',
          fields: [
            { name: 'l_onoff', value: 1 },
            { name: 'l_linger', value: 0 },
          ],
        },
      ],
    ],
    ['setsockopt(s, SOL_TCP, TCP_NODELAY, [1], 4)', [7, 6, 1, { kind: 'list', items: [1] }, 4]],
    ['setsockopt(s, SOL_RAW, ICMP_FILTER, ~[ICMP_ECHOREPLY ICMP_ECHO], 4)', [7, 255, 1, -258, 4]],
    ['setsockopt(s, SOL_RAW, ICMP_FILTER, ~[])', [7, 255, 1, -1]],
    [
      'setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, {len=2, filter=[BPF_STMT(BPF_LD|BPF_H|BPF_ABS, SKF_AD_OFF+SKF_AD_PROTOCOL), BPF_JUMP(BPF_JMP|BPF_K|BPF_JEQ, 0x800, 0, 0x1)]}, 16)',
      [
        7,
        1,
        26,
        struct({
          len: 2,
          filter: {
            kind: 'list',
            items: [
              struct({ code: 40, k: -4096, jt: 0, jf: 0 }),
              struct({ code: 21, k: 2048, jt: 0, jf: 1 }),
            ],
          },
        }),
        16,
      ],
    ],
    [
      'setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, {mr_type=PACKET_MR_MULTICAST, mr_alen=6, mr_address=01:00:5e:00:00:fb})',
      [
        7,
        263,
        1,
        struct({ mr_type: 0, mr_alen: 6, mr_address: dataValue(Uint8Array.of(1, 0, 0x5e, 0, 0, 0xfb)) }),
      ],
    ],
    [
      'setsockopt(s, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, [RTNLGRP_LINK], 4)',
      [7, 270, 1, { kind: 'list', items: [1] }, 4],
    ],
    ['fcntl(s, F_SETSIG, SIGIO)', [7, 10, 29]],
    [
      'getsockopt(s, SOL_PACKET, PACKET_HDRLEN, [TPACKET_V3 => 48], [4])',
      [7, 263, 11, { kind: 'inout', value: 2, result: null }, { kind: 'inout', value: 4, result: null }],
    ],
    [
      'recvmsg(s, {msg_iov=[{iov_base=NULL, iov_len=5}]}, 0)',
      [7, struct({ msg_iov: { kind: 'list', items: [struct({ iov_base: null, iov_len: 5 })] } }), 0],
    ],
    ['fcntl(s, F_SETFL, O_RDONLY|O_NONBLOCK|FASYNC)', [7, 4, 0x2800]],
    ['setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, "reno")', [7, 6, 13, text('reno')]],
    ['setsockopt(s, SOL_SOCKET, SO_MAX_PACING_RATE, 0xffffffffffffffff)', [7, 1, 47, 2n ** 64n - 1n]],
    [
      'getsockopt(s, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4])',
      [7, 1, 4, any, { kind: 'inout', value: 4, result: null }],
    ],
    ['fcntl(s, F_SETFL, O_NONBLOCK|O_RDWR)', [7, 4, 0x802]],
    ['ioctl(s, FIONREAD, [100])', [7, 0x541b, any]],
    ['ioctl(s, FIONBIO, [1])', [7, 0x5421, { kind: 'list', items: [1] }]],
    [
      'poll([{fd=s, events=POLLIN|POLLOUT}], 1, 1000)',
      [
        {
          kind: 'list',
          items: [
            {
              kind: 'struct',
              fields: [
                { name: 'fd', value: 7 },
                { name: 'events', value: 5 },
              ],
            },
          ],
        },
        1,
        1000,
      ],
    ],
    ['unlink("/tmp/x.sock")', [text('/tmp/x.sock')]],
  ])('of %s is what is passed', async (line, args) => {
    expect((await evaluate(line)).args).toEqual(args);
  });

  it('that is a number of a descriptor is the one that an earlier line gave', async () => {
    const descriptor = (written: number) => (written === 3 ? 21 : written);
    expect((await evaluate('close(3)', { descriptor })).args).toEqual([21]);
    expect((await evaluate('close(400)', { descriptor })).args).toEqual([400]);
    expect((await evaluate('close(-1)', { descriptor })).args).toEqual([-1]);
    expect((await evaluate('close(n)', { descriptor })).args).toEqual([3]);
    const message = await evaluate(
      'sendmsg(3, {msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[3, s]}]}, 0)',
      { descriptor },
    );
    expect(JSON.stringify(message.args)).toContain('[21,7]');
  });

  it('that is a port written there is the one of this run', async () => {
    const port = (written: number) => (written === 41234 ? 50000 : written);
    expect((await evaluate('connect(s, 127.0.0.1:41234)', { port })).args[1]).toMatchObject({ port: 50000 });
    expect(
      (await evaluate('connect(s, {sa_family=AF_INET, sin_port=htons(41234)})', { port })).args[1],
    ).toMatchObject({ port: 50000 });
    expect((await evaluate('connect(s, 127.0.0.1:(addr.port))', { port: () => 1 })).args[1]).toMatchObject({
      port: 40000,
    });
  });

  it('holds what was asked for: names resolved, files read, calls made in order', async () => {
    const asked: string[] = [];
    const call = await evaluate('connect(s, "localhost":80)', {
      resolve: (host, port, fd) => {
        asked.push(`${host} ${port} ${fd}`);
        const resolution = { host, addresses: ['::1', '127.0.0.1'] };
        return Promise.resolve({ address: { family: 'AF_INET', address: '127.0.0.1', port }, resolution });
      },
    });
    expect(asked).toEqual(['localhost 80 7']);
    expect(call.resolution).toEqual({ host: 'localhost', addresses: ['::1', '127.0.0.1'] });
    const file = await evaluate('send(s, "<" file("a b.bin") ">")', {
      readFile: (name) => Promise.resolve(encodeUtf8(name)),
    });
    expect(file.args[1]).toEqual(text('<a b.bin>'));
    const made: string[] = [];
    await evaluate('sendto(s, "x", 1, 0, 127.0.0.1:(getpeername(3).port - getsockname(s).port))', {
      call: ({ name, args }) => {
        made.push(`${name} ${printValue(args[0]!)}`);
        return Promise.resolve(recordOf(name, [...args, local]));
      },
    });
    expect(made).toEqual(['getpeername 3', 'getsockname 7']);
  });

  it('is blamed where a call inside it fails', async () => {
    const line = 'connect(s, getpeername(s))';
    const failing = evaluate(line, {
      call: ({ name, args }) => Promise.resolve(recordOf(name, args, { result: -1, errno: 'ENOTCONN' })),
    });
    await expect(failing).rejects.toMatchObject({
      message: 'getpeername answers ENOTCONN.',
      range: { start: names.length + 11, end: names.length + line.length - 1 },
    });
    await expect(
      evaluate('send(s, file("none"))', { readFile: () => Promise.reject(new Error('No such file.')) }),
    ).rejects.toMatchObject({
      message: 'No such file.',
      range: { start: names.length + 8 },
    });
  });

  it('that a call is made of already exists', async () => {
    await expect(evaluate('close(s)', { lookup: () => undefined })).rejects.toMatchObject({
      message: 's has no value yet.',
    });
  });
});

describe('a call by itself', () => {
  it('may have a host name that is resolved later', () => {
    expect(parseCall('connect(5, "localhost":80)', 'linux')).toEqual({
      call: { name: 'connect', args: [5, { family: 'AF_INET', address: '0.0.0.0', port: 0 }] },
      hostName: { host: 'localhost', port: 80 },
    });
  });

  it.each([
    ['', 'Exactly one call is expected.'],
    ['close(1)\nclose(2)', 'Exactly one call is expected.'],
    ['sleep(1)', 'Exactly one call is expected.'],
    ['close(s)', 'Nothing gives s a value.'],
    ['send(1, file("x"))', 'Names and files have no value here.'],
    ['bind(1, 127.0.0.1:65536)', '65536 does not fit here: from 0 to 65535.'],
  ])('%s is refused', (written, message) => {
    expect(parseCall(written, 'linux')).toMatchObject({ diagnostics: [{ message }] });
  });
});

describe('a field', () => {
  const read = (value: string, type: Parameters<typeof parseValueText>[1]) =>
    parseValueText(value, type, { platform: 'linux' });

  it('takes the addresses of a multicast option alone, as tools do', () => {
    const option = (value: string, optname: number) =>
      parseValueText(value, 'optval', { platform: 'linux', level: 0, optname });
    const [multicastIf, addMembership] = [32, 35];
    for (const [short, long] of [
      ['239.1.1.1', '{imr_multiaddr=inet_addr("239.1.1.1"), imr_interface=inet_addr("0.0.0.0")}'],
      [
        ' 239.1.1.1  127.0.0.1',
        '{imr_multiaddr=inet_addr("239.1.1.1"), imr_interface=inet_addr("127.0.0.1")}',
      ],
    ] as const) {
      expect(option(short, addMembership)).toEqual(option(long, addMembership));
      expect(option(short, addMembership)).toHaveProperty('value');
    }
    expect(option('127.0.0.1', multicastIf)).toEqual(option('{s_addr=inet_addr("127.0.0.1")}', multicastIf));
    expect(option('1', addMembership)).toEqual({ value: 1 });
    expect(option('239.1.1.1', 2)).toHaveProperty('message');
  });

  it('takes one value', () => {
    expect(read(' 127.0.0.1:80 ', 'sockaddr')).toEqual({
      value: { family: 'AF_INET', address: '127.0.0.1', port: 80 },
    });
    expect(read('MSG_PEEK|0x40', 'msgflags')).toEqual({ value: 0x42 });
    expect(read('"a"', 'data')).toEqual({ value: text('a') });
    expect(read('[128 => 16]', 'socklenInOut')).toEqual({
      value: { kind: 'inout', value: 128, result: null },
    });
    expect(read('1', 'optval')).toEqual({ value: 1 });
    expect(read('_', 'sockaddrOut')).toEqual({ value: any });
    expect(read('unix:/tmp/x', 'sockaddr')).toMatchObject({ value: { family: 'AF_UNIX' } });
  });

  it('takes a host name with and without quotes', () => {
    for (const written of ['localhost:80', '"localhost":80', ' localhost:80']) {
      expect(read(written, 'sockaddr')).toEqual({
        value: { family: 'AF_INET', address: '0.0.0.0', port: 80 },
        hostName: { host: 'localhost', port: 80 },
      });
    }
  });

  it.each([
    ['127.0.0.1:65536', 'sockaddr', 11, '65536 does not fit here: from 0 to 65535.'],
    ['localhost:65536', 'sockaddr', 11, '65536 does not fit here: from 0 to 65535.'],
    ['localhost:', 'sockaddr', 11, 'The port is missing here.'],
    ['localhost', 'sockaddr', 1, 'The port is missing: localhost:PORT'],
    ['127.0.0.1', 'sockaddr', 1, 'The port is missing: 127.0.0.1:PORT'],
    ['1 2', 'backlog', 3, 'Nothing more is expected here.'],
    ['1.5', 'backlog', 1, 'A whole number is expected, not 1.5.'],
    ['NaN', 'backlog', 1, 'There is no constant NaN.'],
    ['', 'backlog', 1, 'A value is missing here.'],
    ['server', 'fd', 1, 'server has no value yet.'],
    ['hex("abc")', 'data', 8, 'A byte has two hexadecimal digits; the last one has only one.'],
    ['-1', 'nfds', 1, '-1 does not fit here: from 0 to 9007199254740991.'],
  ] as const)('with %s as %s is wrong at column %i', (value, type, column, message) => {
    const reading = read(value, type);
    expect('message' in reading ? [reading.message, reading.column] : reading).toEqual([message, column]);
  });
});
