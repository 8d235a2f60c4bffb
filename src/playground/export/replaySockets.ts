import { type CallRecord, fieldOf, isAddress, itemsOf, type Value } from '../../common/call.js';
import type { Named, SocketAddress, SocketId, SocketInfo } from '../../common/socket.js';
import { endpointText } from '../../common/socketText.js';
import { constantValue } from '../../common/tables/constants.js';
import { errnoName } from '../../common/tables/errnos.js';

const SCM_RIGHTS = constantValue('SCM_RIGHTS', 'linux');
/** What can be made here where the log does not begin with it. */
const kinds: ReadonlySet<string> = new Set(
  ['AF_INET', 'AF_INET6', 'AF_UNIX'].flatMap((domain) => [`${domain} SOCK_STREAM`, `${domain} SOCK_DGRAM`]),
);
/** Output of a program that goes to a socket is no part of what it does on sockets. */
const lastStandard = 2;
const nameService = '/var/run/nscd/socket';

/** What stands for a socket in a replay: fork(2) gives numbers to processes that no call here could make. */
export class ReplaySockets {
  private readonly made = new Set<SocketId>();
  private readonly left = new Set<SocketId>();
  private readonly lastCloses = new Map<SocketId, number>();
  /** Those whose stream a call ends. */
  private readonly ending = new Set<SocketId>();
  /** Those that are connected for certain: bytes have moved, or the kernel has said that there is no error. */
  private readonly connected = new Set<SocketId>();
  /** What SO_ERROR has said of a connection that had begun. */
  private readonly outcomes = new Map<SocketId, Named>();
  /** Those that were there before the log begins: whether they take connections. */
  private readonly earlier = new Map<SocketId, boolean>();
  /** By the send of a message: the descriptors here that go with it. */
  private readonly passed = new Map<number, SocketId[]>();
  private nextId: SocketId;

  constructor(
    records: readonly CallRecord[],
    private readonly infos: ReadonlyMap<SocketId, SocketInfo>,
  ) {
    this.findEarlier(records);
    const [sends, receives]: [CallRecord[], CallRecord[]] = [[], []];
    for (const record of records) {
      const { createdIds, name, socketId } = record;
      if (socketId !== null && this.nameFor(socketId) === null) {
        // Of one that nobody made nothing is made.
        continue;
      }
      if (name === 'recvmsg') {
        // What arrives in a message is another number of a socket that is there.
        receives.push(record);
        continue;
      }
      if (name === 'sendmsg' && rightsOf(record).length > 0) {
        sends.push(record);
      }
      createdIds.forEach((id) => this.made.add(id));
    }
    receives.forEach((record) => this.pair(record, sends));
    const failed = new Set<SocketId>();
    for (const { name, seq, socketId, errno, args, payload } of records) {
      if (name === 'connect' && errno !== null && socketId !== null && !isRefusal(errno, args)) {
        failed.add(this.fileOf(socketId));
      }
      const error = name === 'getsockopt' && errno === null ? errorIn(args) : undefined;
      if (socketId !== null && errno === null && (payload || error === 0)) {
        this.connected.add(this.fileOf(socketId));
      }
      if (socketId !== null && error) {
        this.outcomes.set(this.fileOf(socketId), errnoName(error, 'linux'));
      }
      if (name === 'shutdown' && errno === null && socketId !== null && args[1] !== 0) {
        this.ending.add(this.fileOf(socketId));
      }
      const id = socketId === null ? null : this.nameFor(socketId);
      if (id !== null && name === 'close' && errno === null) {
        this.lastCloses.set(id, seq);
      } else if (id !== null && errno !== 'EBADF') {
        // Another process still has it: that one may end without a close.
        this.lastCloses.delete(id);
      }
    }
    [...this.lastCloses.keys()].forEach((id) => this.ending.add(this.fileOf(id)));
    for (const file of failed) {
      // It was tried, and nothing came of it.
      const isRefused = this.outcomes.get(file) === 'ECONNREFUSED';
      if (!this.hasConnected(file) && !isRefused && this.infos.get(file)?.backlog == null) {
        this.left.add(file);
      }
    }
    this.nextId = Math.max(0, ...infos.keys(), ...this.made) + 1;
  }

  /** Sockets of a kind that can be made here, which no record has made. */
  private findEarlier(records: readonly CallRecord[]): void {
    const ofRecords = new Set(records.flatMap(({ createdIds }) => createdIds));
    for (const { socketId, name, errno, payload } of records) {
      const info = socketId === null ? undefined : this.infos.get(socketId);
      const takes = errno === null && name.startsWith('accept');
      if (
        !info ||
        !kinds.has(`${info.domain} ${info.type}`) ||
        info.fd <= lastStandard ||
        !(takes || payload)
      ) {
        continue;
      }
      const all = [info.id, ...info.sharedWith];
      if (all.some((id) => ofRecords.has(id))) {
        continue;
      }
      const known = all.find((id) => this.earlier.has(id));
      this.made.add(known ?? info.id);
      this.earlier.set(known ?? info.id, takes || (known !== undefined && this.earlier.get(known)!));
    }
  }

