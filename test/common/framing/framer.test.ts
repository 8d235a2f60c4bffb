import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Framer } from '../../../src/common/framing/framer.js';
import {
  type Framing,
  type Message,
  messageFlag,
  mostLength,
  overhead,
} from '../../../src/common/framing/framing.js';
import { framesOf, hasFlag } from '../../../src/common/framing/recordFrames.js';

const text = (value: string) => new TextEncoder().encode(value);
const line: Framing = { kind: 'line', ending: 'LF' };
const crlf: Framing = { kind: 'line', ending: 'CRLF' };
const prefix = (more: Partial<Framing & { kind: 'length' }> = {}): Framing => ({
  kind: 'length',
  width: 4,
  isLittleEndian: false,
  before: 0,
  isWhole: false,
  ...more,
});

/** The messages of bytes that come in pieces of these lengths, and what is left. */
function cut(framing: Framing, bytes: Uint8Array, lengths: readonly number[] = [bytes.length]) {
  let framer = new Framer(framing);
  const messages: Message[] = [];
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    const piece = bytes.subarray(at, at + length);
    messages.push(...framer.push(at, piece));
    at += piece.length;
    // It goes on from its state alone.
    framer = new Framer(framing, structuredClone(framer.state));
  }
  return { messages, state: framer.state };
}

const spans = (messages: readonly Message[]) => messages.map(({ start, end }) => [start, end]);

/** A stream that is cut as the framing says, and where. */
const framed = fc
  .record({
    framing: fc.oneof(
      fc.constant<Framing>(line),
      fc.constant<Framing>(crlf),
      fc.integer({ min: 1, max: 9 }).map((length): Framing => ({ kind: 'fixed', length })),
      fc
        .record({
          width: fc.constantFrom(1 as const, 2 as const, 4 as const),
          isLittleEndian: fc.boolean(),
          before: fc.integer({ min: 0, max: 3 }),
          isWhole: fc.boolean(),
        })
        .map((more) => prefix(more)),
    ),
    contents: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
    rest: fc.uint8Array({ maxLength: 3 }),
    cuts: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 40 }),
  })
  .map(({ framing, contents, rest, cuts }) => {
    const parts = contents.map((content) => encode(framing, content));
    const bytes = Uint8Array.from([...parts, [...rest]].flatMap((part) => [...part]));
    return { framing, parts, bytes, cuts };
  });

/** One message as its maker writes it. */
function encode(framing: Framing, content: Uint8Array): number[] {
  switch (framing.kind) {
    case 'line':
      return [
        ...[...content].filter((byte) => byte !== 10),
        ...(framing.ending === 'CRLF' ? [13, 10] : [10]),
      ];
    case 'fixed':
      return Array.from({ length: framing.length }, (_, index) => content[index] ?? 0);
    case 'length': {
      const { width, before, isLittleEndian, isWhole } = framing;
      const value = content.length + (isWhole ? width + before : 0);
      const digits = Array.from({ length: width }, (_, index) => (value >>> (8 * (width - 1 - index))) & 255);
      return [
        ...content.subarray(0, before),
        ...Array.from({ length: Math.max(0, before - content.length) }, () => 7),
        ...(isLittleEndian ? digits.toReversed() : digits),
        ...content,
      ];
    }
  }
}

