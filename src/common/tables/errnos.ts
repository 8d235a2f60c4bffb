import type { Named } from '../socket.js';
import type { Platform } from './constants.js';
import { linuxErrnos } from './linuxErrnos.js';

/** Numbers of xnu's errno.h; those of Windows Sockets are 10000 more. */
const darwinErrnos: Readonly<Record<string, number>> = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  EBADF: 9,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOTTY: 25,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  EPIPE: 32,
  EDOM: 33,
  ERANGE: 34,
  EAGAIN: 35,
  EINPROGRESS: 36,
  EALREADY: 37,
  ENOTSOCK: 38,
  EDESTADDRREQ: 39,
  EMSGSIZE: 40,
  EPROTOTYPE: 41,
  ENOPROTOOPT: 42,
  EPROTONOSUPPORT: 43,
  ESOCKTNOSUPPORT: 44,
  ENOTSUP: 45,
  EPFNOSUPPORT: 46,
  EAFNOSUPPORT: 47,
  EADDRINUSE: 48,
  EADDRNOTAVAIL: 49,
  ENETDOWN: 50,
  ENETUNREACH: 51,
  ENETRESET: 52,
  ECONNABORTED: 53,
  ECONNRESET: 54,
  ENOBUFS: 55,
  EISCONN: 56,
  ENOTCONN: 57,
  ESHUTDOWN: 58,
  ETOOMANYREFS: 59,
  ETIMEDOUT: 60,
  ECONNREFUSED: 61,
  ELOOP: 62,
  ENAMETOOLONG: 63,
  EHOSTDOWN: 64,
  EHOSTUNREACH: 65,
  ENOTEMPTY: 66,
  EDQUOT: 69,
  ESTALE: 70,
  ENOLCK: 77,
  ENOSYS: 78,
  EOVERFLOW: 84,
  ECANCELED: 89,
  EPROTO: 100,
  EOPNOTSUPP: 102,
};

/** The errors that Windows Sockets have: WSA and the name, except where Windows spells it otherwise. */
const win32Names =
  `EINTR EBADF EACCES EFAULT EINVAL EMFILE EAGAIN EINPROGRESS EALREADY ENOTSOCK EDESTADDRREQ EMSGSIZE
  EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT ENOTSUP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL
  ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT
  ECONNREFUSED ELOOP ENAMETOOLONG EHOSTDOWN EHOSTUNREACH ENOTEMPTY EDQUOT ESTALE`.split(/\s+/);
const win32Spelling: Readonly<Record<string, string>> = {
  EAGAIN: 'WSAEWOULDBLOCK',
  ENOTSUP: 'WSAEOPNOTSUPP',
};

/** Second names of the same number; on macOS ENOTSUP is a number of its own. */
const aliases: Readonly<Record<Platform, ReadonlyMap<string, string>>> = {
  linux: new Map([
    ['EWOULDBLOCK', 'EAGAIN'],
    ['ENOTSUP', 'EOPNOTSUPP'],
    ['EDEADLOCK', 'EDEADLK'],
  ]),
  darwin: new Map([['EWOULDBLOCK', 'EAGAIN']]),
  win32: new Map(),
};

const numbers: Readonly<Record<Platform, ReadonlyMap<string, number>>> = {
  linux: new Map(linuxErrnos.map(([name, number]) => [name, number])),
  darwin: new Map(Object.entries(darwinErrnos)),
  win32: new Map(
    win32Names.map((name) => [win32Spelling[name] ?? `WSA${name}`, 10000 + darwinErrnos[name]!]),
  ),
};

const namesByNumber: Readonly<Record<Platform, ReadonlyMap<number, string>>> = {
  linux: invert(numbers.linux),
  darwin: invert(numbers.darwin),
  win32: invert(numbers.win32),
};

const messages: ReadonlyMap<string, string> = new Map(
  linuxErrnos.map(([name, , message]) => [name, message]),
);

function invert(map: ReadonlyMap<string, number>): Map<number, string> {
  return new Map([...map].map(([name, number]) => [number, name]));
}

/** The name of an error number; the number itself where the platform's table has none. */
export function errnoName(number: number, platform: Platform): Named {
  return namesByNumber[platform].get(number) ?? number;
}

/** The number of an error, second names (`EWOULDBLOCK`) included. */
export function errnoNumber(name: string, platform: Platform): number | undefined {
  return numbers[platform].get(aliases[platform].get(name) ?? name);
}

/** What strerror(3) of glibc says: `Address already in use`. Of an unknown error `Unknown error 9999`. */
export function errnoMessage(errno: Named): string {
  if (typeof errno === 'number') {
    return `Unknown error ${errno}`;
  }
  return messages.get(posixErrno(errno)) ?? errno;
}

/** The POSIX name behind a name of Windows (`WSAEADDRINUSE` is `EADDRINUSE`) or a second name (`EWOULDBLOCK`). */
export function posixErrno(name: string): string {
  const plain = name.startsWith('WSA') ? name.slice(3) : name;
  return aliases.linux.get(plain) ?? plain;
}

/** Whether some platform has an error of this name. */
export function isErrnoName(name: string): boolean {
  return allPlatforms.some((platform) => errnoNumber(name, platform) !== undefined);
}

/** The names of the errors of every platform. */
export function errnoNames(): string[] {
  return allPlatforms.flatMap((platform) => [...numbers[platform].keys()]);
}

const allPlatforms: readonly Platform[] = ['linux', 'darwin', 'win32'];
