import { expect, it } from 'vitest';
import type { CallRecord } from '../../../src/common/call.js';
import type { SocketAddress } from '../../../src/common/socket.js';
import { type RecordModel, RecordSource } from '../../../src/playground/export/recordSource.js';
import { SocketBookOfFacts } from '../../../src/playground/export/socketFacts.js';
import { recordOf } from '../../support/records.js';

const at = (port: number): SocketAddress => ({ family: 'AF_INET', address: '127.0.0.1', port });
const count = 500;
const listener = 1;
const clientOf = (index: number) => 10 + 2 * index;
const serverOf = (index: number) => 11 + 2 * index;

/** Clients that all connect before the first one is accepted. */
function connections(isNamed: boolean, looked: () => void): CallRecord[] {
  const records: CallRecord[] = [];
  const add = (name: CallRecord['name'], args: CallRecord['args'], more: Partial<CallRecord> = {}) => {
    const seq = records.length + 1;
    const record = recordOf(name, args, { seq, startNs: seq * 10, endNs: seq * 10 + 5, ...more });
    records.push(record);
    return record;
  };
  const make = (id: number) => add('socket', [2, 1, 0], { createdIds: [id], result: id });
  make(listener);
  add('bind', [listener, at(80)], { socketId: listener });
  for (let index = 0; index < count; index++) {
    const id = clientOf(index);
    make(id);
    const connect = add('connect', [id, at(80)], { socketId: id });
    const { startNs } = connect;
    Object.defineProperty(connect, 'startNs', { get: () => (looked(), startNs) });
    if (isNamed) {
      add('getsockname', [id, at(1000 + index)], { socketId: id });
    }
  }
  for (let turn = 0; turn < count; turn++) {
    // By their addresses they are found in any order.
    const index = isNamed ? count - 1 - turn : turn;
    add('accept', [listener, at(1000 + index)], { socketId: listener, createdIds: [serverOf(index)] });
  }
  return records;
}

it.each([
  ['their addresses', true],
  ['their order', false],
])('finds both ends of many connections by %s without looking at each for each', async (_how, isNamed) => {
  let looks = 0;
  const records = connections(isNamed, () => looks++);
  const model: RecordModel = {
    firstSeq: 1,
    lastSeq: records.length,
    originTime: 0,
    platform: 'linux',
    sockets: new Map(),
    readRecords: (from, some) => Promise.resolve(records.slice(from - 1, from - 1 + some)),
    readData: () => Promise.reject(new Error('not asked for')),
    filterRecords: ({ from, count: most }) => {
      const seqs = records.slice(from - 1, from - 1 + most).map(({ seq }) => seq);
      const next = from + seqs.length;
      return Promise.resolve({ seqs, socketIds: [], next, isDone: next > records.length, problem: null });
    },
  };
  const facts = await SocketBookOfFacts.read(new RecordSource(model));
  for (let index = 0; index < count; index++) {
    const client = facts.get(clientOf(index))!;
    expect(client.peer?.id).toBe(serverOf(index));
    expect(client.isPeerInferred).toBe(!isNamed);
    expect(client.local).toMatchObject({ port: 1000 + index });
  }
  expect(looks).toBeLessThan(3 * count);
});
