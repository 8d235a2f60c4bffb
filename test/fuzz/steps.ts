import * as fc from 'fast-check';
import { dataValue, type Value } from '../../src/common/call.js';
import type { SocketAddress } from '../../src/common/socket.js';
import { constantValue } from '../../src/common/tables/constants.js';
import { type CallName, type ParameterType, signatures } from '../../src/common/tables/signatures.js';

/**
 * An argument before it is known which sockets there are: a value, one of the descriptors that are open by then, a
 * socket's address, a path of the run's own folder, or a value with such things inside.
 */
export type Argument =
  | { kind: 'value'; value: Value }
  | { kind: 'fd'; index: number }
  | { kind: 'addressOf'; index: number }
  | { kind: 'path'; name: string }
  | { kind: 'struct'; fields: [string, Argument][] }
  | { kind: 'list'; items: Argument[] };

export interface CallStep {
  kind: 'call';
  name: CallName;
  args: Argument[];
}

/** One step of a run. */
export type Step =
  | CallStep
  /** Calls that are made at once, whatever becomes of the ones before. */
  | { kind: 'together'; calls: CallStep[] }
  /** Several well-formed calls that lead somewhere. */
  | { kind: 'pair'; of: 'tcp' | 'tcp6' | 'udp' | 'unix' | 'seqpacket' | 'dgram' }
  /** Ends one of the calls that wait. */
  | { kind: 'cancel'; index: number };

const n = (name: string): number => {
  const value = constantValue(name, 'linux');
  if (value === undefined) {
    throw new Error(`No constant ${name}.`);
  }
  return value;
};

const value = (value: Value): Argument => ({ kind: 'value', value });
const values = (arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Argument> => arbitrary.map(value);
const constants = (...names: string[]): fc.Arbitrary<number> => fc.constantFrom(...names.map(n));
const flagsOf = (...names: string[]): fc.Arbitrary<number> =>
  fc
    .subarray(names, { maxLength: Math.min(3, names.length) })
    .map((chosen) => chosen.reduce((sum, name) => sum | n(name), 0));

/** Numbers that are none, do not fit, or mean something special. */
const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -2, max: 64 }) },
  fc.integer(),
  fc.double(),
  fc.constantFrom(NaN, Infinity, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53, -(2 ** 31), 65536, 0xffffffff),
);
const bytes = fc.uint8Array({ maxLength: 200 });
const data = fc.oneof(
  { weight: 8, arbitrary: bytes },
  fc.constantFrom(0, 65_507, 65_508, 1 << 20).map((length) => new Uint8Array(length).fill(97)),
);
const inOut = (arbitrary: fc.Arbitrary<number>): fc.Arbitrary<Value> =>
  arbitrary.map((passed) => ({ kind: 'inout', value: passed, result: null }));
const length = fc.oneof(fc.constantFrom(0, 2, 4, 16, 28, 110, 128), fc.integer({ min: -1, max: 200 }));

const fd: fc.Arbitrary<Argument> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ kind: fc.constant('fd' as const), index: fc.nat({ max: 40 }) }) },
  values(fc.constantFrom(-1, 0, 1, 2, NaN, 1.5, 2 ** 53, 2 ** 32 + 1, 100_000)),
  values(fc.integer({ min: 3, max: 60 })),
);

