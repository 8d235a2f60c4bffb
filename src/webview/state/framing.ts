import { signal } from '@preact/signals';
import type { CallRecord } from '../../common/call.js';
import { firstState, type FramerState } from '../../common/framing/framer.js';
import type { Framing, Message } from '../../common/framing/framing.js';
import { framesOf, type MessageSource, type RecordFrames } from '../../common/framing/recordFrames.js';
import type { KeptFraming } from '../../common/protocol/panel.js';
import type { FrameAnswer, FrameRequest } from '../../common/protocol/socketHost.js';
import type { SocketLookup } from '../../common/recordText.js';
import type { SocketId } from '../../common/socket.js';
import { endpointText, isUnnamed } from '../../common/socketText.js';
import { Reading, step, type Step } from './reading.js';

export interface FramingContext {
  range: { readonly firstSeq: number; readonly lastSeq: number };
  sockets(): SocketLookup;
  frame(request: FrameRequest): Promise<FrameAnswer>;
  /** Keeps it for when the page is opened again. */
  keep(kept: KeptFraming): void;
}

/** Messages of one direction that are held: 32 bytes each. What lies behind them is not marked. */
export const mostMessages = 100_000;

/** Numbers that a message is told in. */
const [size, numberAt, startAt, endAt, flagsAt] = [4, 0, 1, 2, 3];

/** One direction of a stream, cut into messages as far as it was looked at. */
class FramedStream implements MessageSource {
  private numbers = new Float64Array(size * 256);
  private next = 1;
  /** Where to begin again when one of the records from there on has changed. */
  private again: number | null = null;
  private readonly reading = new Reading({
    isRead: (seq) => this.again !== null && seq >= this.again && seq < this.next,
    next: (changed) => this.ask(changed),
  });
  count = 0;
  state: FramerState = firstState;

  constructor(
    private readonly context: FramingContext,
    private readonly request: Pick<FrameRequest, 'socketIds' | 'direction' | 'framing'>,
    private readonly onDidRead: () => void,
  ) {}

  get isFull(): boolean {
    return this.count >= mostMessages;
  }

  at(index: number): Message {
    const value = (place: number) => this.numbers[size * index + place]!;
    return { number: value(numberAt), start: value(startAt), end: value(endAt), flags: value(flagsAt) };
  }

  /** There are more records, or these have changed. */
  update(changedSeqs: readonly number[]): void {
    this.reading.update(changedSeqs);
  }

  /** It is cut in another way: what is under way is of no use. */
  drop(): void {
    this.reading.reset();
  }

  private ask(changed: readonly number[]): Step | null {
    const { range } = this.context;
    if (changed.length > 0 && this.again !== null) {
      // A call that was passed over has ended, maybe.
      this.next = this.again;
      this.again = null;
    }
    const { next: from, state, again } = this;
    if (from > range.lastSeq || this.isFull || state.lostAt !== null) {
      return null;
    }
    return step({
      changed,
      ask: () =>
        this.context.frame({
          ...this.request,
          from: Math.max(from, range.firstSeq),
          state: state === firstState ? null : state,
          again,
        }),
      take: (answer) => {
        this.add(answer);
        return answer.next > from;
      },
    });
  }

  private add({ messages, state, next, again }: FrameAnswer): void {
    const found = new Float64Array(Uint8Array.from(messages).buffer);
    const length = size * this.count + found.length;
    if (length > this.numbers.length) {
      const larger = new Float64Array(2 * length);
      larger.set(this.numbers.subarray(0, size * this.count));
      this.numbers = larger;
    }
    this.numbers.set(found, size * this.count);
    this.count += found.length / size;
    this.state = state;
    this.next = next;
    this.again = again;
    this.onDidRead();
  }
}

/** How people have said that streams are made of messages, and which messages that makes. */
export class FramingModel {
  private readonly chosen = new Map<SocketId, Framing>();
  /** By the address of the server, so that they outlive the sockets. */
  private readonly ofServers = new Map<string, Framing>();
  private readonly streams = new Map<string, FramedStream>();

  /** Counts the updates: whoever reads messages depends on it. */
  readonly version = signal(0);

  constructor(
    private readonly context: FramingContext,
    kept: readonly KeptFraming[],
  ) {
    for (const { of, framing } of kept) {
      if (framing && typeof of === 'string') {
        this.ofServers.set(of, framing);
      } else if (framing && typeof of === 'number') {
        this.chosen.set(of, framing);
      }
    }
  }

  of(socketId: SocketId | null): Framing | null {
    // Asked for every row that is drawn: mostly nothing was chosen.
    if (socketId === null || this.chosen.size + this.ofServers.size === 0) {
      return null;
    }
    const server = this.serverOf(socketId);
    return this.chosen.get(socketId) ?? (server === null ? null : (this.ofServers.get(server) ?? null));
  }

  /** Frames both directions of a connection, at both ends where both are ours; null takes it back. */
  choose(socketId: SocketId, framing: Framing | null): void {
    const own = this.sameFile(socketId);
    const peerId = this.context.sockets().get(socketId)?.peerId ?? null;
    const server = this.serverOf(socketId);
    for (const id of [...own, ...(peerId === null ? [] : this.sameFile(peerId))]) {
      if (framing) {
        this.chosen.set(id, framing);
      } else {
        this.chosen.delete(id);
      }
      if (server === null) {
        this.context.keep({ of: id, framing });
      }
    }
    if (server !== null) {
      this.ofServers.delete(server);
      if (framing) {
        this.ofServers.set(server, framing);
      }
      this.context.keep({ of: server, framing });
    }
    // Those of other connections of the server are cut anew, too.
    for (const stream of this.streams.values()) {
      stream.drop();
    }
    this.streams.clear();
    this.version.value++;
  }

  /** The messages that a record has bytes of; null where its stream is not framed, or not that far yet. */
  framesOf({ socketId, payload }: CallRecord): RecordFrames | null {
    const stream = payload && this.streamOf(socketId, payload.direction, payload.offset);
    return stream ? framesOf(stream, payload.offset!, payload.length) : null;
  }

  /** The record lies behind the messages that are held. */
  isBeyond({ socketId, payload }: CallRecord): boolean {
    const stream = payload && this.streamOf(socketId, payload.direction, payload.offset);
    return stream ? stream.isFull && payload.offset! >= stream.state.start : false;
  }

  /** There are more records, or these have changed. */
  update(changedSeqs: readonly number[]): void {
    for (const stream of this.streams.values()) {
      stream.update(changedSeqs);
    }
  }

  private streamOf(
    socketId: SocketId | null,
    direction: 'in' | 'out',
    offset: number | null,
  ): FramedStream | null {
    const framing = this.of(socketId);
    if (socketId === null || offset === null || !framing) {
      return null;
    }
    const socketIds = this.sameFile(socketId);
    const key = `${Math.min(...socketIds)}/${direction}`;
    let stream = this.streams.get(key);
    if (!stream) {
      stream = new FramedStream(this.context, { socketIds, direction, framing }, () => this.version.value++);
      this.streams.set(key, stream);
      stream.update([]);
    }
    return stream;
  }

  /** The address at which a connection's server listens; null where it has none that comes again. */
  private serverOf(id: SocketId): string | null {
    const socket = this.context.sockets().get(id);
    const address = socket?.role === 'accepted' ? socket.local : socket?.remote;
    return address && !isUnnamed(address) ? endpointText(address) : null;
  }

  /** All descriptors of the open file. */
  private sameFile(id: SocketId): SocketId[] {
    return [id, ...(this.context.sockets().get(id)?.sharedWith ?? [])];
  }
}
