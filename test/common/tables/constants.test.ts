import { constants as osConstants } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  allNames,
  constantName,
  constantValue,
  formatFlags,
  names,
  type Platform,
} from '../../../src/common/tables/constants.js';
import { errnoMessage, errnoName, errnoNumber, posixErrno } from '../../../src/common/tables/errnos.js';

describe('constants', () => {
  it('have the numbers of each platform', () => {
    const numbers = (name: string) =>
      (['linux', 'darwin', 'win32'] as const).map((platform) => constantValue(name, platform));
    expect(numbers('AF_INET6')).toEqual([10, 30, 23]);
    expect(numbers('SOL_SOCKET')).toEqual([1, 0xffff, 0xffff]);
    expect(numbers('SO_REUSEADDR')).toEqual([2, 4, 4]);
    expect(numbers('SO_RCVTIMEO')).toEqual([20, 0x1006, 0x1006]);
    expect(numbers('MSG_WAITALL')).toEqual([0x100, 0x40, 8]);
    expect(numbers('MSG_NOSIGNAL')).toEqual([0x4000, 0x80000, undefined]);
    expect(numbers('SO_EXCLUSIVEADDRUSE')).toEqual([undefined, undefined, -5]);
    expect(numbers('TCP_KEEPIDLE')).toEqual([4, 0x10, 3]);
    expect(numbers('FIONREAD')).toEqual([0x541b, 0x4004667f, 0x4004667f]);
    expect(numbers('IPV6_V6ONLY')).toEqual([26, 27, 27]);
    expect(numbers('SOMAXCONN')).toEqual([4096, 128, 0x7fffffff]);
    expect(numbers('NOT_THERE')).toEqual([undefined, undefined, undefined]);
    expect(numbers('constructor')).toEqual([undefined, undefined, undefined]);
  });

  it('include the names that mean the same', () => {
    for (const [alias, name] of [
      ['PF_INET', 'AF_INET'],
      ['AF_LOCAL', 'AF_UNIX'],
      ['PF_UNIX', 'AF_UNIX'],
      ['SOL_TCP', 'IPPROTO_TCP'],
      ['SO_RCVTIMEO_OLD', 'SO_RCVTIMEO'],
      ['SIOCINQ', 'FIONREAD'],
      ['NETLINK_INET_DIAG', 'NETLINK_SOCK_DIAG'],
    ] as const) {
      expect(constantValue(alias, 'linux'), alias).toBe(constantValue(name, 'linux'));
    }
  });

  it('are named by their group and what it depends on', () => {
    expect(constantName('domain', 2, 'linux')).toBe('AF_INET');
    expect(constantName('protocol', 6, 'linux', 2)).toBe('IPPROTO_TCP');
    expect(constantName('protocol', 6, 'linux', 16)).toBe('NETLINK_XFRM');
    expect(constantName('protocol', 0, 'linux', 1)).toBeUndefined();
    expect(constantName('optname', 1, 'linux', 1)).toBe('SO_DEBUG');
    expect(constantName('optname', 1, 'linux', 6)).toBe('TCP_NODELAY');
    expect(constantName('optname', 1, 'linux', 0)).toBe('IP_TOS');
    expect(constantName('optname', 26, 'linux', 41)).toBe('IPV6_V6ONLY');
    expect(constantName('optname', 1, 'linux', 9999)).toBeUndefined();
    expect(constantName('level', 1, 'linux')).toBe('SOL_SOCKET');
    expect(constantName('level', 6, 'linux')).toBe('IPPROTO_TCP');
    expect(constantName('cmsgtype', 1, 'linux', 1)).toBe('SCM_RIGHTS');
    expect(constantName('cmsgtype', 8, 'linux', 0)).toBe('IP_PKTINFO');
    expect(constantName('how', 7, 'linux')).toBeUndefined();
    expect(names('how', 'linux')).toEqual(['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR']);
    expect(names('socktype', 'linux')).toContain('SOCK_SEQPACKET');
    expect(names('optname', 'linux', 6)).toContain('TCP_INFO');
  });

  it('of a number that each family has for itself are read, and printed without a family as strace does', () => {
    for (const name of ['SIOCUNIXFILE', 'SIOCGETLINKNAME', 'SIOCPROTOPRIVATE']) {
      expect(constantValue(name, 'linux')).toBe(0x89e0);
    }
    expect(constantName('ioctlrequest', 0x89e0, 'linux')).toBe('SIOCPROTOPRIVATE');
  });

  it.each<Platform>(['linux', 'darwin', 'win32'])(
    'of %s are numbers, and the printed name has the number',
    (platform) => {
      expect(allNames(platform).length).toBeGreaterThan(100);
      for (const name of allNames(platform)) {
        expect(name).toMatch(/^_?[A-Z][A-Za-z0-9_]+$/);
        expect(Number.isSafeInteger(constantValue(name, platform)), name).toBe(true);
      }
      for (const group of [
        'domain',
        'socktype',
        'level',
        'msgflags',
        'how',
        'ioctlrequest',
        'pollevents',
      ] as const) {
        for (const name of names(group, platform)) {
          expect(constantName(group, constantValue(name, platform)!, platform)).toBe(name);
        }
      }
    },
  );

  it('as flags are joined, with the rest as a number', () => {
    expect(formatFlags('msgflags', 0, 'linux')).toBe('0');
    expect(formatFlags('msgflags', 0x4040, 'linux')).toBe('MSG_DONTWAIT|MSG_NOSIGNAL');
    expect(formatFlags('msgflags', 0x104040, 'linux')).toBe('MSG_DONTWAIT|MSG_NOSIGNAL|0x100000');
    expect(formatFlags('msgflags', 0x80000000, 'linux')).toBe('0x80000000');
    expect(formatFlags('msgflags', -1, 'linux')).toBe('-1');
    expect(formatFlags('socktype', 0x80801, 'linux')).toBe('SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK');
    expect(formatFlags('socktype', 75, 'linux')).toBe('75');
    expect(formatFlags('socktype', 1, 'darwin')).toBe('SOCK_STREAM');
    expect(formatFlags('openflags', 0x802, 'linux')).toBe('O_RDWR|O_NONBLOCK');
    expect(formatFlags('openflags', 0, 'linux')).toBe('O_RDONLY');
    expect(formatFlags('pollevents', 0x11, 'linux')).toBe('POLLIN|POLLHUP');
  });
});

