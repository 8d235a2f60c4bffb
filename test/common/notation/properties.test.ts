import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Call, dataValue, type Value } from '../../../src/common/call.js';
import { formatIPv6 } from '../../../src/common/ipAddress.js';
import type { Expression, Range, Scenario, Statement } from '../../../src/common/notation/ast.js';
import { childrenOf } from '../../../src/common/notation/evaluate.js';
import { parseCall, parseScenario, parseValueText } from '../../../src/common/notation/parser.js';
import { printCall, printRecord, type PrintStyle } from '../../../src/common/notation/printer.js';
import type { SocketAddress } from '../../../src/common/socket.js';
import { findPointerRequest } from '../../../src/common/tables/pointerRequests.js';
import { type CallName, type ParameterType, signatures } from '../../../src/common/tables/signatures.js';
import { scenarioFiles } from './support.js';
import { recordOf } from '../../support/records.js';

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => new TextEncoder().encode(text)),
  fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => new TextEncoder().encode(text)),
);
const data = bytes.map((value): Value => dataValue(value));
const port = fc.integer({ min: 0, max: 65535 });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const int = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 300 }));
const interfaceName = fc.constantFrom('lo', 'eth0', 'br-1', 'a.b', 'we"ird name');

const address: fc.Arbitrary<SocketAddress> = fc.oneof(
  fc.record({ family: fc.constant('AF_INET' as const), address: fc.ipV4(), port }),
  fc
    .record({
      family: fc.constant('AF_INET6' as const),
      address: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(formatIPv6),
      port,
      flowinfo: fc.option(fc.integer({ min: 1, max: 0xfffff }), { nil: undefined }),
      scopeId: fc.option(fc.oneof(fc.integer({ min: 1, max: 999 }), interfaceName), { nil: undefined }),
    })
    .map(({ flowinfo, scopeId, ...rest }) => ({
      ...rest,
      ...(flowinfo !== undefined && { flowinfo }),
      ...(scopeId !== undefined && { scopeId }),
    })),
  fc.record({
    family: fc.constant('AF_UNIX' as const),
    name: fc.uint8Array({ minLength: 1, maxLength: 107 }),
    isAbstract: fc.boolean(),
  }),
  fc.constant({ family: 'AF_UNIX' as const, name: new Uint8Array(0), isAbstract: false }),
  fc.record({ family: fc.constant('AF_NETLINK' as const), pid: u32, groups: u32 }),
  fc.record({
    family: fc.constant('AF_PACKET' as const),
    interface: fc.oneof(interfaceName, fc.integer({ min: 0, max: 99 })),
    protocol: fc.constantFrom('ETH_P_ALL', 'ETH_P_IP', 0x1234),
  }),
  fc.record({ family: fc.constant('AF_VSOCK' as const), cid: u32, port: u32 }),
  fc.record({ family: fc.constant('AF_CAN' as const), interface: interfaceName }),
  fc.record({
    family: fc.constant('raw' as const),
    bytes: fc.uint8Array({ maxLength: 40 }).filter(isNoUnnamedUnix),
  }),
);

/** Two bytes that say AF_UNIX are the unnamed address. */
function isNoUnnamedUnix(value: Uint8Array): boolean {
  return !(value.length === 2 && value[0] === 1 && value[1] === 0);
}

const any = fc.constant<Value>({ kind: 'any' });
const out = fc.oneof(any, fc.constant<Value>(null));
const inout = fc.oneof(
  out,
  int.map((value): Value => ({ kind: 'inout', value, result: null })),
);
const struct = (names: string[], value: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.tuple(...names.map(() => value)).map((values) => ({
    kind: 'struct',
    fields: names.map((name, index) => ({ name, value: values[index]! })),
  }));

const optval: fc.Arbitrary<Value> = fc.oneof(
  int,
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  data,
  fc.array(int, { minLength: 1, maxLength: 3 }).map((items): Value => ({ kind: 'list', items })),
  struct(['l_onoff', 'l_linger'], int),
  struct(['imr_multiaddr', 'imr_interface'], fc.uint8Array({ minLength: 4, maxLength: 4 }).map(dataValue)),
  fc.constant<Value>(null),
);

const message: fc.Arbitrary<Value> = fc
  .tuple(
    address,
    fc.array(data, { maxLength: 3 }),
    fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 3 }),
  )
  .map(([name, parts, fds]) => ({
    kind: 'struct',
    fields: [
      { name: 'msg_name', value: name },
      {
        name: 'msg_iov',
        value: {
          kind: 'list',
          items: parts.map((value) => ({
            kind: 'struct',
            fields: [
              { name: 'iov_base', value },
              { name: 'iov_len', value: 5 },
            ],
          })),
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
                { name: 'cmsg_data', value: { kind: 'list', items: fds } },
              ],
            },
          ],
        },
      },
    ],
  }));

