import * as fc from 'fast-check';
import { Emitter } from '../../src/common/event.js';
import { completeFilter } from '../../src/common/filter/complete.js';
import { testFor } from '../../src/common/filter/evaluate.js';
import { fields } from '../../src/common/filter/fields.js';
import { parseFilter } from '../../src/common/filter/parser.js';
import { parseCall, parseScenario, parseValueText } from '../../src/common/notation/parser.js';
import { unpackMessage } from '../../src/common/protocol/panelMessage.js';
import { RpcConnection } from '../../src/common/rpc.js';
import { signatures } from '../../src/common/tables/signatures.js';
import { parseSocketFilter } from '../../src/common/system/socketFilter.js';
import { SocketFilterError } from '../../src/common/system/socketFilterWords.js';
import { checkedHandlers, InvalidMessageError, panelSchemas } from '../../src/extension/panel/messages.js';
import { errorOf, messagesOf } from '../../src/socketHost/sys/netlinkMessages.js';
import { diagLists, readMessage } from '../../src/socketHost/system/diagKinds.js';
import { damage, readDamaged } from './recordings.js';

/** Longer than this for one text is as good as a hang, in ms. */
const slow = 5000;

/** Pieces that mean something, so that not every text fails at its first letter. */
const piece = fc.oneof(
  fc.constantFrom(
    ...[
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      '=',
      ' = ',
      '|',
      '*',
      ';',
      '...',
      '"',
      '\\',
      '\n',
      '# ',
      '@',
      '%',
      '<',
      '>',
    ],
    ...[
      'socket(AF_INET, SOCK_STREAM, 0)',
      's = ',
      '-1 EINVAL',
      '127.0.0.1:0',
      '[::1]:80',
      'unix:/x',
      'hex("',
      '=>',
    ],
    ...[
      '{sa_family=AF_INET',
      'sin_port=htons(',
      'msg_iov=[',
      'iov_base=',
      '<unfinished ...>',
      '<... accept resumed>',
    ],
    ...[
      '[pid 7] ',
      '___',
      'getsockname(s).port',
      '0x',
      '1e9',
      '9'.repeat(40),
      '"a" * 1000000000',
      'sleep(',
      '?',
    ],
  ),
  fc.constantFrom(...signatures.keys()).map((name) => `${name}(`),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.nat().map(String),
);
const text = fc.oneof(
  { weight: 20, arbitrary: fc.array(piece, { maxLength: 60, size: 'max' }).map((pieces) => pieces.join('')) },
  // One piece over and over: depth.
  fc.tuple(piece, fc.nat({ max: 20_000 })).map(([each, count]) => each.repeat(count).slice(0, 100_000)),
);

const junk = fc.anything({ withBigInt: true, withTypedArray: true, withNullPrototype: true, withMap: true });

/** A message of the page that is nearly right. */
const nearMessage = fc.record({
  type: fc.constantFrom('request', 'result', 'error', 'event', 'x'),
  id: fc.oneof(fc.integer(), junk),
  method: fc.oneof(
    fc.constantFrom(...Object.keys(panelSchemas), '__proto__', 'constructor', 'toString'),
    junk,
  ),
  argument: junk,
  name: fc.oneof(fc.string(), junk),
  value: junk,
});

/** A message, or how deep boxes stand in boxes: those are made when they are read, since no report could hold them. */
type Input = { message: unknown } | { depth: number; isList: boolean };

const input: fc.Arbitrary<Input> = fc.oneof(
  { weight: 20, arbitrary: fc.oneof(junk, nearMessage).map((message) => ({ message })) },
  fc.record({ depth: fc.nat({ max: 20_000 }), isList: fc.boolean() }),
);

function build(from: Input): unknown {
  if ('message' in from) {
    return from.message;
  }
  let value: unknown = null;
  for (let i = 0; i < from.depth; i++) {
    value = from.isList ? { kind: 'list', items: [value] } : [value];
  }
  return value;
}

const filterText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['(', ')', 'not', '!', 'and', 'or', 'state', 'sport', 'dst', '=', '>=', ':80', '127.0.0.0/8'],
      ),
      fc.constantFrom(
        ...['established', 'pid', 'process', 'uid', 'inode', '"x', '::1', '[::1]:80', '1e9', '-1', '%'],
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 40, size: 'max' },
  )
  .map((words) => words.join(' '));

/** Words of the filter of records. */
const recordFilterText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...fields.map(({ name }) => name)),
      fc.constantFrom('==', '!=', '<', '>=', 'contains', 'matches', '&&', '||', '!', '(', ')', 'in', '"GET"'),
      fc.constantFrom(
        '/x/',
        '/(a+)+$/',
        '/[/',
        '7',
        '-1',
        '1e9',
        '0x',
        'EINVAL',
        '127.0.0.0/8',
        '..',
        '{1, 2}',
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 40, size: 'max' },
  )
  .map((words) => words.join(' '));

