import {
  type CallRecord,
  dataValue,
  fieldOf,
  isAddress,
  isOfKind,
  itemsOf,
  type Value,
} from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { messageName } from '../../common/messageText.js';
import { printRecord } from '../../common/notation/printer.js';
import { flagsOf, MSG_OOB, MSG_PEEK } from '../../common/ribbon/runs.js';
import type { SocketAddress, SocketId, SocketInfo } from '../../common/socket.js';
import { endpointText } from '../../common/socketText.js';
import { constantValue } from '../../common/tables/constants.js';
import type { CallName } from '../../common/tables/signatures.js';
import { ReplaySockets } from './replaySockets.js';
import type { FullRecord } from './recordSource.js';

/** What another program did, as calls that can be made here. */
export interface Replay {
  records: CallRecord[];
  /** What was changed or left out, a sentence each. */
  notes: string[];
}

const number = (name: string) => constantValue(name, 'linux')!;
const [AF_INET, AF_INET6, AF_UNIX] = [number('AF_INET'), number('AF_INET6'), number('AF_UNIX')];
const [SOCK_STREAM, SOCK_DGRAM, typeMask] = [1, 2, 0xf];
const MSG_WAITALL = number('MSG_WAITALL');
const SHUT_WR = 1;
const IPV6_V6ONLY = number('IPV6_V6ONLY');
const IPPROTO_IPV6 = number('IPPROTO_IPV6');
/** What stands for a byte that strace did not print. */
const filler = 0x2e;
/** Calls that are told of one by one. */
const mostTold = 12;

const sends: ReadonlySet<CallName> = new Set(['send', 'sendto', 'sendmsg', 'write']);
const receives: ReadonlySet<CallName> = new Set(['recv', 'recvfrom', 'recvmsg', 'read']);

/** The other end of a connection that nobody traced: a thread here plays what it sent. */
interface Player {
  thread: string;
  id: SocketId;
  /** A datagram socket's own address. */
  address: SocketAddress | null;
}

/**
 * Makes of what strace has seen calls that do the same here: on sockets that block, on loopback, at ports that the kernel
 * chooses. A stream's receive asks for exactly the bytes that came. The end of a connection that was not traced becomes a
 * thread that plays its bytes.
 */
export class ObservedReplay {
  private readonly records: CallRecord[] = [];
  private readonly sockets: ReplaySockets;
  private readonly threads = new Map<string, string>();
  private readonly players = new Map<string, Player>();
  private readonly playerNotes: string[] = [];
  /** By the file: where others reach it. */
  private readonly addresses = new Map<SocketId, SocketAddress>();
  private readonly ended = new Set<SocketId>();
  private readonly skipped = new Map<string, number>();
  private readonly told: string[] = [];
  private untold = 0;
  private cutBytes = 0;
  private playerCount = 0;
  private nextPort = 1;

  constructor(
    private readonly all: readonly FullRecord[],
    infos: ReadonlyMap<SocketId, SocketInfo>,
  ) {
    this.sockets = new ReplaySockets(
      all.map(({ record }) => record),
      infos,
    );
  }

  make(): Replay {
    for (const full of this.all) {
      this.take(full);
    }
    const skipped = [...this.skipped].map(([name, count]) => `${name} ${count}`).join(', ');
    const notes = [
      t(
        'It is played again on loopback, at ports that the kernel chooses, with sockets that block; a stream is received in the same parts.',
      ),
      skipped === '' ? '' : t('Left out, because nothing depends on it here: {0}.', skipped),
      ...this.playerNotes,
      this.cutBytes === 0
        ? ''
        : t(
            '{0} bytes were not in the log: dots stand in their place, and what came is not compared.',
            this.cutBytes,
          ),
      ...this.told,
      this.untold === 0 ? '' : t('And {0} more calls.', this.untold),
    ];
    return { records: this.records, notes: notes.filter(Boolean) };
  }

