import { describe, expect, test } from 'vitest';
import { Capture } from '../../src/socketHost/capture.js';
import { received } from '../support/records.js';

const MiB = 1 << 20;

function add(capture: Capture, seq: number, bytes: Uint8Array): void {
  capture.append(received(seq, bytes.length), capture.appendPayload(bytes, seq, seq));
}

describe('the capture', () => {
  test('keeps rows and bytes, of whatever length', () => {
    const capture = new Capture(1);
    for (let length = 0; length < 40; length++) {
      add(capture, length + 1, new Uint8Array(length).fill(length));
    }
    for (let length = 0; length < 40; length++) {
      expect(capture.read(length + 1)).toEqual(received(length + 1, length));
      expect(capture.readData(length + 1, 0, 100)).toEqual(new Uint8Array(length).fill(length));
    }
    expect(capture.read(41)).toBeUndefined();
    expect(capture.read(0)).toBeUndefined();
  });

  test('what the kernel wrote in place becomes the payload', () => {
    const capture = new Capture(1);
    const unused = capture.reserve(1000);
    const used = capture.reserve(1000);
    expect(used.offset).toBe(unused.offset);
    used.segment.bytes.set([1, 2, 3], used.offset);
    capture.commit(used, 3, 1, 1);
    capture.append(received(1, 3), { segment: used.segment.id, offset: used.offset });
    add(capture, 2, new Uint8Array([9]));
    expect(capture.readData(1, 0, 10)).toEqual(new Uint8Array([1, 2, 3]));
    expect(capture.readData(1, 1, 1)).toEqual(new Uint8Array([2]));
    expect(capture.readData(2, 0, 10)).toEqual(new Uint8Array([9]));
  });

  test('drops the oldest payload beyond its limit, counts it, and keeps the rows', () => {
    const capture = new Capture(1, { limits: { memory: 8 * MiB } });
    const bytes = new Uint8Array(300_000).fill(7);
    for (let seq = 1; seq <= 100; seq++) {
      add(capture, seq, bytes);
    }
    expect(capture.firstSeq).toBe(1);
    expect(capture.read(1)!.payload).toEqual({ direction: 'in', length: 300_000, captured: 0, offset: 0 });
    expect(capture.readData(1, 0, 10)).toHaveLength(0);
    expect(capture.read(100)!.payload!.captured).toBe(300_000);
    expect(capture.readData(100, 299_998, 10)).toEqual(new Uint8Array([7, 7]));
    const held = Array.from({ length: 100 }, (_, i) => capture.read(i + 1)!.payload!.captured);
    expect(held.reduce((sum, captured) => sum + captured) + capture.dropped.bytes).toBe(100 * 300_000);
  });

  test('forgets the oldest rows beyond their limit', () => {
    const capture = new Capture(1000, { limits: { memory: 4 * MiB } });
    const count = 60_000;
    for (let i = 0; i < count; i++) {
      capture.append(received(1000 + i), null);
    }
    const { firstSeq } = capture;
    expect(firstSeq).toBeGreaterThan(1000);
    expect(capture.read(firstSeq - 1)).toBeUndefined();
    const held = Array.from({ length: 1000 + count - firstSeq }, (_, i) => firstSeq + i);
    expect(held.filter((seq) => capture.read(seq)?.seq !== seq)).toEqual([]);
    expect(capture.dropped).toEqual({ records: firstSeq - 1000, bytes: 0 });
    expect(capture.takeDrops()).toEqual(new Map([[1, { records: firstSeq - 1000, bytes: 0 }]]));
    expect(capture.takeDrops()).toEqual(new Map());
  });

  test('keeps the row of a call that ended long after its time', () => {
    const capture = new Capture(1, { limits: { memory: 4 * MiB } });
    for (let seq = 2; seq < 60_000; seq++) {
      capture.append(received(seq), null);
    }
    expect(capture.firstSeq).toBeGreaterThan(1);
    capture.append(received(1), null);
    expect(capture.firstSeq).toBe(1);
    expect(capture.read(1)).toEqual(received(1));
    for (let seq = 60_000; seq < 120_000; seq++) {
      capture.append(received(seq), null);
    }
    expect(capture.read(1)).toBeUndefined();
    expect(capture.firstSeq).toBeGreaterThan(60_000);
  });

  test('rows may end in another order than they began', () => {
    const capture = new Capture(1);
    for (const seq of [3, 1, 5000, 2, 4]) {
      capture.append(received(seq), null);
    }
    expect([1, 2, 3, 4, 5, 5000].map((seq) => capture.read(seq)?.seq)).toEqual([1, 2, 3, 4, undefined, 5000]);
  });

  test('is empty after clear, and goes on', () => {
    const capture = new Capture(1);
    add(capture, 1, new Uint8Array([1]));
    add(capture, 3, new Uint8Array([3]));
    capture.clear();
    expect(capture.read(1)).toBeUndefined();
    expect(capture.firstSeq).toBe(4);
    add(capture, 4, new Uint8Array([4]));
    add(capture, 2, new Uint8Array([2]));
    expect(capture.readData(4, 0, 9)).toEqual(new Uint8Array([4]));
    expect(capture.readData(2, 0, 9)).toEqual(new Uint8Array([2]));
    expect(capture.firstSeq).toBe(2);
  });

  test('a payload larger than a segment has one of its own', () => {
    const capture = new Capture(1, { limits: { memory: 8 * MiB } });
    const large = new Uint8Array(3 * MiB).fill(5);
    add(capture, 1, new Uint8Array([1]));
    add(capture, 2, large);
    add(capture, 3, new Uint8Array([3]));
    expect(capture.readData(2, large.length - 1, 5)).toEqual(new Uint8Array([5]));
    expect(capture.readData(1, 0, 5)).toEqual(new Uint8Array([1]));
    expect(capture.readData(3, 0, 5)).toEqual(new Uint8Array([3]));
  });
});
