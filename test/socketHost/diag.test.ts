import { describe, expect, test } from 'vitest';
import { messagesOf, request } from '../../src/socketHost/sys/netlinkMessages.js';
import { diagLists, readMessage } from '../../src/socketHost/system/diagKinds.js';
import { inetRequest, readInetMessage } from '../../src/socketHost/system/inetDiag.js';
import {
  readNetlinkMessage,
  readPacketMessage,
  readVsockMessage,
} from '../../src/socketHost/system/otherDiag.js';
import { readUnixMessage, unixRequest } from '../../src/socketHost/system/unixDiag.js';
import { diagMessages } from './diagMessages.js';

const interfaceName = (index: number) => (index === 1 ? 'lo' : null);

function recorded(name: keyof typeof diagMessages): DataView {
  const bytes = Uint8Array.from(Buffer.from(diagMessages[name], 'base64'));
  return new DataView(bytes.buffer);
}

const tcp = (name: keyof typeof diagMessages) => readInetMessage('tcp', recorded(name), interfaceName);
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('what the kernel told is read:', () => {
  test('a TCP listener', () => {
    expect(tcp('listener')).toMatchObject({
      kind: 'tcp',
      domain: 'AF_INET',
      state: 'LISTEN',
      local: { family: 'AF_INET', address: '127.0.0.1', port: 43210 },
      remote: { family: 'AF_INET', address: '0.0.0.0', port: 0 },
      receiveQueue: 1,
      sendQueue: 7,
      uid: 0,
      mark: 0,
      cgroup: 1n,
      timer: null,
      device: null,
      details: { tcpInfo: { tcpi_state: 10, tcpi_unacked: 1, tcpi_sacked: 7 }, memory: { RCVBUF: 131072 } },
    });
  });

  test('both ends of a TCP connection', () => {
    const [client, server] = [tcp('client')!, tcp('server')!];
    expect(client).toMatchObject({
      state: 'ESTABLISHED',
      mark: 42,
      local: server.remote,
      remote: server.local,
    });
    expect(client.details!.congestion).toMatch(/^[a-z]+$/);
    expect(client.key).not.toBe(server.key);
    // Nobody has accepted it yet.
    expect(server.inode).toBeNull();
    expect(client.inode).toBeGreaterThan(0);
  });

  test('a UDP socket of one interface', () => {
    expect(readInetMessage('udp', recorded('udp6'), interfaceName)).toMatchObject({
      domain: 'AF_INET6',
      state: 'CLOSE',
      local: { family: 'AF_INET6', address: '::1', port: 43211 },
      device: 'lo',
      isV6Only: true,
      details: { tcpInfo: null },
    });
  });

  test('an interface that is gone by its number', () => {
    expect(readInetMessage('udp', recorded('udp6'), () => null)!.device).toBe('#1');
  });

  test('Unix sockets with their names', () => {
    const listener = readUnixMessage(recorded('abstract'))!;
    expect(listener).toMatchObject({ type: 'SOCK_STREAM', state: 'LISTEN', receiveQueue: 1, sendQueue: 4 });
    expect(listener.local).toEqual({
      family: 'AF_UNIX',
      name: new Uint8Array(Buffer.from('recorded')),
      isAbstract: true,
    });
    expect(listener.details!.waitingInodes).toHaveLength(1);
    const file = readUnixMessage(recorded('file'))!;
    expect(file).toMatchObject({ type: 'SOCK_SEQPACKET', state: 'CLOSE', peerInode: null, uid: 0 });
    expect(file.local?.family === 'AF_UNIX' && text(file.local.name)).toBe('/tmp/rec.sock');
    expect(file.file!.inode).toBeGreaterThan(0);
  });

  test('netlink and packet sockets', () => {
    expect(readNetlinkMessage(recorded('netlink'))).toMatchObject({
      protocol: 'NETLINK_ROUTE',
      local: { family: 'AF_NETLINK', pid: 4242, groups: 1 },
      state: 'CLOSE',
    });
    expect(readPacketMessage(recorded('packet'), interfaceName)).toMatchObject({
      type: 'SOCK_RAW',
      protocol: 'ETH_P_ALL',
      local: { family: 'AF_PACKET', interface: 'lo', protocol: 'ETH_P_ALL' },
    });
  });

  test('nothing of a message that is cut short', () => {
    for (const [name, length] of [
      ['listener', 71],
      ['abstract', 15],
      ['netlink', 27],
      ['packet', 15],
    ] as const) {
      const whole = recorded(name);
      const cut = new DataView(whole.buffer, 0, length);
      const read = [
        readInetMessage('tcp', cut, interfaceName),
        readUnixMessage(new DataView(whole.buffer, 0, Math.min(length, 15))),
        readNetlinkMessage(new DataView(whole.buffer, 0, Math.min(length, 27))),
        readPacketMessage(new DataView(whole.buffer, 0, Math.min(length, 15)), interfaceName),
        readVsockMessage(new DataView(whole.buffer, 0, Math.min(length, 31))),
      ];
      expect(read.every((socket) => socket === undefined)).toBe(true);
    }
  });

  test('attributes that lie about their length end the list', () => {
    const whole = recorded('listener');
    for (let length = 72; length < whole.byteLength; length++) {
      expect(readInetMessage('tcp', new DataView(whole.buffer, 0, length), interfaceName)!.state).toBe(
        'LISTEN',
      );
    }
    whole.setUint16(72, 0xffff, true);
    expect(readInetMessage('tcp', whole, interfaceName)).toMatchObject({ details: null, mark: null });
  });
});

