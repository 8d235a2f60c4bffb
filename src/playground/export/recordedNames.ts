import { type CallRecord, fieldOf, isAddress, isOfKind, itemsOf, type ListValue } from '../../common/call.js';
import { parseScenario } from '../../common/notation/parser.js';
import { printAddress } from '../../common/notation/printer.js';
import type { SocketAddress, SocketId } from '../../common/socket.js';
import { parameterIndex } from '../../common/tables/signatures.js';

/** What a socket does in the records: gives it its name and its thread. */
export type RecordedRole =
  | 'server'
  | 'peer'
  | 'client'
  | 'sender'
  | 'receiver'
  | 'socket'
  | 'left'
  | 'right'
  | 'reader'
  | 'writer'
  | 'copy'
  | 'received';

interface Made {
  name: string;
  role: RecordedRole;
  fd: number;
  /** When its call returned. */
  atNs: number;
  /** The call by which it was made, and the socket that it was made of. */
  record: CallRecord;
}

/** The names that the sockets of some records have in a scenario. */
export class RecordedNames {
  private readonly sockets = new Map<SocketId, Made>();
  /** Whose address is the kernel's choice, by the address. */
  private readonly owners = new Map<string, SocketId[]>();
  private readonly bound = new Set<string>();
  /** What each socket says of its own host, where a record tells of it. */
  private readonly ownHosts = new Map<SocketId, string>();
  /** The port that each was bound to, where it was chosen. */
  private readonly ownPorts = new Map<SocketId, number>();
  /** Whose port is the kernel's choice, by the port: others may be given it with another address. */
  private readonly portOwners = new Map<number, SocketId[]>();
  private readonly closes = new Map<SocketId, CallRecord>();
  /** The names of addresses that are passed when their sockets are closed. */
  private readonly kept = new Map<SocketId, string>();

  /** @param givenName The name that a socket has for the user. */
  constructor(records: readonly CallRecord[], givenName: (id: SocketId) => string | null = () => null) {
    const names = new FreeNames();
    for (const record of records) {
      record.createdIds.forEach((id, index) => {
        const role = roleOf(id, index, record, records);
        const listener = role === 'peer' && record.socketId !== null && this.nameOf(record.socketId);
        const fd = descriptorOf(record, index);
        this.sockets.set(id, {
          name: names.take(givenName(id), listener ? `${listener}_${role}` : role),
          role,
          fd,
          atNs: record.endNs ?? Infinity,
          record,
        });
      });
    }
    for (const record of records) {
      this.noteAddresses(record, records);
      const { name, socketId, errno } = record;
      if (name === 'close' && errno === null && socketId !== null) {
        this.closes.set(socketId, record);
      }
    }
    for (const record of records) {
      const address = passedAddress(record);
      const id = address && this.ownerOf(address, record);
      if (id !== undefined && this.isClosed(id, record) && !this.kept.has(id)) {
        this.kept.set(id, names.take(null, `${this.nameOf(id)}_name`));
      }
    }
  }

  /** The name for the address of a socket that a call is about to close, where it is passed later; and the socket's. */
  keptBy(record: CallRecord): { name: string; socket: string } | undefined {
    const { socketId } = record;
    const name = socketId === null ? undefined : this.kept.get(socketId);
    return name !== undefined && this.closes.get(socketId!) === record
      ? { name, socket: this.nameOf(socketId!)! }
      : undefined;
  }

  private isClosed(id: SocketId, { startNs }: CallRecord): boolean {
    return (this.closes.get(id)?.startNs ?? Infinity) < startNs;
  }

  nameOf(id: SocketId): string | undefined {
    return this.sockets.get(id)?.name;
  }

  roleOf(id: SocketId): RecordedRole {
    return this.sockets.get(id)?.role ?? 'socket';
  }

  /** The names that a call gives. What a message brings gets its names inside it. */
  made({ createdIds, name }: CallRecord): string[] {
    return name === 'recvmsg' ? [] : createdIds.map((id) => this.nameOf(id)!);
  }

