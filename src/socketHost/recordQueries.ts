import { sortNumber } from '../common/filter/order.js';
import type {
  FilterAnswer,
  FilterRequest,
  FrameAnswer,
  FrameRequest,
  SortAnswer,
  SortRequest,
  SurveyAnswer,
  SurveyRequest,
} from '../common/protocol/socketHost.js';
import { isFailure } from '../common/failure.js';
import { FrameScan } from './frameScan.js';
import { MergeSort, NumberList } from './mergeSort.js';
import { answerMs, RecordFilter } from './recordFilter.js';
import { type RecordSource, RecordWalk } from './recordWalk.js';

const sliceMs = 8;
const mostBins = 4096;

/** What a sorting has come to. */
interface Sorting {
  request: SortRequest;
  seqs: NumberList;
  keys: NumberList;
  walk: RecordWalk;
  through: number;
  problem: string | null;
  sort: MergeSort | null;
}

/** All questions about many records at once. Each is answered a little at a time. */
export class RecordQueries {
  private readonly filter: RecordFilter;
  /** The one that is asked for; another one takes its place. */
  private sorting: Sorting | null = null;

  constructor(private readonly source: RecordSource) {
    this.filter = new RecordFilter(source);
  }

  find(request: FilterRequest): Promise<FilterAnswer> {
    return this.filter.find(request);
  }

  /** Ends a filter or a sorting. */
  cancel(id: number): void {
    this.filter.cancel(id);
    if (this.sorting?.request.id === id) {
      this.sorting = null;
    }
  }

  /** Sorts on for a short time; the records in order once that is done. */
  async sort(request: SortRequest): Promise<SortAnswer> {
    const sorting = this.sorting?.request.id === request.id ? this.sorting : this.begin(request);
    this.sorting = sorting;
    if (sorting.sort === null && sorting.problem === null) {
      const { walk, through } = sorting;
      sorting.problem = await this.filter.run(request.id, request.filter, walk);
      if (sorting.problem === null && (walk.next > through || walk.next > this.source.lastSeq)) {
        sorting.sort = new MergeSort(sorting.keys.array);
      }
    } else if (sorting.sort) {
      await sliced(() => sorting.sort!.slice(sliceMs) || this.sorting !== sorting);
    }
    const { sort, problem } = sorting;
    if (this.sorting === sorting && (problem !== null || sort?.slice(0))) {
      this.sorting = null;
      return { progress: 1, problem, ...(sort ? orderOf(sorting, sort) : nothing) };
    }
    return { progress: this.progressOf(sorting), problem: null, ...nothing };
  }

  /** Counts what the overview shows, for a short time: `next` says how far. */
  async survey({ from, to = Infinity, width, count }: SurveyRequest): Promise<SurveyAnswer> {
    const start = Math.max(from, this.source.firstSeq);
    const firstBin = Math.floor(start / width);
    const end = (firstBin + Math.min(count, mostBins)) * width;
    const failures: number[] = [];
    const bytes: number[] = [];
    const waiting: number[] = [];
    const walk = new RecordWalk(this.source, start, Math.min(to, end - 1), (row) => {
      if (row.status === 'waiting') {
        waiting.push(row.seq);
        return true;
      }
      const bin = Math.floor(row.seq / width) - firstBin;
      while (failures.length <= bin) {
        failures.push(0);
        bytes.push(0);
      }
      failures[bin]! += isFailure(row) ? 1 : 0;
      bytes[bin]! += row.length ?? 0;
      return true;
    });
    const stop = performance.now() + answerMs;
    await sliced(() => walk.slice() || performance.now() >= stop);
    return { firstBin, failures, bytes, waiting, next: walk.next, isDone: walk.next > this.source.lastSeq };
  }

  /** Cuts a stream into messages, for a short time: `next` says where to go on. */
  async frame(request: FrameRequest): Promise<FrameAnswer> {
    const scan = new FrameScan(request);
    const walk = new RecordWalk(this.source, request.from, Infinity, (row) => scan.visit(row));
    const stop = performance.now() + answerMs;
    await sliced(() => walk.slice() || performance.now() >= stop);
    return scan.answer(walk.next, walk.next > this.source.lastSeq);
  }

  private begin(request: SortRequest): Sorting {
    const seqs = new NumberList();
    const keys = new NumberList();
    const test = this.filter.testOf(request.filter);
    const { lastSeq: through } = this.source;
    const walk = new RecordWalk(this.source, 0, through, (row) => {
      if (test(row)) {
        seqs.push(row.seq);
        keys.push(sortNumber(row, request.by, request.isDescending));
      }
      return true;
    });
    return { request, seqs, keys, walk, through, problem: null, sort: null };
  }

  /** Looking through the records takes about as long as sorting them. */
  private progressOf({ walk, through, sort }: Sorting): number {
    const { firstSeq } = this.source;
    return sort
      ? (1 + sort.progress) / 2
      : Math.max(0, walk.next - firstSeq) / Math.max(1, through - firstSeq + 1) / 2;
  }
}

const nothing = { seqs: null, keys: null };

/** Goes on until there is nothing more to do, or the time for an answer is over. */
async function sliced(slice: () => boolean): Promise<void> {
  const end = performance.now() + answerMs;
  while (!slice() && performance.now() < end) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function orderOf({ seqs, keys }: Sorting, { places }: MergeSort): { seqs: Uint8Array; keys: Uint8Array } {
  const [allSeqs, allKeys] = [seqs.array, keys.array];
  const bytesOf = (values: Float64Array) => new Uint8Array(values.buffer);
  return {
    seqs: bytesOf(Float64Array.from(places, (at) => allSeqs[at]!)),
    keys: bytesOf(Float64Array.from(places, (at) => allKeys[at]!)),
  };
}

/** What answers them over a connection: the part that whoever holds records has in common. */
export abstract class RecordAnswers {
  protected abstract readonly queries: RecordQueries;

  filterRecords(request: FilterRequest): Promise<FilterAnswer> {
    return this.queries.find(request);
  }

  cancelFilter({ id }: { id: number }): void {
    this.queries.cancel(id);
  }

  sortRecords(request: SortRequest): Promise<SortAnswer> {
    return this.queries.sort(request);
  }

  frameStream(request: FrameRequest): Promise<FrameAnswer> {
    return this.queries.frame(request);
  }

  surveyRecords(request: SurveyRequest): Promise<SurveyAnswer> {
    return this.queries.survey(request);
  }
}
