import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type CallRecord, dataValue, type Payload } from '../../../src/common/call.js';
import {
  exportRecords,
  exportStream,
  type ExportFormat,
} from '../../../src/playground/export/exportRecords.js';
import {
  type RecordModel,
  type RecordScope,
  RecordSource,
} from '../../../src/playground/export/recordSource.js';
import { jsonLine, transcriptLine } from '../../../src/playground/export/recordLines.js';
import { TimeQueue } from '../../../src/playground/export/timeQueue.js';
import { tempDir, untilTestEnds } from '../../support/disposal.js';
import { complaintsAbout, fieldsOf } from '../../support/tshark.js';
import { recordOf } from '../../support/records.js';

const client = { family: 'AF_INET', address: '127.0.0.1', port: 40_000 } as const;
const server = { family: 'AF_INET', address: '127.0.0.1', port: 80 } as const;

function record(
  seq: number,
  name: CallRecord['name'],
  args: unknown[],
  more: Partial<CallRecord> = {},
): CallRecord {
  return recordOf(name, args as CallRecord['args'], {
    seq,
    startNs: seq * 1000,
    endNs: seq * 1000 + 500,
    fd: 3,
    socketId: 1,
    ...more,
  });
}

/** A client that has sent and received, of which not everything is kept. */
const opening = [
  record(1, 'socket', [2, 1, 0], { socketId: null, createdIds: [1], result: 3 }),
  record(2, 'connect', [3, server]),
  record(3, 'getsockname', [3, client]),
];

function moved(
  seq: number,
  direction: Payload['direction'],
  payload: Omit<Payload, 'direction'>,
): CallRecord {
  const name = direction === 'out' ? 'send' : 'recv';
  return record(seq, name, [3, { kind: 'any' }, payload.length, 0], {
    result: payload.length,
    payload: { direction, ...payload },
  });
}

/** A model that keeps so many bytes of each payload as the record says: the number of the record again and again, or what is given. */
function model(
  records: readonly CallRecord[],
  kept?: Uint8Array,
  sockets: RecordModel['sockets'] = new Map(),
): RecordModel {
  return {
    firstSeq: 1,
    lastSeq: records.at(-1)!.seq,
    originTime: Date.UTC(2026, 0, 1),
    platform: 'linux',
    sockets,
    readRecords: (from, count) =>
      Promise.resolve(records.filter(({ seq }) => seq >= from && seq < from + count).slice(0, count)),
    readData: (seq, _offset, length) => Promise.resolve(kept ?? new Uint8Array(length).fill(seq)),
    filterRecords: ({ from, filter }) => {
      const found = records.filter(({ name, seq }) => seq >= from && filter.includes(name));
      return Promise.resolve({
        seqs: found.map(({ seq }) => seq),
        socketIds: [],
        next: records.at(-1)!.seq + 1,
        isDone: true,
        problem: null,
      });
    },
  };
}

async function written(records: readonly CallRecord[], format: ExportFormat, kept?: Uint8Array) {
  const pieces: Uint8Array[] = [];
  const sink = { write: (bytes: Uint8Array) => Promise.resolve(void pieces.push(bytes.slice())) };
  const summary = await exportRecords(new RecordSource(model(records, kept)), {}, format, sink);
  return { summary, bytes: Buffer.concat(pieces) };
}

async function capture(records: readonly CallRecord[]) {
  const { summary, bytes } = await written(records, 'pcapng');
  return { summary, file: await fileOf(bytes) };
}

async function fileOf(bytes: Uint8Array): Promise<string> {
  const folder = untilTestEnds(await tempDir());
  const file = path.join(folder.path, 'a.pcapng');
  writeFileSync(file, bytes);
  return file;
}

