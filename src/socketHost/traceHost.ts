import { statSync } from 'node:fs';
import type { CallRecord } from '../common/call.js';
import { t } from '../common/l10n.js';
import { packChange } from '../common/protocol/packedChange.js';
import type { HostInfo, RecordingInfo, SocketHostEvents } from '../common/protocol/socketHost.js';
import type { TraceOpening, TraceState } from '../common/protocol/trace.js';
import type { SocketLookup } from '../common/recordText.js';
import type { PackedRows } from '../common/rows/packedRows.js';
import type { SocketId } from '../common/socket.js';
import type { ObservedSocket } from '../common/strace/observedSocket.js';
import type { LogSink } from '../common/strace/logSink.js';
import { programOf } from '../common/strace/programs.js';
import { type LinePlace, StraceLog } from '../common/strace/straceLog.js';
import { Capture } from './capture.js';
import { Changes } from './changes.js';
import { JoinedLogs, ProcessLogs } from './joinedLogs.js';
import { LogReader, type LineSink, type LineSource } from './logReader.js';
import type { Served } from './recordingHost.js';
import { RecordAnswers, RecordQueries } from './recordQueries.js';
import { newMeta } from './store/fileFormat.js';
import { writeRecording } from './store/recordingFile.js';
import { RowCursor } from './store/rowCursor.js';
import { RowPacker } from './store/rowPacker.js';

const frameMs = 16;
/** Records in one answer, at most. */
const largestPage = 10_000;
/** Records and payload that are held. */
const memory = 256 << 20;
/** Lines of a file that decide whether it is a log of strace. */
const probedLines = 200;

type Fire = <K extends keyof SocketHostEvents>(name: K, value: SocketHostEvents[K]) => void;

/** Serves what a log of strace says of sockets: it can be read and filtered, while it is written too. */
export class TraceHost extends RecordAnswers implements Served, LogSink {
  private readonly capture = new Capture(1, { limits: { memory } });
  private readonly log: StraceLog;
  private readonly reader: LineSource;
  protected readonly queries: RecordQueries;
  private readonly packer = new RowPacker('linux');
  private readonly changes = new Changes(frameMs, () => this.tell());
  /** Those that are open, or whose end was not told yet. */
  private readonly sockets = new Map<SocketId, ObservedSocket>();
  private readonly running = new Map<number, CallRecord>();
  private readonly changed = new Set<ObservedSocket>();
  private readonly programs = new Set<string>();
  private changedSeqs: number[] = [];
  private progress: TraceState['progress'];
  private toldState = '';
  /** Logs of other processes, written by `strace -ff`: those that are joined with this one, and the others. */
  private readonly joinedFiles: number;
  private readonly otherFiles: number;
  private originTime: number;
  /** Why the file could not be read to its end. */
  private failure: Error | undefined;
  private whenProbed: ((isLog: boolean) => void) | undefined;

  private constructor(
    private readonly opening: TraceOpening,
    private readonly fire: Fire,
  ) {
    super();
    const { file, isLive, limit, originTime, process: known } = opening;
    this.progress = isLive ? 'live' : 'reading';
    const about = statSync(file);
    if (about.isDirectory()) {
      throw new Error(t('This is a folder.'));
    }
    this.originTime = originTime ?? about.mtimeMs;
    this.log = new StraceLog(this, originTime);
    if (known) {
      this.log.know(known);
    }
    const { capture, running } = this;
    const { reader } = capture;
    const sockets: SocketLookup = { get: (id) => this.sockets.get(id)?.info ?? reader.socket(id) };
    const range = { first: () => this.firstSeq, last: () => this.log.lastSeq };
    this.queries = new RecordQueries({
      reader,
      cursor: new RowCursor(reader, capture.rowReader, sockets),
      sockets,
      platform: 'linux',
      get firstSeq() {
        return range.first();
      },
      get lastSeq() {
        return range.last();
      },
      running: (seq) => running.get(seq),
      waitingFrom: (seq) => [...running.keys()].filter((each) => each >= seq).sort((a, b) => a - b),
    });
    const lines: LineSink = {
      line: (text, place) => this.takeLine(text, place),
      beginning: (text) => this.log.peek(text),
      didReachEnd: () => this.didReachEnd(),
      didFail: (error) => {
        process.stderr.write(`${error.message}\n`);
        this.failure = error;
        this.didReachEnd();
      },
    };
    const beside = isLive ? null : ProcessLogs.of(file);
    const logs = beside?.open() ?? [];
    this.joinedFiles = Math.max(logs.length - 1, 0);
    this.otherFiles = (beside?.others ?? 0) - this.joinedFiles;
    this.reader =
      logs.length > 0
        ? new JoinedLogs(logs, lines)
        : new LogReader(file, isLive, lines, isLive ? limit : undefined);
  }

  /**
   * Begins to read a log; what it says follows. Of one that is whole the first lines are read before.
   * @throws an error with a sentence where the file cannot be read, or is no log.
   */
  static async open(opening: TraceOpening, fire: Fire): Promise<TraceHost> {
    const host = new TraceHost(opening, fire);
    if (opening.isLive) {
      host.reader.start();
      return host;
    }
    const isLog = await new Promise<boolean>((resolve) => {
      host.whenProbed = resolve;
      host.reader.start();
    });
    if (!isLog) {
      await host.end();
      throw host.failure ?? new Error(t('No line of this file is one of strace.'));
    }
    return host;
  }