const pollfds: fc.Arbitrary<Value> = fc
  .array(struct(['fd', 'events'], fc.integer({ min: 0, max: 0xffff })), { maxLength: 3 })
  .map((items) => ({ kind: 'list', items }));

const byType: Record<ParameterType, fc.Arbitrary<Value>> = {
  fd: int,
  domain: int,
  socktype: fc.oneof(int, fc.constantFrom(1, 2, 0x80001, 0x80802)),
  protocol: int,
  backlog: int,
  how: int,
  level: fc.oneof(int, fc.constantFrom(0, 1, 6, 17, 41)),
  optname: int,
  msgflags: fc.oneof(int, u32),
  sockflags: int,
  // Of the others the kernel takes or gives a structure, so that a number is none of their arguments.
  fcntlcmd: int.filter((command) => findPointerRequest('fcntlarg', command >>> 0, 'linux') === undefined),
  fcntlarg: int,
  ioctlrequest: u32,
  timeout: int,
  nfds: fc.integer({ min: 0, max: 99 }),
  size: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  data: fc.oneof(data, fc.constant<Value>(null)),
  buffer: out,
  sockaddr: fc.oneof(address, fc.constant<Value>(null)),
  socklen: int,
  sockaddrOut: out,
  socklenInOut: inout,
  optval,
  optvalOut: out,
  msghdr: fc.oneof(message, fc.constant<Value>(null)),
  msghdrOut: fc.constant<Value>(null),
  pollfds,
  ioctlarg: fc.oneof(
    int,
    fc.array(int, { minLength: 1, maxLength: 1 }).map((items): Value => ({ kind: 'list', items })),
  ),
  fdpair: any,
  path: data,
};

/** Any call of the vocabulary, with some of its last arguments left out where they may be. */
const anyCall: fc.Arbitrary<Call> = fc.constantFrom(...signatures.keys()).chain((name) => {
  const { parameters } = signatures.get(name)!;
  const required = parameters.filter(({ isOptional }) => !isOptional).length;
  return fc
    .tuple(
      fc.integer({ min: required, max: parameters.length }),
      ...parameters.map(({ type }) => byType[type]),
    )
    .map(([count, ...args]) => ({ name: name as CallName, args: args.slice(0, count) }));
});

/** The arguments without the value that an ioctl asks for, and without options, which strace writes as it knows them. */
function passed({ name, args }: Call): Value[] {
  return name === 'ioctl' || name === 'setsockopt' ? args.slice(0, name === 'ioctl' ? 2 : 3) : args;
}

function reread(call: Call, style: PrintStyle): Call {
  const printed = printCall(call, { style });
  const reading = parseCall(printed, 'linux');
  if (!('call' in reading)) {
    throw new Error(`${printed}\n${JSON.stringify(reading.diagnostics)}`);
  }
  return reading.call;
}