// Nothing but this machine's loopback, and of it only ports that are the run's own, port 0 and one where nobody is.
const address: fc.Arbitrary<Argument> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('addressOf' as const), index: fc.nat({ max: 40 }) }),
  },
  {
    weight: 4,
    arbitrary: values(
      fc.constantFrom<SocketAddress>(
        { family: 'AF_INET', address: '127.0.0.1', port: 0 },
        { family: 'AF_INET', address: '127.0.0.1', port: 1 },
        { family: 'AF_INET6', address: '::1', port: 0 },
        { family: 'AF_UNIX', name: new Uint8Array(), isAbstract: false },
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('a', 'b', 'c', 'd/e').map((name): Argument => ({ kind: 'path', name })),
  },
  values(
    fc.oneof(
      fc.record({
        family: fc.constant('AF_INET' as const),
        address: fc.constantFrom('127.0.0.1', '127.0.0.256', 'x'),
        port: fc.constantFrom(0, 1, -1, 65_536, NaN, 1.5),
      }),
      fc.record({
        family: fc.constant('AF_INET6' as const),
        address: fc.constantFrom('::1', '::ffff:127.0.0.1', '::g'),
        port: fc.constantFrom(0, 1),
        flowinfo: number,
        scopeId: fc.oneof(number, fc.constantFrom('lo', 'nope')),
      }),
      // Abstract only, and so are the bytes that follow: paths would become files.
      fc.record({
        family: fc.constant('AF_UNIX' as const),
        name: fc.oneof(bytes, fc.constantFrom(new Uint8Array([120]), new Uint8Array([121]))),
        isAbstract: fc.constant(true),
      }),
      bytes.map((raw): SocketAddress => {
        // The third byte is the first of a path, and half of a port.
        raw.fill(0, 2, 4);
        return { family: 'raw', bytes: raw };
      }),
    ),
  ),
);

/** Anything in the wrong place. */
const anything = values(
  fc.oneof(
    number,
    bytes.map(dataValue),
    inOut(number),
    fc.constantFrom<Value>(
      null,
      { kind: 'any' },
      { kind: 'list', items: [1] },
      { kind: 'struct', fields: [] },
    ),
  ),
);

// Other families are numbers that no kernel has: a netlink socket of root's could do harm.
const domain = constants('AF_UNIX', 'AF_UNIX', 'AF_INET', 'AF_INET', 'AF_INET6');
const badDomain = fc.constantFrom(99, -1, 2 ** 40, 0);
const type = fc
  .tuple(
    constants('SOCK_STREAM', 'SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_SEQPACKET'),
    flagsOf('SOCK_NONBLOCK', 'SOCK_CLOEXEC'),
  )
  .map(([each, flags]) => each | flags);
const badType = fc.constantFrom(0, 9, 11, 0x40000001, -1);

/** Options that can be set without harm to the machine: no module is loaded, no table of the kernel's is written. */
const settable: readonly (readonly [string, string])[] = [
  ...[
    ['SO_REUSEADDR', 'SO_REUSEPORT', 'SO_KEEPALIVE', 'SO_BROADCAST', 'SO_OOBINLINE', 'SO_DONTROUTE'],
    ['SO_SNDBUF', 'SO_RCVBUF', 'SO_RCVLOWAT', 'SO_LINGER', 'SO_RCVTIMEO', 'SO_SNDTIMEO', 'SO_PASSCRED'],
    ['SO_TIMESTAMP', 'SO_PEEK_OFF', 'SO_ERROR', 'SO_TYPE', 'SO_PRIORITY', 'SO_INCOMING_CPU'],
  ]
    .flat()
    .map((name) => ['SOL_SOCKET', name] as const),
  ...['IP_TOS', 'IP_TTL', 'IP_RECVTTL', 'IP_PKTINFO', 'IP_RECVERR', 'IP_MULTICAST_TTL', 'IP_FREEBIND'].map(
    (name) => ['IPPROTO_IP', name] as const,
  ),
  ...['IPV6_V6ONLY', 'IPV6_UNICAST_HOPS', 'IPV6_RECVPKTINFO', 'IPV6_RECVERR'].map(
    (name) => ['IPPROTO_IPV6', name] as const,
  ),
  ...['TCP_NODELAY', 'TCP_CORK', 'TCP_MAXSEG', 'TCP_KEEPIDLE', 'TCP_KEEPCNT', 'TCP_USER_TIMEOUT'].map(
    (name) => ['IPPROTO_TCP', name] as const,
  ),
  ...['TCP_DEFER_ACCEPT', 'TCP_QUICKACK', 'TCP_FASTOPEN', 'TCP_LINGER2', 'TCP_WINDOW_CLAMP'].map(
    (name) => ['IPPROTO_TCP', name] as const,
  ),
];
const struct = (...fields: [string, number][]): Value => ({
  kind: 'struct',
  fields: fields.map(([name, each]) => ({ name, value: each })),
});
const optionValue = fc.oneof(
  { weight: 6, arbitrary: values(fc.constantFrom(0, 1, 2, 64, 4096, -1, 1 << 20)) },
  {
    weight: 3,
    arbitrary: values(
      fc.constantFrom(
        struct(['l_onoff', 1], ['l_linger', 0]),
        struct(['l_onoff', 1], ['l_linger', 1]),
        struct(['l_onoff', 0], ['l_linger', 0]),
        struct(['tv_sec', 0], ['tv_usec', 20_000]),
        struct(['tv_sec', 0], ['tv_usec', 0]),
        struct(['tv_sec', -1], ['tv_usec', 0]),
        struct(['tv_sec', 0], ['tv_usec', 2_000_000]),
      ),
    ),
  },
  { weight: 2, arbitrary: values(bytes.map(dataValue)) },
  anything,
);

const messageFlags = flagsOf(
  ...['MSG_DONTWAIT', 'MSG_PEEK', 'MSG_WAITALL', 'MSG_OOB', 'MSG_TRUNC', 'MSG_NOSIGNAL', 'MSG_MORE'],
  'MSG_ERRQUEUE',
);

/** The message of sendmsg and recvmsg. @param part One piece: data to send, or a length to receive. */
function message(part: fc.Arbitrary<Argument>, isSent: boolean): fc.Arbitrary<Argument> {
  const iov = fc.array(
    fc.tuple(part, fc.nat({ max: 100 })).map(([base, count]): Argument => ({
      kind: 'struct',
      fields: isSent
        ? [['iov_base', base]]
        : [
            ['iov_base', base],
            ['iov_len', value(count)],
          ],
    })),
    { maxLength: 3 },
  );
  const rights = fc.array(fd, { maxLength: 3 }).map((items): Argument => ({
    kind: 'struct',
    fields: [
      ['cmsg_level', value(n('SOL_SOCKET'))],
      ['cmsg_type', value(n('SCM_RIGHTS'))],
      ['cmsg_data', { kind: 'list', items }],
    ],
  }));
  const control = isSent
    ? fc.array(rights, { maxLength: 1 }).map((items): Argument => ({ kind: 'list', items }))
    : fc.constantFrom(value({ kind: 'any' }), value({ kind: 'list', items: [] }));
  return fc
    .tuple(iov, fc.option(control, { nil: undefined }), fc.option(address, { nil: undefined, freq: 4 }))
    .map(([items, controls, name]) => ({
      kind: 'struct',
      fields: [
        ...(name && isSent ? [['msg_name', name] as [string, Argument]] : []),
        ['msg_iov', { kind: 'list', items }],
        ...(controls ? [['msg_control', controls] as [string, Argument]] : []),
      ],
    }));
}

const pollfds = fc
  .array(
    fc.tuple(fd, flagsOf('POLLIN', 'POLLOUT', 'POLLPRI')).map(([each, events]): Argument => ({
      kind: 'struct',
      fields: [
        ['fd', each],
        ['events', value(events)],
      ],
    })),
    { maxLength: 4 },
  )
  .map((items): Argument => ({ kind: 'list', items }));

const usual: Partial<Record<ParameterType, fc.Arbitrary<Argument>>> = {
  fd,
  domain: values(fc.oneof({ weight: 20, arbitrary: domain }, badDomain)),
  socktype: values(fc.oneof({ weight: 20, arbitrary: type }, badType)),
  protocol: values(fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.constantFrom(6, 17, 300))),
  backlog: values(fc.constantFrom(0, 1, 5, -1)),
  how: values(fc.constantFrom(0, 1, 2, 3)),
  level: values(constants('SOL_SOCKET', 'IPPROTO_IP', 'IPPROTO_TCP', 'IPPROTO_IPV6')),
  optname: values(fc.nat({ max: 80 })),
  msgflags: values(fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, messageFlags)),
  sockflags: values(flagsOf('SOCK_NONBLOCK', 'SOCK_CLOEXEC')),
  size: values(fc.oneof({ weight: 6, arbitrary: fc.nat({ max: 300 }) }, fc.constantFrom(65_536, 1 << 20))),
  data: values(data.map(dataValue)),
  buffer: values(fc.constant({ kind: 'any' })),
  sockaddr: address,
  socklen: values(length),
  sockaddrOut: values(fc.constant({ kind: 'any' })),
  socklenInOut: values(inOut(length)),
  optval: optionValue,
  optvalOut: values(fc.constant({ kind: 'any' })),
  msghdr: message(values(data.map(dataValue)), true),
  msghdrOut: message(values(fc.constant({ kind: 'any' })), false),
  pollfds,
  nfds: values(fc.nat({ max: 5 })),
  timeout: values(fc.constantFrom(0, 20, -1)),
  fdpair: values(fc.constant({ kind: 'any' })),
  path: fc.constantFrom('a', 'b', 'c', 'none').map((name): Argument => ({ kind: 'path', name })),
};

