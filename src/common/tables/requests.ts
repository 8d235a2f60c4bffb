import type { Value } from '../call.js';
import { constantName, type Platform } from './constants.js';
import { findFcntl, findIoctl } from './pointerRequests.js';
import { type CallName, signatureOf } from './signatures.js';

/**
 * What the last argument of `fcntl(2)` or `ioctl(2)` is for one command: `none` it is not looked at, `written` the
 * kernel writes it, `switch` an int of 0 or 1, `value` anything in the notation.
 */
export type RequestArgument = 'none' | 'written' | 'openflags' | 'fdflags' | 'number' | 'switch' | 'value';

const fcntlArguments: Readonly<Record<string, RequestArgument>> = {
  F_GETFD: 'none',
  F_SETFD: 'fdflags',
  F_GETFL: 'none',
  F_SETFL: 'openflags',
  F_DUPFD: 'number',
  F_DUPFD_CLOEXEC: 'number',
  F_DUPFD_QUERY: 'number',
  F_GETOWN: 'none',
  F_SETOWN: 'number',
  F_GETSIG: 'none',
  F_SETSIG: 'number',
  F_GETPIPE_SZ: 'none',
  F_SETPIPE_SZ: 'number',
  F_GETLEASE: 'none',
  F_SETLEASE: 'number',
  F_GET_SEALS: 'none',
  F_ADD_SEALS: 'number',
};

/** Commands of `fcntl(2)` that make a descriptor. */
export const duplicatingCommands: ReadonlySet<string> = new Set(['F_DUPFD', 'F_DUPFD_CLOEXEC']);

/** Whether a command of `fcntl(2)` makes a descriptor. */
export function isDuplicatingCommand(command: unknown, platform: Platform): boolean {
  return (
    typeof command === 'number' && duplicatingCommands.has(constantName('fcntlcmd', command, platform) ?? '')
  );
}

/** Whether what a call returns is a new descriptor. */
export function returnsDescriptor(name: CallName, args: readonly Value[], platform: Platform): boolean {
  return name === 'fcntl' ? isDuplicatingCommand(args[1], platform) : signatureOf(name).returns === 'fd';
}

/** Requests that take an int which is on or off. */
const switches: ReadonlySet<string> = new Set(['FIONBIO', 'FIOASYNC']);

/** The commands and requests that people use with sockets and pipes, before all others. */
export const usualFcntlCommands: readonly string[] = [
  'F_GETFL',
  'F_SETFL',
  'F_GETFD',
  'F_SETFD',
  'F_DUPFD',
  'F_GETPIPE_SZ',
  'F_SETPIPE_SZ',
  'F_SETLK',
  'F_GETLK',
  'F_OFD_SETLK',
  'F_OFD_GETLK',
  'F_GETOWN',
  'F_GETOWN_EX',
];

export const usualIoctlRequests: readonly string[] = [
  'FIONREAD',
  'SIOCOUTQ',
  'SIOCOUTQNSD',
  'SIOCATMARK',
  'FIONBIO',
  'SIOCGSTAMP',
  'SIOCGIFINDEX',
  'SIOCGIFADDR',
  'SIOCGIFMTU',
  'SIOCGIFFLAGS',
  'SIOCGIFHWADDR',
  'SIOCGIFCONF',
];

/** Flags of an open file that `F_SETFL` changes; the kernel passes over all others. */
export const settableOpenFlags: readonly string[] = [
  'O_NONBLOCK',
  'O_ASYNC',
  'O_APPEND',
  'O_DIRECT',
  'O_NOATIME',
];

/** What the third argument of `fcntl(2)` is for a command; of one that is not known, a number. */
export function fcntlArgument(command: number | undefined, platform: Platform): RequestArgument {
  const known = command === undefined ? undefined : findFcntl(command, platform);
  if (known) {
    return known.direction === 'out' ? 'written' : 'value';
  }
  const name = command === undefined ? undefined : constantName('fcntlcmd', command, platform);
  return (name === undefined ? undefined : fcntlArguments[name]) ?? 'value';
}

/** What the third argument of `ioctl(2)` is for a request; of one that is not known, anything. */
export function ioctlArgument(request: number | undefined, platform: Platform): RequestArgument {
  const known = request === undefined ? undefined : findIoctl(request, platform);
  if (known && switches.has(known.name)) {
    return 'switch';
  }
  switch (known?.direction) {
    case 'none':
      return 'none';
    case 'out':
      return 'written';
    default:
      return 'value';
  }
}
