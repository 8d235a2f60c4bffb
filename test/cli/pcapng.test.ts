import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { startPythonServer } from '../support/peers.js';
import { complaintsAbout, fieldsOf } from '../support/tshark.js';
import { type Outcome, run } from './commandLine.js';

/** Runs a scenario and writes its capture; the file and what the command line says. */
async function capture(scenario: string): Promise<Outcome & { file: string }> {
  const folder = untilTestEnds(await tempDir());
  const file = path.join(folder.path, 'capture.pcapng');
  const outcome = await run(scenario, ['--pcapng', file]);
  expect(outcome).toMatchObject({ status: 0 });
  return { ...outcome, file };
}

it('a capture that cannot be written is told of, and what the calls gave is not lost', async () => {
  const file = path.join(untilTestEnds(await tempDir()).path, 'none', 'capture.pcapng');
  const outcome = await run('socket(AF_INET, SOCK_DGRAM, 0)\n', ['--pcapng', file]);
  expect(outcome).toMatchObject({ status: 2, stdout: 'socket(AF_INET, SOCK_DGRAM, 0) = 19\n' });
  expect(outcome.stderr).toMatch(/capture\.pcapng cannot be written: ENOENT: [^\n]*\n$/);
});

it.each([
  ['has an error', 'socket(AF_INET\n', 2],
  ['is for another machine', '# needs: win32\nsocket(AF_INET, SOCK_DGRAM, 0)\n', 0],
  ['makes no call', 'timeout(1)\n', 1],
])('a scenario that %s leaves no capture', async (_name, scenario, status) => {
  const folder = untilTestEnds(await tempDir());
  const file = path.join(folder.path, 'capture.pcapng');
  await writeFile(file, 'that of another run');
  const outcome = await run(scenario, ['--pcapng', file]);
  expect(outcome.status).toBe(status);
  expect(outcome.stderr).toContain('capture.pcapng was not written: no call ran.');
  expect(outcome.stderr).not.toContain('packets');
  expect(await readdir(folder.path)).toEqual(['capture.pcapng']);
  expect(await readFile(file, 'utf8')).toBe('that of another run');
});

const conversation = (family: string, serverAddress: string, address: string) => `
server = socket(${family}, SOCK_STREAM, 0)
bind(server, ${serverAddress}) = 0
listen(server, 5) = 0
client = socket(${address === '' ? family : 'AF_INET'}, SOCK_STREAM, 0)
connect(client, ${address === '' ? 'getsockname(server)' : address}) = 0
peer = accept(server)
send(client, "one", 3, 0) = 3
send(client, "two!", 4, 0) = 4
recv(peer, 2) = 2
recv(peer, "etwo!", 4096, 0) = 5
[answer] send(peer, "x" * 3000000, 3000000, 0) = 3000000
recv(client, 3000000, MSG_WAITALL) = 3000000
shutdown(client, SHUT_WR) = 0
recv(peer, "", 10, 0) = 0
close(peer) = 0
recv(client, "", 10, 0) = 0
close(client) = 0
`;