  /** The name that a number stands for when a call starts: numbers are given again. */
  descriptorAt(fd: number, record: CallRecord): string | undefined {
    if (fd === record.fd && record.socketId !== null) {
      return this.nameOf(record.socketId);
    }
    const candidates = [...this.sockets.values()].filter(
      (each) => each.fd === fd && (each.atNs <= record.startNs || each.record === record),
    );
    return candidates.sort((a, b) => a.atNs - b.atNs).at(-1)?.name;
  }

  /** What stands for an address in a scenario, where the kernel chose it: its port then is another one in each run. */
  addressText(address: SocketAddress, record: CallRecord): string | undefined {
    const id = this.ownerOf(address, record);
    if (id === undefined || !('port' in address)) {
      return undefined;
    }
    const kept = this.isClosed(id, record) ? this.kept.get(id) : undefined;
    const asked = kept ?? `getsockname(${this.nameOf(id)})`;
    // One that is at every address, or was never asked, does not say which of them was meant.
    return this.ownHosts.get(id) === hostText(address) ? asked : `${hostText(address)}:(${asked}.port)`;
  }

  /** The socket whose address it is, where the kernel chose its port. */
  private ownerOf(address: SocketAddress, { startNs, name, socketId }: CallRecord): SocketId | undefined {
    if (name === 'bind' && 'port' in address && address.port === 0) {
      return undefined;
    }
    const text = printAddress(address);
    if (this.bound.has(text)) {
      return undefined;
    }
    const ofPort = 'port' in address ? this.portOwners.get(address.port) : undefined;
    return (this.owners.get(text) ?? ofPort ?? []).find((each) => {
      const socket = this.sockets.get(each);
      const isOwnBind = name === 'bind' && each === socketId;
      const isChosen = 'port' in address && this.ownPorts.get(each) !== address.port;
      return socket !== undefined && socket.atNs <= startNs && !isOwnBind && isChosen;
    });
  }

  private noteAddresses(record: CallRecord, records: readonly CallRecord[]): void {
    const { name, args, socketId, peerId, result, createdIds } = record;
    const address = args.find(isAddress);
    if (!address || result === null || result < 0 || !('port' in address)) {
      return;
    }
    const own = (id: SocketId | null) => {
      if (id !== null) {
        const text = printAddress(address);
        this.owners.set(text, [...(this.owners.get(text) ?? []), id]);
        this.portOwners.set(address.port, [...(this.portOwners.get(address.port) ?? []), id]);
      }
    };
    if (socketId !== null && (name === 'bind' || name === 'getsockname')) {
      this.ownHosts.set(socketId, hostText(address));
    }
    switch (name) {
      case 'bind':
        if (address.port !== 0) {
          const isAsked = records.some(
            (each) =>
              each.name === 'getsockname' &&
              each.args.some((arg) => isAddress(arg) && printAddress(arg) === printAddress(address)),
          );
          if (!isAsked && !this.isChosenElsewhere(address.port)) {
            this.bound.add(printAddress(address));
            if (socketId !== null) {
              this.ownPorts.set(socketId, address.port);
            }
          }
        }
        break;
      case 'getsockname':
        own(socketId);
        break;
      case 'accept':
      case 'accept4': {
        const [made] = createdIds;
        own(peerId ?? (made === undefined ? null : made));
        break;
      }
      case 'recvfrom':
        own(peerId);
        break;
      case 'connect':
        own(this.listenerOf(record, records) ?? peerId);
        break;
      case 'sendto':
        own(peerId);
        break;
      case 'getpeername':
        own(peerId);
        break;
      default:
    }
  }

  /** Whether the kernel has chosen the port for a socket. */
  private isChosenElsewhere(port: number): boolean {
    return (this.portOwners.get(port) ?? []).some((id) => this.ownPorts.get(id) !== port);
  }

