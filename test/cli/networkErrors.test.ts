import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { Peer } from '../support/peers.js';
import { cli } from './commandLine.js';

const script = fileURLToPath(new URL('networkErrors.py', import.meta.url));
const isRoot = process.getuid?.() === 0;

const stamps =
  'setsockopt(c, SOL_SOCKET, SO_TIMESTAMPING, SOF_TIMESTAMPING_TX_ACK|SOF_TIMESTAMPING_SOFTWARE|SOF_TIMESTAMPING_OPT_TSONLY) = 0';
const askForErrors = 'setsockopt(c, IPPROTO_IP, IP_RECVERR, 1) = 0';

// What each line expects is what a blocking C program gets.
it.skipIf(!isRoot).each<[string, string[]]>([
  [
    'ends a send that waits where it is asked for, though data is there to be read, and is the next answer',
    [
      askForErrors,
      'n = send(c, "x" * 400000, 400000, 0) = 1..399999',
      'recv(c, "hello", 100, 0) = 5',
      'send(c, "x", 1, 0) = -1 EHOSTUNREACH',
      'send(c, "x", 1, 0) = 1',
    ],
  ],
  [
    'so it does where sends get time stamps',
    [
      askForErrors,
      stamps,
      'recv(c, "hello", 100, 0) = 5',
      'n = send(c, "x" * 400000, 400000, 0) = 1..399999',
      'send(c, "x", 1, 0) = -1 EHOSTUNREACH',
    ],
  ],
  [
    'ends no send where it is not asked for',
    ['n = send(c, "x" * 400000, 400000, 0) = 400000', 'recv(c, "hello", 100, 0) = 5'],
  ],
  [
    'ends a MSG_WAITALL that waits with what it has, and is the next answer',
    [
      askForErrors,
      'n = recv(c, "hello", 9, MSG_WAITALL) = 5',
      'recv(c, 100, 0) = -1 EHOSTUNREACH',
      'send(c, "x", 1, 0) = 1',
    ],
  ],
])('what ICMP says of a connection that goes on: %s', async (_name, lines) => {
  const peer = untilTestEnds(await Peer.start('python3', ['-u', script]));
  const [, port] = await peer.waitForText(/port (\d+)\./);
  const scenario = [
    'c = socket(AF_INET, SOCK_STREAM, 0)',
    'setsockopt(c, SOL_SOCKET, SO_SNDBUF, 16384) = 0',
    `connect(c, 127.0.0.1:${port}) = 0`,
    ...lines,
    'shutdown(c, SHUT_WR) = 0',
    'recv(c, _, 100, 0) = 0',
  ];
  const { status, stdout, stderr } = await cli(['run', '-'], { stdin: scenario.join('\n') });
  expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: '', stdout });
});
