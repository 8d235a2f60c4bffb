import { describe, expect, it } from 'vitest';
import { type Call, type CallStatus, dataValue, type Value } from '../../../src/common/call.js';
import { parseCall } from '../../../src/common/notation/parser.js';
import {
  printAddress,
  printCall,
  printRecord,
  printTokens,
  printValue,
} from '../../../src/common/notation/printer.js';
import type { SocketAddress } from '../../../src/common/socket.js';
import { encodeUtf8 } from '../../../src/common/utf8.js';
import { recordOf } from '../../support/records.js';

const address: SocketAddress = { family: 'AF_INET', address: '127.0.0.1', port: 4000 };
const any: Value = { kind: 'any' };
const text = (value: string) => dataValue(encodeUtf8(value));

function both(name: Call['name'], args: Value[]): [short: string, strace: string] {
  return [printCall({ name, args }), printCall({ name, args }, { style: 'strace' })];
}

describe('a call', () => {
  it.each<[Call['name'], Value[], string, string]>([
    ['socket', [2, 1, 0], 'socket(AF_INET, SOCK_STREAM, 0)', 'socket(AF_INET, SOCK_STREAM, IPPROTO_IP)'],
    [
      'socket',
      [2, 0x80801, 6],
      'socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_TCP)',
      'socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_TCP)',
    ],
    ['socket', [1, 1, 0], 'socket(AF_UNIX, SOCK_STREAM, 0)', 'socket(AF_UNIX, SOCK_STREAM, 0)'],
    [
      'socket',
      [16, 3, 0],
      'socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)',
      'socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)',
    ],
    [
      'socket',
      [17, 3, 0x300],
      'socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))',
      'socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))',
    ],
    ['socket', [8675309, 75, 999], 'socket(8675309, 75, 999)', 'socket(8675309, 75, 999)'],
    [
      'bind',
      [18, address],
      'bind(18, 127.0.0.1:4000)',
      'bind(18, {sa_family=AF_INET, sin_port=htons(4000), sin_addr=inet_addr("127.0.0.1")}, 16)',
    ],
    [
      'bind',
      [18, address, 16],
      'bind(18, 127.0.0.1:4000)',
      'bind(18, {sa_family=AF_INET, sin_port=htons(4000), sin_addr=inet_addr("127.0.0.1")}, 16)',
    ],
    [
      'bind',
      [18, address, 15],
      'bind(18, 127.0.0.1:4000, 15)',
      'bind(18, {sa_family=AF_INET, sin_port=htons(4000), sin_addr=inet_addr("127.0.0.1")}, 15)',
    ],
    ['listen', [3, 5], 'listen(3, 5)', 'listen(3, 5)'],
    ['accept', [3], 'accept(3)', 'accept(3, NULL, NULL)'],
    ['accept', [3, any, any], 'accept(3)', 'accept(3, _, _)'],
    ['accept', [3, null, null], 'accept(3, NULL, NULL)', 'accept(3, NULL, NULL)'],
    [
      'accept',
      [3, address, { kind: 'inout', value: 128, result: 16 }],
      'accept(3, 127.0.0.1:4000)',
      'accept(3, {sa_family=AF_INET, sin_port=htons(4000), sin_addr=inet_addr("127.0.0.1")}, [128 => 16])',
    ],
    ['send', [3, text('hi\n'), 3, 0], 'send(3, "hi\\n", 3, 0)', 'send(3, "hi\\n", 3, 0)'],
    ['send', [3, text('hi')], 'send(3, "hi")', 'send(3, "hi", 2, 0)'],
    [
      'send',
      [3, text('x'), 1, 0x104040],
      'send(3, "x", 1, MSG_DONTWAIT|MSG_NOSIGNAL|0x100000)',
      'send(3, "x", 1, MSG_DONTWAIT|MSG_NOSIGNAL|0x100000)',
    ],
    ['recv', [3, any, 1024, 0], 'recv(3, _, 1024, 0)', 'recv(3, _, 1024, 0)'],
    [
      'setsockopt',
      [3, 1, 2, 1],
      'setsockopt(3, SOL_SOCKET, SO_REUSEADDR, 1)',
      'setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4)',
    ],
    [
      'setsockopt',
      [3, 6, 1, { kind: 'list', items: [1] }, 4],
      'setsockopt(3, IPPROTO_TCP, TCP_NODELAY, [1])',
      'setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4)',
    ],
    [
      'setsockopt',
      [
        3,
        1,
        20,
        {
          kind: 'struct',
          fields: [
            { name: 'tv_sec', value: 1 },
            { name: 'tv_usec', value: 500 },
          ],
        },
      ],
      'setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=1, tv_usec=500})',
      'setsockopt(3, SOL_SOCKET, SO_RCVTIMEO_OLD, "\\1\\0\\0\\0\\0\\0\\0\\0\\364\\1\\0\\0\\0\\0\\0\\0", 16)',
    ],
    [
      'getsockopt',
      [3, 1, 4, { kind: 'list', items: [0] }, { kind: 'inout', value: 4, result: 4 }],
      'getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4])',
      'getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4])',
    ],
    [
      'setsockopt',
      [3, 40, 0, { kind: 'list', items: [4096] }],
      'setsockopt(3, AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, [4096])',
      'setsockopt(3, AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, [4096], 8)',
    ],
    ['shutdown', [3, 2], 'shutdown(3, SHUT_RDWR)', 'shutdown(3, SHUT_RDWR)'],
    ['shutdown', [3, -1], 'shutdown(3, -1)', 'shutdown(3, -1)'],
    ['fcntl', [3, 4, 0x802], 'fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK)', 'fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK)'],
    ['fcntl', [3, 3], 'fcntl(3, F_GETFL)', 'fcntl(3, F_GETFL)'],
    ['close', [-1], 'close(-1)', 'close(-1)'],
    ['unlink', [text('/tmp/x')], 'unlink("/tmp/x")', 'unlink("/tmp/x")'],
  ])('%s(%j) is written in both styles', (name, args, short, strace) => {
    expect(both(name, args)).toEqual([short, strace]);
  });

  it('has the names that its descriptors are given', () => {
    const nameOf = (fd: number) => (fd === 3 ? 'server' : undefined);
    expect(printCall({ name: 'close', args: [3] }, { nameOf })).toBe('close(server)');
    expect(printCall({ name: 'close', args: [4] }, { nameOf })).toBe('close(4)');
  });

  it('is its tokens, joined', () => {
    const call: Call = { name: 'send', args: [3, text('hi'), 2, 0x4000] };
    const tokens = printTokens(call);
    expect(tokens.map(({ text: piece }) => piece).join('')).toBe(printCall(call));
    expect(tokens).toEqual([
      { kind: 'call', text: 'send' },
      { kind: 'punctuation', text: '(' },
      { kind: 'number', text: '3' },
      { kind: 'punctuation', text: ', ' },
      { kind: 'string', text: '"hi"' },
      { kind: 'punctuation', text: ', ' },
      { kind: 'number', text: '2' },
      { kind: 'punctuation', text: ', ' },
      { kind: 'constant', text: 'MSG_NOSIGNAL' },
      { kind: 'punctuation', text: ')' },
    ]);
  });

  it('has the names of its platform', () => {
    const call: Call = { name: 'setsockopt', args: [3, 0xffff, 4, 1] };
    expect(printCall(call, { platform: 'darwin' })).toBe('setsockopt(3, SOL_SOCKET, SO_REUSEADDR, 1)');
    expect(printCall(call, { platform: 'linux' })).toBe('setsockopt(3, 65535, 4, 1)');
  });
});