  private take({ record, payload }: FullRecord): void {
    const { name, status, errno, result, socketId } = record;
    if (status !== 'returned' || result === null) {
      this.leave(record, t('it did not return'));
      return;
    }
    const id = socketId === null ? null : this.sockets.nameFor(socketId);
    if (socketId !== null && id === null) {
      this.leave(record, t('its socket was made before the log begins'));
      return;
    }
    const isOnItsWay = errno === 'EINPROGRESS' && id !== null && this.sockets.hasConnected(id);
    if (errno !== null && !isOnItsWay) {
      this.fail(record);
      return;
    }
    if (id !== null && !this.sockets.isPlayed(id)) {
      this.count(record);
      return;
    }
    if (sends.has(name) && id !== null) {
      this.send(record, id, payload ?? new Uint8Array());
    } else if (receives.has(name) && id !== null) {
      this.receive(record, id, payload ?? new Uint8Array());
    } else {
      this.control(record, id);
    }
  }

  /** Calls that move no bytes. */
  private control(record: CallRecord, id: SocketId | null): void {
    const { name, args, createdIds, result } = record;
    switch (name) {
      case 'socket':
        this.open(record);
        return;
      case 'socketpair': {
        const [domain, type, protocol] = args;
        const plain = typeof type === 'number' ? type & typeMask : 0;
        this.add(record, 'socketpair', [domain!, plain, protocol ?? 0], { created: createdIds });
        return;
      }
      case 'bind':
        this.bind(record, id!);
        return;
      case 'listen':
        this.add(record, 'listen', [record.fd, args[1] ?? 0], { id });
        return;
      case 'accept':
      case 'accept4':
        this.accept(record, id!);
        return;
      case 'connect':
        this.connect(record, id!);
        return;
      case 'shutdown':
        this.add(record, 'shutdown', [record.fd, args[1] ?? 0], { id });
        if (args[1] !== 0) {
          this.ended.add(this.sockets.fileOf(id!));
        }
        return;
      case 'dup':
      case 'fcntl':
        if (createdIds.length === 0) {
          this.count(record);
          return;
        }
        this.add(record, 'dup', [record.fd], { id, created: createdIds, result: result! });
        return;
      case 'close':
        if (this.sockets.isLastClose(record)) {
          this.ended.add(this.sockets.fileOf(id!));
          this.add(record, 'close', [record.fd], { id });
        } else {
          this.count(record);
        }
        return;
      case 'setsockopt':
        this.setOption(record, id!);
        return;
      default:
        this.count(record);
    }
  }

  private open(record: CallRecord): void {
    const [domain, type, protocol] = record.args;
    const [made] = record.createdIds;
    if (made !== undefined && !this.sockets.isPlayed(made)) {
      this.count(record);
      return;
    }
    const isKnown = domain === AF_INET || domain === AF_INET6 || domain === AF_UNIX;
    const plain = typeof type === 'number' ? type & typeMask : 0;
    if (
      made === undefined ||
      !isKnown ||
      (plain !== SOCK_STREAM && plain !== SOCK_DGRAM && domain !== AF_UNIX)
    ) {
      this.sockets.leave(made);
      this.leave(record, t('sockets of this kind are not played'));
      return;
    }
    const family = domain === AF_INET6 && this.sockets.meetsIPv4(made) ? AF_INET : domain;
    this.add(record, 'socket', [family, plain, family === domain ? (protocol ?? 0) : 0], {
      created: [made],
      result: record.result!,
    });
  }

  private bind(record: CallRecord, id: SocketId): void {
    const [, address] = record.args;
    const file = this.sockets.fileOf(id);
    if (!isAddress(address)) {
      this.leave(record, t('its address is not in the log'));
      return;
    }
    this.publish(record, id, file, address.family === 'AF_UNIX' ? address : null);
  }

  /** Gives a socket an address of this machine's, and a name for it. */
  private publish(
    like: CallRecord,
    id: SocketId,
    file: SocketId,
    unix: Extract<SocketAddress, { family: 'AF_UNIX' }> | null,
  ): void {
    const address = unix ? this.unixName() : this.freeAddress(id, 0);
    this.add(like, 'bind', [like.fd, address], { id });
    this.nameAddress(like, id, file, address);
  }

  /** From here on the address that a socket has can be asked for. */
  private nameAddress(like: CallRecord, id: SocketId, file: SocketId, bound: SocketAddress): void {
    if (bound.family === 'AF_UNIX') {
      this.addresses.set(file, bound);
      return;
    }
    const known = this.freeAddress(id, this.nextPort++);
    this.addresses.set(file, known);
    this.add(like, 'getsockname', [like.fd, known], { id });
  }

