import { spawnSync } from 'node:child_process';
import { release } from 'node:os';
import { describe, expect, test } from 'vitest';
import { type CallRecord, isData, type Value } from '../../src/common/call.js';
import { printCall, printValue } from '../../src/common/notation/printer.js';
import { type SocketKind, optionLevels } from '../../src/common/tables/optionLevels.js';
import {
  encodeOption,
  lengthUnit,
  listOptions,
  type SocketOption,
  usualLength,
} from '../../src/common/tables/options.js';
import { any, data, inOut, n, TestHost } from './testHost.js';

const isRoot = process.getuid?.() === 0;

const kinds: SocketKind[] = [
  { domain: 'AF_INET', type: 'SOCK_STREAM', protocol: 'IPPROTO_TCP' },
  { domain: 'AF_INET6', type: 'SOCK_STREAM', protocol: 'IPPROTO_TCP' },
  { domain: 'AF_INET', type: 'SOCK_DGRAM', protocol: 'IPPROTO_UDP' },
  { domain: 'AF_INET6', type: 'SOCK_DGRAM', protocol: 'IPPROTO_UDP' },
  { domain: 'AF_UNIX', type: 'SOCK_STREAM', protocol: 0 },
  { domain: 'AF_UNIX', type: 'SOCK_DGRAM', protocol: 0 },
  { domain: 'AF_NETLINK', type: 'SOCK_RAW', protocol: 'NETLINK_ROUTE' },
  ...(isRoot
    ? ([
        { domain: 'AF_INET', type: 'SOCK_RAW', protocol: 'IPPROTO_ICMP' },
        { domain: 'AF_INET6', type: 'SOCK_RAW', protocol: 'IPPROTO_ICMPV6' },
        { domain: 'AF_PACKET', type: 'SOCK_RAW', protocol: 0 },
      ] satisfies SocketKind[])
    : []),
];

const numberOf = (name: SocketKind['domain']) => (typeof name === 'string' ? n(name) : (name ?? 0));

/** Every option of a kind of socket. */
const optionsOf = (kind: SocketKind) =>
  optionLevels(kind).flatMap((level) =>
    listOptions('linux', n(level)).filter((option) => option.level === level),
  );

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const read = (host: TestHost, fd: number, { level, name }: SocketOption, length: number) =>
  host.call('getsockopt', fd, n(level), n(name), any, inOut(length));

const isUnknown = ({ errno }: CallRecord) => errno === 'ENOPROTOOPT' || errno === 'EOPNOTSUPP';

/** Names, clocks and counts that each socket has for itself. */
const ownOnes = new Set(['SO_COOKIE', 'TCP_INFO', 'TCP_TIMESTAMP']);

/** What Python reads of a fresh socket: bytes, or the errno's name. */
function readByPython(kind: SocketKind, options: readonly SocketOption[]): string[] {
  const program = `
import errno, json, socket, sys
domain, type, protocol, options = json.load(sys.stdin)
s = socket.socket(domain, type, protocol)
def read(level, name, length):
    try:
        return s.getsockopt(level, name, length).hex()
    except OSError as error:
        return errno.errorcode[error.errno].replace('ENOTSUP', 'EOPNOTSUPP')
print(json.dumps([read(*option) for option in options]))`;
  const input = JSON.stringify([
    numberOf(kind.domain),
    numberOf(kind.type),
    numberOf(kind.protocol),
    options.map((option) => [n(option.level), n(option.name), usualLength(option)]),
  ]);
  const { stdout, stderr } = spawnSync('python3', ['-c', program], { input, encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as string[];
}

describe.each(kinds)('the options of $domain $type', (kind) => {
  const socketArgs = [kind.domain, kind.type, kind.protocol].map(numberOf);

  test('are read as Python reads them', async () => {
    const options = optionsOf(kind).filter(
      (option) =>
        option.canGet && !option.onlyWhenAsked && lengthUnit(option) === 1 && !ownOnes.has(option.name),
    );
    const host = TestHost.start();
    const fd = await host.ok('socket', ...socketArgs);
    const ours: string[] = [];
    for (const option of options) {
      const record = await read(host, fd, option, usualLength(option));
      ours.push(record.errno === null ? hexOf(encodeOption(option, record.args[3]!)) : String(record.errno));
    }
    const theirs = readByPython(kind, options);
    expect(ours.map((text, index) => `${options[index]!.name} ${text}`)).toEqual(
      theirs.map((text, index) => `${options[index]!.name} ${text}`),
    );
  });

  test('that the kernel does not read or set are told from the others', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', ...socketArgs);
    for (const option of optionsOf(kind).filter(({ canGet }) => !canGet)) {
      expect([option.name, isUnknown(await read(host, fd, option, 4))]).toEqual([option.name, true]);
    }
    for (const { level, name } of optionsOf(kind).filter(({ canSet }) => !canSet)) {
      const record = await host.call('setsockopt', fd, n(level), n(name), 0);
      expect([name, isUnknown(record)]).toEqual([name, true]);
    }
  });

  test('have the form of what the kernel gives', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', ...socketArgs);
    const hasForm = ({ layout }: SocketOption) => layout !== 'bytes' && layout !== 'string';
    for (const option of optionsOf(kind).filter((row) => row.canGet && hasForm(row))) {
      const { errno, args } = await read(host, fd, option, 512);
      const value = args[3]!;
      // Some take only the exact length.
      expect([option.name, errno === null && isData(value) && value.length > 0]).toEqual([
        option.name,
        false,
      ]);
    }
  });
});