describe('a capture', () => {
  it('says how long a packet was whose data is no longer kept', async () => {
    const { summary, file } = await capture([
      ...opening,
      moved(4, 'out', { length: 1000, captured: 100, offset: 0 }),
      moved(5, 'out', { length: 70_000, captured: 65_500, offset: 1000 }),
      moved(6, 'in', { length: 5, captured: 0, offset: 0 }),
    ]);
    expect(summary).toMatchObject({ written: 4, packets: 7, missingBytes: 900 + 4500 + 5 });
    expect(fieldsOf(file, ['frame.len', 'frame.cap_len', 'tcp.len'], 'tcp.len > 0')).toEqual([
      ['1040', '140', '1000'],
      ['65495', '65495', '65455'],
      ['4585', '85', '4545'],
      ['45', '40', '5'],
    ]);
    expect(fieldsOf(file, ['tcp.analysis.flags'], 'tcp.analysis.flags')).toEqual([]);
  });

  it('shows a gap where records are gone, and draws nothing twice', async () => {
    const { file } = await capture([
      ...opening,
      moved(4, 'out', { length: 10, captured: 10, offset: 500 }),
      moved(5, 'out', { length: 10, captured: 10, offset: 505 }),
    ]);
    expect(fieldsOf(file, ['tcp.seq', 'tcp.len', 'tcp.payload'], 'tcp.len > 0')).toEqual([
      ['501', '10', '04'.repeat(10)],
      ['511', '5', '05'.repeat(5)],
    ]);
    expect(fieldsOf(file, ['tcp.seq'], 'tcp.analysis.lost_segment')).toEqual([['501']]);
  });

  it('is in the order of what happened, to the nanosecond', async () => {
    const late = { ...moved(4, 'in', { length: 3, captured: 3, offset: 0 }), endNs: 9_001 };
    const { file } = await capture([
      ...opening,
      late,
      moved(5, 'out', { length: 2, captured: 2, offset: 0 }),
    ]);
    expect(fieldsOf(file, ['frame.time_epoch', 'tcp.payload'], 'tcp.len > 0')).toEqual([
      ['1767225600.000005000', '0505'],
      ['1767225600.000009001', '040404'],
    ]);
    expect(complaintsAbout(file)).toBe('');
  });
});