describe('any call', { timeout: 60_000 }, () => {
  it('in short style reads back as the same values', () => {
    fc.assert(
      fc.property(anyCall, (call) => {
        const back = reread(call, 'short');
        expect(back.name).toBe(call.name);
        // What the style leaves out at the end is obvious.
        expect(passed(back)).toEqual(passed({ ...call, args: call.args.slice(0, back.args.length) }));
      }),
      { numRuns: 1500 },
    );
  });

  it('in strace style reads back as a call that is printed the same', () => {
    fc.assert(
      fc.property(anyCall, (call) => {
        const back = reread(call, 'strace');
        expect(printCall(back, { style: 'strace' })).toBe(printCall(call, { style: 'strace' }));
        expect(passed({ ...back, args: back.args.slice(0, call.args.length) })).toEqual(passed(call));
      }),
      { numRuns: 1500 },
    );
  });

  it('with a result is a line of a scenario', () => {
    const status = fc.constantFrom(
      'returned' as const,
      'waiting' as const,
      'cancelled' as const,
      'lost' as const,
    );
    fc.assert(
      fc.property(anyCall, status, fc.integer({ min: -1, max: 500 }), (call, state, result) => {
        const isOver = state === 'returned';
        const record = recordOf(call.name, call.args, {
          status: state,
          result: isOver ? result : null,
          errno: isOver && result < 0 ? 'EADDRINUSE' : null,
        });
        for (const style of ['short', 'strace'] as const) {
          const line = printRecord(record, { style });
          const { diagnostics, statements } = parseScenario(line);
          expect(diagnostics, line).toEqual([]);
          expect(statements).toHaveLength(1);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('any text', { timeout: 60_000 }, () => {
  const files = [...scenarioFiles('test/conformance'), ...scenarioFiles('scenarios')];

  it('made of random characters is read without a throw', () => {
    const wild = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.uint8Array({ maxLength: 300 }).map((value) => new TextDecoder().decode(value)),
      fc
        .array(
          fc.constantFrom(
            ...'()[]{}=,;:|<>.#"\\@&*-+_01x \n'.split(''),
            'send',
            'unix:',
            'hex(',
            '___',
            '...',
            '127.0.0.1',
            '[::1]',
            'NULL',
          ),
          { maxLength: 60 },
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(wild, (text) => {
        checkRanges(parseScenario(text));
        parseCall(text, 'linux');
        for (const type of ['sockaddr', 'data', 'optval', 'msgflags', 'socklenInOut'] as const) {
          const reading = parseValueText(text, type, { platform: 'linux' });
          const { start, end } = 'message' in reading ? reading.range : { start: 0, end: 0 };
          expect(start >= 0 && start <= end && end <= text.length).toBe(true);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('that was a scenario before something was changed in it is read without a throw', () => {
    const mutation = fc.tuple(fc.nat(), fc.nat(12), fc.string({ unit: 'grapheme', maxLength: 6 }));
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        ({ text }, edits) => {
          let changed = text;
          for (const [at, removed, inserted] of edits) {
            const place = at % (changed.length + 1);
            changed = changed.slice(0, place) + inserted + changed.slice(place + removed);
          }
          expect(() => checkRanges(parseScenario(changed))).not.toThrow();
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['a quote', '"'],
    ['brackets', '['],
    ['parentheses', 'close('],
    ['alternatives', 'a = b(1|'],
    ['numbers', '1<a'],
    ['notes', '/*'],
    ['addresses', 'bind(s, [1:'],
    ['lines', 'x\n'],
    ['open calls', 'close(1 <unfinished ...>\n'],
    ['ends of calls', '[a] <... x resumed>\n'],
  ])('of 1 MB of %s is read in time', (_name, piece) => {
    const start = performance.now();
    parseScenario(piece.repeat(1e6 / piece.length));
    // A quadratic reader would take minutes.
    expect(performance.now() - start).toBeLessThan(30_000);
  });

  it('of 1 MB of random bytes is read in time', () => {
    const random = new Uint8Array(1e6);
    let state = 12345;
    for (let index = 0; index < random.length; index++) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      random[index] = state >>> 24;
    }
    const start = performance.now();
    const { diagnostics } = parseScenario(new TextDecoder().decode(random));
    expect(performance.now() - start).toBeLessThan(30_000);
    expect(diagnostics.length).toBeGreaterThan(100);
  });

  it('has ranges that lie inside it and inside each other', () => {
    for (const { text } of files) {
      expect(() => checkRanges(parseScenario(text)), text).not.toThrow();
    }
  });
});

function checkRanges(scenario: Scenario): void {
  const whole: Range = { start: 0, end: scenario.text.length };
  for (const { range, line, column } of [...scenario.diagnostics, ...scenario.notes]) {
    inside(range, whole);
    const lines = scenario.text.slice(0, range.start).split('\n');
    expect([line, column]).toEqual([lines.length, lines.at(-1)!.length + 1]);
  }
  scenario.blanks.forEach((range) => inside(range, whole));
  scenario.statements.forEach((statement) => checkStatement(statement, whole));
}

function checkStatement(statement: Statement, whole: Range): void {
  inside(statement.range, whole);
  if (statement.kind === 'call') {
    inside(statement.nameRange, statement.range);
    statement.targets.forEach(({ range }) => inside(range, statement.range));
    statement.args.forEach((node) => node && checkNode(node, statement.range));
    for (const { outcomes, range } of [
      statement.result,
      ...statement.platformResults.map(({ result }) => result),
    ].filter((each) => each !== null)) {
      inside(range, statement.range);
      outcomes.forEach((outcome) => inside(outcome.range, range));
    }
  }
}

function checkNode(node: Expression, outer: Range): void {
  inside(node.range, outer);
  childrenOf(node).forEach((child) => checkNode(child, node.range));
}

function inside(range: Range, outer: Range): void {
  if (!(range.start >= outer.start && range.start <= range.end && range.end <= outer.end)) {
    throw new Error(`${JSON.stringify(range)} is not inside ${JSON.stringify(outer)}`);
  }
}
