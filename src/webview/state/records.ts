import { signal } from '@preact/signals';
import type { CallRecord } from '../../common/call.js';
import type { PanelChange } from '../../common/protocol/panel.js';
import { recordsOf } from '../../common/rows/recordPage.js';
import { FrameQueue } from './frameQueue.js';
import { type Page, pageOf, RecordPages, type RecordSink, type Span, whole } from './recordPages.js';
import { SeqIndex } from './seqIndex.js';

/** Asks for records; forgotten ones are left out. */
export interface RecordReader {
  /** In order of `seq`, from `from` on. */
  read(request: { from: number; count: number }): Promise<CallRecord[]>;
  /** Those with these numbers; others may be among them. */
  readEach(request: { seqs: number[] }): Promise<CallRecord[]>;
}

/** What the record store does not hold any more. */
export type Losses = Pick<PanelChange, 'droppedBytes' | 'droppedRecords' | 'recordingFault'>;

/** Pages that are read before they come into view, in the direction of the last movement. */
const pagesAhead = 2;
/** Reads under way: what is wanted when one of them is back comes before what was wanted when it began. */
const maxReads = 3;

/**
 * The records of the host as the page sees them: read on demand, kept in pages, told at most once a frame.
 * Every view of records is a projection of this one.
 */
export class RecordModel {
  private readonly index = new SeqIndex();
  private readonly pages: RecordPages;
  /** What is shown: records that follow each other, or each by itself. */
  private wanted: Span | readonly number[] = [];
  /** Where what is wanted has moved to: −1 is towards the first record. */
  private direction: -1 | 0 | 1 = 0;
  private reads = 0;
  private generation = 0;

  /** What is shown together with the records that have come. */
  readonly frame = new FrameQueue();
  /** Counts the updates: whoever reads records through {@link get} depends on it. */
  readonly version = signal(0);
  readonly count = signal(0);
  readonly losses = signal<Losses>({ droppedBytes: 0, droppedRecords: 0, recordingFault: null });

  constructor(
    private readonly reader: RecordReader,
    sinks: readonly RecordSink[] = [],
    /** The record that is looked at: it stays, wherever the view is. */
    private readonly selectedSeq: () => number | null = () => null,
    /** Records of which what is shown of one is known: they stay with it. */
    private readonly explaining: (seq: number) => readonly number[] = () => [],
  ) {
    this.pages = new RecordPages(sinks);
  }

  get firstSeq(): number {
    return this.index.firstSeq;
  }

  get lastSeq(): number {
    return this.index.lastSeq;
  }

  /** The numbers of all records that may have changed, of those that are known here: told of, or read before that. */
  changedBy({ firstSeq, changedSeqs, changedFrom }: PanelChange): number[] {
    if (changedFrom === undefined) {
      return changedSeqs;
    }
    const from = Math.max(firstSeq, changedFrom);
    const told = Array.from({ length: Math.max(0, this.lastSeq - from + 1) }, (_, at) => from + at);
    return [...new Set([...changedSeqs, ...told, ...this.pages.seqsFrom(from)])];
  }

  apply({ firstSeq, lastSeq, changedSeqs, pages = [], ...change }: PanelChange): void {
    const firstBefore = this.firstSeq;
    this.index.setRange(firstSeq, lastSeq);
    for (const seq of changedSeqs) {
      this.pages.get(pageOf(seq))?.stale.add(seq);
    }
    if (firstSeq !== firstBefore) {
      this.pages.deleteBefore(firstSeq);
    }
    pages.flatMap(recordsOf).forEach((record) => this.takeTold(record));
    const { droppedBytes, droppedRecords, recordingFault } = change;
    const losses = this.losses.peek();
    if (
      losses.droppedBytes !== droppedBytes ||
      losses.droppedRecords !== droppedRecords ||
      losses.recordingFault !== recordingFault
    ) {
      this.losses.value = { droppedBytes, droppedRecords, recordingFault };
    }
    this.update();
    this.fill();
  }

  /** A record that came with the news of it. */
  private takeTold(record: CallRecord): void {
    const { seq } = record;
    this.pages.keep(record);
    const page = this.pages.take(pageOf(seq));
    // What is read just now may be older.
    if (!page.isReading) {
      page.stale.delete(seq);
    }
  }

