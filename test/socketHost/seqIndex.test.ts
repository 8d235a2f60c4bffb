import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { packed, segmentOf } from '../../src/socketHost/store/segments.js';
import { SeqIndex } from '../../src/socketHost/store/seqIndex.js';

/** A record's number is this much beyond the last one, or before it; or the oldest segments go. */
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ ahead: fc.integer({ min: 1, max: 3 }), times: fc.integer({ min: 1, max: 400 }) }),
  },
  { weight: 1, arbitrary: fc.record({ back: fc.integer({ min: 1, max: 50 }) }) },
  { weight: 3, arbitrary: fc.record({ gone: fc.integer({ min: 1, max: 5 }) }) },
);

const recordsASegment = 100;

test('an index of numbers finds what is held, however often its beginning moves on', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const index = new SeqIndex(1);
      const model = new Map<number, number>();
      let [last, written, firstSegment] = [0, 0, 0];
      const write = (seq: number) => {
        const position = packed(Math.floor(written / recordsASegment), written % recordsASegment);
        written++;
        index.set(seq, position);
        model.set(seq, position);
      };
      for (const each of steps) {
        if ('ahead' in each) {
          for (let i = 0; i < each.times; i++) {
            last += each.ahead;
            write(last);
          }
        } else if ('back' in each) {
          const seq = last - each.back;
          if (seq > 0 && !model.has(seq)) {
            write(seq);
          }
        } else {
          firstSegment = Math.min(firstSegment + each.gone, Math.floor(written / recordsASegment));
          index.trim((segment) => segment >= firstSegment);
          for (const [seq, position] of model) {
            if (segmentOf(position) < firstSegment) {
              model.delete(seq);
            }
          }
        }
      }
      const held = [...model.keys()].sort((a, b) => a - b);
      expect(held.map((seq) => index.get(seq))).toEqual(held.map((seq) => model.get(seq)));
      expect(index.next(index.firstSeq)).toBe(held[0]);
      expect(index.get(last + 1)).toBe(-1);
    }),
    { numRuns: 60 },
  );
});
