import { type CallRecord, dataValue, fieldOf, isAddress, itemsOf, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { messageName } from '../../common/messageText.js';
import { flagsOf, MSG_OOB, MSG_PEEK } from '../../common/ribbon/runs.js';
import type { SocketId } from '../../common/socket.js';
import { constantValue } from '../../common/tables/constants.js';
import { numberOf, type Player, type ReplayCalls } from './replayCalls.js';
import { padded, type ReplayNotes } from './replayNotes.js';
import type { ReplayPeers } from './replayPeers.js';
import type { ReplaySockets } from './replaySockets.js';

const number = (name: string) => constantValue(name, 'linux')!;
const [MSG_WAITALL, SOL_SOCKET, SCM_RIGHTS] = [
  number('MSG_WAITALL'),
  number('SOL_SOCKET'),
  number('SCM_RIGHTS'),
];
const SHUT_WR = 1;

/** Plays the calls that moved bytes. */
export class ReplayTransfers {
  /** The files whose sending side is shut, as far as the replay has come. */
  private readonly ended = new Set<SocketId>();

  constructor(
    private readonly sockets: ReplaySockets,
    private readonly calls: ReplayCalls,
    private readonly peers: ReplayPeers,
    private readonly notes: ReplayNotes,
  ) {}

  /** A socket sends nothing more: by `shutdown(2)` or its last `close(2)`. */
  noteEnded(id: SocketId): void {
    this.ended.add(this.sockets.fileOf(id));
  }

  send(record: CallRecord, id: SocketId, payload: Uint8Array): void {
    const { fd, args } = record;
    const moved = this.filled(payload, record.result!);
    const isWhole = payload.length === moved.length;
    const to = args.find(isAddress) ?? messageName(record);
    const passed = this.sockets.passedWith(record);
    const control = itemsOf(fieldOf(args[1], 'msg_control'));
    if (control.length > (passed.length > 0 ? 1 : 0)) {
      this.notes.leave(record, t('only its data is sent, nothing beside it'));
    }
    const isStream = this.sockets.isConnectionBased(id);
    const given = { id, result: moved.length };
    const target = isStream ? undefined : to && this.peers.reach(record, id, to);
    if (passed.length > 0) {
      this.calls.add(
        record,
        'sendmsg',
        [fd, message(dataValue(moved), moved.length, passed, target), 0],
        given,
      );
    } else if (target) {
      this.calls.add(record, 'sendto', [fd, dataValue(moved), moved.length, 0, target], given);
    } else {
      this.calls.add(record, 'send', [fd, dataValue(moved), moved.length, 0], given);
    }
    const player = isStream ? this.peers.of(id) : this.peers.ofDatagrams(id, to);
    if (player && (moved.length > 0 || !isStream)) {
      this.peers.receive(player, moved, isWhole, !isStream);
    }
  }

  receive(record: CallRecord, id: SocketId, payload: Uint8Array): void {
    const { fd } = record;
    const result = record.result!;
    if ((flagsOf(record) & (MSG_PEEK | MSG_OOB)) !== 0) {
      this.notes.count(record);
      return;
    }
    const isWhole = payload.length === result;
    this.notes.noteCut(isWhole ? 0 : result - payload.length);
    const data: Value = isWhole ? dataValue(payload) : { kind: 'any' };
    if (this.sockets.arriveHere(record)) {
      const { createdIds } = record;
      const args = [fd, message(data, Math.max(result, 1), createdIds), 0];
      this.calls.add(record, 'recvmsg', args, { id, created: createdIds, result });
      return;
    }
    if (!this.sockets.isConnectionBased(id)) {
      const player = this.peers.ofDatagrams(id, record.args.find(isAddress) ?? messageName(record));
      if (player) {
        this.peers.send(player, padded(payload, result), this.peers.ownAddress(id));
      }
      this.calls.add(record, 'recv', [fd, data, Math.max(result, 1), 0], { id, result });
      return;
    }
    const player = this.peers.of(id);
    if (result === 0) {
      this.endOfStream(record, id, player);
      this.calls.add(record, 'recv', [fd, dataValue(new Uint8Array()), 1, 0], { id });
      return;
    }
    if (player) {
      this.peers.send(player, padded(payload, result));
    }
    this.calls.add(record, 'recv', [fd, data, result, MSG_WAITALL], { id, result });
  }

  /** Whoever sends nothing more says so: also by its end, which is no call. */
  private endOfStream(record: CallRecord, id: SocketId, player: Player | undefined): void {
    if (player) {
      if (!this.ended.has(player.id)) {
        this.ended.add(player.id);
        this.peers.endStream(player);
      }
      return;
    }
    const peer = this.sockets.peerOf(this.sockets.fileOf(id));
    const name = peer === null ? null : this.sockets.nameFor(peer);
    const hasEnd = peer === null || this.ended.has(this.sockets.fileOf(peer)) || this.sockets.isEnded(peer);
    if (name !== null && !hasEnd) {
      this.ended.add(this.sockets.fileOf(peer));
      const like = { ...record, fd: numberOf(name), thread: null };
      this.calls.add(like, 'shutdown', [like.fd, SHUT_WR], { id: name });
    }
  }

  private filled(payload: Uint8Array, length: number): Uint8Array {
    this.notes.noteCut(length - payload.length);
    return padded(payload, length);
  }
}

/** A message with descriptors. */
function message(data: Value, length: number, passed: readonly SocketId[], name?: Value): Value {
  const structure = (fields: Record<string, Value>): Value => ({
    kind: 'struct',
    fields: Object.entries(fields).map(([field, value]) => ({ name: field, value })),
  });
  const rights = structure({
    cmsg_level: SOL_SOCKET,
    cmsg_type: SCM_RIGHTS,
    cmsg_data: { kind: 'list', items: passed.map(numberOf) },
  });
  return structure({
    ...(name === undefined ? {} : { msg_name: name }),
    msg_iov: { kind: 'list', items: [structure({ iov_base: data, iov_len: length })] },
    msg_control: { kind: 'list', items: [rights] },
  });
}
