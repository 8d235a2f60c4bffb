import { type CallRecord, dataValue, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { SocketAddress, SocketId } from '../../common/socket.js';
import { endpointText } from '../../common/socketText.js';
import { constantValue } from '../../common/tables/constants.js';
import { numberOf, type Player, type ReplayCalls } from './replayCalls.js';
import type { ReplayNotes } from './replayNotes.js';
import type { ReplaySockets } from './replaySockets.js';

const MSG_WAITALL = constantValue('MSG_WAITALL', 'linux')!;
const SHUT_WR = 1;

/** Where the sockets of a replay reach each other, and who plays those that were not traced. */
export class ReplayPeers {
  private readonly players = new Map<string, Player>();
  /** By the file: where others reach it. */
  private readonly addresses = new Map<SocketId, SocketAddress>();
  private playerCount = 0;
  private nextPort = 1;

  constructor(
    private readonly sockets: ReplaySockets,
    private readonly calls: ReplayCalls,
    private readonly notes: ReplayNotes,
  ) {}

  /** Where the socket of a file is reached; undefined for one without an address yet. */
  addressOf(file: SocketId): SocketAddress | undefined {
    return this.addresses.get(file);
  }

  /** Gives a socket an address of this machine's, and a name for it. */
  publish(like: Pick<CallRecord, 'fd' | 'thread'>, id: SocketId, isUnix: boolean): void {
    const address = isUnix ? this.unixName() : this.freeAddress(id, 0);
    this.calls.add(like, 'bind', [like.fd, address], { id });
    this.nameAddress(like, id, address);
  }

  /** The address of a socket, asked for where nobody has. */
  ownAddress(id: SocketId): SocketAddress {
    const file = this.sockets.fileOf(id);
    if (!this.addresses.has(file)) {
      this.nameAddress({ fd: numberOf(id), thread: null }, id, this.freeAddress(id, 0));
    }
    return this.addresses.get(file)!;
  }

  /** The address here of what an address was there. */
  reach(record: CallRecord, id: SocketId, address: SocketAddress): SocketAddress {
    const { peerId } = record;
    const peer = peerId === null ? this.sockets.at(id, address) : this.sockets.fileOf(peerId);
    const name = peer === null ? null : this.sockets.nameFor(peer);
    if (peer !== null && name !== null) {
      return this.addresses.get(peer) ?? this.ownAddress(name);
    }
    const known = this.ofDatagrams(id, address);
    if (known?.address) {
      return known.address;
    }
    const text = endpointText(address);
    const player = this.newPlayer(id, record, text);
    player.address = this.open(player, id, address.family === 'AF_UNIX');
    const file = this.sockets.fileOf(id);
    this.players.set(datagramKey(file, text), player);
    this.players.set(datagramKey(file, ''), player);
    return player.address;
  }

  /** Somebody who connects to a listener. */
  connectTo(listener: SocketId, made: SocketId, record: CallRecord): void {
    const player = this.newPlayer(made, record);
    this.calls.play(player, 'socket', this.kindOf(listener), { created: [player.id] });
    const address = this.addresses.get(this.sockets.fileOf(listener)) ?? null;
    this.calls.play(player, 'connect', [numberOf(player.id), address]);
  }

  /** Somebody who takes the connection that a call makes. The address of their listener. */
  listenFor(
    id: SocketId,
    record: Pick<CallRecord, 'fd'>,
    isUnix: boolean,
    connect: (to: SocketAddress) => void,
  ): void {
    const player = this.newPlayer(id, record);
    const door: Player = { ...player, id: this.sockets.newId() };
    const known = this.open(door, id, isUnix);
    this.calls.play(door, 'listen', [numberOf(door.id), 1]);
    connect(known);
    this.calls.play(door, 'accept', [numberOf(door.id)], { created: [player.id] });
  }

  /** A socket that only has an address: nobody listens there, and nobody else can have it. */
  hold(id: SocketId, address: SocketAddress): SocketAddress {
    this.playerCount += 1;
    return this.open(
      { thread: this.threadName(), id: this.sockets.newId() },
      id,
      address.family === 'AF_UNIX',
    );
  }

  /** Who plays the other end of a connection. */
  of(id: SocketId): Player | undefined {
    return this.players.get(String(this.sockets.fileOf(id)));
  }

  /** Who plays the other end of datagrams. */
  ofDatagrams(id: SocketId, address: SocketAddress | undefined): Player | undefined {
    return this.players.get(datagramKey(this.sockets.fileOf(id), address ? endpointText(address) : ''));
  }

  /** @param isWhole Whether all bytes are known. */
  receive(player: Player, bytes: Uint8Array, isWhole: boolean, isDatagram = false): void {
    const data: Value = isWhole ? dataValue(bytes) : { kind: 'any' };
    const flags = isDatagram ? 0 : MSG_WAITALL;
    this.calls.play(player, 'recv', [numberOf(player.id), data, bytes.length, flags], {
      result: bytes.length,
    });
  }

  send(player: Player, bytes: Uint8Array, to?: SocketAddress): void {
    const args: Value[] = [numberOf(player.id), dataValue(bytes), bytes.length, 0];
    const given = { result: bytes.length };
    if (to) {
      this.calls.play(player, 'sendto', [...args, to], given);
    } else {
      this.calls.play(player, 'send', args, given);
    }
  }

  endStream(player: Player): void {
    this.calls.play(player, 'shutdown', [numberOf(player.id), SHUT_WR]);
  }

  /** A name that no socket has. */
  unixName(isAbstract = true): SocketAddress {
    const text = isAbstract ? `replay-${this.nextPort++}` : `/no-such-socket-${this.nextPort++}`;
    return { family: 'AF_UNIX', name: new TextEncoder().encode(text), isAbstract };
  }

  freeAddress(id: SocketId, port: number): SocketAddress {
    return this.sockets.isIPv6(id)
      ? { family: 'AF_INET6', address: '::1', port }
      : { family: 'AF_INET', address: '127.0.0.1', port };
  }

  /** A socket like another one, at an address that is free. */
  private open(player: Pick<Player, 'thread' | 'id'>, like: SocketId, isUnix: boolean): SocketAddress {
    this.calls.play(player, 'socket', this.kindOf(like), { created: [player.id] });
    const own = isUnix ? this.unixName() : this.freeAddress(like, 0);
    this.calls.play(player, 'bind', [numberOf(player.id), own]);
    if (own.family === 'AF_UNIX') {
      return own;
    }
    const known = this.freeAddress(like, this.nextPort++);
    this.calls.play(player, 'getsockname', [numberOf(player.id), known]);
    return known;
  }

  /** From here on the address that a socket has can be asked for. */
  private nameAddress(like: Pick<CallRecord, 'fd' | 'thread'>, id: SocketId, bound: SocketAddress): void {
    const file = this.sockets.fileOf(id);
    if (bound.family === 'AF_UNIX') {
      this.addresses.set(file, bound);
      return;
    }
    const known = this.freeAddress(id, this.nextPort++);
    this.addresses.set(file, known);
    this.calls.add(like, 'getsockname', [like.fd, known], { id });
  }

  private newPlayer(of: SocketId, record: Pick<CallRecord, 'fd'>, address?: string): Player {
    this.playerCount += 1;
    const player: Player = { thread: this.threadName(), id: this.sockets.newId(), address: null };
    const remote = address ?? this.sockets.remoteText(of) ?? `fd ${record.fd}`;
    this.notes.notePeer(
      t('The other end of {0} is not in the log: the thread {1} plays what it sent.', remote, player.thread),
    );
    if (address === undefined) {
      this.players.set(String(this.sockets.fileOf(of)), player);
    }
    return player;
  }

  private threadName(): string {
    return this.playerCount === 1 ? 'peer' : `peer${this.playerCount}`;
  }

  /** The arguments of `socket` for one like it. */
  kindOf(id: SocketId): Value[] {
    return this.sockets.kindOf(id, this.sockets.isIPv6(id));
  }
}

function datagramKey(file: SocketId, address: string): string {
  return `${file} ${address}`;
}