describe('a datagram in a capture', () => {
  const group = { family: 'AF_INET', address: '239.1.2.3', port: 5000 } as const;
  const anywhere = { ...group, address: '0.0.0.0' };
  const foreign = { ...group, address: '192.0.2.7', port: 7000 };

  const received = (seq: number, more: Partial<CallRecord> = {}) =>
    record(seq, 'recvfrom', [3, dataValue(Uint8Array.of(1, 2)), 10, 0, foreign], {
      result: 2,
      payload: { direction: 'in', length: 2, captured: 2, offset: null },
      ...more,
    });

  const told = (cmsg_type: number, field: string, address: number[]): CallRecord['args'][number] => ({
    kind: 'struct',
    fields: [
      { name: 'msg_name', value: foreign },
      {
        name: 'msg_iov',
        value: {
          kind: 'list',
          items: [{ kind: 'struct', fields: [{ name: 'iov_base', value: dataValue(Uint8Array.of(1, 2)) }] }],
        },
      },
      {
        name: 'msg_control',
        value: {
          kind: 'list',
          items: [
            {
              kind: 'struct',
              fields: [
                { name: 'cmsg_level', value: 0 },
                { name: 'cmsg_type', value: cmsg_type },
                {
                  name: 'cmsg_data',
                  value: {
                    kind: 'struct',
                    fields: [{ name: field, value: dataValue(Uint8Array.from(address)) }],
                  },
                },
              ],
            },
          ],
        },
      },
    ],
  });

  it.each([
    ['the group that the socket is bound to', group, received(3), '239.1.2.3', ''],
    [
      'what the kernel told with it',
      anywhere,
      received(3, { name: 'recvmsg', args: [3, told(8, 'ipi_addr', [239, 9, 9, 9]), 0] }),
      '239.9.9.9',
      '',
    ],
    [
      'what the kernel told with it, of IPv4 at a socket of IPv6',
      { family: 'AF_INET6', address: '::', port: 5000 } as const,
      received(3, {
        name: 'recvmsg',
        args: [3, told(50, 'ipi6_addr', [...new Uint8Array(10), 255, 255, 239, 9, 9, 8]), 0],
      }),
      '239.9.9.8',
      '',
    ],
    [
      'unknown, which is said,',
      anywhere,
      received(3),
      '127.0.0.1',
      '127.0.0.1:5000 stands for an address that was not told.',
    ],
  ])('from elsewhere has as its destination %s', async (_name, bound, receive, destination, note) => {
    const { file } = await capture([
      record(1, 'socket', [bound.family === 'AF_INET' ? 2 : 10, 2, 0], {
        socketId: null,
        createdIds: [1],
        result: 3,
      }),
      record(2, 'bind', [3, bound]),
      receive,
    ]);
    expect(complaintsAbout(file)).toBe('');
    expect(fieldsOf(file, ['ip.src', 'udp.srcport', 'ip.dst', 'udp.dstport', 'frame.comment'])).toEqual([
      ['192.0.2.7', '7000', destination, '5000', expect.stringMatching(new RegExp(`${note}$`))],
    ]);
  });

  it.each([
    ['IPv4', 'ip', 2, group, foreign],
    [
      'IPv6',
      'ipv6',
      10,
      { family: 'AF_INET6', address: 'ff15::1', port: 5000 } as const,
      { family: 'AF_INET6', address: '2001:db8::7', port: 7000 } as const,
    ],
  ])(
    'of ours is one packet where both calls are exported, else that of the call that is: %s',
    async (_name, version, domain, to, from) => {
      const sockets: RecordModel['sockets'] = new Map(
        [1, 2].map((id) => [id, { id, type: 'SOCK_DGRAM', openedSeq: id, local: null } as never]),
      );
      const records = [
        record(1, 'socket', [domain, 2, 0], { socketId: null, createdIds: [1], result: 3 }),
        record(2, 'socket', [domain, 2, 0], { socketId: null, createdIds: [2], result: 4 }),
        // It waited for what was sent later.
        received(3, {
          args: [4, dataValue(Uint8Array.of(1, 2)), 10, 0, from],
          socketId: 2,
          peerId: 1,
          endNs: 9_000,
        }),
        record(4, 'sendto', [3, dataValue(Uint8Array.of(1, 2)), 2, 0, to], {
          result: 2,
          payload: { direction: 'out', length: 2, captured: 2, offset: null },
        }),
      ];
      const callsOf = async (scope: RecordScope) => {
        const pieces: Uint8Array[] = [];
        const sink = { write: (bytes: Uint8Array) => Promise.resolve(void pieces.push(bytes.slice())) };
        await exportRecords(new RecordSource(model(records, undefined, sockets)), scope, 'pcapng', sink);
        return fieldsOf(await fileOf(Buffer.concat(pieces)), [
          `${version}.src`,
          `${version}.dst`,
          'frame.comment',
        ]);
      };
      const both: unknown = expect.stringMatching(/^#4 sendto.*\\n#3 recvfrom/);
      expect(await callsOf({})).toEqual([[from.address, to.address, both]]);
      expect(await callsOf({ filter: 'sendto' })).toEqual([[from.address, to.address, both]]);
      expect(await callsOf({ filter: 'recvfrom' })).toEqual([
        [from.address, expect.any(String), expect.stringMatching(/^#3 recvfrom/)],
      ]);
    },
  );
});

describe('other formats', () => {
  it('puts lines into the order in which the calls returned', async () => {
    const late = { ...moved(4, 'in', { length: 3, captured: 3, offset: 0 }), endNs: 90_000 };
    const waiting = record(5, 'recv', [3, { kind: 'any' }, 1], {
      status: 'waiting',
      result: null,
      endNs: null,
    });
    const { bytes } = await written([...opening, late, waiting, record(6, 'close', [3])], 'jsonl');
    const seqs = bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as CallRecord).seq);
    expect(seqs).toEqual([1, 2, 3, 6, 4, 5]);
  });

  it('counts the bytes of a stream that are gone', async () => {
    const pieces: Uint8Array[] = [];
    const sink = { write: (bytes: Uint8Array) => Promise.resolve(void pieces.push(bytes.slice())) };
    const records = [
      ...opening,
      moved(4, 'in', { length: 2, captured: 2, offset: 3 }),
      moved(5, 'in', { length: 2, captured: 2, offset: null }),
      moved(6, 'in', { length: 4, captured: 1, offset: 5 }),
    ];
    const result = await exportStream(new RecordSource(model(records)), 1, 'in', sink);
    expect(result).toEqual({ bytes: 3, missingBytes: 6 });
    expect([...Buffer.concat(pieces)]).toEqual([4, 4, 6]);
  });

  it('ends when it is told to', async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal, onDidProgress: () => controller.abort() };
    const source = new RecordSource(model(opening), options);
    const sink = { write: () => Promise.resolve() };
    await expect(exportRecords(source, {}, 'jsonl', sink)).rejects.toThrow('aborted');
  });

  it('ends when it is told to while the host does not answer', async () => {
    const controller = new AbortController();
    const stuck = { ...model(opening), readRecords: () => new Promise<never>(() => {}) };
    const source = new RecordSource(stuck, { signal: controller.signal });
    const ended = exportRecords(source, {}, 'jsonl', { write: () => Promise.resolve() });
    controller.abort();
    await expect(ended).rejects.toThrow('aborted');
  });

  it('ends when it was told to between two answers of the host', async () => {
    const controller = new AbortController();
    const records = model(opening);
    const stuck = {
      ...records,
      filterRecords: () =>
        Promise.resolve({ seqs: [1, 30], socketIds: [], next: 31, isDone: true, problem: null }),
      readRecords: (from: number, count: number) =>
        from === 1 ? records.readRecords(from, count) : new Promise<never>(() => {}),
    };
    const pages = new RecordSource(stuck, { signal: controller.signal }).read({ filter: 'tcp' });
    await pages.next();
    controller.abort();
    await expect(pages.next()).rejects.toThrow('aborted');
  });

  it('leaves the rest of the process its turns', async () => {
    const many = Array.from({ length: 4000 }, (_, index) =>
      moved(index + 1, 'out', { length: 1, captured: 1, offset: index }),
    );
    // Without turns given, everything here goes on at once.
    expect(await turnsOf(() => written(many, 'jsonl'))).toBeGreaterThan(1);
  });

  it.each(['jsonl', 'pcapng'] as const)('of calls that all return at the end, too: %s', async (format) => {
    const received = Array.from({ length: 4000 }, (_, index) => ({
      ...moved(index + 4, 'in', { length: 1, captured: 1, offset: index }),
      endNs: 1e9,
    }));
    const many = [...opening, ...received];
    let now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => ++now);
    const turns = await turnsOf(() => written(many, format)).finally(() => clock.mockRestore());
    // About as many while they are read as while they are written.
    expect(turns).toBeGreaterThan((1.5 * many.length) / 11);
  });

  it.each(['transcript', 'jsonl'] as const)('of a great message too: %s', async (format) => {
    const great = greatMessage(0);
    expect(await turnsOf(() => written([great.record], format, great.payload))).toBeGreaterThanOrEqual(
      Math.floor(great.payload.length / 2 ** 16),
    );
  });

  it.each([
    ['whole', 0],
    ['of which the end is not kept', 5],
  ])('writes a great message as one that is written at once: %s', async (_how, missing) => {
    const { record: great, payload } = greatMessage(missing);
    const full = { record: great, payload };
    for (const [format, line] of [
      ['transcript', transcriptLine(full, 'linux')],
      ['jsonl', jsonLine(full, 'linux')],
    ] as const) {
      const { bytes } = await written([great], format, payload);
      // Where they differ, they are too long to be shown.
      expect(bytes.equals(Buffer.from(`${line}\n`))).toBe(true);
    }
  });

  it('writes a great repetition as one', async () => {
    const { record: great, payload } = greatMessage(0);
    const { bytes } = await written([great], 'transcript', payload.fill(0x61));
    expect(bytes.toString()).toContain(`send(3, "a" * ${payload.length}, `);
  });
});

