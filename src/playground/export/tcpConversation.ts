import { type Body, type End, largestSegment, noBody, type Packet, tcpFlags, tcpPacket } from './packet.js';

const { ACK, FIN, PSH, RST, SYN } = tcpFlags;

/** Told of each packet. */
export type Emit = (packet: Packet, isInbound: boolean, comment: string | null) => void;

/** One end of a TCP connection, as far as it has been drawn. */
export interface Side {
  end: End;
  /** Records of it are exported: what it has received is known. */
  isOurs: boolean;
  /** The sequence number of its SYN. */
  isn: number;
  hasSyn: boolean;
  /** How far its stream has been drawn. */
  sent: number;
  /** How far it has taken the other's stream, by its records. */
  received: number;
  hasFin: boolean;
  /** It has taken the other's FIN. */
  hasSeenFin: boolean;
  other: Side;
}

/**
 * Draws a TCP connection of what calls did on it. The bytes of a stream are drawn once: as what was sent where that is
 * known, else as what was received. Where both are, a receiving call is the acknowledgment of what it took.
 */
export class TcpConversation {
  readonly client: Side;
  readonly server: Side;
  /** Nothing goes any more. */
  private isReset = false;
  private isRefused = false;

  constructor(client: End, server: End, number: number) {
    this.client = { ...newSide, end: client, isn: initialNumber(2 * number) } as Side;
    this.server = { ...newSide, end: server, isn: initialNumber(2 * number + 1) } as Side;
    this.client.other = this.server;
    this.server.other = this.client;
  }

  /** The first packet of a `connect(2)`; false where it has been drawn, as of the next try of the same connection. */
  syn(emit: Emit, comment: string | null): boolean {
    const { client } = this;
    if (client.hasSyn) {
      return false;
    }
    client.hasSyn = true;
    this.draw(emit, client, SYN, client.isn, noBody, comment);
    return true;
  }

  /** The rest of the handshake, where its beginning was drawn. */
  establish(emit: Emit, comment: string | null): boolean {
    const { client, server } = this;
    if (!client.hasSyn || server.hasSyn || this.isReset) {
      return false;
    }
    server.hasSyn = true;
    this.draw(emit, server, SYN | ACK, server.isn, noBody, comment);
    this.draw(emit, client, ACK, this.nextOf(client), noBody, null);
    return true;
  }

  /** The answer to a SYN that nobody wants. */
  refuse(emit: Emit, comment: string): boolean {
    if (this.server.hasSyn || this.isRefused) {
      return false;
    }
    this.isRefused = true;
    this.draw(emit, this.server, RST | ACK, 0, noBody, comment);
    return true;
  }

  /** Bytes that one side sent, from a place in its stream on. Whether there was anything to draw. */
  send(emit: Emit, side: Side, offset: number, body: Body, comment: string): boolean {
    const end = offset + body.length;
    if (end <= side.sent || this.isReset) {
      return false;
    }
    this.establish(emit, null);
    const from = Math.max(offset, Math.min(side.sent, end));
    let text: string | null = comment;
    for (let at = from; at < end; at += largestSegment) {
      const length = Math.min(largestSegment, end - at);
      const bytes = body.bytes.subarray(at - offset, at - offset + length);
      const flags = at + length === end ? PSH | ACK : ACK;
      this.draw(emit, side, flags, side.isn + 1 + at, { bytes, length }, text);
      text = null;
    }
    side.sent = end;
    return true;
  }

  /** Bytes that one side received: drawn as sent by the other where they are not yet, else as their acknowledgment. */
  receive(emit: Emit, side: Side, offset: number, body: Body, comment: string): boolean {
    const end = offset + body.length;
    if (end > side.other.sent) {
      const isDrawn = this.send(emit, side.other, offset, body, comment);
      side.received = Math.max(side.received, end);
      return isDrawn;
    }
    if (end <= side.received || this.isReset) {
      return false;
    }
    side.received = end;
    this.draw(emit, side, ACK, this.nextOf(side), noBody, comment);
    return true;
  }

  /** One side was told that the other sends nothing more. */
  receiveEnd(emit: Emit, side: Side, comment: string): boolean {
    if (side.hasSeenFin || this.isReset) {
      return false;
    }
    const isNews = !side.other.hasFin;
    if (isNews) {
      this.finish(emit, side.other, comment);
    }
    side.hasSeenFin = true;
    if (!isNews) {
      this.draw(emit, side, ACK, this.nextOf(side), noBody, comment);
    }
    return true;
  }

  /** One side sends nothing more. */
  finish(emit: Emit, side: Side, comment: string): boolean {
    if (side.hasFin || this.isReset) {
      return false;
    }
    this.establish(emit, null);
    const seq = this.nextOf(side);
    side.hasFin = true;
    this.draw(emit, side, FIN | ACK, seq, noBody, comment);
    return true;
  }

  /** One side ends the connection at once. */
  reset(emit: Emit, side: Side, comment: string): boolean {
    if (this.isReset) {
      return false;
    }
    this.draw(emit, side, RST | ACK, this.nextOf(side), noBody, comment);
    this.isReset = true;
    return true;
  }

  /** Where the side's next byte goes. */
  private nextOf({ isn, sent, hasFin }: Side): number {
    return isn + 1 + sent + (hasFin ? 1 : 0);
  }

  /** Of a side that is not ours nobody knows what it has taken: all that was sent by then. */
  private ackOf({ isOurs, received, hasSeenFin, other }: Side): number {
    return isOurs ? other.isn + 1 + received + (hasSeenFin ? 1 : 0) : this.nextOf(other);
  }

  private draw(emit: Emit, side: Side, flags: number, seq: number, body: Body, comment: string | null): void {
    const ack = flags & SYN && !(flags & ACK) ? 0 : this.ackOf(side);
    const segment = { seq: seq >>> 0, ack: ack >>> 0, flags, body };
    // Seen from our end; where both are, from the client's.
    const isInbound = this.client.isOurs ? side !== this.client : side === this.client;
    emit(tcpPacket(side.end, side.other.end, segment), isInbound, comment);
  }
}

const newSide = { isOurs: false, hasSyn: false, sent: 0, received: 0, hasFin: false, hasSeenFin: false };

/** Different for each stream of a file, the same each time. */
function initialNumber(number: number): number {
  return Math.imul(number + 1, 0x9e3779b1) >>> 0;
}