  /** The socket that took a connection, or that is the only one whose name is not known. */
  private listenerOf(
    { socketId, startNs, args }: CallRecord,
    records: readonly CallRecord[],
  ): SocketId | null {
    const accepted = records.find(
      ({ name, peerId, result }) => name.startsWith('accept') && peerId === socketId && (result ?? -1) >= 0,
    );
    if (accepted) {
      return accepted.socketId;
    }
    const target = args.find(isAddress);
    const family = target?.family;
    const unnamed = records.filter(
      (record) =>
        record.name === 'bind' &&
        record.result === 0 &&
        record.startNs < startNs &&
        record.args.some((arg) => isAddress(arg) && arg.family === family && 'port' in arg && arg.port === 0),
    );
    return unnamed.length === 1 ? unnamed[0]!.socketId : null;
  }
}

/** The address that a call is given; undefined where it is given none. */
export function passedAddress({ name, args }: Pick<CallRecord, 'name' | 'args'>): SocketAddress | undefined {
  const message = parameterIndex(name, 'msghdr');
  const given = message < 0 ? args[parameterIndex(name, 'sockaddr')] : fieldOf(args[message], 'msg_name');
  return isAddress(given) ? given : undefined;
}

/** Names of variables, each given once. */
class FreeNames {
  private readonly taken = new Set<string>();
  private readonly counts = new Map<string, number>();

  /** A name that is free, made of the given one where the notation has it for a variable. */
  take(given: string | null, otherwise: string): string {
    const stem = given !== null && isVariable(given) ? given : otherwise;
    let name = stem;
    let count = this.counts.get(stem) ?? 1;
    while (this.taken.has(name)) {
      count += 1;
      name = `${stem}${count}`;
    }
    this.counts.set(stem, count);
    this.taken.add(name);
    return name;
  }
}

function isVariable(name: string): boolean {
  return (
    /^[a-z]\w*$/.test(name) && parseScenario(`${name} = pipe()\nclose(${name})`).diagnostics.length === 0
  );
}

/** The address without its port, as the notation writes it before one. */
function hostText(address: SocketAddress & { port: number }): string {
  return printAddress(address).slice(0, -`:${address.port}`.length);
}

function roleOf(id: SocketId, index: number, made: CallRecord, records: readonly CallRecord[]): RecordedRole {
  switch (made.name) {
    case 'accept':
    case 'accept4':
      return 'peer';
    case 'socketpair':
      return index === 0 ? 'left' : 'right';
    case 'pipe':
      return index === 0 ? 'reader' : 'writer';
    case 'dup':
    case 'fcntl':
      return 'copy';
    case 'recvmsg':
      return 'received';
    default:
  }
  const own = records.filter(({ socketId }) => socketId === id);
  const does = (...names: string[]) => own.some(({ name, errno }) => names.includes(name) && errno === null);
  if (does('listen')) {
    return 'server';
  }
  const isDatagram = typeof made.args[1] === 'number' && (made.args[1] & 0xf) === 2;
  if (!isDatagram && own.some(({ name }) => name === 'connect')) {
    return 'client';
  }
  if (isDatagram && does('bind') && does('recv', 'recvfrom', 'recvmsg', 'read')) {
    return 'receiver';
  }
  return isDatagram && does('send', 'sendto', 'sendmsg', 'write') ? 'sender' : 'socket';
}

/** The number of one of the descriptors that a call has made. */
function descriptorOf({ result, args, name }: CallRecord, index: number): number {
  if (name === 'recvmsg') {
    const parts = itemsOf(fieldOf(args[1], 'msg_control'));
    return Number(parts.flatMap((part) => itemsOf(fieldOf(part, 'cmsg_data')))[index] ?? -1);
  }
  if (name !== 'socketpair' && name !== 'pipe') {
    return result ?? -1;
  }
  const pair = args.find((arg): arg is ListValue => isOfKind(arg, 'list'));
  return Number(pair?.items[index] ?? -1);
}