  private accept(record: CallRecord, id: SocketId): void {
    const [made] = record.createdIds;
    const listener = this.sockets.fileOf(id);
    if (made !== undefined && this.sockets.peerOf(made) === null) {
      const player = this.newPlayer(made, record);
      this.play(player, 'socket', this.kindOf(id), { created: [player.id] });
      this.play(player, 'connect', [fdOf(player), this.addresses.get(listener) ?? null]);
    }
    this.add(record, 'accept', [record.fd], { id, created: record.createdIds, result: record.result! });
  }

  private connect(record: CallRecord, id: SocketId): void {
    const [, address] = record.args;
    if (!isAddress(address) || address.family === 'raw') {
      this.leave(record, t('its address is not in the log'));
      return;
    }
    if (!this.sockets.isConnectionBased(id)) {
      this.add(record, 'connect', [record.fd, this.reach(record, id, address, record.peerId)], { id });
      return;
    }
    const listener = this.sockets.listenerOf(id, address);
    const target = listener === null ? undefined : this.addresses.get(listener);
    if (target) {
      this.add(record, 'connect', [record.fd, target], { id });
      return;
    }
    const player = this.newPlayer(id, record);
    const door: Player = { ...player, id: this.sockets.newId() };
    this.play(door, 'socket', this.kindOf(id), { created: [door.id] });
    const own = address.family === 'AF_UNIX' ? this.unixName() : this.freeAddress(id, 0);
    this.play(door, 'bind', [fdOf(door), own]);
    const known = own.family === 'AF_UNIX' ? own : this.freeAddress(id, this.nextPort++);
    if (known !== own) {
      this.play(door, 'getsockname', [fdOf(door), known]);
    }
    this.play(door, 'listen', [fdOf(door), 1]);
    this.add(record, 'connect', [record.fd, known], { id });
    this.play(door, 'accept', [fdOf(door)], { created: [player.id] });
  }

  private send(record: CallRecord, id: SocketId, payload: Uint8Array): void {
    const { result } = record;
    const moved = this.filled(payload, result!);
    const to = record.args.find(isAddress) ?? messageName(record);
    if (itemsOf(fieldOf(record.args[1], 'msg_control')).length > 0) {
      this.leave(record, t('only its data is sent, nothing beside it'));
    }
    if (this.sockets.isConnectionBased(id)) {
      this.add(record, 'send', [record.fd, dataValue(moved), moved.length, 0], { id, result: moved.length });
      const player = this.players.get(String(this.sockets.fileOf(id)));
      if (player && moved.length > 0) {
        this.playReceive(player, moved, payload.length === moved.length);
      }
      return;
    }
    const target = to && this.reach(record, id, to, record.peerId);
    const call = target
      ? (['sendto', [record.fd, dataValue(moved), moved.length, 0, target]] as const)
      : (['send', [record.fd, dataValue(moved), moved.length, 0]] as const);
    this.add(record, call[0], [...call[1]], { id, result: moved.length });
    const player = this.datagramPlayer(id, to);
    if (player) {
      this.playReceive(player, moved, payload.length === moved.length, true);
    }
  }

  private receive(record: CallRecord, id: SocketId, payload: Uint8Array): void {
    const { result } = record;
    if ((flagsOf(record) & (MSG_PEEK | MSG_OOB)) !== 0) {
      this.count(record);
      return;
    }
    const file = this.sockets.fileOf(id);
    const isWhole = payload.length === result;
    this.cutBytes += isWhole ? 0 : result! - payload.length;
    const data: Value = isWhole ? dataValue(payload) : { kind: 'any' };
    if (!this.sockets.isConnectionBased(id)) {
      const from = record.args.find(isAddress) ?? messageName(record);
      const player = this.datagramPlayer(id, from);
      if (player) {
        this.play(
          player,
          'sendto',
          [fdOf(player), dataValue(this.padded(payload, result!)), result, 0, this.ownAddress(record, id)],
          { result: result! },
        );
      }
      this.add(record, 'recv', [record.fd, data, Math.max(result!, 1), 0], { id, result: result! });
      return;
    }
    const player = this.players.get(String(file));
    if (result === 0) {
      this.endOfStream(record, id, player);
      this.add(record, 'recv', [record.fd, dataValue(new Uint8Array()), 1, 0], { id, result: 0 });
      return;
    }
    if (player) {
      const bytes = this.padded(payload, result!);
      this.play(player, 'send', [fdOf(player), dataValue(bytes), bytes.length, 0], { result: bytes.length });
    }
    this.add(record, 'recv', [record.fd, data, result!, MSG_WAITALL], { id, result: result! });
  }

