import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataValue } from '../../src/common/call.js';
import { formatIPv6 } from '../../src/common/ipAddress.js';
import type { SocketAddress } from '../../src/common/socket.js';
import { withFacts } from '../../src/common/system/errorFacts.js';
import { n, TestHost } from './testHost.js';

/** An interface that reaches others: what is sent by it here has no hop to go. */
const [other] = Object.entries(networkInterfaces()).flatMap(([name, list = []]) => {
  const own = list.find(({ family, internal }) => family === 'IPv4' && !internal);
  return own ? [{ name, address: own.address }] : [];
});

let host: TestHost;
beforeAll(() => {
  host = new TestHost();
});
afterAll(() => host.dispose());

const ipv4 = (address: string) => address.split('.').map(Number);
const hex = (digits: string) => new Uint8Array(Buffer.from(digits, 'hex'));
let groups = 0;

/** A socket that has joined a group of its own on this machine's loopback interface. */
async function member() {
  const receiver = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
  await host.ok('bind', receiver, { family: 'AF_INET', address: '0.0.0.0', port: 0 });
  const { port } = (await host.nameOf(receiver)) as { port: number };
  const address = `239.77.${process.pid % 256}.${++groups}`;
  const join = (own: string) =>
    host.ok(
      'setsockopt',
      receiver,
      n('IPPROTO_IP'),
      n('IP_ADD_MEMBERSHIP'),
      dataValue(Uint8Array.of(...ipv4(address), ...ipv4(own))),
    );
  await join('127.0.0.1');
  return { receiver, group: { family: 'AF_INET', address, port } satisfies SocketAddress, join };
}

async function sender() {
  const fd = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
  await host.ok('setsockopt', fd, n('IPPROTO_IP'), n('IP_MULTICAST_TTL'), 0);
  return fd;
}

/** What is said of a datagram to a group. */
async function said(fd: number, group: SocketAddress) {
  const text = dataValue(new TextEncoder().encode('x'));
  const record = await host.process.call({ call: { name: 'sendto', args: [fd, text, 1, 0, group] } });
  expect(record.errno).toBeNull();
  const { name, args, socketId } = record;
  return withFacts(
    undefined,
    (await host.process.lookUpFacts({ name, args, errno: null, socketId })) ?? undefined,
  );
}

const sentence = (receiver: number) =>
  new RegExp(
    `^It was sent by ${other!.name}, where nobody on this machine has joined the group\\. ` +
      `fd ${receiver}( \\S+)? has joined it on lo and gets nothing of it; IP_MULTICAST_IF chooses`,
  );

test.skipIf(!other)(
  'tells of a datagram that left by another interface than its members have joined on',
  async () => {
    const { receiver, group, join } = await member();
    const fd = await sender();
    await host.ok(
      'setsockopt',
      fd,
      n('IPPROTO_IP'),
      n('IP_MULTICAST_IF'),
      dataValue(Uint8Array.of(...ipv4(other!.address))),
    );
    expect(await said(fd, group)).toMatch(sentence(receiver));
    // A source of its own chooses the interface too, where no option does.
    const bound = await sender();
    await host.ok('bind', bound, { family: 'AF_INET', address: other!.address, port: 0 });
    expect(await said(bound, group)).toMatch(sentence(receiver));

    await join(other!.address);
    expect(await said(fd, group)).toBeUndefined();
  },
);

// Only root marks packets.
test.skipIf(!other || process.getuid!() !== 0)('says nothing where a rule for marks may choose', async () => {
  const { group } = await member();
  const fd = await sender();
  expect(await said(fd, group)).toBeDefined();
  await host.ok('setsockopt', fd, n('SOL_SOCKET'), n('SO_MARK'), 7);
  expect(await said(fd, group)).toBeUndefined();
});

test.skipIf(!other)('says nothing of one that goes where they have joined', async () => {
  const { receiver, group } = await member();
  const fd = await sender();
  const lo = [...ipv4('0.0.0.0'), ...ipv4('0.0.0.0'), 1, 0, 0, 0];
  await host.ok('setsockopt', fd, n('IPPROTO_IP'), n('IP_MULTICAST_IF'), dataValue(Uint8Array.from(lo)));
  expect(await said(fd, group)).toBeUndefined();
  const { result } = await host.call('recv', receiver, { kind: 'any' }, 9, n('MSG_DONTWAIT'));
  expect(result).toBe(1);
  // Nobody here has joined this one, or is at that port.
  expect(await said(fd, { ...group, address: '239.78.1.1' })).toBeUndefined();
  expect(await said(fd, { ...group, port: group.port === 9 ? 10 : 9 })).toBeUndefined();
});

test.skipIf(!other)('knows IPv6, where a socket chooses by the index of the interface', async () => {
  const index = await host.process.interfaceIndex({ name: other!.name });
  const receiver = await host.ok('socket', n('AF_INET6'), n('SOCK_DGRAM'), 0);
  await host.ok('bind', receiver, { family: 'AF_INET6', address: '::', port: 0 });
  const { port } = (await host.nameOf(receiver)) as { port: number };
  const group = hex(`ff15${'00'.repeat(12)}77${(process.pid % 256).toString(16).padStart(2, '0')}`);
  const join = dataValue(Uint8Array.of(...group, 1, 0, 0, 0));
  await host.ok('setsockopt', receiver, n('IPPROTO_IPV6'), n('IPV6_JOIN_GROUP'), join);
  const fd = await host.ok('socket', n('AF_INET6'), n('SOCK_DGRAM'), 0);
  await host.ok('setsockopt', fd, n('IPPROTO_IPV6'), n('IPV6_MULTICAST_HOPS'), 0);
  const to: SocketAddress = { family: 'AF_INET6', address: formatIPv6(group), port };
  await host.ok('setsockopt', fd, n('IPPROTO_IPV6'), n('IPV6_MULTICAST_IF'), index);
  expect(await said(fd, to)).toMatch(/^It was sent by .+ has joined it on lo .+ IPV6_MULTICAST_IF chooses/);
  const joinThere = dataValue(Uint8Array.of(...group, index, 0, 0, 0));
  await host.ok('setsockopt', receiver, n('IPPROTO_IPV6'), n('IPV6_JOIN_GROUP'), joinThere);
  expect(await said(fd, to)).toBeUndefined();
});
