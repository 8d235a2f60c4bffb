import { type Message, messageFlag } from './framing.js';
import type { FramerState } from './framer.js';
import { firstIndex } from '../search.js';

/** Which messages the bytes of one call belong to. */
export interface RecordFrames {
  /** In order: those that it has bytes of. The last may not have ended yet. */
  messages: readonly Message[];
  /** The first one began in an earlier call. */
  continues: boolean;
  /** The last one goes on in a later call. */
  goesOn: boolean;
  /** The last one has not ended, as far as the stream is known. */
  isIncomplete: boolean;
  /** Where messages can no longer be told apart, as a position in the stream; null where they all can. */
  lostAt: number | null;
}

/** Messages of a stream, in order. */
export interface MessageSource {
  readonly count: number;
  at(index: number): Message;
  /** Of what lies behind the last one. */
  readonly state: FramerState;
}

/** What a call with so many bytes from `offset` on has of the messages; null while that is not known. */
export function framesOf(source: MessageSource, offset: number, length: number): RecordFrames | null {
  const { state } = source;
  const end = offset + length;
  if (length === 0 || state.position < end) {
    return null;
  }
  const messages: Message[] = [];
  for (let index = firstEndingAfter(source, offset); index < source.count; index++) {
    const message = source.at(index);
    if (message.start >= end) {
      break;
    }
    messages.push(message);
  }
  const { start, number, flags, lostAt } = state;
  const isPending = lostAt === null && start < end && state.position > start;
  if (isPending) {
    messages.push({ number, start, end: state.end ?? state.position, flags });
  }
  const [first, last] = [messages[0], messages.at(-1)];
  return {
    messages,
    continues: first !== undefined && first.start < offset,
    // Of a message that has not ended only what has come is known to go on.
    goesOn: isPending ? state.position > end : last !== undefined && last.end > end,
    isIncomplete: isPending,
    lostAt: lostAt !== null && lostAt < end ? Math.max(lostAt, offset) : null,
  };
}

/** Whether one of the messages has this flag. */
export function hasFlag({ messages }: RecordFrames, flag: keyof typeof messageFlag): boolean {
  return messages.some(({ flags }) => (flags & messageFlag[flag]) !== 0);
}

function firstEndingAfter(source: MessageSource, offset: number): number {
  return firstIndex(0, source.count, (index) => source.at(index).end > offset);
}