  /** Of a socket that was there before the log begins: whether it takes connections; undefined of others. */
  takesConnections(id: SocketId): boolean | undefined {
    return this.earlier.get(id);
  }

  /** Finds the message that has brought descriptors: then they are made here too. */
  private pair({ socketId, createdIds }: CallRecord, sends: CallRecord[]): void {
    const at = sends.findIndex((send) => send.socketId !== null && this.isPeer(send.socketId, socketId!));
    const [send] = createdIds.length === 0 || at < 0 ? [] : sends.splice(at, 1);
    const numbers = send ? rightsOf(send) : [];
    const originals = createdIds.map((id, index) => this.nameFor(id, numbers[index]));
    if (send && numbers.length === createdIds.length && originals.every((id) => id !== null)) {
      this.passed.set(send.seq, originals);
      createdIds.forEach((id) => this.made.add(id));
    }
  }

  private isPeer(one: SocketId, other: SocketId): boolean {
    return this.peerOf(one) === this.fileOf(other) || this.peerOf(other) === this.fileOf(one);
  }

  /** The descriptors here that go with a message, where the log has what became of them. */
  passedWith({ seq }: CallRecord): readonly SocketId[] {
    return this.passed.get(seq) ?? [];
  }

  /** Whether what came with a message is made here. */
  arriveHere({ createdIds }: CallRecord): boolean {
    return createdIds.length > 0 && createdIds.every((id) => this.made.has(id));
  }

  /** How a connection that had begun has failed; undefined where the program did not ask. */
  outcomeOf(id: SocketId): Named | undefined {
    return this.outcomes.get(this.fileOf(id));
  }

  /** A number for a socket that no record has made. */
  newId(): SocketId {
    return this.nextId++;
  }

  /** The same for all descriptors of a socket. */
  fileOf(id: SocketId): SocketId {
    return Math.min(id, ...(this.infos.get(id)?.sharedWith ?? []));
  }

  /**
   * The descriptor here that a descriptor there is; null where no record has made it.
   * @param fd The number that it had; its own where it is left out.
   */
  nameFor(id: SocketId, fd = this.infos.get(id)?.fd): SocketId | null {
    if (this.made.has(id)) {
      return id;
    }
    const { sharedWith = [] } = this.infos.get(id) ?? {};
    const originals = sharedWith.filter((other) => this.made.has(other));
    return originals.find((other) => this.infos.get(other)?.fd === fd) ?? originals[0] ?? null;
  }

  /** No call on this socket is made here. */
  leave(id: SocketId | undefined): void {
    if (id !== undefined) {
      this.left.add(this.fileOf(id));
    }
  }

  isPlayed(id: SocketId): boolean {
    return !this.left.has(this.fileOf(id));
  }

  /** Whether some call ends what a socket sends; else its process has ended. */
  isEnded(id: SocketId): boolean {
    return this.ending.has(this.fileOf(id));
  }

  /** Whether a close is the one that closes what is one descriptor here. */
  isLastClose({ seq, socketId }: CallRecord): boolean {
    const id = socketId === null ? null : this.nameFor(socketId);
    return id !== null && this.lastCloses.get(id) === seq;
  }

  /** The other end of a connection, where its socket is made here too. */
  peerOf(id: SocketId): SocketId | null {
    const peer = [id, ...(this.infos.get(id)?.sharedWith ?? [])]
      .map((each) => this.infos.get(each)?.peerId ?? null)
      .find((each) => each !== null);
    return peer === undefined || this.nameFor(peer) === null ? null : this.fileOf(peer);
  }

  isConnectionBased(id: SocketId): boolean {
    return this.infos.get(id)?.type !== 'SOCK_DGRAM';
  }

  isIPv6(id: SocketId): boolean {
    return this.infos.get(id)?.domain === 'AF_INET6' && !this.meetsIPv4(id);
  }

  /** Whether an IPv6 socket has to do with IPv4 addresses: then it is one of IPv4 here. */
  meetsIPv4(id: SocketId): boolean {
    const own = this.infos.get(id);
    const family = [...this.infos.values()].filter(
      ({ listenerId, id: other }) => listenerId === id || other === id || other === own?.listenerId,
    );
    const connections = [...this.infos.values()].filter(({ listenerId }) => listenerId === own?.listenerId);
    return [...family, ...(own?.listenerId == null ? [] : connections)].some(
      ({ local, remote, peerId }) =>
        isIPv4(local) || isIPv4(remote) || (peerId !== null && this.infos.get(peerId)?.domain === 'AF_INET'),
    );
  }