/** What a kernel knows only where it was built with it. */
const byBuild = new Set([
  'SO_PEERSEC',
  ...['TCP_MD5SIG', 'TCP_MD5SIG_EXT', 'TCP_REPAIR_WINDOW'],
  ...['TCP_AO_ADD_KEY', 'TCP_AO_DEL_KEY', 'TCP_AO_INFO', 'TCP_AO_GET_KEYS', 'TCP_AO_REPAIR'],
  ...['IP_IPSEC_POLICY', 'IP_XFRM_POLICY', 'IPV6_IPSEC_POLICY', 'IPV6_XFRM_POLICY'],
]);

// The newest options are of this kernel.
const [major = 0, minor = 0] = release().split('.').map(Number);
const isNewKernel = major > 6 || (major === 6 && minor >= 18);

test.runIf(isRoot && isNewKernel)('options are read and set by some socket that has them', async () => {
  const host = TestHost.start();
  const unknown = new Set<string>();
  const known = new Set<string>();
  for (const kind of kinds) {
    const fd = await host.ok('socket', ...[kind.domain, kind.type, kind.protocol].map(numberOf));
    for (const option of optionsOf(kind)) {
      const tries: [isOurs: boolean, what: string, attempt: () => Promise<CallRecord>][] = [
        [option.canGet, `getsockopt ${option.level} ${option.name}`, () => read(host, fd, option, 512)],
        [
          option.canSet,
          `setsockopt ${option.level} ${option.name}`,
          () => host.call('setsockopt', fd, n(option.level), n(option.name), data('')),
        ],
      ];
      for (const [isOurs, what, attempt] of tries) {
        if (isOurs && !byBuild.has(option.name)) {
          (isUnknown(await attempt()) ? unknown : known).add(what);
        }
      }
    }
  }
  expect([...unknown].filter((what) => !known.has(what))).toEqual([]);
});

