import { type CallRecord, fieldOf } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { printRecord } from '../../common/notation/printer.js';
import { addressIn } from '../../common/recordText.js';
import { constantValue, type Platform } from '../../common/tables/constants.js';
import { parameterIndex } from '../../common/tables/signatures.js';
import { destinationOf } from './destination.js';
import type { OwnDatagrams, Receipt } from './ownDatagrams.js';
import { type Body, type End, isIPv4, udpPacket } from './packet.js';
import type { FullRecord } from './recordSource.js';
import { endOf, isWholeEnd, loopbackLike, type SocketBookOfFacts, type SocketFacts } from './socketFacts.js';
import { type Emit, type Side, TcpConversation } from './tcpConversation.js';

/** Ports that stand for those that nobody told: nobody gets one of these without asking for it. */
const firstStandIn = 1;

/** What a record becomes at a moment: false where it is no packet. */
export interface Moment {
  time: number;
  draw(emit: Emit): boolean;
}

/**
 * Makes packets of records. Only what the records say becomes one; what nobody told (an address, the number of an
 * acknowledgment of a foreign end) is made up so that it fits, and named in the packet's comment where it is an address.
 */
export class PacketMaker {
  private readonly conversations = new Map<
    SocketFacts,
    { conversation: TcpConversation; side: Side; note: string }
  >();
  private readonly closed = new Map<SocketFacts, number>();
  private readonly shutForReading = new Set<SocketFacts>();
  private readonly resetsOnClose = new Set<SocketFacts>();
  private readonly standIns = new Map<SocketFacts, number>();
  private lastNumber = 0;

  constructor(
    private readonly facts: SocketBookOfFacts,
    private readonly own: OwnDatagrams,
    private readonly platform: Platform,
  ) {}

  /** The moments at which a record becomes packets; none where it becomes none. */
  momentsOf({ record, payload = new Uint8Array() }: FullRecord): Moment[] {
    const socket = this.facts.get(record.socketId) ?? this.facts.get(record.createdIds[0] ?? null);
    if (!socket?.protocol) {
      return [];
    }
    const body = record.payload ? { bytes: payload, length: record.payload.length } : undefined;
    return socket.protocol === 'udp'
      ? this.datagram(record, socket, body)
      : this.ofStream(record, socket, body);
  }

  private datagram(record: CallRecord, socket: SocketFacts, body: Body | undefined): Moment[] {
    if (!body || !record.payload || this.isPeek(record)) {
      return [];
    }
    const isOut = record.payload.direction === 'out';
    const receipts = isOut ? this.own.receiptsOf(record) : [];
    return [
      {
        time: isOut ? record.startNs : (record.endNs ?? record.startNs),
        draw: (emit) => {
          if (isOut) {
            this.sendDatagram(emit, record, socket, body, receipts);
          } else if (!this.own.isDrawn(record)) {
            this.receiveDatagram(emit, record, socket, body);
          }
          return true;
        },
      },
    ];
  }

  /** One packet, however many of our sockets received it. */
  private sendDatagram(
    emit: Emit,
    record: CallRecord,
    socket: SocketFacts,
    body: Body,
    receipts: readonly Receipt[],
  ): void {
    this.own.noteDrawn(receipts);
    const to = endOf(addressIn(record)) ?? remoteAt(socket, record.seq);
    // Where it came from, its receiver was told: the sender may be at every address.
    const seen = receipts.find(({ source }) => source !== null)?.source;
    const local = this.known(socket, seen ?? socket.local, to);
    const remote = this.known(socket, to, socket.local);
    const seenBy = receipts.length > 0 ? receipts.map(({ text }) => text) : [this.lossNote(record)];
    emit(
      udpPacket(local.end, remote.end, body),
      false,
      this.comment(record, ...seenBy, noteOf([local, remote])),
    );
  }

  private receiveDatagram(emit: Emit, record: CallRecord, socket: SocketFacts, body: Body): void {
    const from = endOf(addressIn(record)) ?? remoteAt(socket, record.seq);
    const local = this.known(socket, destinationOf(record, socket.local?.port ?? 0) ?? socket.local, from);
    const remote = this.known(socket, from, socket.local);
    const comment = this.comment(record, this.lossNote(record), noteOf([local, remote]));
    emit(udpPacket(remote.end, local.end, body), true, comment);
  }

  /** Said of a datagram that may be in the file twice. */
  private lossNote(record: CallRecord): string {
    return this.own.isLost(record)
      ? t('Among the {0} datagrams around it, its other call was not found.', this.own.block)
      : '';
  }

  private ofStream(record: CallRecord, socket: SocketFacts, body: Body | undefined): Moment[] {
    const { name, startNs, endNs, errno, status } = record;
    const end = endNs ?? startNs;
    const hasSucceeded = status === 'returned' && errno === null;
    switch (name) {
      case 'connect':
        return this.connect(record, socket);
      case 'accept':
      case 'accept4':
        return hasSucceeded ? [this.accept(record)] : [];
      case 'close':
        return hasSucceeded ? [{ time: startNs, draw: (emit) => this.close(emit, record, socket) }] : [];
      case 'shutdown':
        return hasSucceeded ? [{ time: startNs, draw: (emit) => this.shutdown(emit, record, socket) }] : [];
      case 'setsockopt':
        return [{ time: end, draw: () => this.noteLinger(record, socket) }];
      default:
        return errno === 'ECONNRESET'
          ? [{ time: end, draw: (emit) => this.receiveReset(emit, record, socket) }]
          : this.moved(record, socket, body);
    }
  }