  /** Reads everything anew: the store was cleared. */
  reset(): void {
    this.generation++;
    this.pages.clear();
    this.index.reset();
    this.update();
    this.fill();
  }

  /** The record as it was last read; undefined when it is not here (yet): see {@link want}. */
  get(seq: number): CallRecord | undefined {
    return this.pages.get(pageOf(seq))?.records.get(seq);
  }

  /** A record that an answer brought along, so that it need not be read. */
  put(record: CallRecord): void {
    const page = this.pages.take(pageOf(record.seq));
    const known = page.records.get(record.seq);
    if (!known || known.status === 'waiting') {
      this.pages.keep(record);
      if (record.status === 'waiting') {
        // Its end may be told before it, or together with its beginning.
        page.stale.add(record.seq);
      }
      this.update();
    }
  }

  /** The record, read when it is not here. */
  async load(seq: number): Promise<CallRecord | undefined> {
    const known = this.get(seq);
    if (known && known.status !== 'waiting') {
      return known;
    }
    const { generation } = this;
    const [record] = await this.reader.read({ from: seq, count: 1 });
    if (generation !== this.generation) {
      // The store was cleared meanwhile: only what still waits is there.
      return this.load(seq);
    }
    if (record?.seq !== seq) {
      return known;
    }
    this.pages.keep(record);
    this.update();
    return this.get(seq);
  }

  /** Reads as many records as one request has, as far as they are not here or wait. */
  async loadEach(seqs: readonly number[]): Promise<void> {
    const unread = new Set(seqs.filter((seq) => (this.get(seq)?.status ?? 'waiting') === 'waiting'));
    if (unread.size === 0) {
      return;
    }
    const { generation } = this;
    const records = await this.reader.readEach({ seqs: [...unread] });
    if (generation === this.generation) {
      records.filter(({ seq }) => unread.has(seq)).forEach((record) => this.pages.keep(record));
      this.update();
    }
  }

  seqAt(row: number): number | undefined {
    return this.index.seqAt(row);
  }

  rowOf(seq: number): number {
    return this.index.rowOf(seq);
  }

  /** The row of the first record from this one on. */
  rowFrom(seq: number): number {
    return this.index.rowFrom(seq);
  }

  /** Says which records are shown: those are read and kept up to date, both ends included. */
  want(from: number, to: number): void {
    const before = this.wanted;
    if ('from' in before && before.from !== from) {
      this.direction = before.from < from ? 1 : -1;
    }
    this.wanted = { from, to };
    this.fill();
  }

  /** The same of records that do not follow each other. */
  wantEach(seqs: readonly number[]): void {
    this.wanted = seqs;
    this.direction = 0;
    this.fill();
  }

  private fill(): void {
    const { wanted } = this;
    if ('from' in wanted) {
      this.fillRun(wanted);
    } else {
      void this.fillEach(wanted);
    }
    const selected = this.selectedSeq();
    if (selected !== null && this.pages.get(pageOf(selected))?.stale.has(selected)) {
      void this.fillEach([selected]);
    }
    this.pages.trim(
      () => this.looked(),
      (key) => this.isWanted(key),
    );
  }

  /** Reads the pages of records that follow each other, and when those are here what is about to come into view. */
  private fillRun({ from, to }: Span): void {
    const [first, last] = [pageOf(Math.max(from, this.firstSeq)), pageOf(Math.min(to, this.lastSeq))];
    for (let key = first; key <= last; key++) {
      if (this.isMissing(key)) {
        const start = key;
        while (key < last && this.isMissing(key + 1)) {
          key++;
        }
        void this.fillPages(start, key);
      }
    }
    const ahead = this.direction > 0 ? last + 1 : first - pagesAhead;
    if (this.reads === 0 && this.direction !== 0 && last >= first) {
      void this.fillPages(Math.max(ahead, pageOf(this.firstSeq)), ahead + pagesAhead - 1);
    }
  }

  private isMissing(key: number): boolean {
    const page = this.pages.get(key);
    return !page?.isReading && this.missing(whole(key), page) !== undefined;
  }

