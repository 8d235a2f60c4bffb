import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SocketAddress } from '../../src/common/socket.js';
import { darwin } from '../../src/socketHost/sys/darwin.js';
import { linux } from '../../src/socketHost/sys/linux.js';
import { AddressError, SockaddrCodec } from '../../src/socketHost/sys/sockaddr.js';

const codec = new SockaddrCodec(linux.sockaddr);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

describe('the bytes of an address', () => {
  test.each<[string, SocketAddress, string]>([
    ['AF_INET', { family: 'AF_INET', address: '127.0.0.1', port: 4000 }, '02000fa07f0000010000000000000000'],
    [
      'AF_INET6',
      { family: 'AF_INET6', address: 'fe80::1', port: 80, flowinfo: 5, scopeId: 'lo' },
      '0a00005000000005fe80000000000000000000000000000101000000',
    ],
    ['a path', { family: 'AF_UNIX', name: new TextEncoder().encode('/a'), isAbstract: false }, '01002f6100'],
    ['an abstract name', { family: 'AF_UNIX', name: bytes('6100'), isAbstract: true }, '0100006100'],
    ['no name', { family: 'AF_UNIX', name: new Uint8Array(), isAbstract: false }, '0100'],
    ['AF_NETLINK', { family: 'AF_NETLINK', pid: 1, groups: 0x80000001 }, '100000000100000001000080'],
    [
      'AF_PACKET',
      { family: 'AF_PACKET', interface: 'lo', protocol: 'ETH_P_ALL' },
      '1100000301000000000000000000000000000000',
    ],
    ['AF_VSOCK', { family: 'AF_VSOCK', cid: 1, port: 1024 }, '28000000000400000100000000000000'],
    ['AF_CAN', { family: 'AF_CAN', interface: 'lo' }, `1d00000001000000${'00'.repeat(16)}`],
    ['raw bytes', { family: 'raw', bytes: bytes('ff7f0001') }, 'ff7f0001'],
  ])('%s', (_what, address, expected) => {
    const encoded = codec.encode(address);
    expect(hex(encoded)).toBe(expected);
    expect(codec.decode(encoded)).toEqual(address);
  });

  test('of IPv4 says the same as one that is known, or not', () => {
    const known: SocketAddress = { family: 'AF_INET', address: '127.0.0.1', port: 4000 };
    const is = (text: string, address: SocketAddress = known) =>
      codec.isKnown(bytes(text), text.length / 2, address);
    expect(is('02000fa07f0000010000000000000000')).toBe(true);
    for (const other of [
      '02000fa17f0000010000000000000000',
      '02000fa07f0000020000000000000000',
      '0a000fa07f0000010000000000000000',
      '02000fa07f000001',
    ]) {
      expect(is(other)).toBe(false);
    }
    expect(is('02000fa07f0000010000000000000000', { family: 'AF_INET6', address: '::1', port: 4000 })).toBe(
      false,
    );
  });

  test('structures that are cut short stay bytes', () => {
    for (const text of ['', '02', '0200', '02000fa07f0000', `0a00${'00'.repeat(20)}`, '1000', '2800']) {
      expect(codec.decode(bytes(text))).toEqual({ family: 'raw', bytes: bytes(text) });
    }
  });

  test('a path ends at its first NUL, an abstract name does not', () => {
    expect(codec.decode(bytes('01002f610062'))).toEqual({
      family: 'AF_UNIX',
      name: bytes('2f61'),
      isAbstract: false,
    });
    expect(codec.decode(bytes('0100006100'))).toMatchObject({ name: bytes('6100'), isAbstract: true });
    expect(codec.decode(bytes('010000'))).toMatchObject({ name: new Uint8Array(), isAbstract: true });
  });

  test('a path has its NUL, except where it fills the structure', () => {
    const length = (size: number) =>
      codec.encode({ family: 'AF_UNIX', name: new Uint8Array(size).fill(0x61), isAbstract: false }).length;
    expect([1, 107, 108, 109].map(length)).toEqual([4, 110, 110, 112]);
  });

  test('BSD has the length before the family', () => {
    const bsd = new SockaddrCodec(darwin.sockaddr);
    const address: SocketAddress = { family: 'AF_INET', address: '127.0.0.1', port: 1 };
    expect(hex(bsd.encode(address))).toBe('100200017f0000010000000000000000');
    expect(bsd.decode(bsd.encode(address))).toEqual(address);
    expect(() => bsd.encode({ family: 'AF_UNIX', name: bytes('61'), isAbstract: true })).toThrow(
      AddressError,
    );
  });

  test('whatever bytes come, they decode and encode again', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 140 }),
        fc.constantFrom(1, 2, 10, 16, 17, 29, 40, 99),
        (raw, family) => {
          if (raw.length > 1) {
            raw.set([family, 0]);
          }
          const address = codec.decode(raw);
          expect(codec.decode(codec.encode(address))).toEqual(address);
        },
      ),
    );
  });
});