function argument(type: ParameterType, name: CallName): fc.Arbitrary<Argument> {
  const arbitrary = usual[type] ?? values(number);
  // What these stand for must never be a number by chance.
  const isFixed =
    type === 'domain' || type === 'socktype' || type === 'path' || name === 'setsockopt' || name === 'ioctl';
  return isFixed ? arbitrary : fc.oneof({ weight: 20, arbitrary }, anything);
}

/** Trailing arguments may be left out, and be too few. */
function cut(args: fc.Arbitrary<Argument[]>): fc.Arbitrary<Argument[]> {
  return args.chain((all) =>
    fc
      .oneof({ weight: 6, arbitrary: fc.constant(all.length) }, fc.nat({ max: all.length }))
      .map((count) => all.slice(0, count)),
  );
}

/** Data and a length that is seldom beyond it. */
function sending(name: CallName): fc.Arbitrary<Argument[]> {
  const rest = signatures.get(name)!.parameters.slice(3);
  const part = fc.oneof({ weight: 12, arbitrary: fc.constant(1) }, fc.constantFrom(0, 0.5, 1.5));
  return fc
    .tuple(fd, data, part, fc.tuple(...rest.map(({ type: each }) => argument(each, name))))
    .map(([socket, all, share, others]) => [
      socket,
      value(dataValue(all)),
      value(Math.floor(all.length * share)),
      ...others,
    ]);
}

