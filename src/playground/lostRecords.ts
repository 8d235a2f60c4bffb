import { type CallRecord, isData } from '../common/call.js';
import type { Disposable } from '../common/lifecycle.js';
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

  /** What was written of the hosts, with the range of each, for who looks through them. */
  async recordings(): Promise<{ through: number; recording: RecordedRecords | null; seen: CallRecord[] }[]> {
    return Promise.all(
      this.hosts.map(async ({ through, recording, seen }) => ({ through, recording: await recording, seen })),
    );
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

async function readHost({ seen, recording }: LostHost, from: number, count: number): Promise<CallRecord[]> {
  const opened = await recording;
  const written = (await opened?.readRecords({ from, count }).catch(() => undefined)) ?? [];
  const bySeq = new Map(seen.filter(({ seq }) => seq >= from).map((record) => [record.seq, record]));
  for (const record of written) {
    bySeq.set(record.seq, record);
  }
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq).slice(0, count);
}

function preview({ args }: CallRecord): Uint8Array | undefined {
  return args.find(isData)?.bytes;
}

/** Of the payloads only the previews were seen. */
function withoutPayload(record: CallRecord): CallRecord {
  const captured = Math.min(record.payload?.captured ?? 0, preview(record)?.length ?? 0);
  return record.payload ? { ...record, payload: { ...record.payload, captured } } : record;
}
