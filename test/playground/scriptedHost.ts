import type { Call, CallRecord } from '../../src/common/call.js';
import { ConnectionClosedError } from '../../src/common/errors.js';
import { Emitter } from '../../src/common/event.js';
import type { HostStatus } from '../../src/common/protocol/panel.js';
import type {
  CallRequest,
  FilterAnswer,
  FrameAnswer,
  HostChange,
  HostInfo,
  ProbeResult,
  SocketHostEvents,
  SortAnswer,
  SurveyAnswer,
} from '../../src/common/protocol/socketHost.js';
import type { PackedRows } from '../../src/common/rows/packedRows.js';
import type { SocketId, SocketInfo } from '../../src/common/socket.js';
import type { SocketHostService } from '../../src/playground/socketHostService.js';
import { RowPacker } from '../../src/socketHost/store/rowPacker.js';
import { recordOf } from '../support/records.js';
import { socket as socketInfo } from '../support/sockets.js';

const info: HostInfo = { pid: 1, platform: 'linux', kernel: 'test', isRoot: false };

/** A socket host whose answers the test gives: for what a real one does only when it dies. */
export class ScriptedHost implements SocketHostService {
  private readonly statusEmitter = new Emitter<HostStatus>();
  private readonly waitEmitter = new Emitter<SocketHostEvents['didWait']>();
  private readonly changeEmitter = new Emitter<HostChange>();
  readonly onDidChangeStatus = this.statusEmitter.event;
  readonly onDidWait = this.waitEmitter.event;
  readonly onDidChange = this.changeEmitter.event;
  readonly originNs = process.hrtime.bigint();
  status: HostStatus = { kind: 'idle' };
  isDisposed = false;
  readonly requests: {
    request: CallRequest;
    resolve: (record: CallRecord) => void;
    reject: (error: Error) => void;
  }[] = [];
  readonly cancelled: number[] = [];
  readonly watched: (SocketId[] | 'all')[] = [];
  readonly reads: { from: number; count: number }[] = [];
  records: CallRecord[] = [];
  /** It answers no more until it dies. */
  isSilent = false;
  private readonly unanswered: ((error: Error) => void)[] = [];

  start(): Promise<HostInfo> {
    this.setStatus({ kind: 'running', host: info, originTime: Date.now() });
    return Promise.resolve(info);
  }

  restart(): Promise<HostInfo> {
    return this.start();
  }

  call(request: CallRequest): Promise<CallRecord> {
    if (this.status.kind !== 'running') {
      void this.start();
    }
    return new Promise((resolve, reject) => this.requests.push({ request, resolve, reject }));
  }

  cancel({ seq }: { seq: number }): Promise<boolean> {
    this.cancelled.push(seq);
    return Promise.resolve(true);
  }

  readRows({ from, count }: { from: number; count: number }): Promise<PackedRows> {
    this.reads.push({ from, count });
    const packer = new RowPacker(info.platform);
    for (const record of this.records.filter(({ seq }) => seq >= from).slice(0, count)) {
      packer.add(record);
    }
    return this.answer(packer.take());
  }

  readData(): Promise<Uint8Array> {
    return this.answer(new Uint8Array([1, 2, 3]));
  }

  watch({ socketIds }: { socketIds: SocketId[] | 'all' }): Promise<void> {
    this.watched.push(socketIds);
    return Promise.resolve();
  }

  inspect(): Promise<null> {
    return Promise.resolve(null);
  }

  startTap(): Promise<never> {
    return Promise.reject(new Error('There are no taps here.'));
  }

  setTapFaults(): Promise<void> {
    return Promise.resolve();
  }

  stopTap(): Promise<void> {
    return Promise.resolve();
  }

  automate(): Promise<void> {
    return Promise.resolve();
  }

  probeFamilies(): Promise<ProbeResult> {
    return this.answer({ errnos: [], tookMs: 0 });
  }

  rename(): Promise<void> {
    return Promise.resolve();
  }

  filterRecords(): Promise<FilterAnswer> {
    return Promise.resolve({ seqs: [], socketIds: [], next: 1, isDone: true, problem: null });
  }

  cancelFilter(): Promise<void> {
    return Promise.resolve();
  }

  sortRecords(): Promise<SortAnswer> {
    return Promise.resolve({ progress: 1, seqs: null, keys: null, problem: null });
  }

  frameStream(): Promise<FrameAnswer> {
    return Promise.reject(new ConnectionClosedError());
  }

  surveyRecords(): Promise<SurveyAnswer> {
    return Promise.resolve({ firstBin: 0, failures: [], bytes: [], waiting: [], next: 1, isDone: true });
  }

  saveRecording(): Promise<void> {
    return Promise.resolve();
  }

  clearRecords(): Promise<void> {
    return Promise.resolve();
  }

  systemSockets(): Promise<never> {
    return Promise.reject(new ConnectionClosedError());
  }

  lookAtSystemSocket(): Promise<null> {
    return Promise.resolve(null);
  }

  lookUpFacts(): Promise<null> {
    return Promise.resolve(null);
  }

  interfaceIndex(): Promise<number> {
    return Promise.resolve(0);
  }

  endProcess(): Promise<never> {
    return Promise.reject(new ConnectionClosedError());
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  /** Open requests are rejected, later ones at once; the status says nothing of it. */
  dispose(): void {
    this.isDisposed = true;
    this.rejectUnanswered();
  }

  /** The host says that the latest call waits. */
  wait(seq: number): void {
    this.waitEmitter.fire({ token: this.requests.at(-1)!.request.token!, seq });
  }

  /** The host tells what has changed. */
  tell(change: Partial<HostChange>): void {
    this.changeEmitter.fire({
      sockets: [],
      firstSeq: 1,
      lastSeq: 0,
      changedSeqs: [],
      droppedBytes: 0,
      droppedRecords: 0,
      drops: [],
      recordingFault: null,
      ...change,
    });
  }

  /** The host dies: open calls are rejected, as the transport does it. */
  die(reason: string): void {
    this.setStatus({ kind: 'lost', reason });
    this.rejectUnanswered();
  }

  private rejectUnanswered(): void {
    for (const reject of [...this.requests.map((request) => request.reject), ...this.unanswered]) {
      reject(new ConnectionClosedError());
    }
  }

  private answer<T>(value: T): Promise<T> {
    if (this.isDisposed) {
      return Promise.reject(new ConnectionClosedError());
    }
    return this.isSilent ? new Promise((_, reject) => this.unanswered.push(reject)) : Promise.resolve(value);
  }

  private setStatus(status: HostStatus): void {
    this.status = status;
    this.statusEmitter.fire(status);
  }
}

export const socketCall: Call = { name: 'socket', args: [2, 1, 0] };

export function record(seq: number, fields: Partial<CallRecord> = {}): CallRecord {
  return recordOf('socket', [2, 1, 0], {
    seq,
    result: 20,
    startNs: seq * 1000,
    endNs: seq * 1000 + 10,
    ...fields,
  });
}

export function socket(id: SocketId, fields: Partial<SocketInfo> = {}): SocketInfo {
  return socketInfo({ id, fd: id + 19, ...fields });
}
