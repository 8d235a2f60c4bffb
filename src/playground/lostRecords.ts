import type { CallRecord } from '../common/call.js';
import type { Disposable } from '../common/lifecycle.js';
import { testFor } from '../common/filter/evaluate.js';
import { sortNumber } from '../common/filter/order.js';
import type {
  FilterAnswer,
  FilterRequest,
  FrameAnswer,
  FrameRequest,
  SortRequest,
  SurveyAnswer,
  SurveyRequest,
} from '../common/protocol/socketHost.js';
import type { SocketLookup } from '../common/recordText.js';
import { unpack } from '../common/rows/packedRows.js';
import type { Platform } from '../common/tables/constants.js';
import { isFailure } from '../common/failure.js';
import { orderOf, type RecordOrder } from './recordOrder.js';
import { preview, rowOf } from './recordRow.js';
import type { RecordedRecords } from './socketHostService.js';

/** A host that has ended by itself, and what is left of its records. */
interface LostHost {
  /** The records that it had told of, both ends included. */
  first: number;
  through: number;
  /** Those that have passed through the model, in order of `seq`. */
  seen: CallRecord[];
  /** What it had written; null where that is nothing. */
  recording: Promise<RecordedRecords | null>;
}

/** The records of hosts that have ended by themselves: what they had written, else what was seen of them. */
export class LostRecords implements Disposable {
  private hosts: LostHost[] = [];

  /** The last record of a host that has ended; 0 before the first such end. */
  through = 0;

  /** A host has ended. Resolves with the number of its records that are nowhere. */
  async add(
    first: number,
    through: number,
    seen: CallRecord[],
    recording: Promise<RecordedRecords | null>,
  ): Promise<number> {
    const host = { first, through, seen: seen.map(withoutPayload), recording };
    this.hosts.push(host);
    this.through = through;
    const written = (await recording)?.info.records ?? 0;
    const unwritten = seen.filter(({ status }) => status === 'lost').length;
    const known = written === 0 ? seen.length : written + unwritten;
    return this.hosts.includes(host) ? Math.max(0, through - first + 1 - known) : 0;
  }

  /** The smallest `seq` that may be read; undefined when there is none. */
  get firstSeq(): number | undefined {
    const host = this.hosts.find(({ first, through }) => first <= through);
    return host?.first;
  }

  /** Records in order of `seq`, from `from` on, at most `count`. */
  async read(from: number, count: number): Promise<CallRecord[]> {
    const records: CallRecord[] = [];
    for (const host of this.hosts) {
      if (host.through >= from && records.length < count) {
        records.push(...(await readHost(host, from, count - records.length)));
      }
    }
    return records;
  }

  /** What is left of the payload of a record. */
  async readData(seq: number, offset: number, length: number): Promise<Uint8Array> {
    const host = this.hosts.find(({ first, through }) => seq >= first && seq <= through);
    const recording = await host?.recording;
    const written = await recording?.readData({ seq, offset, length }).catch(() => undefined);
    const record = host?.seen.find((candidate) => candidate.seq === seq);
    const seen = record && preview(record)?.slice(offset, offset + length);
    return written?.length ? written : (seen ?? new Uint8Array());
  }

  /** The records that a display filter fits; null where `from` is of no host that has ended. */
  async filter(
    request: FilterRequest,
    sockets: SocketLookup,
    platform: Platform,
  ): Promise<FilterAnswer | null> {
    const host = this.hosts.find(({ through }) => request.from <= through);
    if (!host) {
      return null;
    }
    const { seen, through } = host;
    const recording = await host.recording;
    const to = Math.min(request.to ?? through, through);
    const answer = (await recording?.filterRecords({ ...request, to }).catch(() => undefined)) ?? {
      seqs: [],
      socketIds: [],
      next: to + 1,
      isDone: true,
      problem: null,
    };
    // What waited at the end, or was not written, was seen at most.
    const test = testFor(request.filter);
    const written = new Set(answer.seqs);
    for (const record of test ? seen : []) {
      const isLookedAt = record.seq >= request.from && record.seq < Math.min(answer.next, to + 1);
      const isLeft = isLookedAt && (!recording || record.status === 'lost');
      const row = isLeft && !written.has(record.seq) ? rowOf(record, sockets, platform) : null;
      if (row && test!(row)) {
        answer.seqs.push(record.seq);
        answer.socketIds.push(...row.ownIds);
      }
    }
    answer.seqs.sort((a, b) => a - b);
    // A file ends with its last record, the host may have told of more.
    return { ...answer, next: answer.isDone && !answer.problem ? through + 1 : answer.next, isDone: false };
  }