/** How often others had their turn meanwhile. */
async function turnsOf(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const take = () => {
    turns++;
    if (!isDone) {
      setImmediate(take);
    }
  };
  setImmediate(take);
  await work();
  isDone = true;
  return turns;
}

/** A call that sent a mebibyte of everything that is hard to write, and of which so many bytes were not kept. */
function greatMessage(missing: number): { record: CallRecord; payload: Uint8Array } {
  const hard = Buffer.concat([
    Buffer.from('é e\u0301 \u{1f600} "\\ \n'),
    Buffer.from([0, 0x31, 0xc3, 0xff, 7, 0x80]),
  ]);
  const payload = new Uint8Array(2 ** 20 + 1).map(
    (_, index) => hard[(index * index) % 31 === 0 ? 0 : index % hard.length]!,
  );
  const length = payload.length + missing;
  const args = [3, { kind: 'data', bytes: payload.subarray(0, 16), length }, length, 0];
  return {
    record: record(1, 'send', args, {
      result: length,
      payload: { direction: 'out', length, captured: payload.length, offset: 0 },
    }),
    payload,
  };
}

it('a queue gives everything in the order of its time', () => {
  const queue = new TimeQueue<number>();
  const times = Array.from({ length: 500 }, (_, index) => (index * 7919) % 101);
  times.forEach((time, index) => queue.push(time, index));
  const early = [...queue.take(50)];
  const rest = [...queue.take(Infinity)];
  const sorted = times
    .map((time, index) => ({ time, index }))
    .sort((a, b) => a.time - b.time || a.index - b.index);
  expect([...early, ...rest]).toEqual(sorted.map(({ index }) => index));
  expect(early).toHaveLength(times.filter((time) => time <= 50).length);
});