it.each([
  ['IPv4', 'AF_INET', '127.0.0.1:0', '', 'ip'],
  ['IPv6', 'AF_INET6', '[::1]:0', '', 'ipv6'],
  ['IPv4 to a server of both', 'AF_INET6', '[::]:0', '127.0.0.1:(getsockname(server).port)', 'ip'],
])(
  'draws a conversation over TCP with which Wireshark is content: %s',
  async (_name, family, server, to, version) => {
    const { file, stderr } = await capture(conversation(family, server, to));
    expect(complaintsAbout(file)).toBe('');
    const packets = fieldsOf(
      file,
      ['tcp.stream', 'tcp.seq', 'tcp.ack', 'tcp.len', 'tcp.flags', 'frame.comment'],
      version,
    );
    expect(new Set(packets.map(([stream]) => stream))).toEqual(new Set(['0']));
    const [syn, synAck, ack, one, two, first, second] = packets.map((fields) => fields.slice(1));
    expect(syn!.slice(0, 4)).toEqual(['0', '0', '0', '0x0002']);
    expect(syn![4]).toMatch(/^#\d+ connect\(\d+, .*\) = 0 · -\\n\(synthetic/);
    expect(synAck!.slice(0, 4)).toEqual(['0', '1', '0', '0x0012']);
    expect(synAck![4]).toMatch(/^#\d+ accept\(/);
    expect(ack!.slice(0, 4)).toEqual(['1', '1', '0', '0x0010']);
    expect(one!.slice(0, 4)).toEqual(['1', '1', '3', '0x0018']);
    expect(one![4]).toMatch(/^#\d+ send\(\d+, "one", 3, 0\) = 3 · -$/);
    expect(two!.slice(0, 4)).toEqual(['4', '1', '4', '0x0018']);
    expect(first!.slice(0, 4)).toEqual(['1', '3', '0', '0x0010']);
    expect(second!.slice(0, 4)).toEqual(['1', '8', '0', '0x0010']);
    const answered = packets.filter(([, , , , , comment]) => /send\(\d+, "xxx/.test(comment!));
    expect(answered).toHaveLength(1);
    const sent = packets
      .filter(([, , ackNumber]) => ackNumber === '8')
      .reduce((sum, [, , , length]) => sum + Number(length), 0);
    expect(sent).toBe(3_000_000);
    expect(packets.filter(([, , , , flags]) => Number(flags) & 1)).toHaveLength(2);
    expect(stderr).toContain('packets.');
  },
);

it('gives the other end of a foreign server the bytes that were received from it', async () => {
  const folder = untilTestEnds(await tempDir());
  const { port } = untilTestEnds(await startPythonServer(folder.path));
  const { file } = await capture(`
    s = socket(AF_INET, SOCK_STREAM, 0)
    connect(s, 127.0.0.1:${port}) = 0
    getsockname(s, _)
    send(s, "GET / HTTP/1.0\\r\\n\\r\\n") = 18
    recv(s, 65536, MSG_WAITALL) = 1..65535
    recv(s, "", 10, 0) = 0
    close(s) = 0
  `);
  expect(complaintsAbout(file)).toBe('');
  const http = fieldsOf(file, ['http.request.method', 'http.response.code', 'http.server'], 'http');
  expect(http).toMatchObject([
    ['GET', '', ''],
    ['', '200', expect.stringContaining('SimpleHTTP')],
  ]);
  const flags = fieldsOf(file, ['tcp.dstport', 'tcp.flags.fin'], 'tcp.flags.fin == 1');
  expect(flags.map(([to]) => to === String(port))).toEqual([false, true]);
});

it('draws a refused connection, one that was reset, and one that was closed with bytes unread', async () => {
  const { file } = await capture(`
    c = socket(AF_INET, SOCK_STREAM, 0)
    connect(c, 127.0.0.1:1) = -1 ECONNREFUSED
    server = socket(AF_INET, SOCK_STREAM, 0)
    bind(server, 127.0.0.1:0) = 0
    listen(server, 5) = 0
    a = socket(AF_INET, SOCK_STREAM, 0)
    connect(a, getsockname(server)) = 0
    getsockname(a, _)
    peer = accept(server)
    setsockopt(peer, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=0}) = 0
    close(peer) = 0
    recv(a, 10) = -1 ECONNRESET
    close(a) = 0
    b = socket(AF_INET, SOCK_STREAM, 0)
    connect(b, getsockname(server)) = 0
    other = accept(server)
    send(b, "unread") = 6
    close(other) = 0
    recv(b, 10) = -1 ECONNRESET
    close(b) = 0
  `);
  expect(complaintsAbout(file)).toBe('');
  const resets = fieldsOf(file, ['tcp.stream', 'frame.comment'], 'tcp.flags.reset == 1');
  expect(resets).toMatchObject([
    ['0', '(synthetic: no packet was seen)'],
    ['1', expect.stringMatching(/close\(\d+\) = 0/)],
    ['2', expect.stringContaining('Closed with 6 bytes unread')],
  ]);
});

const fieldsOfDatagrams = (file: string, version: 'ip' | 'ipv6' = 'ip') =>
  fieldsOf(file, [
    ...['src', 'dst'].flatMap((end) => [`${version}.${end}`, `udp.${end}port`]),
    'udp.length',
    'frame.packet_flags_direction',
    'frame.comment',
  ]);

it.each([
  ['IPv4', 'ip', 'AF_INET', '127.0.0.1'],
  ['IPv6', 'ipv6', 'AF_INET6', '::1'],
] as const)(
  'makes one packet of a datagram between two of our sockets: %s',
  async (_name, version, family, host) => {
    const address = version === 'ip' ? `${host}:0` : `[${host}]:0`;
    const { file, stderr } = await capture(`
    a = socket(${family}, SOCK_DGRAM, 0)
    bind(a, ${address}) = 0
    b = socket(${family}, SOCK_DGRAM, 0)
    bind(b, ${address}) = 0
    getsockname(a, _)
    sendto(a, "question", 8, 0, getsockname(b)) = 8
    recvfrom(b, 8, MSG_PEEK) = 8
    recvfrom(b, 4, 0, getsockname(a)) = 4
    connect(b, getsockname(a)) = 0
    send(b, "") = 0
    recv(a, "", 10, 0) = 0
    send(b, "lost") = 4
    u, v = socketpair(AF_UNIX, SOCK_STREAM, 0)
    send(u, "not IP") = 6
    recv(v, 10) = 6
  `);
    expect(complaintsAbout(file)).toBe('');
    const packets = fieldsOfDatagrams(file, version);
    const [[, a, , b]] = packets as [string[]];
    const there = [host, a, host, b];
    const back = [host, b, host, a];
    expect(packets).toEqual([
      // As it was sent: of the call that received it the buffer was too small.
      [
        ...there,
        '16',
        '0x00000002',
        expect.stringMatching(
          /^#\d+ sendto\(\d+, "question", 8, 0, .*\) = 8 · -\\n#\d+ recvfrom\(.*\) = 4 · -$/,
        ),
      ],
      [...back, '8', '0x00000002', expect.stringMatching(/^#\d+ send\(\d+, "", 0, 0\) = 0 · -$/)],
      // Where it came from recv(2) does not tell.
      [
        expect.any(String),
        expect.any(String),
        host,
        a,
        '8',
        '0x00000001',
        expect.stringMatching(/^#\d+ recv\(.*stands for an address that was not told/),
      ],
      [...back, '12', '0x00000002', expect.stringMatching(/^#\d+ send\(\d+, "lost", 4, 0\) = 4 · -$/)],
    ]);
    expect(stderr).toContain('4 packets.');
    expect(stderr).toContain('Left out: 3 records of sockets other than TCP and UDP');
  },
);

it.each([
  [
    'a group',
    '239.1.2.3',
    (fd: string) =>
      `setsockopt(${fd}, IPPROTO_IP, IP_ADD_MEMBERSHIP, {imr_multiaddr=inet_addr("239.1.2.3"), imr_interface=inet_addr("127.0.0.1")}) = 0`,
    'setsockopt(sender, IPPROTO_IP, IP_MULTICAST_IF, {s_addr=inet_addr("127.0.0.1")}) = 0',
  ],
  ['all of a network', '127.255.255.255', () => '', 'setsockopt(sender, SOL_SOCKET, SO_BROADCAST, 1) = 0'],
] as const)(
  'makes one packet of a datagram to %s, however many receive it',
  async (_name, group, join, sending) => {
    const to = `${group}:(getsockname(one).port)`;
    const { file, stderr } = await capture(`
      one = socket(AF_INET, SOCK_DGRAM, 0)
      setsockopt(one, SOL_SOCKET, SO_REUSEADDR, 1) = 0
      bind(one, 0.0.0.0:0) = 0
      ${join('one')}
      two = socket(AF_INET, SOCK_DGRAM, 0)
      setsockopt(two, SOL_SOCKET, SO_REUSEADDR, 1) = 0
      bind(two, ${to}) = 0
      getsockname(two, _)
      ${join('two')}
      sender = socket(AF_INET, SOCK_DGRAM, 0)
      ${sending}
      bind(sender, 0.0.0.0:0) = 0
      getsockname(sender, _)
      sendto(sender, "first", 5, 0, ${to}) = 5
      sendto(sender, "other", 5, 0, ${to}) = 5
      recvfrom(one, "first", 9, 0, _) = 5
      recvfrom(two, "first", 9, 0, _) = 5
      recvfrom(one, "other", 9, 0, _) = 5
    `);
    expect(complaintsAbout(file)).toBe('');
    const received = String.raw`\\n#\d+ recvfrom\(\d+, "`;
    // Its own address the sender does not know, its receivers were told.
    expect(fieldsOfDatagrams(file).map(([source, , ...rest]) => [source, ...rest])).toEqual([
      [
        '127.0.0.1',
        group,
        expect.any(String),
        '13',
        '0x00000002',
        expect.stringMatching(new RegExp(`^#\\d+ sendto\\(.*${received}first.*${received}first[^\\\\]*$`)),
      ],
      [
        '127.0.0.1',
        group,
        expect.any(String),
        '13',
        '0x00000002',
        expect.stringMatching(new RegExp(`^#\\d+ sendto\\(.*${received}other[^\\\\]*$`)),
      ],
    ]);
    expect(stderr).toContain('2 packets.');
  },
);

it('draws nothing of an accepted Unix socket', async () => {
  const { file, stderr } = await capture(`
    server = socket(AF_UNIX, SOCK_STREAM, 0)
    bind(server, unix:@pcapng-none) = 0
    listen(server, 5) = 0
    client = socket(AF_UNIX, SOCK_STREAM, 0)
    connect(client, unix:@pcapng-none) = 0
    peer = accept(server)
    send(client, "not IP") = 6
    recv(peer, 10) = 6
    close(peer) = 0
  `);
  expect(fieldsOf(file, ['frame.number'])).toEqual([]);
  expect(stderr).toContain('0 packets.');
});
