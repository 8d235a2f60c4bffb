import { describe, expect, test } from 'vitest';
import type { CallRecord } from '../../src/common/call.js';
import { ConnectionClosedError } from '../../src/common/errors.js';
import type { ErrorFacts } from '../../src/common/system/systemSocket.js';
import { RecordFacts } from '../../src/playground/recordFacts.js';
import { DamagedBytesError } from '../../src/common/rows/bytes.js';
import { RowPacker } from '../../src/socketHost/store/rowPacker.js';
import { recordOf } from '../support/records.js';
import { ScriptedHost } from './scriptedHost.js';

const facts: ErrorFacts = {
  kind: 'holders',
  address: { family: 'AF_INET', address: '127.0.0.1', port: 3000 },
  there: [],
  more: 0,
  elsewhere: [],
  file: null,
  reuse: null,
  problem: null,
};

function record(seq: number, errno: string | null): CallRecord {
  return { seq, name: 'bind', args: [3, facts.address], errno, socketId: 1 } as unknown as CallRecord;
}

class AskedHost extends ScriptedHost {
  readonly asked: unknown[] = [];
  reply: Promise<ErrorFacts | null> = Promise.resolve(facts);

  override lookUpFacts(question?: unknown): Promise<never> {
    this.asked.push(question);
    return this.reply as Promise<never>;
  }
}

describe('facts about a failed call', () => {
  test('are found after it, told, and read with its record', async () => {
    const host = new AskedHost();
    const told: number[] = [];
    const found = new RecordFacts(host, (seq) => told.push(seq));
    const failed = record(4, 'EADDRINUSE');
    found.lookUp(failed);
    expect(found.of({ lost: [failed], rows: null })).toEqual([]);
    expect((await found.whenFound(failed)).facts).toBe(facts);
    expect(told).toEqual([4]);
    expect(found.of({ lost: [record(3, null), failed], rows: null })).toEqual([[4, facts]]);
    expect(host.asked).toEqual([{ name: 'bind', args: failed.args, errno: 'EADDRINUSE', socketId: 1 }]);
    found.clear();
    expect(found.of({ lost: [failed], rows: null })).toEqual([]);
  });

  test('are found in a page of rows by the numbers that stand in front of these', async () => {
    const found = new RecordFacts(new AskedHost(), () => {});
    found.lookUp(record(4, 'EADDRINUSE'));
    await found.whenFound(record(4, 'EADDRINUSE'));
    const packer = new RowPacker('linux');
    [4, 5].forEach((seq) => packer.add(recordOf('close', [3], { seq })));
    const rows = packer.take();
    // What stands behind the header of the first is not looked at.
    rows.bytes[24] = 255;
    expect(found.of({ lost: [], rows })).toEqual([[4, facts]]);
    rows.bytes.set([255, 255, 255], 0);
    expect(() => found.of({ lost: [], rows })).toThrow(DamagedBytesError);
  });

  test('are not looked for where there is nothing to find', () => {
    const host = new AskedHost();
    const found = new RecordFacts(host, () => {});
    found.lookUp(record(1, null));
    found.lookUp(record(2, 'EACCES'));
    expect(host.asked).toEqual([]);
  });

  test('stay away when there are none, or the host has ended', async () => {
    const host = new AskedHost();
    const told: number[] = [];
    const found = new RecordFacts(host, (seq) => told.push(seq));
    const failed = record(1, 'ECONNREFUSED');
    for (const answer of [Promise.resolve(null), Promise.reject(new ConnectionClosedError())]) {
      host.reply = answer;
      found.lookUp(failed);
      expect(await found.whenFound(failed)).toBe(failed);
    }
    expect(told).toEqual([]);
  });
});