describe('a framer', () => {
  it('finds the messages that were made, however the bytes are split', () => {
    fc.assert(
      fc.property(framed, ({ framing, parts, bytes, cuts }) => {
        const whole = cut(framing, bytes);
        const split = cut(framing, bytes, cuts);
        expect(split).toEqual(whole);
        const ends = parts.map((_, index) => parts.slice(0, index + 1).flat().length);
        expect(whole.messages.slice(0, parts.length).map(({ end }) => end)).toEqual(ends);
        expect(whole.messages.map(({ number }) => number)).toEqual(
          whole.messages.map((_, index) => index + 1),
        );
        // They lie one behind the other, without anything between.
        expect(
          whole.messages.every(({ start }, index) => start === (whole.messages[index - 1]?.end ?? 0)),
        ).toBe(true);
      }),
    );
  });

  it('says the same of bytes that it is told of twice', () => {
    const framer = new Framer(line);
    expect(spans(framer.push(0, text('one\ntw')))).toEqual([[0, 4]]);
    expect(spans(framer.push(4, text('two\nth')))).toEqual([[4, 8]]);
    expect(framer.push(0, text('one\n'))).toEqual([]);
    expect(framer.state).toMatchObject({ position: 10, start: 8, number: 3 });
  });

  it('ends a line only with CR and LF where both are asked for, also apart', () => {
    expect(spans(cut(crlf, text('a\nb\r\nc\r\n'), [1, 1, 1, 1, 1]).messages)).toEqual([
      [0, 5],
      [5, 8],
    ]);
    expect(overhead(crlf)).toEqual({ head: 0, tail: 2 });
    expect(overhead(line)).toEqual({ head: 0, tail: 1 });
  });

  it('takes an impossible length for the end of what can be told apart', () => {
    const bytes = Uint8Array.from([0, 0, 0, 1, 65, 255, 255, 255, 255, 66, 66]);
    const { messages, state } = cut(prefix(), bytes, [6, 1]);
    expect(messages.map(({ start, end, flags }) => [start, end, flags])).toEqual([
      [0, 5, 0],
      [5, 9, messageFlag.isImpossible],
    ]);
    expect(state).toMatchObject({ lostAt: 9, position: 11 });
    // Shorter than its own head.
    const short = cut(prefix({ width: 1, isWhole: true, before: 2 }), Uint8Array.from([1, 2, 2, 3, 4]));
    expect(short.messages.map(({ flags }) => flags)).toEqual([messageFlag.isImpossible]);
    const most = new DataView(new ArrayBuffer(4));
    most.setUint32(0, mostLength - 4);
    expect(cut(prefix(), new Uint8Array(most.buffer)).state).toMatchObject({ lostAt: null, end: mostLength });
  });

  it('goes on over bytes that were not kept where that can be done', () => {
    const fixed = new Framer({ kind: 'fixed', length: 4 });
    fixed.push(0, text('aaaabb'));
    const found = fixed.push(1_000_000_002, text('bbcccc'));
    expect(found.map(({ number, start, flags }) => [number, start, flags])).toEqual([
      [2, 4, messageFlag.hasGap],
      [250_000_001, 1_000_000_000, messageFlag.hasGap],
      [250_000_002, 1_000_000_004, 0],
    ]);
    // The message that had begun is told, those that are gone as a whole are not.
    const other = new Framer({ kind: 'fixed', length: 4 });
    other.push(0, text('aa'));
    expect(other.push(10, text('bb')).map(({ number, flags }) => [number, flags])).toEqual([
      [1, messageFlag.hasGap],
      [3, messageFlag.hasGap],
    ]);
    const lines = new Framer(line);
    expect(lines.push(0, text('one\ntw'), 20)).toEqual([{ number: 1, start: 0, end: 4, flags: 0 }]);
    expect(lines.push(20, text('x\ny\n'))).toEqual([
      { number: 2, start: 4, end: 22, flags: messageFlag.hasGap },
      { number: 3, start: 22, end: 24, flags: 0 },
    ]);
    const inside = new Framer(prefix({ width: 1 }));
    inside.push(0, Uint8Array.from([5, 1]));
    expect(inside.push(4, Uint8Array.from([4, 5, 1, 9]))).toEqual([
      { number: 1, start: 0, end: 6, flags: messageFlag.hasGap },
      { number: 2, start: 6, end: 8, flags: 0 },
    ]);
    // The next length lies in the gap: nothing can be said of what follows.
    expect(inside.push(9, Uint8Array.from([1, 1, 1, 1]))).toEqual([]);
    expect(inside.state).toMatchObject({ lostAt: 8, position: 13 });
  });

  it('holds no more than a length, whatever comes', () => {
    const framer = new Framer(prefix({ before: 3 }));
    framer.push(0, Uint8Array.from([9, 9, 9, 0, 0, 0, 200]));
    for (let at = 7; at < 200; at += 10) {
      framer.push(at, new Uint8Array(10));
    }
    expect(framer.state.head.length).toBeLessThanOrEqual(4);
    const lines = new Framer(line);
    lines.push(0, new Uint8Array(10 * 1024 * 1024));
    expect(lines.state).toMatchObject({ head: [], position: 10 * 1024 * 1024, start: 0 });
  });
});

describe('the messages of a record', () => {
  const { messages, state } = cut(line, text('one\ntwo\nthree\nfo'));
  const source = { count: messages.length, at: (index: number) => messages[index]!, state };
  const numbers = (offset: number, length: number) => {
    const frames = framesOf(source, offset, length)!;
    return [
      frames.messages.map(({ number }) => number),
      frames.continues,
      frames.goesOn,
      frames.isIncomplete,
    ];
  };

  it('are whole, several, parts, or not ended', () => {
    expect(numbers(0, 4)).toEqual([[1], false, false, false]);
    expect(numbers(0, 8)).toEqual([[1, 2], false, false, false]);
    expect(numbers(2, 4)).toEqual([[1, 2], true, true, false]);
    expect(numbers(9, 2)).toEqual([[3], true, true, false]);
    expect(numbers(12, 4)).toEqual([[3, 4], true, false, true]);
    // Of one that has not ended, all but the last call have more behind them.
    expect(numbers(14, 1)).toEqual([[4], false, true, true]);
    expect(numbers(15, 1)).toEqual([[4], true, false, true]);
    const begun = cut(prefix({ width: 1 }), Uint8Array.from([5, 1, 2]));
    const frames = framesOf({ count: 0, at: (index) => begun.messages[index]!, state: begun.state }, 1, 2);
    expect(frames).toMatchObject({ continues: true, goesOn: false, isIncomplete: true });
    expect(framesOf(source, 12, 40)).toBeNull();
    expect(framesOf(source, 0, 0)).toBeNull();
  });

  it('end where they can no longer be told apart', () => {
    const lost = cut(prefix({ width: 1, isWhole: true }), Uint8Array.from([2, 9, 0, 1, 2]));
    const frames = framesOf({ count: 2, at: (index) => lost.messages[index]!, state: lost.state }, 1, 4)!;
    expect(frames).toMatchObject({ lostAt: 3, continues: true });
    expect(hasFlag(frames, 'isImpossible')).toBe(true);
    expect(hasFlag(frames, 'hasGap')).toBe(false);
  });
});
