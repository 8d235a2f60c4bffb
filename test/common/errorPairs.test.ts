import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dataValue, type Value } from '../../src/common/call.js';
import type { CallStatement } from '../../src/common/notation/ast.js';
import { parseScenario } from '../../src/common/notation/parser.js';
import type { SocketAddress, SocketInfo } from '../../src/common/socket.js';
import { constantValue } from '../../src/common/tables/constants.js';
import { errnoNames } from '../../src/common/tables/errnos.js';
import { explainError, hasExplanation, hasOwnExplanation } from '../../src/common/tables/explanations.js';
import { type CallName, isCallName, signatureOf, signatures } from '../../src/common/tables/signatures.js';
import { scenarioFiles } from './notation/support.js';

type Pair = `${CallName} ${string}`;

/** The errors that the scenario files of a folder expect. */
function pairsOf(folder: string): Set<Pair> {
  const statements = scenarioFiles(folder).flatMap(({ text }) => parseScenario(text).statements);
  return new Set(
    statements
      .filter((statement) => statement.kind === 'call')
      .flatMap((statement) => errorsOf(statement).map((errno): Pair => `${statement.name} ${errno}`)),
  );
}

function errorsOf({ result }: CallStatement): string[] {
  return (result?.outcomes ?? []).flatMap((outcome) =>
    outcome.kind === 'error' && outcome.errno !== null ? [outcome.errno] : [],
  );
}

/** The errors that the fuzz has met so far: see `npm run fuzz`. */
function pairsOfFuzz(): Set<Pair> {
  const file = new URL('../socketHost/fuzzPairs.json', import.meta.url);
  const known = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>;
  return new Set(
    Object.entries(known).flatMap(([name, errnos]) =>
      errnos.map((errno): Pair => `${name as CallName} ${errno}`),
    ),
  );
}

const split = (pair: Pair) => pair.split(' ') as [CallName, string];

describe('every error that has been met', () => {
  it.each([
    { where: 'the conformance cases', pairs: pairsOf('test/conformance'), atLeast: 80 },
    { where: 'the further cases', pairs: pairsOf('test/cases'), atLeast: 30 },
    { where: 'the built-in scenarios', pairs: pairsOf('scenarios'), atLeast: 2 },
    { where: 'the fuzz', pairs: pairsOfFuzz(), atLeast: 40 },
  ])('is explained for its call: $where', ({ pairs, atLeast }) => {
    expect(pairs.size).toBeGreaterThanOrEqual(atLeast);
    expect([...pairs].filter((pair) => !hasOwnExplanation(...split(pair)))).toEqual([]);
  });
});

const addresses: (SocketAddress | undefined)[] = [
  undefined,
  { family: 'AF_INET', address: '127.0.0.1', port: 0 },
  { family: 'AF_INET', address: '192.0.2.255', port: 80 },
  { family: 'AF_INET6', address: 'fe80::1', port: 3000 },
  { family: 'AF_UNIX', name: new TextEncoder().encode('/tmp/x.sock'), isAbstract: false },
  { family: 'AF_UNIX', name: new TextEncoder().encode('x'), isAbstract: true },
  { family: 'AF_VSOCK', cid: 1, port: 1024 },
  { family: 'AF_NETLINK', pid: 0, groups: 1 },
];

const sockets: (Partial<SocketInfo> | undefined)[] = [
  undefined,
  { domain: 'AF_INET', type: 'SOCK_STREAM', state: 'open', local: null },
  { domain: 'AF_INET6', type: 'SOCK_STREAM', state: 'listening', local: null },
  { domain: 'AF_INET', type: 'SOCK_DGRAM', state: 'bound', local: null },
  { domain: 'AF_UNIX', type: 'SOCK_STREAM', state: 'connected', local: null, isShutdownWrite: true },
  { domain: 'AF_UNIX', type: 'SOCK_DGRAM', state: 'open', local: null },
  { domain: 'AF_NETLINK', type: 'SOCK_RAW', state: 'open', local: null },
  { domain: 'AF_PACKET', type: 'SOCK_RAW', state: 'open', local: null },
  { domain: 'AF_VSOCK', type: 'SOCK_STREAM', state: 'open', local: null },
];

const n = (name: string) => constantValue(name, 'linux')!;

/** Arguments of a call that bring out what its rules look at. */
function argumentsOf(name: CallName, address: SocketAddress | undefined): Value[][] {
  if (name === 'socket' || name === 'socketpair') {
    return [
      [n('AF_INET'), n('SOCK_STREAM'), 0],
      [n('AF_INET'), n('SOCK_RAW'), 0],
      [n('AF_INET'), n('SOCK_DGRAM'), n('IPPROTO_ICMP')],
      [n('AF_INET6'), n('SOCK_DGRAM'), 89],
      [n('AF_NETLINK'), n('SOCK_RAW'), n('NETLINK_CRYPTO')],
      [n('AF_VSOCK'), n('SOCK_DGRAM'), 0],
      [n('AF_KEY'), n('SOCK_RAW'), 2],
      [99, 75],
      [-1, 0, -1],
    ];
  }
  const place: Partial<Record<string, Value>> = {
    sockaddr: address ?? null,
    fd: 7,
    data: dataValue(new Uint8Array()),
  };
  const numbers = [0, 1, 6];
  return numbers.map((number) => signatureOf(name).parameters.map(({ type }) => place[type] ?? number));
}

const isWhole = (text: string) => /^(?!.*(undefined|null|NaN|\{\d)).+\.$/s.test(text);

describe('the sentences', () => {
  const errnos = errnoNames().filter((errno) => !errno.startsWith('WSA'));

  it.each([...signatures.keys()].filter(isCallName))('of %s are whole, whatever it was called on', (name) => {
    const explained = errnos.filter((errno) => hasExplanation(name, errno));
    expect(explained.length).toBeGreaterThan(20);
    const broken = new Set<string>();
    for (const errno of explained) {
      for (const address of addresses) {
        for (const args of argumentsOf(name, address)) {
          for (const socket of sockets) {
            const record = { name, args, errno, result: -1, payload: null };
            const parts = explainError({ record, socket: socket as SocketInfo })!;
            for (const [part, text] of Object.entries(parts) as [string, string][]) {
              if (!isWhole(text) || (part === 'meaning' && text.length >= 180)) {
                broken.add(`${name} ${errno} ${part}: ${text}`);
              }
            }
          }
        }
      }
    }
    expect([...broken]).toEqual([]);
  });
});