describe('setsockopt', () => {
  test('refuses numbers that are no int, and values that are no bytes', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    const level = n('SOL_SOCKET');
    for (const number of [1.5, NaN, Infinity, 2 ** 33, -(2 ** 31) - 1]) {
      for (const name of ['getsockopt', 'setsockopt'] as const) {
        expect(await host.refused(name, fd, level, number, 1)).toMatchObject({
          reason: 'invalid',
          argument: 2,
        });
        expect(await host.refused(name, fd, number, 2, 1)).toMatchObject({ reason: 'invalid', argument: 1 });
      }
    }
    for (const value of [1.5, NaN, Infinity]) {
      const inside: Value = { kind: 'struct', fields: [{ name: 'l_onoff', value }] };
      for (const written of [value, inside, { kind: 'list', items: [value] } satisfies Value]) {
        expect(await host.refused('setsockopt', fd, level, n('SO_LINGER'), written)).toMatchObject({
          reason: 'invalid',
          argument: 3,
          message: `${value} is no whole number.`,
        });
      }
    }
    // The kernel would be given 1.
    expect(await host.refused('setsockopt', fd, level, n('SO_REUSEADDR'), 2 ** 32 + 1)).toMatchObject({
      argument: 3,
      message: '4294967297 does not fit here: from -2147483648 to 4294967295.',
    });
  });

  test('tells the fields of a membership, however it was given', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    const printed = async (optname: string, value: Value) => {
      const record = await host.call('setsockopt', fd, n('IPPROTO_IP'), n(optname), value);
      expect(record.errno).toBeNull();
      return `${printCall(record, { platform: 'linux' })} ${printValue(record.args[4]!)}`;
    };
    const mreqn = data(Uint8Array.of(224, 0, 0, 251, 127, 0, 0, 1, 1, 0, 0, 0));
    expect(await printed('IP_ADD_MEMBERSHIP', mreqn)).toContain(
      'IP_ADD_MEMBERSHIP, {imr_multiaddr=inet_addr("224.0.0.251"), imr_address=inet_addr("127.0.0.1"), imr_ifindex=1}) 12',
    );
    const mreq = data(Uint8Array.of(224, 0, 0, 251, 127, 0, 0, 1));
    expect(await printed('IP_DROP_MEMBERSHIP', mreq)).toContain(
      'IP_DROP_MEMBERSHIP, {imr_multiaddr=inet_addr("224.0.0.251"), imr_interface=inet_addr("127.0.0.1")}) 8',
    );
  });

  test('attaches a filter, and getsockopt gives its instructions', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    const instruction: Value = {
      kind: 'struct',
      fields: [
        { name: 'code', value: 6 },
        { name: 'jt', value: 0 },
        { name: 'jf', value: 0 },
        { name: 'k', value: 3 },
      ],
    };
    const instructions: Value = { kind: 'list', items: [instruction, instruction] };
    const program: Value = {
      kind: 'struct',
      fields: [
        { name: 'len', value: 2 },
        { name: 'filter', value: instructions },
      ],
    };
    const set = await host.call('setsockopt', fd, n('SOL_SOCKET'), n('SO_ATTACH_FILTER'), program);
    expect(set).toMatchObject({ result: 0, args: [fd, 1, 26, program, 16] });
    const get = await host.call('getsockopt', fd, n('SOL_SOCKET'), n('SO_GET_FILTER'));
    expect(get.args[3]).toEqual(instructions);
    expect(get.args[4]).toMatchObject({ result: 2 });
    const none: Value = {
      kind: 'struct',
      fields: [
        { name: 'len', value: 0 },
        { name: 'filter', value: null },
      ],
    };
    const empty = await host.call('setsockopt', fd, n('SOL_SOCKET'), n('SO_ATTACH_FILTER'), none);
    expect(empty).toMatchObject({ errno: 'EINVAL', args: [fd, 1, 26, none, 16] });
  });

  test.each([
    ['set', 4096],
    ['left to the kernel', null],
  ])('of SO_RCVLOWAT above the cap lets recv return, with the buffer %s', async (_what, buffer) => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    if (buffer !== null) {
      await host.ok('setsockopt', peer, n('SOL_SOCKET'), n('SO_RCVBUF'), buffer);
    }
    await host.ok('setsockopt', peer, n('SOL_SOCKET'), n('SO_RCVLOWAT'), 0x7fffffff);
    const { args } = await host.call('getsockopt', peer, n('SOL_SOCKET'), n('SO_RCVLOWAT'));
    const [mark] = (args[3] as { items: number[] }).items;
    expect(mark).toBeLessThan(0x7fffffff);
    const sent = host.call('send', client, data(new Uint8Array(mark!)));
    const received = await host.call('recv', peer, any, 0x1000000);
    expect(received.result).toBeGreaterThanOrEqual(mark!);
    await sent;
  });
});

test('a descriptor that an option makes is a socket’s equal: it is told of, and closed like one', async ({
  skip,
}) => {
  const host = TestHost.start();
  const { client } = await host.unixPair('SOCK_STREAM');
  const before = host.descriptorCount;
  const { result, errno, args, createdIds } = await host.call('getsockopt', client, n('SOL_SOCKET'), 77, any);
  // Linux 6.5 has it.
  skip(errno === 'ENOPROTOOPT', 'This kernel has no SO_PEERPIDFD.');
  expect(result).toBe(0);
  const [fd] = (args[3] as { items: number[] }).items;
  await host.until('the descriptor', () => host.sockets.get(createdIds[0]!)?.fd === fd);
  expect(host.sockets.get(createdIds[0]!)).toMatchObject({ kind: 'file', domain: null, isCloseOnExec: true });
  expect(await host.ok('close', fd!)).toBe(0);
  // Nobody would know its number.
  expect(await host.refused('getsockopt', client, n('SOL_SOCKET'), 77, any, inOut(0))).toMatchObject({
    reason: 'limit',
    argument: 4,
  });
  expect(host.descriptorCount).toBe(before);
});