describe('a request', () => {
  test('for one socket names its ends and cookie', () => {
    const socket = tcp('client')!;
    const body = inetRequest(2, 6, { withDetails: true, only: socket });
    expect(body.length).toBe(56);
    // The identity stands in the request as it does in the answer.
    const answer = new Uint8Array(recorded('client').buffer);
    expect([...body.subarray(8, 16)]).toEqual([...answer.subarray(4, 12)]);
    expect([...body.subarray(48, 56)]).toEqual([...answer.subarray(44, 52)]);
  });

  test('for a protocol of more than a byte carries it in an attribute', () => {
    const view = new DataView(inetRequest(2, 262, { withDetails: false }).buffer);
    expect([view.byteLength, view.getUint16(58, true), view.getUint32(60, true)]).toEqual([64, 3, 262]);
  });

  test('for a Unix socket names its inode', () => {
    const view = new DataView(unixRequest({ withDetails: false, only: { inode: 7, cookie: null } }).buffer);
    expect([view.getUint32(8, true), view.getUint32(16, true)]).toEqual([7, 0xffffffff]);
  });
});

test('messages are taken apart, and what is cut short ends them', () => {
  const one = request(20, 1, 5, new Uint8Array([1, 2, 3]));
  const two = request(3, 2, 6, new Uint8Array(4));
  const bytes = new Uint8Array(20 + two.length);
  bytes.set(one);
  bytes.set(two, 20);
  expect([...messagesOf(bytes)].map(({ type, seq, body }) => [type, seq, body.byteLength])).toEqual([
    [20, 5, 3],
    [3, 6, 4],
  ]);
  expect([...messagesOf(bytes.subarray(0, 30))]).toHaveLength(1);
  expect([...messagesOf(new Uint8Array(16))]).toEqual([]);
});

test('an attribute that is too short for what it holds is no reason to fail', () => {
  const body = new DataView(new ArrayBuffer(24));
  // PACKET_DIAG_UID, of 4 bytes, with none.
  body.setUint16(16, 4, true);
  body.setUint16(18, 5, true);
  const packets = diagLists.find(({ kind }) => kind === 'packet')!;
  expect(readMessage(packets, new DataView(body.buffer, 0, 16), interfaceName)).toMatchObject({
    kind: 'packet',
  });
  expect(readMessage(packets, body, interfaceName)).toBeUndefined();
});