  /** Whoever sends nothing more says so: also by its end, which is no call. */
  private endOfStream(record: CallRecord, id: SocketId, player: Player | undefined): void {
    if (player) {
      if (!this.ended.has(player.id)) {
        this.ended.add(player.id);
        this.play(player, 'shutdown', [fdOf(player), SHUT_WR]);
      }
      return;
    }
    const peer = this.sockets.peerOf(this.sockets.fileOf(id));
    const name = peer === null ? null : this.sockets.nameFor(peer);
    const hasEnd = peer === null || this.ended.has(this.sockets.fileOf(peer)) || this.sockets.isEnded(peer);
    if (name !== null && !hasEnd) {
      this.ended.add(this.sockets.fileOf(peer));
      this.add({ ...record, fd: 5000 + name, thread: null }, 'shutdown', [5000 + name, SHUT_WR], {
        id: name,
      });
    }
  }

  private setOption(record: CallRecord, id: SocketId): void {
    const [, level, option, value] = record.args;
    const isAnyValue = isOfKind(value, 'any');
    const isOfOther = level === IPPROTO_IPV6 && (option === IPV6_V6ONLY || this.sockets.meetsIPv4(id));
    if (isAnyValue || isOfOther) {
      this.count(record);
      return;
    }
    this.add(record, 'setsockopt', [record.fd, level!, option!, value!], { id });
  }

  /** The address here of what an address was there. */
  private reach(
    record: CallRecord,
    id: SocketId,
    address: SocketAddress,
    peerId: SocketId | null,
  ): SocketAddress {
    const peer = peerId === null ? this.sockets.at(id, address) : this.sockets.fileOf(peerId);
    if (peer !== null && this.sockets.nameFor(peer) !== null) {
      return this.addresses.get(peer) ?? this.ownAddress(record, this.sockets.nameFor(peer)!);
    }
    const known = this.datagramPlayer(id, address);
    if (known?.address) {
      return known.address;
    }
    const player = this.newPlayer(id, record, endpointText(address));
    this.play(player, 'socket', this.kindOf(id), { created: [player.id] });
    const own = address.family === 'AF_UNIX' ? this.unixName() : this.freeAddress(id, 0);
    this.play(player, 'bind', [fdOf(player), own]);
    player.address = own.family === 'AF_UNIX' ? own : this.freeAddress(id, this.nextPort++);
    if (player.address !== own) {
      this.play(player, 'getsockname', [fdOf(player), player.address]);
    }
    this.players.set(datagramKey(this.sockets.fileOf(id), endpointText(address)), player);
    this.players.set(datagramKey(this.sockets.fileOf(id), ''), player);
    return player.address;
  }

  private datagramPlayer(id: SocketId, address: SocketAddress | undefined): Player | undefined {
    return this.players.get(datagramKey(this.sockets.fileOf(id), address ? endpointText(address) : ''));
  }

  /** The address of a socket, asked for where nobody has. */
  private ownAddress(record: CallRecord, id: SocketId): SocketAddress {
    const file = this.sockets.fileOf(id);
    const known = this.addresses.get(file);
    if (known) {
      return known;
    }
    const fd = 5000 + id;
    this.nameAddress({ ...record, fd, thread: null }, id, file, this.freeAddress(id, 0));
    return this.addresses.get(file)!;
  }

  private freeAddress(id: SocketId, port: number): SocketAddress {
    return this.sockets.isIPv6(id)
      ? { family: 'AF_INET6', address: '::1', port }
      : { family: 'AF_INET', address: '127.0.0.1', port };
  }

  private unixName(): SocketAddress {
    const name = new TextEncoder().encode(`replay-${this.nextPort++}`);
    return { family: 'AF_UNIX', name, isAbstract: true };
  }

  private kindOf(id: SocketId): Value[] {
    return this.sockets.kindOf(id, this.sockets.isIPv6(id));
  }