/** Attributes of netlink(7), in messages whose lengths may be wrong. */
const attributes = fc
  .array(fc.tuple(fc.nat({ max: 24 }), fc.uint8Array({ maxLength: 300 })), { maxLength: 8 })
  .map((list) =>
    Buffer.concat(
      list.map(([type, bytes]) => {
        const padded = Buffer.alloc((4 + bytes.length + 3) & ~3);
        padded.writeUInt16LE(4 + bytes.length, 0);
        padded.writeUInt16LE(type, 2);
        padded.set(bytes, 4);
        return padded;
      }),
    ),
  );
const datagram = fc
  .array(
    fc.tuple(
      fc.uint8Array({ maxLength: 80 }),
      attributes,
      fc.oneof(fc.constant(0), fc.integer({ min: -30, max: 30 })),
    ),
    { maxLength: 4 },
  )
  .map((messages) =>
    Buffer.concat(
      messages.map(([fixed, rest, error]) => {
        const body = Buffer.concat([fixed, rest]);
        const header = Buffer.alloc(16);
        header.writeUInt32LE(Math.max(0, 16 + body.length + error), 0);
        return Buffer.concat([header, body, Buffer.alloc(-body.length & 3)]);
      }),
    ),
  );

interface Reader {
  name: string;
  check(options: fc.Parameters<unknown>): fc.RunDetails<unknown>;
}

/** Reads whatever comes; it must neither throw nor take long. */
function reader<T>(name: string, input: fc.Arbitrary<T>, read: (input: T) => void): Reader {
  const property = fc.property(input, (each) => {
    const took = timeOf(() => read(each));
    // What is slow by itself is so once more; what others on the machine have cost is not.
    if (took > slow && timeOf(() => read(each)) > slow) {
      throw new Error(`It took ${Math.round(took)} ms.`);
    }
  });
  return { name, check: (options) => fc.check(property as fc.IRawProperty<unknown, false>, options) };
}

/** Of the processor, not of the clock: others may have the machine meanwhile. In ms. */
function timeOf(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const handlers = checkedHandlers(
  Object.fromEntries(Object.keys(panelSchemas).map((name) => [name, () => undefined])) as never,
);

/** All that reads what others have written. */
const readers: readonly Reader[] = [
  reader('the parser of scenarios', text, (each) => void parseScenario(each)),
  reader('the parser of calls', text, (each) => void parseCall(each, 'linux')),
  reader(
    'the parser of fields',
    fc.tuple(fc.constantFrom(...signatures.values()), fc.nat({ max: 6 }), text),
    ([{ parameters }, index, each]) => {
      const type = parameters[index]?.type;
      if (type) {
        parseValueText(each, type, { platform: 'linux' });
      }
    },
  ),
  reader('the schemas of the panel', fc.tuple(fc.constantFrom(...Object.keys(handlers)), input), (pair) => {
    const [method, argument] = pair;
    try {
      handlers[method]!(build(argument) as never);
    } catch (error) {
      if (!(error instanceof InvalidMessageError)) {
        throw error;
      }
    }
  }),
  reader('the decoder of messages', input, (each) => {
    unpackMessage(build(each));
  }),
  reader('the filter of sockets', fc.oneof(text, filterText), (each) => {
    try {
      parseSocketFilter(each);
    } catch (error) {
      if (!(error instanceof SocketFilterError)) {
        throw error;
      }
    }
  }),
  reader(
    'the filter of records',
    fc.tuple(fc.oneof(text, recordFilterText), fc.nat({ max: 200 })),
    (pair) => {
      const [each, caret] = pair;
      parseFilter(each);
      testFor(each);
      completeFilter(each, Math.min(caret, each.length));
    },
  ),
  reader('the reader of recordings', damage, readDamaged),
  reader(
    'the decoders of sock_diag',
    fc.tuple(fc.nat({ max: diagLists.length - 1 }), datagram),
    ([index, bytes]) => {
      for (const message of messagesOf(bytes)) {
        errorOf(message);
        readMessage(diagLists[index]!, message.body, () => null);
      }
    },
  ),
  reader('the reader of remote calls', fc.array(input), (messages) => {
    const received = new Emitter<unknown>();
    const transport = { send: () => {}, onDidReceive: received.event, onDidClose: new Emitter<void>().event };
    const connection = new RpcConnection(transport, handlers);
    messages.forEach((each) => received.fire(build(each)));
    connection.dispose();
  }),
];

/**
 * @param limits For each reader: how many inputs at most, and for how long in ms.
 * @returns How many inputs were read, and what was found.
 */
export function fuzzReaders(
  seed: number,
  limits: { inputs: number; ms: number },
): { count: number; failures: string[] } {
  const failures: string[] = [];
  let count = 0;
  for (const each of readers) {
    const { name } = each;
    const result = each.check({ seed, numRuns: limits.inputs, interruptAfterTimeLimit: limits.ms });
    count += result.numRuns;
    if (result.failed && result.counterexample !== null) {
      failures.push(`${name}: ${fc.defaultReportMessage(result) ?? ''}\n${String(result.errorInstance)}`);
    }
  }
  return { count, failures };
}

export const readerCount = readers.length;
