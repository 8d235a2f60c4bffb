import { type CallRecord, type InOutValue, previewLength, type Value } from '../../common/call.js';
import type { AutomaticInfo, SocketAddress } from '../../common/socket.js';
import { errnoName } from '../../common/tables/errnos.js';
import type { CallName } from '../../common/tables/signatures.js';
import { previewOf } from '../calls/preview.js';
import type { Capture } from '../capture.js';
import type { OpenFile } from '../openFile.js';
import type { Peers } from '../peers.js';
import type { Socket } from '../socket.js';
import { MovedRow } from '../store/movedRow.js';
import type { PinnedSegment } from '../store/pinnedSegment.js';
import { callIdOf } from '../../common/rows/rowCalls.js';
import { family, linux, storageSize } from '../sys/linux.js';
import { Memory } from '../sys/memory.js';
import type { Poller } from '../sys/poller.js';
import type { SockaddrCodec } from '../sys/sockaddr.js';
import { DatagramPeers } from './datagramPeers.js';
import { makerCode, makerOf } from './maker.js';

/** The length that the receiving calls of the automatic modes pass: the largest datagram fits. */
export const blockSize = 64 * 1024;

/** Where bytes are received. */
export interface Place {
  memory: Memory;
  offset: number;
  /** Of the records, where the kernel writes into them itself. */
  segment: PinnedSegment | null;
  /** The segment that holds the bytes once they are recorded as received; −1 for none. */
  recordedIn: number;
  /** The row that says that they were received; −1 for none. */
  receivedAs: number;
}

/** What the journal needs of the host. */
export interface JournalHost {
  readonly capture: Capture;
  readonly codec: SockaddrCodec;
  readonly peers: Peers;
  /** The number that {@link takeSeq} gives next. */
  readonly nextSeq: number;
  takeSeq(): number;
  now(): number;
}

const call = {
  recv: callIdOf('recv'),
  recvfrom: callIdOf('recvfrom'),
  send: callIdOf('send'),
  sendto: callIdOf('sendto'),
} as const;

/**
 * Writes the records of the automatic modes, of which there are very many: no object for a record, and one
 * time for all calls that one fetch of events leads to, but for those that tell when they {@link Journal.beginTime}.
 */
export class Journal {
  private readonly row = new MovedRow();
  /** For what is not recorded. */
  private readonly scratch: Place = {
    memory: new Memory(blockSize),
    offset: 0,
    segment: null,
    recordedIn: -1,
    receivedAs: -1,
  };
  private readonly recorded: Place = { ...this.scratch };
  private time = 0;
  /** When the call that is recorded next began; −1 where nobody looked at the clock then. */
  private begun = -1;
  private timedFetch = -1;
  /** The mode of the last row, and how its rows name their maker. */
  private automation: AutomaticInfo | null = null;
  private maker = 0;

  private readonly senders: DatagramPeers;
  private readonly receivers: DatagramPeers;

  constructor(
    private readonly host: JournalHost,
    private readonly poller: Poller,
  ) {
    const { peers, codec } = host;
    this.senders = new DatagramPeers(peers, codec, (file, source) => peers.senderAt(file, source));
    this.receivers = new DatagramPeers(peers, codec, (file, to) => peers.receiverAt(file, to));
  }

  /** Whether one more block can be recorded without forgetting another. */
  get hasRoom(): boolean {
    return this.host.capture.canKeep(blockSize);
  }

  /** The next call that is recorded begins now, and has times of its own. */
  beginTime(): void {
    this.begun = this.host.now();
  }

  /** The calls that follow have the time of their fetch again. */
  endTimes(): void {
    this.begun = -1;
  }

  /** Room for a block; good until the next one is asked for. */
  place(isRecorded: boolean): Place {
    if (!isRecorded) {
      return this.scratch;
    }
    const segment = this.host.capture.room(blockSize);
    this.recorded.segment = segment;
    this.recorded.memory = segment.memory;
    this.recorded.offset = segment.nextBody;
    this.recorded.recordedIn = -1;
    this.recorded.receivedAs = -1;
    return this.recorded;
  }