  private newPlayer(of: SocketId, record: CallRecord, address?: string): Player {
    this.playerCount += 1;
    const thread = this.playerCount === 1 ? 'peer' : `peer${this.playerCount}`;
    const player: Player = { thread, id: this.sockets.newId(), address: null };
    const remote = address ?? this.sockets.remoteText(of) ?? `fd ${record.fd}`;
    this.playerNotes.push(
      t('The other end of {0} is not in the log: the thread {1} plays what it sent.', remote, thread),
    );
    if (address === undefined) {
      this.players.set(String(this.sockets.fileOf(of)), player);
    }
    return player;
  }

  private playReceive(player: Player, bytes: Uint8Array, isWhole: boolean, isDatagram = false): void {
    const data: Value = isWhole ? dataValue(bytes) : { kind: 'any' };
    this.play(player, 'recv', [fdOf(player), data, bytes.length, isDatagram ? 0 : MSG_WAITALL], {
      result: bytes.length,
    });
  }

  private play(
    player: Player,
    name: CallName,
    args: Value[],
    { created = [], result = 0 }: { created?: SocketId[]; result?: number } = {},
  ): void {
    const isMaking = name === 'socket';
    const first = created[0];
    this.push({
      name,
      args,
      fd: isMaking ? null : fdOf(player),
      socketId: isMaking ? null : player.id,
      createdIds: created,
      result: first === undefined ? result : 5000 + first,
      thread: player.thread,
    });
  }

  private add(
    like: CallRecord,
    name: CallName,
    args: Value[],
    { id = null, created = [], result = 0 }: { id?: SocketId | null; created?: SocketId[]; result?: number },
  ): void {
    this.push({
      name,
      args,
      fd: like.fd,
      socketId: id,
      createdIds: created,
      result,
      thread: this.threadOf(like.thread),
    });
  }

  private push(
    made: Pick<CallRecord, 'name' | 'args' | 'fd' | 'socketId' | 'createdIds' | 'result' | 'thread'>,
  ): void {
    const seq = this.records.length + 1;
    this.records.push({
      seq,
      status: 'returned',
      errno: null,
      startNs: 10 * seq,
      endNs: 10 * seq + 5,
      hasWaited: false,
      peerId: null,
      payload: null,
      madeBy: null,
      resolution: null,
      ...made,
    });
  }

  /** `python3[4101]` as a name for a thread here. */
  private threadOf(label: string | null): string {
    if (label === null) {
      return 'main';
    }
    let name = this.threads.get(label);
    if (name === undefined) {
      const stem =
        label
          .replace(/\[\d+\]$/, '')
          .replace(/[^A-Za-z0-9_]/g, '_')
          .replace(/^(?=[^a-z])/i, 'p') || 'p';
      const taken = new Set(this.threads.values());
      name = stem;
      for (let count = 2; taken.has(name); count++) {
        name = `${stem}_${count}`;
      }
      this.threads.set(label, name);
    }
    return name;
  }

  private filled(payload: Uint8Array, length: number): Uint8Array {
    this.cutBytes += length - payload.length;
    return this.padded(payload, length);
  }

  private padded(payload: Uint8Array, length: number): Uint8Array {
    if (payload.length >= length) {
      return payload.subarray(0, length);
    }
    const bytes = new Uint8Array(length).fill(filler);
    bytes.set(payload);
    return bytes;
  }

  private count({ name }: CallRecord): void {
    this.skipped.set(name, (this.skipped.get(name) ?? 0) + 1);
  }

  /** What failed there: waiting and being early are the same here. */
  private fail(record: CallRecord): void {
    if (record.errno === 'EAGAIN' || record.errno === 'EALREADY' || record.errno === 'EINTR') {
      this.count(record);
    } else {
      this.leave(record, t('it failed'));
    }
  }

  private leave(record: CallRecord, reason: string): void {
    if (this.told.length >= mostTold) {
      this.untold += 1;
      return;
    }
    const text = printRecord(record, { style: 'short', platform: 'linux', maxData: 40 });
    this.told.push(t('Left out, {0}: {1}', reason, text.replace(/\s+# .*$/, '')));
  }
}

function fdOf({ id }: Player): number {
  return 5000 + id;
}

function datagramKey(file: SocketId, address: string): string {
  return `${file} ${address}`;
}
