import type { CallRecord } from '../common/call.js';
import { firstState } from '../common/framing/framer.js';
import type { PanelSortAnswer } from '../common/protocol/panel.js';
import type {
  FilterAnswer,
  FilterRequest,
  FrameAnswer,
  FrameRequest,
  HostInfo,
  SortRequest,
  SurveyAnswer,
  SurveyRequest,
} from '../common/protocol/socketHost.js';
import type { PackedRows } from '../common/rows/packedRows.js';
import { type RecordPage, recordsOf } from '../common/rows/recordPage.js';
import type { SocketId, SocketInfo } from '../common/socket.js';
import { LostRecords } from './lostRecords.js';
import type { RecordFacts } from './recordFacts.js';
import { mergeOrders, orderOf } from './recordOrder.js';
import { runsOf } from './runs.js';
import { type SocketHostService, whileAlive } from './socketHostService.js';

/** The way to all records: those of the host that runs, and those that are left of hosts that have ended. */
export abstract class RecordAccess {
  protected readonly lost = new LostRecords();

  /** What was found out about failed calls. */
  abstract readonly facts: RecordFacts;
  abstract readonly sockets: ReadonlyMap<SocketId, SocketInfo>;
  abstract readonly platform: HostInfo['platform'];

  constructor(protected readonly host: SocketHostService) {}

  /** Records in order of `seq`, from `from` on, at most `count`; forgotten ones are left out. */
  async readRecords(from: number, count: number): Promise<CallRecord[]> {
    return recordsOf(await this.readPage(from, count));
  }

  /** The same as they came from the host. */
  async readPage(from: number, count: number): Promise<RecordPage> {
    const lost = from > this.lost.through ? [] : await this.lost.read(from, count);
    if (lost.length === count || !this.isRunning) {
      return this.page(lost, null);
    }
    const reading = this.host.readRows({
      from: Math.max(from, this.lost.through + 1),
      count: count - lost.length,
    });
    const rows = await whileAlive(reading, null);
    // Where the host has ended meanwhile, what is left of its records is here.
    return this.page(rows ? lost : await this.lost.read(from, count), rows);
  }

  /** Pages that have records which need not follow each other. Where some are forgotten, those behind come in their place. */
  async readEach(seqs: readonly number[]): Promise<RecordPage[]> {
    const runs = runsOf([...new Set(seqs)].sort((a, b) => a - b));
    return Promise.all(runs.map((run) => this.readPage(run[0]!, run.at(-1)! - run[0]! + 1)));
  }

  async readRecord(seq: number): Promise<CallRecord | undefined> {
    const [record] = await this.readRecords(seq, 1);
    return record?.seq === seq ? record : undefined;
  }

  /** The records that a display filter fits, from `from` on: what was found so far, and how far that is. */
  async filterRecords(request: FilterRequest): Promise<FilterAnswer> {
    const nothing: FilterAnswer = {
      seqs: [],
      socketIds: [],
      next: request.from,
      isDone: true,
      problem: null,
    };
    const lost = await this.lost.filter(request, this.sockets, this.platform);
    if (lost) {
      return lost;
    }
    return this.isRunning ? whileAlive(this.host.filterRecords(request), nothing) : nothing;
  }

  /** Lets a filter answer at once. */
  async cancelFilter(id: number): Promise<void> {
    this.lost.cancelFilter(id);
    if (this.isRunning) {
      await whileAlive(this.host.cancelFilter({ id }), undefined);
    }
  }

  /**
   * Sorts the records that a display filter fits, those of hosts that have ended too. Gives how far that has come, and
   * the numbers of the records as float64 at the end.
   */
  async sortRecords(request: SortRequest): Promise<PanelSortAnswer> {
    const answer = this.isRunning ? await whileAlive(this.host.sortRecords(request), null) : null;
    const order = answer && orderOf(answer);
    if (answer && (!order || answer.problem !== null)) {
      return { progress: answer.progress, seqs: null, problem: answer.problem };
    }
    const lost = await this.lost.sort(request, this.sockets, this.platform);
    const seqs = mergeOrders(order ? [...lost, order] : lost);
    return { progress: 1, seqs: new Uint8Array(seqs.buffer), problem: null };
  }

  /** Counts failures and bytes in groups of records, from `from` on: what was counted so far, and how far that is. */
  async surveyRecords(request: SurveyRequest): Promise<SurveyAnswer> {
    const nothing: SurveyAnswer = {
      firstBin: 0,
      failures: [],
      bytes: [],
      waiting: [],
      next: request.from,
      isDone: true,
    };
    const lost = await this.lost.survey(request);
    if (lost) {
      return lost;
    }
    return this.isRunning ? whileAlive(this.host.surveyRecords(request), nothing) : nothing;
  }

  /** Cuts one direction of a stream into messages, from `from` on: those that were found so far, and how far that is. */
  async frameStream(request: FrameRequest): Promise<FrameAnswer> {
    const nothing: FrameAnswer = {
      messages: new Uint8Array(),
      state: request.state ?? firstState,
      again: request.again,
      next: request.from,
      isDone: true,
    };
    if (request.from <= this.lost.through) {
      return (await this.lost.frame(request)) ?? nothing;
    }
    return this.isRunning ? whileAlive(this.host.frameStream(request), nothing) : nothing;
  }

  /** Captured payload of one record, at most `length` bytes from `offset` on. */
  async readData(seq: number, offset: number, length: number): Promise<Uint8Array> {
    if (seq <= this.lost.through) {
      return this.lost.readData(seq, offset, length);
    }
    if (!this.isRunning) {
      return new Uint8Array();
    }
    const data = await whileAlive(this.host.readData({ seq, offset, length }), null);
    return data ?? this.lost.readData(seq, offset, length);
  }

  protected page(lost: CallRecord[], rows: PackedRows | null): RecordPage {
    return { lost, rows, facts: this.facts.of({ lost, rows }) };
  }

  protected get isRunning(): boolean {
    return this.host.status.kind === 'running';
  }
}