  /** `recv(fd, …)` has answered. */
  received(socket: Socket, place: Place, result: number): void {
    const { row } = this;
    row.call = call.recv;
    row.requested = blockSize;
    row.addressLength = 0;
    row.peerId = idOf(socket.file.peer);
    row.streamOffset = socket.file.bytesReceived;
    this.write(socket, place, result, Math.max(result, 0));
  }

  /** `send(fd, …)` has answered; `length` bytes were given to it. */
  sent(socket: Socket, place: Place, length: number, result: number): void {
    const { row } = this;
    row.call = call.send;
    row.requested = length;
    row.addressLength = 0;
    row.peerId = idOf(socket.file.peer);
    row.streamOffset = socket.file.bytesSent;
    if (this.echoed(socket, place, length, result)) {
      return;
    }
    this.write(socket, place, result, length);
  }

  /** `recvfrom(fd, …)` has answered. The address is `length` bytes of `names` from `start` on. */
  receivedFrom(
    socket: Socket,
    place: Place,
    result: number,
    names: Memory,
    start: number,
    room: number,
  ): void {
    // A failure writes none.
    const length = result < 0 ? 0 : room;
    this.row.requested = blockSize;
    this.row.peerId = idOf(this.senders.at(socket.file, names.bytes, start, length));
    this.writeAddressed(socket, place, call.recvfrom, result, Math.max(result, 0), names, start, length);
  }

  /** `sendto(fd, …)` has answered; `count` bytes were given to it. */
  sentTo(
    socket: Socket,
    place: Place,
    count: number,
    result: number,
    names: Memory,
    start: number,
    length: number,
  ): void {
    const { row } = this;
    row.call = call.sendto;
    row.requested = count;
    row.addressLength = length;
    row.streamOffset = -1;
    row.peerId = idOf(this.receiverOf(socket.file, names.bytes, start, length));
    if (this.echoed(socket, place, count, result)) {
      return;
    }
    this.writeAddressed(socket, place, call.sendto, result, count, names, start, length);
  }

  /**
   * `accept4(fd, …)` has answered.
   * @param made The new socket; null where there is none.
   * @param length What the kernel says of the address's length.
   */
  accepted(
    listener: Socket,
    result: number,
    made: Socket | null,
    address: SocketAddress | null,
    length: number,
    seq = this.host.takeSeq(),
  ): void {
    const room: InOutValue = { kind: 'inout', value: storageSize, result: made ? length : null };
    const args: Value[] = [listener.fd, address ?? { kind: 'any' }, room];
    const record = this.record(listener, seq, 'accept', args, result);
    if (made) {
      record.createdIds = [made.id];
      record.peerId = made.file.peer?.first?.id ?? null;
    }
    this.host.capture.append(record, null);
  }

  private receiverOf(file: OpenFile, names: Uint8Array, start: number, length: number) {
    const to = length === 0 && !file.isConnectionBased ? file.connectedTo : null;
    return to ? this.host.peers.receiverAt(file, to) : this.receivers.at(file, names, start, length);
  }

  private writeAddressed(
    socket: Socket,
    place: Place,
    id: number,
    result: number,
    count: number,
    names: Memory,
    start: number,
    length: number,
  ): void {
    const { row } = this;
    if (length > 0 && !isPacked(names.bytes, start, length)) {
      const name = id === call.recvfrom ? 'recvfrom' : 'sendto';
      this.appendAddressed(socket, place, name, result, count, names.bytes.subarray(start, start + length));
      return;
    }
    row.call = id;
    row.streamOffset = -1;
    row.addressLength = length;
    row.addressRoom = storageSize;
    row.address = names;
    row.addressStart = start;
    this.write(socket, place, result, count);
  }

  /** Where all went that was received before, that is said in few words: whether it could be. */
  private echoed(socket: Socket, place: Place, length: number, result: number): boolean {
    const { row, host } = this;
    if (place.receivedAs < 0 || result !== length || this.begun >= 0) {
      return false;
    }
    row.result = result;
    row.socketId = socket.id;
    row.maker = this.makerOf(socket.automation);
    row.endNs = this.now();
    row.seq = host.nextSeq;
    if (!host.capture.appendEcho(place.receivedAs, row)) {
      return false;
    }
    host.takeSeq();
    return true;
  }

