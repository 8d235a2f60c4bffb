import { expect, test } from 'vitest';
import { dataValue } from '../../src/common/call.js';
import { blockSize, Journal, type Place } from '../../src/socketHost/automatic/journal.js';
import { Peers } from '../../src/socketHost/peers.js';
import { Capture } from '../../src/socketHost/capture.js';
import type { Socket } from '../../src/socketHost/socket.js';
import { linux, storageSize } from '../../src/socketHost/sys/linux.js';
import { Memory } from '../../src/socketHost/sys/memory.js';
import type { Poller } from '../../src/socketHost/sys/poller.js';
import { SockaddrCodec } from '../../src/socketHost/sys/sockaddr.js';

test('a datagram of a batch is sent back to where it came from, though one from another address and as long came before', () => {
  const capture = new Capture(1);
  const host = {
    capture,
    codec: new SockaddrCodec(linux.sockaddr),
    peers: new Peers(() => {}),
    nextSeq: 1,
    takeSeq: () => host.nextSeq++,
    now: () => 5,
  };
  const journal = new Journal(host, { fetches: 1 } as Poller);
  const file = { peer: null, bytesReceived: 0, bytesSent: 0 };
  const socket = { fd: 3, id: 1, automation: null, file } as unknown as Socket;
  const addresses = [
    { family: 'AF_INET6' as const, address: '::1', port: 80 },
    { family: 'AF_INET6' as const, address: 'fe80::1', port: 81, scopeId: 'lo' },
    { family: 'AF_INET6' as const, address: '::1', port: 82 },
  ];
  const texts = ['one', 'two', 'six'].map((text) => new TextEncoder().encode(text));
  const memory = new Memory(3 * blockSize);
  const names = new Memory(3 * storageSize);
  const place: Place = { memory, offset: 0, segment: null, recordedIn: -1, receivedAs: -1 };
  const received = addresses.map((address, i) => {
    names.bytes.set(host.codec.encode(address).subarray(0, 28), i * storageSize);
    memory.bytes.set(texts[i]!, i * blockSize);
    place.offset = i * blockSize;
    journal.receivedFrom(socket, place, 3, names, i * storageSize, 28);
    return place.receivedAs;
  });
  received.forEach((receivedAs, i) => {
    const sent = { ...place, offset: i * blockSize, receivedAs };
    journal.sentTo(socket, sent, 3, 3, names, i * storageSize, 28);
  });
  expect([4, 5, 6].map((seq) => capture.read(seq)?.args)).toEqual(
    addresses.map((address, i) => [3, dataValue(texts[i]!), 3, 0, address, 28]),
  );
  // A failure has no address, whatever the room for it still holds.
  journal.receivedFrom(socket, { ...place, receivedAs: -1 }, -111, names, 0, storageSize);
  const failed = capture.read(7);
  expect([failed?.errno, failed?.args[4], failed?.peerId]).toEqual(['ECONNREFUSED', { kind: 'any' }, null]);
});
