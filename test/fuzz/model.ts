import { type Call, type CallRecord, isAddress, isData, type Value } from '../../src/common/call.js';
import type { SocketAddress, SocketId } from '../../src/common/socket.js';
import { constantValue } from '../../src/common/tables/constants.js';
import { signatureOf } from '../../src/common/tables/signatures.js';

/** What several descriptors of one socket have in common. */
export interface ModelFile {
  isNonBlocking: boolean;
  isListening: boolean;
  isShutdownRead: boolean;
  isShutdownWrite: boolean;
  sent: number;
  received: number;
  /** It came from elsewhere, or has to do with something that did: its history is not known. */
  isForeign: boolean;
}

export interface Entry {
  id: SocketId;
  fd: number;
  file: ModelFile;
  isOpen: boolean;
}

const n = (name: string): number => constantValue(name, 'linux') ?? 0;
const peeking = n('MSG_PEEK') | n('MSG_ERRQUEUE');

/** What calls must have made of the sockets, told by their arguments and results alone. */
export class Model {
  readonly entries = new Map<SocketId, Entry>();

  get open(): Entry[] {
    return [...this.entries.values()].filter(({ isOpen }) => isOpen);
  }

  /** Takes over what a call that has returned did. */
  apply(call: Call, record: CallRecord): void {
    const { result, createdIds } = record;
    const entry = record.socketId === null ? undefined : this.entries.get(record.socketId);
    const fds = descriptorsIn(record);
    createdIds.forEach((id, index) => {
      const fd = fds[index];
      if (fd !== undefined) {
        this.entries.set(id, { id, fd, isOpen: true, file: this.fileOf(call, record, entry) });
      }
    });
    if (entry) {
      this.applyTo(entry, call, record, result ?? -1);
    }
  }

  private fileOf({ name, args }: Call, { args: made }: CallRecord, entry: Entry | undefined): ModelFile {
    const isDup = name === 'dup' || name === 'fcntl';
    if (isDup && entry) {
      return entry.file;
    }
    const flags = name === 'accept4' ? made[3] : args[1];
    const takesFlags = name === 'socket' || name === 'socketpair' || name === 'accept4';
    return {
      isNonBlocking: takesFlags && typeof flags === 'number' && (flags & n('SOCK_NONBLOCK')) !== 0,
      isListening: false,
      isShutdownRead: false,
      isShutdownWrite: false,
      sent: 0,
      received: 0,
      isForeign: name === 'recvmsg' || name === 'getsockopt',
    };
  }

  private applyTo(entry: Entry, { name, args }: Call, record: CallRecord, result: number): void {
    const { file } = entry;
    const { payload } = record;
    if (payload?.direction === 'out') {
      file.sent += payload.length;
    } else if (payload && !(flagsOf(record) & peeking)) {
      file.received += payload.length;
    }
    if (result < 0) {
      // A close that fails with anything but EBADF has closed all the same.
      entry.isOpen &&= name !== 'close' || record.status !== 'returned';
      return;
    }
    switch (name) {
      case 'close':
        entry.isOpen = false;
        break;
      case 'listen':
        file.isListening = true;
        break;
      case 'shutdown':
        file.isShutdownRead ||= args[1] !== 1;
        file.isShutdownWrite ||= args[1] !== 0;
        break;
      case 'fcntl':
        if (args[1] === n('F_SETFL')) {
          file.isNonBlocking = (Number(args[2] ?? 0) & n('O_NONBLOCK')) !== 0;
        }
        break;
      case 'ioctl':
        if (args[1] === n('FIONBIO')) {
          file.isNonBlocking = firstOf(args[2]) !== 0;
        }
        break;
      default:
    }
  }
}

/** The MSG_ flags of a call that receives. */
function flagsOf({ name, args }: CallRecord): number {
  const at = name === 'recvmsg' ? 2 : name === 'read' ? -1 : 3;
  const flags = args[at];
  return typeof flags === 'number' ? flags : 0;
}

/** The descriptors that a call has given, in their order. */
function descriptorsIn({ name, args, result }: CallRecord): number[] {
  const { parameters, returns } = signatureOf(name);
  if (returns === 'fd' || name === 'fcntl') {
    return [result ?? -1];
  }
  if (name === 'getsockopt') {
    // SO_PEERPIDFD.
    return numbersIn(args[3]!);
  }
  const pair = args[parameters.findIndex(({ type }) => type === 'fdpair')];
  return pair === undefined ? args.flatMap((value) => passed(value)) : numbersIn(pair);
}

/** The descriptors of SCM_RIGHTS, wherever they stand in a message. */
function passed(value: Value): number[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  if ('items' in value) {
    return value.items.flatMap(passed);
  }
  return 'fields' in value
    ? value.fields.flatMap((field) =>
        field.name === 'cmsg_data' ? numbersIn(field.value) : passed(field.value),
      )
    : [];
}

function numbersIn(value: Value): number[] {
  return typeof value === 'object' && value !== null && 'items' in value
    ? value.items.filter((item) => typeof item === 'number')
    : [];
}

function firstOf(value: Value | undefined): Value | undefined {
  return typeof value === 'object' && value !== null && 'items' in value ? value.items[0] : value;
}

/** An address that a call has asked for. */
export function addressIn({ args }: CallRecord): SocketAddress | undefined {
  return args.find(isAddress);
}

/** The call with long data cut, for people. */
export function shortened({ name, args }: Call): Call {
  return {
    name,
    args: args.map((value) =>
      isData(value) && value.bytes.length > 300 ? { ...value, bytes: value.bytes.slice(0, 20) } : value,
    ),
  };
}