/** Calls with arguments that belong together. */
const special: Partial<Record<CallName, fc.Arbitrary<Argument[]>>> = {
  ...Object.fromEntries((['send', 'sendto', 'write'] as const).map((name) => [name, cut(sending(name))])),
  setsockopt: fc
    .tuple(fd, fc.constantFrom(...settable), optionValue, fc.option(values(length), { nil: undefined }))
    .map(([socket, [level, name], each, size]) => [
      socket,
      value(n(level)),
      value(n(name)),
      each,
      ...(size ? [size] : []),
    ]),
  fcntl: fc
    .tuple(
      fd,
      fc.oneof(
        constants('F_GETFL', 'F_GETFD').map((command): [number, ...number[]] => [command]),
        fc.tuple(constants('F_SETFL'), fc.constantFrom(0, n('O_NONBLOCK'))),
        fc.tuple(constants('F_SETFD'), fc.constantFrom(0, 1)),
        fc.tuple(constants('F_DUPFD', 'F_DUPFD_CLOEXEC'), fc.constantFrom(0, 3, 30, -1, 1 << 30)),
        fc.constantFrom<[number, ...number[]]>([99], [-1]),
      ),
    )
    .map(([socket, numbers]) => [socket, ...numbers.map(value)]),
  ioctl: fc
    .tuple(
      fd,
      fc.oneof(
        fc.tuple(
          constants('FIONREAD', 'SIOCOUTQ', 'SIOCATMARK', 'SIOCGSTAMP'),
          fc.constant<Value>({ kind: 'any' }),
        ),
        fc.tuple(
          constants('FIONBIO'),
          fc.constantFrom<Value>({ kind: 'list', items: [0] }, { kind: 'list', items: [1] }),
        ),
        // A terminal's question: no socket knows it.
        fc.tuple(fc.constant(0x5401), fc.constant<Value>({ kind: 'any' })),
      ),
    )
    .map(([socket, [request, each]]) => [socket, value(request), value(each)]),
};

function callTo(name: CallName): fc.Arbitrary<CallStep> {
  const { parameters } = signatures.get(name)!;
  const args =
    special[name] ??
    cut(fc.tuple(...parameters.map(({ type: each }) => argument(each, name))).map((all) => [...all]));
  return args.map((each) => ({ kind: 'call', name, args: each }));
}

const made = [...signatures.keys()] as CallName[];
const often: CallName[] = [
  'socket',
  'bind',
  'listen',
  'accept',
  'connect',
  'send',
  'recv',
  'shutdown',
  'close',
];

const call = fc.oneof(
  { weight: 2, arbitrary: fc.oneof(...often.map(callTo)) },
  { weight: 3, arbitrary: fc.oneof(...made.map(callTo)) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 16, arbitrary: call },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pair' as const),
      of: fc.constantFrom('tcp', 'tcp', 'tcp6', 'udp', 'unix', 'seqpacket', 'dgram'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), index: fc.nat({ max: 10 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('together' as const),
      calls: fc.array(call, { minLength: 2, maxLength: 12 }),
    }),
  },
);

/** What a run does, one step after another. */
export const run: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 1, maxLength: 40, size: 'max' });