  /** The records of each host that a display filter fits, sorted. */
  async sort(request: SortRequest, sockets: SocketLookup, platform: Platform): Promise<RecordOrder[]> {
    const orders: RecordOrder[] = [];
    for (const { seen, recording } of this.hosts) {
      const opened = await recording;
      const written = opened && (await sortRecording(opened, request).catch(() => null));
      const test = testFor(request.filter);
      const rows = seen
        .filter(({ status }) => !opened || status === 'lost')
        .map((record) => rowOf(record, sockets, platform))
        .filter((row) => (test ? test(row) : test === null));
      const { by, isDescending } = request;
      const unwritten = rows
        .map((row) => ({ seq: row.seq, key: sortNumber(row, by, isDescending) }))
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.seq - b.seq));
      orders.push(...(written ? [written] : []), {
        seqs: Float64Array.from(unwritten, ({ seq }) => seq),
        keys: Float64Array.from(unwritten, ({ key }) => key),
      });
    }
    return orders;
  }

  /** Counts for an overview; null where `from` is of no host that has ended. */
  async survey(request: SurveyRequest): Promise<SurveyAnswer | null> {
    const host = this.hosts.find(({ through }) => request.from <= through);
    if (!host) {
      return null;
    }
    const { seen, first, through } = host;
    const { width } = request;
    const recording = await host.recording;
    const from = Math.max(request.from, first);
    const firstBin = Math.floor(from / width);
    const to = Math.min(request.to ?? through, through, (firstBin + request.count) * width - 1);
    const answer = (await recording?.surveyRecords({ ...request, from, to }).catch(() => undefined)) ?? null;
    const next = answer && !answer.isDone ? answer.next : to + 1;
    const length = Math.max(0, Math.floor((next - 1) / width) - firstBin + 1);
    const failures = Array.from({ length }, () => 0);
    const bytes = Array.from({ length }, () => 0);
    answer?.failures.forEach((count, bin) => {
      failures[bin + answer.firstBin - firstBin] = count;
      bytes[bin + answer.firstBin - firstBin] = answer.bytes[bin]!;
    });
    for (const record of seen) {
      if (record.seq >= from && record.seq < next && (!recording || record.status === 'lost')) {
        const bin = Math.floor(record.seq / width) - firstBin;
        failures[bin]! += isFailure(record) ? 1 : 0;
        bytes[bin]! += record.payload?.length ?? 0;
      }
    }
    return { firstBin, failures, bytes, waiting: [], next, isDone: false };
  }

  /** Cuts a stream of a host into messages; null where nothing of it was written. A stream ends with its host. */
  async frame(request: FrameRequest): Promise<FrameAnswer | null> {
    const host = this.hosts.find(({ through }) => request.from <= through);
    const recording = await host?.recording;
    return (await recording?.frameStream(request).catch(() => undefined)) ?? null;
  }

  /** Lets filters answer at once. */
  cancelFilter(id: number): void {
    for (const { recording } of this.hosts) {
      void recording.then((opened) => opened?.cancelFilter({ id })).catch(() => {});
    }
  }

  clear(): void {
    for (const { recording } of this.hosts) {
      void recording.then((opened) => opened?.dispose());
    }
    this.hosts = [];
  }

  dispose(): void {
    this.clear();
  }
}

/** Asks until all is sorted. */
async function sortRecording(recording: RecordedRecords, request: SortRequest): Promise<RecordOrder | null> {
  for (;;) {
    const answer = await recording.sortRecords(request);
    const order = orderOf(answer);
    if (order || answer.problem !== null) {
      return order;
    }
  }
}

async function readHost(
  { through, seen, recording }: LostHost,
  from: number,
  count: number,
): Promise<CallRecord[]> {
  const opened = await recording;
  const reading = opened?.readRows({ from, count }).then(unpack);
  // Of a page whose bytes are damaged there is what was seen.
  const written = (await reading?.catch(() => undefined)) ?? [];
  const bySeq = new Map(seen.filter(({ seq }) => seq >= from).map((record) => [record.seq, record]));
  // What was written and never told of has numbers that the next host gives to others.
  for (const record of written.filter(({ seq }) => seq <= through)) {
    bySeq.set(record.seq, record);
  }
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq).slice(0, count);
}

/** Of the payloads only the previews were seen. */
function withoutPayload(record: CallRecord): CallRecord {
  const captured = Math.min(record.payload?.captured ?? 0, preview(record)?.length ?? 0);
  return record.payload ? { ...record, payload: { ...record.payload, captured } } : record;
}