  /** @param length Bytes of the call's data. */
  private write(socket: Socket, place: Place, result: number, length: number): void {
    const { row, host } = this;
    row.seq = host.takeSeq();
    row.fd = socket.fd;
    row.socketId = socket.id;
    row.result = result;
    row.maker = this.makerOf(socket.automation);
    row.endNs = this.now();
    row.startNs = this.startOf(row.endNs);
    row.sharedSegment = result === length ? place.recordedIn : -1;
    row.sharedOffset = place.offset;
    place.receivedAs = host.capture.appendMoved(row, place.memory, place.offset, length, place.segment);
    if (place.segment) {
      // What is sent back is the same bytes: they stay where they are, and are not kept twice.
      place.recordedIn = length > previewLength ? place.segment.id : -1;
      place.segment = null;
    }
  }

  /** A datagram with an address that no row holds as bytes: of AF_UNIX, or with a scope. */
  private appendAddressed(
    socket: Socket,
    place: Place,
    name: 'recvfrom' | 'sendto',
    result: number,
    count: number,
    address: Uint8Array,
  ): void {
    const { capture, codec } = this.host;
    const { memory, offset } = place;
    // The next one of a batch has the same place.
    place.receivedAs = -1;
    const bytes = memory.bytes.subarray(offset, offset + count);
    const seq = this.host.takeSeq();
    const isIn = name === 'recvfrom';
    const room: Value = isIn ? { kind: 'inout', value: storageSize, result: address.length } : address.length;
    const args = [socket.fd, previewOf(bytes, count), this.row.requested, 0, codec.decode(address), room];
    const record = this.record(socket, seq, name, args, result);
    record.peerId = this.row.peerId || null;
    if (result >= 0) {
      record.payload = { direction: isIn ? 'in' : 'out', length: count, captured: count, offset: null };
    }
    const copy = bytes.slice();
    const position = result > 0 ? capture.appendPayload(copy, seq, record.startNs) : null;
    capture.append(record, position);
  }

  private record(socket: Socket, seq: number, name: CallName, args: Value[], result: number): CallRecord {
    const { fd, id, file, automation } = socket;
    const time = this.now();
    return {
      seq,
      name,
      args,
      status: 'returned',
      result: result < 0 ? -1 : result,
      errno: result < 0 ? errnoName(-result, linux.platform) : null,
      startNs: this.startOf(time),
      endNs: time,
      hasWaited: false,
      fd,
      socketId: id,
      createdIds: [],
      peerId: file.peer?.first?.id ?? null,
      payload: null,
      thread: null,
      madeBy: automation && makerOf(automation),
      resolution: null,
    };
  }

  /** Very many sockets in a row are in the same mode, and share what is told of it. */
  private makerOf(automation: AutomaticInfo | null): number {
    if (this.automation !== automation) {
      this.automation = automation;
      this.maker = makerCode(automation);
    }
    return this.maker;
  }

  /** The time of the call, where it was told that it begins; else that of its end. */
  private startOf(endNs: number): number {
    const { begun } = this;
    this.begun = -1;
    return begun < 0 ? endNs : begun;
  }

  private now(): number {
    if (this.begun >= 0) {
      return this.host.now();
    }
    if (this.timedFetch !== this.poller.fetches) {
      this.timedFetch = this.poller.fetches;
      this.time = this.host.now();
    }
    return this.time;
  }
}

/** Of IPv4, or of IPv6 without a scope. */
function isPacked(names: Uint8Array, start: number, length: number): boolean {
  const code = names[start]! | (names[start + 1]! << 8);
  return (
    (code === family.AF_INET && length === 16) ||
    (code === family.AF_INET6 &&
      length === 28 &&
      (names[start + 24]! | names[start + 25]! | names[start + 26]! | names[start + 27]!) === 0)
  );
}

/** The socket that has the file open; 0 for none. */
function idOf(file: OpenFile | null | undefined): number {
  return file?.first?.id ?? 0;
}