  get info(): RecordingInfo {
    const { of } = this.opening;
    return {
      created: this.originTime,
      originTime: this.originTime,
      host: traceInfo,
      records: this.log.lastSeq,
      missing: 0,
      damagedBytes: 0,
      observed: { by: 'strace', of },
    };
  }

  endTrace(): void {
    if (this.progress === 'live') {
      this.reader.finish();
    }
  }

  didBegin(record: CallRecord): void {
    this.running.set(record.seq, record);
    this.changedSeqs.push(record.seq);
    this.changes.schedule();
  }

  didEnd(record: CallRecord, data: Uint8Array | null): void {
    const { seq, startNs, thread } = record;
    const program = thread === null ? undefined : programOf(thread);
    if (program !== undefined) {
      this.programs.add(program);
    }
    if (this.running.delete(seq)) {
      this.changedSeqs.push(seq);
    }
    const position = data && data.length > 0 ? this.capture.appendPayload(data, seq, startNs) : null;
    this.capture.append(record, position);
    this.changes.schedule();
  }

  didChange(socket: ObservedSocket): void {
    this.sockets.set(socket.id, socket);
    this.changed.add(socket);
    this.changes.schedule();
  }

  readRows({ from, count }: { from: number; count: number }): PackedRows {
    const { capture } = this;
    const packer = this.packer.begin();
    const limit = Math.min(count, largestPage);
    for (let seq = Math.max(from, this.firstSeq); seq <= this.log.lastSeq && packer.count < limit;) {
      const running = this.running.get(seq);
      if (running) {
        packer.add(running);
        seq++;
      } else {
        seq += capture.reader.copy(seq, limit - packer.count, packer) || 1;
      }
    }
    return packer.take();
  }

  readData({ seq, offset, length }: { seq: number; offset: number; length: number }): Uint8Array {
    return this.capture.readData(seq, offset, length);
  }

  async saveRecording({ file }: { file: string }): Promise<void> {
    // What was not told of yet is not noted either.
    this.changed.forEach(({ info }) => this.capture.noteSocket(info));
    const meta = { ...newMeta(traceInfo, this.originTime), observed: this.info.observed };
    await writeRecording(file, meta, this.capture.held());
  }

  async end(): Promise<{ isLingering: boolean }> {
    this.changes.dispose();
    this.reader.dispose();
    await this.capture.end();
    return { isLingering: false };
  }

  private get firstSeq(): number {
    const [oldest] = this.running.keys();
    return Math.min(this.capture.firstSeq, oldest ?? Infinity);
  }

  private takeLine(text: string, place?: LinePlace): void {
    this.log.push(text, place);
    this.changes.schedule();
    if (this.whenProbed && (this.log.lastSeq > 0 || this.log.lines >= probedLines)) {
      this.didProbe();
    }
  }

  /** The first lines were read. */
  private didProbe(): void {
    const { log, whenProbed } = this;
    this.whenProbed = undefined;
    this.originTime = this.opening.originTime ?? originOf(log, this.originTime);
    whenProbed?.(log.recognized > 0);
  }

  private didReachEnd(): void {
    if (this.progress === 'live' && this.reader.isGrowing) {
      if (this.reader.unkept > 0) {
        this.changes.schedule();
      }
      return;
    }
    if (this.whenProbed) {
      this.didProbe();
    }
    this.log.end();
    this.progress = 'done';
    this.changes.schedule();
  }

  private tell(): void {
    const { capture } = this;
    const sockets = [...this.changed].map((socket) => {
      const { info } = socket;
      capture.noteSocket(info);
      if (socket.isClosed) {
        this.sockets.delete(socket.id);
      }
      return info;
    });
    const { records: droppedRecords, bytes: droppedBytes } = capture.dropped;
    const drops = [...capture.takeDrops()].map(([socketId, drop]) => ({ socketId, ...drop }));
    const change = {
      sockets,
      firstSeq: this.firstSeq,
      lastSeq: this.log.lastSeq,
      changedSeqs: this.changedSeqs,
      droppedBytes,
      droppedRecords,
      drops,
      recordingFault: null,
    };
    this.fire('didChange', packChange(change));
    this.changed.clear();
    this.changedSeqs = [];
    this.tellState();
  }

  private tellState(): void {
    const { lines, problems, problemCount, counted, clock, hasPids } = this.log;
    const state: TraceState = {
      progress: this.progress,
      lines,
      unkeptBytes: Math.max(this.reader.unkept, this.log.unkeptBytes),
      joinedFiles: this.joinedFiles,
      otherFiles: hasPids && this.joinedFiles === 0 ? 0 : this.otherFiles,
      programs: [...this.programs],
      timing: clock.timing,
      problems,
      problemCount,
      counted: [...counted],
    };
    const told = JSON.stringify({ ...state, lines: 0 });
    if (told !== this.toldState) {
      this.toldState = told;
      this.fire('didChangeTrace', state);
    }
  }
}

/** Of the machine where the program ran nothing is known but that it has strace. */
const traceInfo: HostInfo = { pid: process.pid, platform: 'linux', kernel: '', isRoot: false };

/** The clock's time of the first line, in ms since 1970. A time of the day is one of the day on which the file was written. */
function originOf({ clock }: StraceLog, written: number): number {
  const first = clock.originMs;
  switch (clock.timing.kind) {
    case 'epoch':
      return first ?? written;
    case 'day': {
      const midnight = new Date(written).setHours(0, 0, 0, 0);
      const time = midnight + (first ?? 0);
      return time > written + 1000 ? time - 24 * 3600_000 : time;
    }
    default:
      return written;
  }
}