  /** The listener that took a connection, or that is at the address. */
  listenerOf(id: SocketId, address: SocketAddress): SocketId | null {
    const peer = this.peerOf(id);
    const listener = peer === null ? null : (this.infos.get(peer)?.listenerId ?? null);
    if (listener !== null) {
      return this.nameFor(listener) === null ? null : this.fileOf(listener);
    }
    if (peer === null && address.family !== 'AF_UNIX') {
      // Nobody in the log took it: it was taken elsewhere, even where a listener of the log has the same port.
      return null;
    }
    const found = [...this.infos.values()].find(
      ({ backlog, local }) => backlog !== null && local && endpointText(local) === endpointText(address),
    );
    return found ? this.fileOf(found.id) : null;
  }

  /** Whether a connection that had begun was made. */
  hasConnected(id: SocketId): boolean {
    return this.connected.has(this.fileOf(id)) || this.peerOf(id) !== null;
  }

  /** The socket that is bound to an address; null where there is none, or there are several. */
  boundAt(address: SocketAddress): SocketId | null {
    const files = [...this.infos.values()].filter(
      ({ local, listenerId, role }) => listenerId === null && role !== 'client' && reaches(local, address),
    );
    const [only = null, ...others] = new Set(files.map(({ id }) => this.fileOf(id)));
    return others.length === 0 ? only : null;
  }

  /** The datagram socket that an address reaches; null where there is none, or there are several. */
  at(id: SocketId, address: SocketAddress): SocketId | null {
    const { type } = this.infos.get(id) ?? {};
    const files = new Set(
      [...this.infos.values()]
        .filter((other) => other.type === type && reaches(other.local, address))
        .map((other) => this.fileOf(other.id)),
    );
    const [only = null] = files;
    return files.size === 1 ? only : null;
  }

  /** The arguments of `socket` for another one like it. */
  kindOf(id: SocketId, isIPv6: boolean): Value[] {
    const { domain, type } = this.infos.get(id) ?? {};
    const family = domain === 'AF_INET6' && !isIPv6 ? 'AF_INET' : String(domain);
    return [constantValue(family, 'linux') ?? 2, constantValue(String(type), 'linux') ?? 1, 0];
  }

  /** By its address, else by the number that it had. */
  titleOf(id: SocketId): string {
    return this.remoteText(id) ?? `fd ${this.infos.get(id)?.fd}`;
  }

  remoteText(id: SocketId): string | undefined {
    const { remote, local } = this.infos.get(id) ?? {};
    const address = remote ?? local;
    return address ? endpointText(address) : undefined;
  }
}

/** `getsockopt(3, SOL_SOCKET, SO_ERROR, [111])`: the number of the error, 0 for none; undefined for another option. */
function errorIn([, level, option, value]: readonly Value[]): number | undefined {
  const isAsked =
    level === constantValue('SOL_SOCKET', 'linux') && option === constantValue('SO_ERROR', 'linux');
  const [error] = itemsOf(value);
  return isAsked && typeof error === 'number' ? error : undefined;
}

/** Whether a connection fails for the same reason here: nobody is at the address. */
export function isRefusal(errno: Named, args: readonly Value[]): boolean {
  const address = args.find(isAddress);
  const isMissing = errno === 'ENOENT' && address?.family === 'AF_UNIX';
  return address !== undefined && (errno === 'ECONNREFUSED' || isMissing) && !isOfNameService(args);
}

/** Whether libc asks for a name service: whether a machine has one is no part of a program. */
export function isOfNameService(args: readonly Value[]): boolean {
  const address = args.find(isAddress);
  return address !== undefined && endpointText(address) === nameService;
}

/** The numbers of the descriptors that a message passes. */
function rightsOf({ args }: CallRecord): number[] {
  return itemsOf(fieldOf(args[1], 'msg_control')).flatMap((part) =>
    fieldOf(part, 'cmsg_type') === SCM_RIGHTS ? itemsOf(fieldOf(part, 'cmsg_data')).map(Number) : [],
  );
}

function reaches(local: SocketAddress | null, address: SocketAddress): boolean {
  if (!local || !('port' in local) || !('port' in address)) {
    return local !== null && endpointText(local) === endpointText(address);
  }
  const isAny = 'address' in local && /^(?:0\.0\.0\.0|::)$/.test(local.address);
  return local.port === address.port && (isAny || endpointText(local) === endpointText(address));
}

function isIPv4(address: SocketAddress | null): boolean {
  return (
    address?.family === 'AF_INET' || (address?.family === 'AF_INET6' && /^::ffff:/i.test(address.address))
  );
}