  /** Reads with one request what is not here of pages that follow each other. */
  private fillPages(first: number, last: number): Promise<void> | undefined {
    const pages: Page[] = [];
    let missing: Span | undefined;
    for (let key = first; key <= last; key++) {
      const page = this.pages.take(key);
      const part = page.isReading ? undefined : this.missing(whole(key), page);
      if (part) {
        missing = { from: missing?.from ?? part.from, to: part.to };
        pages.push(page);
      }
    }
    const span = missing;
    return (
      span &&
      this.request(pages, () => true, {
        read: () => this.reader.read({ from: span.from, count: span.to - span.from + 1 }),
        store: (records) => this.store(span, records),
      })
    );
  }

  /** Reads with one request what is not here of records that do not follow each other. */
  private fillEach(wanted: readonly number[]): Promise<void> | undefined {
    const seqs = wanted.filter((seq) => this.isUnread(seq)).sort((a, b) => a - b);
    if (seqs.length === 0) {
      return undefined;
    }
    const asked = new Set(seqs);
    const pages = [...new Set(seqs.map(pageOf))].map((key) => this.pages.take(key));
    return this.request(pages, (seq) => asked.has(seq), {
      read: () => this.reader.readEach({ seqs }),
      store: (records) => {
        for (const record of records) {
          if (asked.delete(record.seq)) {
            this.pages.keep(record);
          }
        }
        for (const seq of asked) {
          this.index.addGap(seq, seq);
        }
      },
    });
  }

  private isUnread(seq: number): boolean {
    const page = this.pages.get(pageOf(seq));
    return !page?.isReading && (!page?.records.has(seq) || page.stale.has(seq)) && this.index.has(seq);
  }

  private async request(
    pages: readonly Page[],
    isAsked: (seq: number) => boolean,
    { read, store }: { read: () => Promise<CallRecord[]>; store: (records: CallRecord[]) => void },
  ): Promise<void> {
    if (this.reads >= maxReads) {
      return;
    }
    this.reads++;
    const { generation } = this;
    const stale = pages.map((page) => [...page.stale].filter(isAsked));
    pages.forEach((page, index) => {
      page.isReading = true;
      stale[index]!.forEach((seq) => page.stale.delete(seq));
    });
    try {
      const records = await read();
      if (generation === this.generation) {
        store(records);
      }
    } catch {
      // The host is gone: what was not read stays unread until it is told of again.
      pages.forEach((page, index) => stale[index]!.forEach((seq) => page.stale.add(seq)));
      return;
    } finally {
      for (const page of pages) {
        page.isReading = false;
      }
      this.reads--;
    }
    this.update();
    this.fill();
  }

  private store({ from, to }: { from: number; to: number }, records: CallRecord[]): void {
    let next = from;
    for (const record of records) {
      if (record.seq > to) {
        break;
      }
      if (record.seq > next) {
        this.index.addGap(next, record.seq - 1);
      }
      this.pages.keep(record);
      next = record.seq + 1;
    }
    if (next <= to) {
      this.index.addGap(next, to);
    }
  }

  /** The span of a page's records that are not here or have changed. */
  private missing(span: Span, page: Page | undefined): Span | undefined {
    const start = Math.max(span.from, this.firstSeq);
    const end = Math.min(span.to, this.lastSeq);
    let from = 0;
    let to = 0;
    for (let seq = start; seq <= end; seq++) {
      if ((!page?.records.has(seq) || page.stale.has(seq)) && this.index.has(seq)) {
        from ||= seq;
        to = seq;
      }
    }
    return from === 0 ? undefined : { from, to };
  }

  private isWanted(key: number): boolean {
    const { wanted } = this;
    return 'from' in wanted
      ? key >= pageOf(wanted.from) && key <= pageOf(wanted.to)
      : wanted.some((seq) => pageOf(seq) === key);
  }

  /** The record that is looked at, and those that explain it. */
  private looked(): readonly number[] {
    const selected = this.selectedSeq();
    return selected === null ? [] : [selected, ...this.explaining(selected)];
  }

  private update(): void {
    this.frame.add(this.tell);
  }

  private readonly tell = (): void => {
    this.count.value = this.index.count;
    this.version.value++;
  };
}
