import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CallRecord, dataValue } from '../../../src/common/call.js';
import { OwnDatagrams } from '../../../src/playground/export/ownDatagrams.js';
import { PacketMaker } from '../../../src/playground/export/packets.js';
import { type RecordModel, RecordSource } from '../../../src/playground/export/recordSource.js';
import { SocketBookOfFacts } from '../../../src/playground/export/socketFacts.js';
import { recordOf } from '../../support/records.js';

const source = { family: 'AF_INET', address: '127.0.0.1', port: 7000 } as const;
const target = { family: 'AF_INET', address: '127.0.0.1', port: 5000 } as const;

/** What happens next between a sender and a receiver. */
type Step = { sends: number; isDropped: boolean } | 'receive';

/** The records of that, and which number the send has that each receive has got. */
function play(steps: readonly Step[]): { records: CallRecord[]; sendOf: Map<number, number> } {
  const made = [1, 2].map((id) =>
    recordOf('socket', [2, 2, 0], { seq: id, startNs: id * 10, endNs: id * 10 + 5, createdIds: [id] }),
  );
  const records = [...made];
  const sendOf = new Map<number, number>();
  const queue: { seq: number; value: number }[] = [];
  const add = (name: 'sendto' | 'recvfrom', value: number, id: number, port: number) => {
    const seq = records.length + 1;
    const direction = name === 'sendto' ? 'out' : 'in';
    records.push(
      recordOf(
        name,
        [3, dataValue(Uint8Array.of(value)), direction === 'out' ? 1 : 100, 0, { ...target, port }],
        {
          seq,
          startNs: seq * 10,
          endNs: seq * 10 + 5,
          socketId: id,
          peerId: 3 - id,
          result: 1,
          payload: { direction, length: 1, captured: 1, offset: null },
        },
      ),
    );
    return seq;
  };
  for (const step of steps) {
    if (step !== 'receive') {
      const seq = add('sendto', step.sends, 1, target.port);
      if (!step.isDropped) {
        queue.push({ seq, value: step.sends });
      }
    } else if (queue.length > 0) {
      const { seq, value } = queue.shift()!;
      sendOf.set(add('recvfrom', value, 2, source.port), seq);
    }
  }
  return { records, sendOf };
}

async function look(records: readonly CallRecord[], block?: number) {
  const sockets = [source, target].map((local, at) => ({
    ...{ id: at + 1, kind: 'socket', domain: 'AF_INET', type: 'SOCK_DGRAM', protocol: 0 },
    ...{ openedSeq: at + 1, local, remote: null, peerId: null, listenerId: null },
  }));
  const model: RecordModel = {
    firstSeq: 1,
    lastSeq: records.length,
    originTime: 0,
    platform: 'linux',
    sockets: new Map(sockets.map((socket) => [socket.id, socket as never])),
    // Few at a time: what is read ahead is told in records then.
    readRecords: (from, count) => Promise.resolve(records.slice(from - 1, from - 1 + Math.min(count, 10))),
    readData: () => Promise.reject(new Error('not asked for')),
    filterRecords: () =>
      Promise.resolve({ seqs: [1, 2], socketIds: [], next: Infinity, isDone: true, problem: null }),
  };
  const facts = await SocketBookOfFacts.read(new RecordSource(model));
  const own = new OwnDatagrams(new RecordSource(model), facts, ({ seq }) => `got by #${seq}`, block);
  return { own, maker: new PacketMaker(facts, own, 'linux') };
}

/** Which send each receive is said to be of, and how much was kept for that at most. */
async function found(records: readonly CallRecord[], block?: number) {
  const { own } = await look(records, block);
  const sendOf = new Map<number, number>();
  let size = 0;
  for (const record of records) {
    await own.reach(record.startNs);
    size = Math.max(size, own.size);
    const receipts = own.receiptsOf(record);
    receipts.forEach(({ seq }) => sendOf.set(seq, record.seq));
    own.noteDrawn(receipts);
  }
  return { sendOf, size };
}

/** Each send is received after so many others. */
function withQueueOf(length: number, count: number): Step[] {
  const sends = Array.from({ length: count }, (_, at): Step => ({ sends: at % 251, isDropped: false }));
  return sends.flatMap((send, at): Step[] => (at < length ? [send] : [send, 'receive']));
}

it('as many datagrams are in memory however many there are, and the same are found', async () => {
  const { records, sendOf } = play(withQueueOf(8, 5_000));
  const all = await found(records);
  expect(all.sendOf).toEqual(sendOf);
  expect(all.size).toBeGreaterThan(9_000);
  const some = await found(records, 100);
  expect(some.sendOf).toEqual(sendOf);
  expect(some.size).toBeLessThan(500);
});

it('nothing is found that is not so, however little is in memory', async () => {
  let count = 0;
  const step = fc.oneof(
    fc.record({ sends: fc.integer({ min: 0, max: 3 }), isDropped: fc.boolean() }),
    fc.constant<Step>('receive'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 50, maxLength: 400 }), async (steps) => {
      const { records, sendOf } = play(steps);
      const whole = (await found(records)).sendOf;
      for (const block of [10, 40]) {
        for (const [receive, send] of (await found(records, block)).sendOf) {
          expect(sendOf.get(receive)).toBe(send);
          expect(whole.get(receive)).toBe(send);
          count++;
        }
      }
    }),
    { seed: 1, numRuns: 200 },
  );
  expect(count).toBeGreaterThan(1000);
});

it('a datagram that is received too much later is two packets, and both say that they may be one', async () => {
  const { records } = play([
    ...withQueueOf(300, 600),
    ...Array.from({ length: 300 }, () => 'receive' as const),
  ]);
  const { own, maker } = await look(records, 50);
  const comments: (string | null)[] = [];
  for (const record of records) {
    await own.reach(record.startNs);
    for (const moment of maker.momentsOf({ record, payload: undefined })) {
      moment.draw((_packet, _isInbound, comment) => comments.push(comment));
    }
  }
  expect(comments).toHaveLength(1200);
  const note = 'Among the 50 datagrams around it, its other call was not found.';
  expect(comments[0]).toMatch(new RegExp(`^#3 sendto.*\\n${note}$`));
  expect(comments.at(-1)).toMatch(new RegExp(`^#1202 recvfrom.*\\n${note}$`));
});