describe('an address', () => {
  it.each<[SocketAddress, string, string]>([
    [
      { family: 'AF_INET6', address: '::1', port: 80 },
      '[::1]:80',
      '{sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}',
    ],
    [
      { family: 'AF_INET6', address: 'fe80::1', port: 80, scopeId: 'lo' },
      '[fe80::1%lo]:80',
      '{sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "fe80::1", &sin6_addr), sin6_scope_id=if_nametoindex("lo")}',
    ],
    [
      { family: 'AF_UNIX', name: encodeUtf8('/tmp/x.sock'), isAbstract: false },
      'unix:/tmp/x.sock',
      '{sa_family=AF_UNIX, sun_path="/tmp/x.sock"}',
    ],
    [
      { family: 'AF_UNIX', name: encodeUtf8('a b,c)'), isAbstract: false },
      'unix:"a b,c)"',
      '{sa_family=AF_UNIX, sun_path="a b,c)"}',
    ],
    [
      { family: 'AF_UNIX', name: Uint8Array.of(0, 97, 1), isAbstract: true },
      'unix:@"\\0a\\1"',
      '{sa_family=AF_UNIX, sun_path=@"\\0a\\1"}',
    ],
    [
      { family: 'AF_UNIX', name: new Uint8Array(0), isAbstract: false },
      '{sa_family=AF_UNIX}',
      '{sa_family=AF_UNIX}',
    ],
    [
      { family: 'AF_NETLINK', pid: 5, groups: 1 },
      'netlink:5/1',
      '{sa_family=AF_NETLINK, nl_pid=5, nl_groups=0x000001}',
    ],
    [
      { family: 'AF_PACKET', interface: 'lo', protocol: 'ETH_P_ALL' },
      'packet:lo/ETH_P_ALL',
      '{sa_family=AF_PACKET, sll_protocol=htons(ETH_P_ALL), sll_ifindex=if_nametoindex("lo")}',
    ],
    [
      { family: 'AF_VSOCK', cid: 2, port: 1024 },
      'vsock:2:1024',
      '{sa_family=AF_VSOCK, svm_cid=VMADDR_CID_HOST, svm_port=0x400, svm_flags=0}',
    ],
    [
      { family: 'AF_CAN', interface: 'vcan0' },
      'can:vcan0',
      '{sa_family=AF_CAN, can_ifindex=if_nametoindex("vcan0")}',
    ],
    [
      { family: 'raw', bytes: Uint8Array.of(2, 0, 1) },
      'raw:hex("020001")',
      '{sa_family=AF_INET, sa_data="\\1"}',
    ],
    [{ family: 'raw', bytes: Uint8Array.of(2) }, 'raw:hex("02")', 'raw:hex("02")'],
    [{ family: 'raw', bytes: Uint8Array.of(2, 0) }, 'raw:hex("0200")', '{sa_family=AF_INET}'],
  ])('%j is short and long, and both read back', (value, short, long) => {
    expect(printAddress(value)).toBe(short);
    expect(printAddress(value, 'strace')).toBe(long);
    for (const written of [short, long]) {
      expect(parseCall(`bind(3, ${written})`, 'linux')).toEqual({ call: { name: 'bind', args: [3, value] } });
    }
  });
});

