import type { FilterRow } from '../common/filter/row.js';
import { Framer } from '../common/framing/framer.js';
import type { FrameAnswer, FrameRequest } from '../common/protocol/socketHost.js';
import type { SocketId } from '../common/socket.js';
import { NumberList } from './mergeSort.js';

const sends = new Set(['send', 'sendto', 'sendmsg', 'write']);
const receives = new Set(['recv', 'recvfrom', 'recvmsg', 'read']);

/** Messages in one answer, at most. */
const mostMessages = 20_000;
/** Records that may wait for the bytes before theirs; then these are taken for lost. */
const mostEarly = 64;

/** A record whose bytes lie behind some that have not come yet: a call that began before it ended later. */
interface Early {
  seq: number;
  offset: number;
  length: number;
  data: Uint8Array;
}

/** Cuts one direction of a stream into messages while a walk goes over the records. */
export class FrameScan {
  private readonly framer: Framer;
  private readonly socketIds: ReadonlySet<SocketId>;
  private readonly moving: ReadonlySet<string>;
  private readonly messages = new NumberList();
  private position: number;
  private early: Early[] = [];
  private again: number;

  constructor({ socketIds, direction, framing, state, again }: FrameRequest) {
    this.framer = new Framer(framing, state ?? undefined);
    this.socketIds = new Set(socketIds);
    this.moving = direction === 'out' ? sends : receives;
    this.position = this.framer.state.position;
    this.again = again ?? Infinity;
  }

  /** False when there are enough messages for one answer. */
  visit(row: FilterRow): boolean {
    const { socketId, length, streamOffset, seq } = row;
    if (socketId === null || !this.socketIds.has(socketId) || !this.moving.has(row.name)) {
      return true;
    }
    if (row.status === 'waiting') {
      this.again = Math.min(this.again, seq);
      return true;
    }
    if (streamOffset === null || !length || streamOffset + length <= this.position) {
      return true;
    }
    if (streamOffset <= this.position) {
      this.push(streamOffset, row.data, length);
      this.pushEarly(Infinity);
    } else {
      this.early.push({ seq, offset: streamOffset, length, data: row.data.slice() });
      this.early.sort((a, b) => a.offset - b.offset);
      this.pushEarly(mostEarly);
    }
    return this.messages.length < 4 * mostMessages;
  }

  answer(next: number, isAtEnd: boolean): FrameAnswer {
    if (isAtEnd && this.again === Infinity) {
      // Nothing can come before them any more.
      this.pushEarly(0);
    }
    const again = Math.min(this.again, ...this.early.map(({ seq }) => seq));
    const { array } = this.messages;
    return {
      messages: new Uint8Array(array.slice().buffer),
      state: this.framer.state,
      next,
      again: Number.isFinite(again) ? again : null,
      isDone: isAtEnd,
    };
  }

  /** Takes those that are next. More than so many do not wait any longer for what is missing before them. */
  private pushEarly(most: number): void {
    for (
      let first = this.early[0];
      first && (first.offset <= this.position || this.early.length > most);
      first = this.early[0]
    ) {
      this.early.shift();
      this.push(first.offset, first.data, first.length);
    }
  }

  private push(offset: number, data: Uint8Array, length: number): void {
    for (const { number, start, end, flags } of this.framer.push(offset, data.subarray(0, length), length)) {
      this.messages.push(number);
      this.messages.push(start);
      this.messages.push(end);
      this.messages.push(flags);
    }
    this.position = Math.max(this.position, offset + length);
  }
}