  /** Bytes that a call moved, or the end of the other's. */
  private moved(record: CallRecord, socket: SocketFacts, body: Body | undefined): Moment[] {
    const { payload, result, startNs, endNs } = record;
    const end = endNs ?? startNs;
    if (!body || !payload) {
      return [];
    }
    if (payload.direction === 'in' && result === 0 && body.length === 0 && wasAskedForBytes(record)) {
      return [{ time: end, draw: (emit) => this.receiveEnd(emit, record, socket) }];
    }
    // Without a place in the stream: a peek, or data out of band.
    if (payload.offset === null || body.length === 0) {
      return [];
    }
    const { offset } = payload;
    const isOut = payload.direction === 'out';
    return [
      {
        time: isOut ? startNs : end,
        draw: (emit) => {
          const { conversation, side, note } = this.conversationOf(socket);
          const comment = this.comment(record, note);
          return isOut
            ? conversation.send(emit, side, offset, body, comment)
            : conversation.receive(emit, side, offset, body, comment);
        },
      },
    ];
  }

  private connect(record: CallRecord, socket: SocketFacts): Moment[] {
    const { startNs, endNs, errno, status, args } = record;
    const target = endOf(args[1]);
    if (!target || alreadyTold.includes(String(errno))) {
      return [];
    }
    const isGoing = status !== 'returned' || errno === null || errno === 'EINPROGRESS';
    const { conversation, note } = isGoing ? this.conversationOf(socket) : this.attempt(socket, target);
    let hasBegun = false;
    const moments: Moment[] = [
      {
        time: startNs,
        draw: (emit) => {
          hasBegun = conversation.syn(emit, this.comment(record, words(note, synthetic())));
          return hasBegun;
        },
      },
    ];
    const end = endNs ?? startNs;
    if (status === 'returned' && errno === null) {
      const accept = socket.peer?.accept;
      const text = accept ? this.comment(accept, socket.peer!.isPeerInferred ? pairedByOrder() : '') : null;
      const draw = (emit: Emit) =>
        conversation.establish(emit, hasBegun ? text : this.comment(record, words(text ?? '', synthetic())));
      moments.push({ time: end, draw });
    } else if (errno === 'ECONNREFUSED') {
      moments.push({ time: end, draw: (emit) => conversation.refuse(emit, synthetic()) });
    }
    return moments;
  }

  private accept(record: CallRecord): Moment {
    return {
      time: record.endNs ?? record.startNs,
      draw: (emit) => {
        const made = this.facts.get(record.createdIds[0] ?? null);
        if (!made) {
          return false;
        }
        const { conversation } = this.conversationOf(made);
        const comment = this.comment(record, synthetic());
        if (conversation.server.hasSyn) {
          // Its text stands on the handshake.
          return made.peer?.connect != null;
        }
        if (!conversation.client.hasSyn) {
          conversation.syn(emit, null);
        }
        return conversation.establish(emit, comment);
      },
    };
  }

  private receiveReset(emit: Emit, record: CallRecord, socket: SocketFacts): boolean {
    const { conversation, side } = this.conversationOf(socket);
    return conversation.reset(emit, side.other, this.comment(record, synthetic()));
  }

  private receiveEnd(emit: Emit, record: CallRecord, socket: SocketFacts): boolean {
    if (this.shutForReading.has(socket)) {
      return false;
    }
    const { conversation, side } = this.conversationOf(socket);
    return conversation.receiveEnd(emit, side, this.comment(record, side.other.hasFin ? '' : synthetic()));
  }

  private close(emit: Emit, record: CallRecord, socket: SocketFacts): boolean {
    const closed = (this.closed.get(socket) ?? 0) + 1;
    this.closed.set(socket, closed);
    if (closed < socket.descriptors || !isConnection(socket)) {
      return false;
    }
    const { conversation, side } = this.conversationOf(socket);
    const unread = side.other.sent - side.received;
    if (this.resetsOnClose.has(socket)) {
      return conversation.reset(emit, side, this.comment(record, synthetic()));
    }
    if (side.other.isOurs && unread > 0 && !this.shutForReading.has(socket)) {
      const why = t('Closed with {0} bytes unread, which resets the connection.', unread);
      return conversation.reset(emit, side, this.comment(record, `${why} ${synthetic()}`));
    }
    return conversation.finish(emit, side, this.comment(record, synthetic()));
  }

