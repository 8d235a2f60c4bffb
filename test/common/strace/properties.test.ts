import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLine } from '../../../src/common/strace/line.js';
import { ValueReader } from '../../../src/common/strace/values.js';
import { fixture, observe } from './support.js';

const logs = ['f', 'f-ttt-yy', 'f-xx', 'stderr-yy'].map(fixture);
const parts = [
  ...new Set(logs.flat().flatMap((line) => line.split(/(?=[ ,(){}[\]<>="])|(?<=[ ,(){}[\]<>="])/))),
];

/** Lines as strace prints them, with something wrong in them. */
const brokenLine = fc
  .tuple(fc.constantFrom(...logs.flat()), fc.nat(), fc.nat(), fc.constantFrom('', ...parts))
  .map(([line, from, length, put]) => {
    const start = from % (line.length + 1);
    return line.slice(0, start) + put + line.slice(start + (length % 12));
  });
const nonsense = fc.array(fc.constantFrom(...parts), { maxLength: 40 }).map((some) => some.join(''));
const anything = fc.string({ unit: 'binary', maxLength: 80 });

describe('any text', () => {
  it('is read without a fault, line by line', () => {
    const line = fc.oneof(
      { weight: 3, arbitrary: brokenLine },
      nonsense,
      anything,
      fc.constantFrom(...logs.flat()),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
        const { log, records } = observe(lines);
        expect(log.problems.filter(({ text }) => text.includes('Error'))).toEqual([]);
        expect(new Set(records.map(({ seq }) => seq)).size).toBe(records.length);
        for (const { status, endNs, startNs } of records) {
          expect(status).not.toBe('waiting');
          expect(endNs ?? startNs).toBeGreaterThanOrEqual(startNs);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has its prefix taken off and nothing lost', () => {
    fc.assert(
      fc.property(fc.oneof(brokenLine, anything), (line) => {
        const parsed = parseLine(line);
        expect(line.replace(/\r$/, '')).toContain(parsed.text.slice(0, 20));
      }),
    );
  });
});

describe('a string', () => {
  it('gives back the bytes that strace has escaped', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const octal = [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
        const short = [...bytes]
          .map((byte, index) => {
            const next = bytes[index + 1] ?? 0;
            const isDigit = next >= 0x30 && next <= 0x37;
            const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
            return isPlain
              ? String.fromCharCode(byte)
              : `\\${byte.toString(8).padStart(isDigit ? 3 : 1, '0')}`;
          })
          .join('');
        for (const text of [octal, short]) {
          expect(new ValueReader(`"${text}"`).value()).toEqual({
            kind: 'string',
            bytes,
            isCut: false,
            isAbstract: false,
          });
        }
      }),
    );
  });
});