describe('data', () => {
  const show = (bytes: number[]) => printValue(dataValue(Uint8Array.from(bytes)));
  const showText = (value: string) => printValue(text(value));

  it('shows text that is safe, in strace style none beyond ASCII', () => {
    expect(showText('안녕, wörld ✓ 🙂')).toBe('"안녕, wörld ✓ 🙂"');
    expect(printValue(text('é'), 'data', { style: 'strace' })).toBe('"\\303\\251"');
  });

  it('is never raw where it would act on a terminal or deceive', () => {
    expect(show([0x1b, 0x5b, 0x33, 0x31, 0x6d, 7, 8, 0x7f])).toBe('"\\33[31m\\7\\10\\177"');
    expect(showText('a\u202eb\u2066c\u200bd\u00ade\ufefff\u2028g\u061c')).toMatch(/^[\x20-\x7e]*$/);
    expect(showText('\u0085\u009b\u00a0\u3164\u{e0041}')).toMatch(/^[\x20-\x7e]*$/);
    // A mark without a letter before it would join the quote.
    expect(showText('\u0301a\u0301')).toBe('"\\314\\201a\u0301"');
  });

  it('shows invalid UTF-8 as octal digits, as short as the next character allows', () => {
    expect(show([0xff, 0x37, 0xc3, 0x28, 0, 0x38, 0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80])).toBe(
      '"\\3777\\303(\\08\\355\\240\\200\\364\\220\\200\\200"',
    );
  });

  it('is cut with dots', () => {
    expect(printValue(text('abcdef'), 'data', { maxData: 3 })).toBe('"abc"...');
    expect(printCall({ name: 'send', args: [3, text('abcdef'), 6, 0] }, { maxData: 2 })).toBe(
      'send(3, "ab"..., 6, 0)',
    );
    const preview: Value = { kind: 'data', bytes: encodeUtf8('ab'), length: 500 };
    expect(printCall({ name: 'send', args: [3, preview, 500, 0] })).toBe('send(3, "ab"..., 500, 0)');
  });
});