describe('errors', () => {
  it.runIf(process.platform === 'linux')('have the numbers that Node knows', () => {
    for (const [name, number] of Object.entries(osConstants.errno)) {
      expect(errnoNumber(name, 'linux'), name).toBe(number);
    }
  });

  it('go by name and number, each way', () => {
    expect(errnoName(98, 'linux')).toBe('EADDRINUSE');
    expect(errnoName(48, 'darwin')).toBe('EADDRINUSE');
    expect(errnoName(10048, 'win32')).toBe('WSAEADDRINUSE');
    expect(errnoName(11, 'linux')).toBe('EAGAIN');
    expect(errnoName(9999, 'linux')).toBe(9999);
    expect(errnoNumber('EWOULDBLOCK', 'linux')).toBe(11);
    expect(errnoNumber('ENOTSUP', 'linux')).toBe(95);
    expect(errnoNumber('ENOTSUP', 'darwin')).toBe(45);
    expect(errnoNumber('WSAEWOULDBLOCK', 'win32')).toBe(10035);
    expect(errnoNumber('EADDRINUSE', 'win32')).toBeUndefined();
    expect(posixErrno('WSAECONNRESET')).toBe('ECONNRESET');
  });

  it('say what strerror says', () => {
    expect(errnoMessage('EADDRINUSE')).toBe('Address already in use');
    expect(errnoMessage('EWOULDBLOCK')).toBe('Resource temporarily unavailable');
    expect(errnoMessage('WSAECONNREFUSED')).toBe('Connection refused');
    expect(errnoMessage(9999)).toBe('Unknown error 9999');
  });
});
