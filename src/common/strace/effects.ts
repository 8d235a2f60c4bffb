import { isAddress, itemsOf, type Value } from '../call.js';
import { constantValue } from '../tables/constants.js';
import type { CallName } from '../tables/signatures.js';
import type { SocketAddress } from '../socket.js';
import type { ObservedFile, ObservedSocket } from './observedSocket.js';

/** What a call has made of its socket. */
export interface Outcome {
  socket: ObservedSocket;
  /** As the record has them. */
  args: readonly Value[];
  result: number;
  /** `EINPROGRESS`; null where the call has succeeded. */
  errno: string | null;
}

const [SHUT_RD, SHUT_WR, SHUT_RDWR] = [0, 1, 2];
const O_NONBLOCK = 0o4000;
const FD_CLOEXEC = 1;

const number = (name: string) => constantValue(name, 'linux')!;
const [F_SETFL, F_SETFD] = [number('F_SETFL'), number('F_SETFD')];
const FIONBIO = number('FIONBIO');
const [FIOCLEX, FIONCLEX] = [0x5451, 0x5450];
const [SOL_SOCKET, SO_ERROR] = [number('SOL_SOCKET'), number('SO_ERROR')];

/** By the record's call. What is not here changes nothing that is told of a socket. */
const effects: Partial<Record<CallName, (file: ObservedFile, outcome: Outcome) => void>> = {
  bind(file, { args, errno }) {
    if (errno === null) {
      file.state = file.state === 'open' ? 'bound' : file.state;
      file.isBound = true;
      const [, address] = args;
      // A port that the kernel chooses is not known yet.
      if (isAddress(address) && isWhole(address)) {
        file.local ??= address;
      }
    }
  },
  listen(file, { args, errno }) {
    if (errno === null) {
      file.state = 'listening';
      file.role = 'listener';
      file.backlog = typeof args[1] === 'number' ? args[1] : null;
    }
  },
  connect(file, { args, errno }) {
    const [, address] = args;
    if (errno === null && isAddress(address) && isUnspecified(address)) {
      file.state = file.isBound ? 'bound' : 'open';
      file.peer = null;
      file.remote = null;
      if (file.isTcp) {
        // The kernel makes it as new.
        file.isShutdownRead = false;
        file.isShutdownWrite = false;
      }
      return;
    }
    if (errno === null || errno === 'EISCONN') {
      file.state = file.state === 'listening' ? file.state : 'connected';
      file.role = file.role === 'new' ? 'client' : file.role;
    } else if (errno === 'EINPROGRESS' || errno === 'EALREADY') {
      file.state = 'connecting';
      file.role = file.role === 'new' ? 'client' : file.role;
    } else if (file.state === 'connecting') {
      file.state = file.isBound ? 'bound' : 'open';
    }
    if ((errno === null || errno === 'EINPROGRESS') && isAddress(address)) {
      // A datagram socket may be connected again, to somebody else.
      if (!file.isConnectionBased) {
        file.remote = null;
        file.peer = null;
      }
      file.remote ??= address;
    }
  },
  getsockname(file, { args, errno }) {
    if (errno === null && isAddress(args[1])) {
      file.setLocal(args[1]);
    }
  },
  getpeername(file, { args, errno }) {
    if (errno === null && isAddress(args[1])) {
      [, file.remote] = args as [unknown, SocketAddress];
      isNowConnected(file);
    }
  },
  getsockopt(file, { args: [, level, option, value], errno }) {
    const [error] = itemsOf(value);
    if (errno !== null || level !== SOL_SOCKET || option !== SO_ERROR || error === undefined) {
      return;
    }
    if (error === 0) {
      isNowConnected(file);
    } else if (file.state === 'connecting') {
      file.state = file.isBound ? 'bound' : 'open';
    }
  },
  shutdown(file, { args: [, how], errno }) {
    if (errno === null) {
      file.isShutdownRead ||= how === SHUT_RD || how === SHUT_RDWR;
      file.isShutdownWrite ||= how === SHUT_WR || how === SHUT_RDWR;
    }
  },
  fcntl(file, { socket, args: [, command, value], errno }) {
    if (errno === null && typeof value === 'number') {
      if (command === F_SETFL) {
        file.isNonBlocking = (value & O_NONBLOCK) !== 0;
      } else if (command === F_SETFD) {
        socket.isCloseOnExec = (value & FD_CLOEXEC) !== 0;
      }
    }
  },
  ioctl(file, { socket, args: [, request, value], errno }) {
    if (errno !== null) {
      return;
    }
    if (request === FIONBIO && typeof value === 'object' && value !== null && 'items' in value) {
      file.isNonBlocking = value.items[0] !== 0;
    } else if (request === FIOCLEX || request === FIONCLEX) {
      socket.isCloseOnExec = request === FIOCLEX;
    }
  },
};

/** Lets a call that has returned change what is known of its socket. */
export function applyEffect(name: CallName, outcome: Outcome): void {
  effects[name]?.(outcome.socket.file, outcome);
}

/** Bytes have moved, or the kernel has said that there is no error: a connection on its way is made. */
export function isNowConnected(file: ObservedFile): void {
  if (file.state === 'connecting') {
    file.state = 'connected';
  }
}

function isUnspecified(address: SocketAddress): boolean {
  return address.family === 'raw' && address.bytes[0] === 0 && address.bytes[1] === 0;
}

function isWhole(address: SocketAddress): boolean {
  if (address.family === 'AF_UNIX') {
    return address.isAbstract || address.name.length > 0;
  }
  return !('port' in address) || address.port !== 0;
}
