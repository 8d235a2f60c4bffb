import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataValue, type Value } from '../../src/common/call.js';
import { refusalOf } from '../../src/common/errors.js';
import type { SocketAddress } from '../../src/common/socket.js';
import type { ParameterType } from '../../src/common/tables/signatures.js';
import { signatures } from '../../src/common/tables/signatures.js';
import { any, loopback, loopback6, TestHost } from './testHost.js';

const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -2, max: 64 }) },
  fc.integer(),
  fc.double(),
  fc.constantFrom(NaN, Infinity, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53, -(2 ** 31), 65536, 0xffffffff),
);
const bytes = fc.uint8Array({ maxLength: 200 });
const address = fc.oneof(
  fc.constantFrom<SocketAddress>(loopback, loopback6),
  fc.record({
    family: fc.constant('AF_INET' as const),
    address: fc.constantFrom('127.0.0.1', '127.0.0.256', 'x'),
    port: number,
  }),
  fc.record({
    family: fc.constant('AF_INET6' as const),
    address: fc.constantFrom('::1', '::ffff:127.0.0.1', '::g'),
    port: number,
    flowinfo: number,
    scopeId: fc.oneof(number, fc.constantFrom('lo', 'nope')),
  }),
  // Abstract only: paths would become files.
  fc.record({ family: fc.constant('AF_UNIX' as const), name: bytes, isAbstract: fc.constant(true) }),
  bytes.map((raw) => {
    // No paths here either.
    raw.fill(0, 2, 3);
    return { family: 'raw' as const, bytes: raw };
  }),
);
const data = bytes.map(dataValue);
const inOut = number.map((value) => ({ kind: 'inout' as const, value, result: null }));
const anything: fc.Arbitrary<Value> = fc.oneof(
  number,
  address,
  data,
  inOut,
  fc.constantFrom<Value>(null, any, { kind: 'list', items: [1] }, { kind: 'struct', fields: [] }),
);
// Other families are numbers that no kernel has: a netlink socket of root's could do harm.
const domain = fc.constantFrom(1, 1, 2, 2, 10, 99, -1, 2 ** 40);
const socktype = fc
  .tuple(fc.constantFrom(1, 2, 5, 1, 2, 9), fc.constantFrom(0, 0o4000, 0o2000000, 0x40000000))
  .map(([type, flag]) => type | flag);

function argument(type: ParameterType): fc.Arbitrary<Value> {
  const usual: Partial<Record<ParameterType, fc.Arbitrary<Value>>> = {
    domain,
    socktype,
    protocol: fc.constantFrom(0, 0, 6, 17, 132, 300),
    fd: fc.integer({ min: 15, max: 40 }),
    sockaddr: address,
    data,
    socklenInOut: inOut,
  };
  if (type === 'domain' || type === 'socktype') {
    return usual[type]!;
  }
  return fc.oneof({ weight: 5, arbitrary: usual[type] ?? number }, anything);
}

const made = [...signatures.values()].filter(({ isSupported }) => isSupported);
const call = fc
  .oneof(
    { weight: 1, arbitrary: fc.constant(signatures.get('socket')!) },
    { weight: 3, arbitrary: fc.constantFrom(...made) },
  )
  .chain(({ name, parameters }) =>
    fc
      .tuple(
        fc.tuple(...parameters.map(({ type }) => argument(type))),
        fc.oneof(
          { weight: 5, arbitrary: fc.constant(parameters.length) },
          fc.nat({ max: parameters.length }),
        ),
      )
      .map(([args, count]) => ({ name, args: args.slice(0, count) })),
  );

test('whatever is called, the host answers or refuses, and lives', async () => {
  const host = TestHost.start();
  const { pid } = await host.process.start();
  host.process.onDidWait(({ seq }) => void host.process.cancel({ seq }));
  const outcomes = { returned: 0, refused: 0, cancelled: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 20, maxLength: 60 }), async (calls) => {
      const results = await Promise.all(
        calls.map((made) =>
          host.process.call({ call: made, loopbackOnly: true }).then(
            ({ status }) => status,
            (error: unknown) => (refusalOf(error) ? 'refused' : Promise.reject(error as Error)),
          ),
        ),
      );
      for (const result of results) {
        outcomes[result as keyof typeof outcomes]++;
      }
    }),
    { numRuns: 40 },
  );
  expect(host.pid).toBe(pid);
  expect(outcomes.returned).toBeGreaterThan(100);
  expect(outcomes.refused).toBeGreaterThan(100);
  expect(await host.process.readRecords({ from: 1, count: 10_000 })).toHaveLength(
    outcomes.returned + outcomes.cancelled,
  );
});