describe('long data that repeats', () => {
  const unit = encodeUtf8('a"\n');
  const repeated = new Uint8Array(3 * 5000).map((_byte, index) => unit[index % 3]!);
  const call: Call = { name: 'send', args: [3, dataValue(repeated), repeated.length, 0] };

  it('is printed once with its count, and reads back', () => {
    const printed = printCall(call, { maxData: 100 });
    expect(printed).toBe('send(3, "a\\"\\n" * 5000, 15000, 0)');
    expect(parseCall(printed, 'linux')).toEqual({ call });
  });

  it('is written out as strace does it', () => {
    expect(printCall(call, { style: 'strace' }).length).toBeGreaterThan(20_000);
  });

  it('is written out where only its beginning is known, where it is short, and where its end is another', () => {
    const known = { ...dataValue(repeated.subarray(0, 300)), length: 15_000 };
    expect(printCall({ name: 'send', args: [3, known] })).toContain('"...');
    expect(printValue(dataValue(repeated.subarray(0, 126)))).not.toContain('*');
    expect(printValue(dataValue(repeated.subarray(0, 14_999)))).not.toContain('*');
  });
});

describe('a record', () => {
  it('has its result', () => {
    expect(printRecord(recordOf('bind', [18, address]))).toBe('bind(18, 127.0.0.1:4000) = 0');
    expect(printRecord(recordOf('bind', [18, address], { result: -1, errno: 'EINVAL' }))).toBe(
      'bind(18, 127.0.0.1:4000) = -1 EINVAL (Invalid argument)',
    );
    expect(printRecord(recordOf('close', [5], { result: -1, errno: 9999 }))).toBe(
      'close(5) = -1 9999 (Unknown error 9999)',
    );
    expect(printRecord(recordOf('fcntl', [3, 3], { result: 0x802 }))).toBe(
      'fcntl(3, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)',
    );
    expect(printRecord(recordOf('fcntl', [3, 1], { result: 1 }))).toBe(
      'fcntl(3, F_GETFD) = 0x1 (flags FD_CLOEXEC)',
    );
    expect(printRecord(recordOf('fcntl', [3, 1], { result: 0 }))).toBe('fcntl(3, F_GETFD) = 0');
  });

  it('has no answer of the kernel where there is none', () => {
    const without = (status: 'waiting' | 'cancelled' | 'lost') =>
      printRecord(recordOf('accept', [3], { status, result: null }));
    expect(without('waiting')).toBe('accept(3) = ?  # waiting');
    expect(without('cancelled')).toBe('accept(3) = ?  # cancelled: not an answer of the kernel');
    expect(without('lost')).toBe('accept(3) = ?  # the host ended before it returned');
  });

  it('tells what the kernel had taken or given of a call that was cancelled or lost', () => {
    const told = (
      name: 'send' | 'recv',
      size: number,
      direction: 'in' | 'out',
      status: CallStatus = 'cancelled',
      captured = 40_960,
    ) =>
      printRecord(
        recordOf(name, [3, { ...dataValue(encodeUtf8('x')), length: size }, size, 0], {
          status,
          result: null,
          payload: { direction, length: 40_960, captured, offset: 0 },
        }),
      ).replace(/.* # /, '');
    expect(told('send', 65_536, 'out')).toBe(
      'cancelled: not an answer of the kernel; it had taken 40960 of 65536 bytes',
    );
    expect(told('recv', 65_536, 'in')).toBe(
      'cancelled: not an answer of the kernel; it had given 40960 of 65536 bytes',
    );
    expect(told('send', 65_536, 'out', 'lost')).toBe(
      'the host ended before it returned; it had taken 40960 of 65536 bytes',
    );
    // It was killed, and its bytes are gone: so much it had told of.
    expect([told('send', 65_536, 'out', 'lost', 0), told('recv', 65_536, 'in', 'lost', 0)]).toEqual([
      'the host ended before it returned; it had taken at least 40960 of 65536 bytes',
      'the host ended before it returned; it had given at least 40960 of 65536 bytes',
    ]);
  });

  it('tells all addresses of a host name', () => {
    const resolution = { host: 'localhost', addresses: ['::1', '127.0.0.1'] };
    expect(printRecord(recordOf('connect', [5, address], { resolution }))).toBe(
      'connect(5, 127.0.0.1:4000) = 0  # localhost is ::1, 127.0.0.1',
    );
  });

  it('of poll lists what is ready', () => {
    const fd = (number: number, revents: number): Value => ({
      kind: 'struct',
      fields: [
        { name: 'fd', value: number },
        { name: 'events', value: 1 },
        { name: 'revents', value: revents },
      ],
    });
    const args: Value[] = [{ kind: 'list', items: [fd(3, 0), fd(4, 0x11)] }, 2, 10];
    expect(printRecord(recordOf('poll', args, { result: 1 }))).toContain(
      ' = 1 ([{fd=4, revents=POLLIN|POLLHUP}])',
    );
    expect(printRecord(recordOf('poll', args, { result: 0 }))).toContain(' = 0 (Timeout)');
  });
});

describe('a value', () => {
  it('is printed by itself', () => {
    expect(printValue(1)).toBe('1');
    expect(printValue(0x4000, 'msgflags')).toBe('MSG_NOSIGNAL');
    expect(printValue({ kind: 'list', items: [0] })).toBe('[0]');
    expect(printValue(null)).toBe('NULL');
    expect(printValue(any)).toBe('_');
    expect(printValue(2n ** 60n)).toBe('1152921504606846976');
    expect(
      printValue({
        kind: 'struct',
        fields: [
          { name: 'imr_multiaddr', value: dataValue(Uint8Array.of(224, 0, 0, 1)) },
          { name: 'imr_interface', value: dataValue(Uint8Array.of(127, 0, 0, 1)) },
        ],
      }),
    ).toBe('{imr_multiaddr=inet_addr("224.0.0.1"), imr_interface=inet_addr("127.0.0.1")}');
  });
});

describe('a message', () => {
  const parts: Value = {
    kind: 'list',
    items: [
      {
        kind: 'struct',
        fields: [
          { name: 'iov_base', value: text('x') },
          { name: 'iov_len', value: 1 },
        ],
      },
    ],
  };
  const control = (length: number): Value => ({
    kind: 'list',
    items: [{ kind: 'struct', fields: [{ name: 'cmsg_len', value: length }] }],
  });
  const usual = { msg_name: null, msg_namelen: 0, msg_iov: parts, msg_iovlen: 1, msg_controllen: 0 };
  const iov = 'msg_iov=[{iov_base="x", iov_len=1}]';

  it.each<[string, Record<string, Value>, string]>([
    ['has lengths that are obvious', {}, iov],
    ['has one of its address', { msg_name: address, msg_namelen: 16 }, `msg_name=127.0.0.1:4000, ${iov}`],
    [
      'has another one of its address',
      { msg_name: address, msg_namelen: 15 },
      `msg_name=127.0.0.1:4000, msg_namelen=15, ${iov}`,
    ],
    ['has another number of buffers', { msg_iovlen: -1 }, `${iov}, msg_iovlen=-1`],
    ['has none of its buffers', { msg_iov: null }, 'msg_iov=NULL, msg_iovlen=1'],
    [
      'has control messages, each at a word',
      { msg_controllen: 24, msg_control: control(20) },
      `${iov}, msg_control=[{cmsg_len=20}]`,
    ],
    [
      'has a part of its control messages',
      { msg_controllen: 10, msg_control: control(20) },
      `${iov}, msg_controllen=10, msg_control=[{cmsg_len=20}]`,
    ],
    ['has a length of no control messages', { msg_controllen: 100 }, `${iov}, msg_controllen=100`],
  ])('%s', (_name, more, shown) => {
    const fields = Object.entries({ ...usual, ...more }).map(([name, value]) => ({ name, value }));
    expect(printCall({ name: 'sendmsg', args: [3, { kind: 'struct', fields }, 0] })).toBe(
      `sendmsg(3, {${shown}}, 0)`,
    );
  });
});
