import { describe, expect, test } from 'vitest';
import { overlaps, withFacts } from '../../../src/common/system/errorFacts.js';
import { roleOf } from '../../../src/common/system/processRole.js';
import {
  endpointTexts,
  holderText,
  netidOf,
  timerText,
  waitingClientText,
} from '../../../src/common/system/systemSocketText.js';
import { systemSocket } from './support.js';

test.each([
  ['/usr/bin/node /x/out/bootstrap-fork --type=extensionHost --transformURIs', 'extensionHost'],
  ['/x/node /x/out/bootstrap-fork --type=ptyHost --logsLevel', 'terminals'],
  ['/x/node /x/out/bootstrap-fork --type=fileWatcher', 'editor'],
  ['/root/.vscode-server/bin/0/node /root/.vscode-server/bin/0/out/server-main.js', 'server'],
  ['/usr/share/code/code --type=utility --utility-sub-type=node.mojom.NodeService', 'editor'],
  ['python3 -m http.server 3000', null],
  ['vim code.txt', null],
])('%s is %s', (commandLine, role) => {
  expect(roleOf(commandLine.split(' '))).toBe(role);
});

test('nothing is said of a process without a command line', () => {
  expect(roleOf(null)).toBeNull();
  expect(roleOf([])).toBeNull();
});

describe('two addresses of one port', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.2', false],
    ['0.0.0.0', '127.0.0.1', true],
    ['::1', '127.0.0.1', false],
    ['::', '127.0.0.1', true],
    ['::', '::1', true],
    ['0.0.0.0', '::1', false],
    ['::ffff:127.0.0.1', '127.0.0.1', true],
    ['0.0.0.0', '::', true],
  ])('%s and %s', (a, b, expected) => {
    expect(overlaps({ address: a }, { address: b })).toBe(expected);
    expect(overlaps({ address: b }, { address: a })).toBe(expected);
  });

  test('an IPv6-only socket leaves IPv4 alone', () => {
    expect(overlaps({ address: '127.0.0.1' }, { address: '::', isV6Only: true })).toBe(false);
    expect(overlaps({ address: '::1' }, { address: '::', isV6Only: true })).toBe(true);
  });
});

test.each([
  ['retransmit', 204, 'on,204ms,0'],
  ['timewait', 23_456, 'timewait,23sec,0'],
  ['keepalive', 7_195_000, 'keepalive,119min55sec,0'],
  ['probe', 4128, 'persist,4.128sec,0'],
] as const)('a timer %s of %i ms is %s', (kind, expiresMs, text) => {
  expect(timerText({ kind, expiresMs, retransmits: 0 })).toBe(text);
});

describe('where no process is seen that holds a socket', () => {
  const texts = {
    hidden: 'owner not visible (socket of uid 33; other user or PID namespace)',
    unheld: 'no process: it is closed already',
  };

  test('it is said whose socket it is, as far as the kernel tells, or that nobody can hold it', () => {
    const text = (known: Parameters<typeof systemSocket>[0]) => holderText(null, [systemSocket(known)]);
    expect(text({ uid: 33 })).toBe(texts.hidden);
    expect(text({ uid: null })).toBe('owner not visible (other user or PID namespace)');
    expect(text({ inode: null, state: 'FIN_WAIT2' })).toBe(texts.unheld);
    for (const state of ['SYN_RECV', 'ESTABLISHED', 'CLOSE_WAIT'] as const) {
      expect(text({ inode: null, state })).toBe('no process: it is not accepted yet');
    }
    expect(text({ inode: null, state: 'TIME_WAIT' })).toMatch(/^no process: the connection is closed/);
  });

  test('of a connection that waits to be accepted it is not said where its other end is, but what it has sent', () => {
    const who = (state: 'ESTABLISHED' | 'CLOSE_WAIT') =>
      waitingClientText({ taken: systemSocket({ inode: null, state }), client: null, isClosed: false }, [])
        .who;
    expect(who('ESTABLISHED')).toBe('not visible (another machine or network namespace)');
    expect(who('CLOSE_WAIT')).toMatch(/^not visible \(it has sent FIN: closed, or of another machine/);
  });

  test.each([
    ['hidden', { uid: 33 }],
    ['unheld', { inode: null }],
  ] as const)('a refused bind says so of what is %s', (kind, known) => {
    const socket = systemSocket({ ...known, state: 'FIN_WAIT2' });
    const said = withFacts(undefined, {
      kind: 'holders',
      address: socket.local!,
      there: [{ socket, processes: [], moreProcesses: 0, own: null }],
      more: 0,
      elsewhere: [],
      file: null,
      reuse: null,
      problem: null,
    });
    expect(said).toMatch(/^127\.0\.0\.1:40000 is held by a socket in state FIN-WAIT-2[ :]/);
    expect(said).toContain(`: ${texts[kind]}.`);
  });
});

test('ends are written as ss writes them', () => {
  const any6 = { family: 'AF_INET6', address: '::', port: 80 } as const;
  const text = (known: Parameters<typeof systemSocket>[0]) => {
    const { address, port } = endpointTexts(systemSocket(known)).local;
    return `${address} ${port}`;
  };
  expect(text({ local: any6, isV6Only: false })).toBe('* 80');
  expect(text({ local: any6, isV6Only: true })).toBe('[::] 80');
  expect(text({ local: { family: 'AF_INET', address: '0.0.0.0', port: 0 }, device: 'lo' })).toBe(
    '0.0.0.0%lo *',
  );
  const unix = (name: string, isAbstract: boolean) =>
    text({ kind: 'unix', inode: 9, local: { family: 'AF_UNIX', name: Buffer.from(name), isAbstract } });
  expect(unix('/tmp/x', false)).toBe('/tmp/x 9');
  expect(unix('a\0b', true)).toBe('@a@b 9');
  expect(netidOf(systemSocket({ kind: 'unix', type: 'SOCK_SEQPACKET' }))).toBe('u_seq');
});