  private shutdown(emit: Emit, record: CallRecord, socket: SocketFacts): boolean {
    const how = record.args[1];
    const isOf = (name: string) => how === constantValue(name, this.platform);
    if (isOf('SHUT_RD') || isOf('SHUT_RDWR')) {
      this.shutForReading.add(socket);
    }
    if (isOf('SHUT_RD') || !isConnection(socket)) {
      return false;
    }
    const { conversation, side } = this.conversationOf(socket);
    return conversation.finish(emit, side, this.comment(record, synthetic()));
  }

  private noteLinger({ args, errno }: CallRecord, socket: SocketFacts): boolean {
    if (errno === null && args[2] === constantValue('SO_LINGER', this.platform)) {
      const isOn = fieldOf(args[3], 'l_onoff') === 1;
      if (isOn && fieldOf(args[3], 'l_linger') === 0) {
        this.resetsOnClose.add(socket);
      } else {
        this.resetsOnClose.delete(socket);
      }
    }
    return false;
  }

  /** A connection that did not come about: the next try is another. */
  private attempt(socket: SocketFacts, target: End) {
    const local = this.known(socket, socket.local, target);
    const conversation = new TcpConversation(local.end, target, this.lastNumber++);
    conversation.client.isOurs = true;
    return { conversation, note: noteOf([local]) };
  }

  private conversationOf(socket: SocketFacts) {
    const known = this.conversations.get(socket);
    if (known) {
      return known;
    }
    const isServer = socket.accept !== null || socket.listener !== null;
    const local = this.known(socket, socket.local, socket.remote);
    const remote = this.known(socket, socket.remote, socket.local);
    const [client, server] = isServer ? [remote.end, local.end] : [local.end, remote.end];
    const conversation = new TcpConversation(client, server, this.lastNumber++);
    const note = noteOf([local, remote]);
    const [side, other] = isServer
      ? [conversation.server, conversation.client]
      : [conversation.client, conversation.server];
    side.isOurs = true;
    this.conversations.set(socket, { conversation, side, note });
    if (socket.peer) {
      other.isOurs = true;
      this.conversations.set(socket.peer, { conversation, side: other, note });
    }
    return this.conversations.get(socket)!;
  }

  /** An address as far as it is known, with something in the place of what is not. */
  private known(socket: SocketFacts, end: End | null, otherEnd: End | null): Known {
    if (end && isWholeEnd(end)) {
      return { end, isMadeUp: false };
    }
    const isAddressKnown = end !== null && end.address !== '0.0.0.0' && end.address !== '::';
    const isFamilyRight = !otherEnd || !end || isIPv4(end.address) === isIPv4(otherEnd.address);
    const address = isAddressKnown && isFamilyRight ? end.address : loopbackLike(otherEnd ?? end);
    const port = end && end.port !== 0 ? end.port : this.standInOf(socket);
    return { end: { address, port }, isMadeUp: true };
  }

  private standInOf(socket: SocketFacts): number {
    const port = this.standIns.get(socket) ?? firstStandIn + (this.standIns.size % 1023);
    this.standIns.set(socket, port);
    return port;
  }

  private isPeek({ name, args }: CallRecord): boolean {
    const flags = args[parameterIndex(name, 'msgflags')];
    return typeof flags === 'number' && (flags & constantValue('MSG_PEEK', this.platform)!) !== 0;
  }

  /** A line for the call, and one for each note that is not empty. */
  private comment(record: CallRecord, ...notes: string[]): string {
    return [packetComment(record, this.platform), ...notes.filter((note) => note !== '')].join('\n');
  }
}

/** The call as the table shows it, with its number and who made it. */
export function packetComment(record: CallRecord, platform: Platform): string {
  const call = printRecord(record, { style: 'short', platform });
  return `#${record.seq} ${call}${record.madeBy === null ? '' : ` · ${record.madeBy}`}`;
}

/** What says no more than that an earlier call did it. */
const alreadyTold: readonly string[] = ['EALREADY', 'EISCONN'];

interface Known {
  end: End;
  isMadeUp: boolean;
}

function noteOf(ends: readonly Known[]): string {
  return ends
    .filter(({ isMadeUp }) => isMadeUp)
    .map(({ end }) => t('{0} stands for an address that was not told.', endName(end)))
    .join(' ');
}

function endName({ address, port }: End): string {
  return isIPv4(address) ? `${address}:${port}` : `[${address}]:${port}`;
}

function words(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

function synthetic(): string {
  return t('(synthetic: no packet was seen)');
}

function pairedByOrder(): string {
  return t('(inferred: the two ends belong together by the order of the calls)');
}

function isConnection({ remote, accept, connect, peer }: SocketFacts): boolean {
  return (remote !== null || peer !== null) && (accept !== null || connect !== null || peer !== null);
}

/** Where a datagram socket was connected to when a call was made. */
function remoteAt({ remotes, remote }: SocketFacts, seq: number): End | null {
  return remotes.findLast((each) => each.seq <= seq)?.end ?? remote;
}

/** Whether the call had room for a byte: without, 0 says nothing. */
function wasAskedForBytes({ name, args }: CallRecord): boolean {
  const length = args[parameterIndex(name, 'size')];
  return parameterIndex(name, 'size') < 0 || (typeof length === 'number' && length > 0);
}
