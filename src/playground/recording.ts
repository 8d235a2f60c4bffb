import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { CallRecord } from '../common/call.js';
import { CallRefusedError, refusalOf } from '../common/errors.js';
import { Emitter } from '../common/event.js';
import { getMessages, t } from '../common/l10n.js';
import { DisposableStore } from '../common/lifecycle.js';
import { unpackChange } from '../common/protocol/packedChange.js';
import type { HostStatus } from '../common/protocol/panel.js';
import type {
  FilterAnswer,
  FilterRequest,
  FrameAnswer,
  FrameRequest,
  HostChange,
  HostInfo,
  ProbeResult,
  RecordingInfo,
  RecordingMethods,
  SocketHostEvents,
  SocketHostMethods,
  SortAnswer,
  SortRequest,
  SurveyAnswer,
  SurveyRequest,
} from '../common/protocol/socketHost.js';
import type { TraceMethods, TraceOpening, TraceState } from '../common/protocol/trace.js';
import type { SystemSocketLook } from '../common/system/systemSocket.js';
import type { PackedRows } from '../common/rows/packedRows.js';
import { RpcConnection } from '../common/rpc.js';
import { ChildTransport, forkHost } from './hostTransport.js';
import { isOfWindow } from './recordingFolder.js';
import type { SocketHostService } from './socketHostService.js';

type Connection = RpcConnection<SocketHostMethods & RecordingMethods & TraceMethods, SocketHostEvents>;

const nothingRead: Omit<TraceState, 'progress'> = {
  lines: 0,
  unkeptBytes: 0,
  joinedFiles: 0,
  otherFiles: 0,
  programs: [],
  timing: { kind: 'none', digits: 0, hasDurations: false },
  problems: [],
  problemCount: 0,
  counted: [],
};

/**
 * A recording as a host whose calls are all over: its records can be read and filtered. A process of its own reads the
 * file, so that whatever the file holds costs that process at most.
 */
export class Recording implements SocketHostService {
  private readonly store = new DisposableStore();
  private readonly statusEmitter = this.store.add(new Emitter<HostStatus>());
  private readonly changeEmitter = this.store.add(new Emitter<HostChange>());
  private readonly waitEmitter = this.store.add(new Emitter<SocketHostEvents['didWait']>());
  /** Once its process has ended. */
  private current: HostStatus | undefined;
  private opened!: RecordingInfo;
  private origin = 0n;

  private readonly traceEmitter = this.store.add(new Emitter<TraceState>());
  /** What was told before anybody listened. */
  private early: HostChange[] = [];
  private isStarted = false;

  /** How far a log of strace is read has changed. */
  readonly onDidChangeTrace = this.traceEmitter.event;
  readonly onDidChangeStatus = this.statusEmitter.event;
  readonly onDidChange = this.changeEmitter.event;
  readonly onDidWait = this.waitEmitter.event;

  /**
   * Opens a recording's file.
   * @param modulePath The host's program, `dist/socketHost.js`.
   * @throws CallRefusedError with a sentence for people where the file cannot be read.
   */
  static open(modulePath: string, file: string): Promise<Recording> {
    return Recording.begin(modulePath, file, (remote) =>
      remote.openRecording({ file, messages: { ...getMessages() } }),
    );
  }

  /**
   * Opens a log of strace, also one that is being written.
   * @param modulePath The host's program, `dist/socketHost.js`.
   * @throws CallRefusedError with a sentence for people where the file cannot be read, or is no log.
   */
  static openTrace(modulePath: string, trace: Omit<TraceOpening, 'messages'>): Promise<Recording> {
    return Recording.begin(
      modulePath,
      trace.file,
      (remote) => remote.openTrace({ ...trace, messages: { ...getMessages() } }),
      { ...nothingRead, progress: trace.isLive ? 'live' : 'reading' },
    );
  }

  private static async begin(
    modulePath: string,
    file: string,
    open: (remote: Connection['remote']) => Promise<RecordingInfo>,
    trace: TraceState | null = null,
  ): Promise<Recording> {
    const child = forkHost(modulePath);
    const transport = new ChildTransport(child);
    const connection: Connection = new RpcConnection(transport);
    child.once('error', () => transport.close());
    child.once('exit', () => transport.close());
    const recording = new Recording(file, trace, child, connection);
    try {
      recording.adopt(await open(connection.remote));
      return recording;
    } catch (error) {
      end(child);
      const refusal = refusalOf(error);
      throw refusal ? new CallRefusedError(refusal) : error;
    }
  }

  private constructor(
    readonly file: string,
    private traceState: TraceState | null,
    private readonly child: ChildProcess,
    private readonly connection: Connection,
  ) {
    connection.on('didChange')((change) => this.follow(unpackChange(change)));
    connection.on('didChangeTrace')((state) => {
      this.traceState = state;
      this.traceEmitter.fire(state);
    });
    child.once('exit', () => {
      const lost: HostStatus = { kind: 'lost', reason: t('The process that read the recording has ended.') };
      this.current = lost;
      this.statusEmitter.fire(lost);
    });
  }

  /** Null for one that nobody has given a name. */
  get name(): string | null {
    const { observed } = this.info;
    return observed ? observed.of : isOfWindow(this.file) ? null : path.basename(this.file);
  }

  get info(): RecordingInfo {
    return this.opened;
  }

  get originNs(): bigint {
    return this.origin;
  }

  /** How far the log is read; null for a recording. */
  get trace(): TraceState | null {
    return this.traceState;
  }

  get status(): HostStatus {
    return this.current ?? { kind: 'running', host: this.info.host, originTime: this.info.originTime };
  }

  /** Tells everything that was told before. */
  start(): Promise<HostInfo> {
    this.isStarted = true;
    this.early.forEach((change) => this.changeEmitter.fire(change));
    this.early = [];
    return Promise.resolve(this.info.host);
  }

  /** The program that was traced has ended: the rest of the log is read. */
  endTrace(): Promise<void> {
    return this.connection.remote.endTrace();
  }

  restart(): Promise<HostInfo> {
    return this.start();
  }

  call(request: Parameters<SocketHostMethods['call']>[0]): Promise<CallRecord> {
    return this.connection.remote.call(request);
  }

  cancel(): Promise<boolean> {
    return Promise.resolve(false);
  }

  readRows(request: { from: number; count: number }): Promise<PackedRows> {
    return this.connection.remote.readRows(request);
  }

  readData(request: { seq: number; offset: number; length: number }): Promise<Uint8Array> {
    return this.connection.remote.readData(request);
  }

  filterRecords(request: FilterRequest): Promise<FilterAnswer> {
    return this.connection.remote.filterRecords(request);
  }

  cancelFilter(request: { id: number }): Promise<void> {
    return this.connection.remote.cancelFilter(request);
  }

  sortRecords(request: SortRequest): Promise<SortAnswer> {
    return this.connection.remote.sortRecords(request);
  }

  frameStream(request: FrameRequest): Promise<FrameAnswer> {
    return this.connection.remote.frameStream(request);
  }

  surveyRecords(request: SurveyRequest): Promise<SurveyAnswer> {
    return this.connection.remote.surveyRecords(request);
  }

  saveRecording(request: { file: string }): Promise<void> {
    return this.connection.remote.saveRecording(request);
  }

  watch(): Promise<void> {
    return Promise.resolve();
  }

  inspect(): Promise<null> {
    return Promise.resolve(null);
  }

  rename(): Promise<void> {
    return Promise.resolve();
  }

  clearRecords(): Promise<void> {
    return Promise.resolve();
  }

  startTap(request: Parameters<SocketHostMethods['startTap']>[0]) {
    return this.connection.remote.startTap(request);
  }

  setTapFaults(request: Parameters<SocketHostMethods['setTapFaults']>[0]): Promise<void> {
    return this.connection.remote.setTapFaults(request);
  }

  stopTap(request: Parameters<SocketHostMethods['stopTap']>[0]): Promise<void> {
    return this.connection.remote.stopTap(request);
  }

  probeFamilies(request: Parameters<SocketHostMethods['probeFamilies']>[0]): Promise<ProbeResult> {
    return this.connection.remote.probeFamilies(request);
  }

  automate(request: Parameters<SocketHostMethods['automate']>[0]): Promise<void> {
    return this.connection.remote.automate(request);
  }

  systemSockets(request: Parameters<SocketHostMethods['systemSockets']>[0]) {
    return this.connection.remote.systemSockets(request);
  }

  lookAtSystemSocket(
    request: Parameters<SocketHostMethods['lookAtSystemSocket']>[0],
  ): Promise<SystemSocketLook> {
    // Its sockets are none of this machine's: who asks again and again need not.
    return 'socketId' in request ? Promise.resolve(null) : this.connection.remote.lookAtSystemSocket(request);
  }

  lookUpFacts(question: Parameters<SocketHostMethods['lookUpFacts']>[0]) {
    return this.connection.remote.lookUpFacts(question);
  }

  interfaceIndex(request: { name: string }): Promise<number> {
    return this.connection.remote.interfaceIndex(request);
  }

  endProcess(request: Parameters<SocketHostMethods['endProcess']>[0]) {
    return this.connection.remote.endProcess(request);
  }

  ping(): Promise<void> {
    return this.connection.remote.ping();
  }

  private adopt(info: RecordingInfo): void {
    this.opened = info;
    this.origin = process.hrtime.bigint() - BigInt(Math.round((Date.now() - info.originTime) * 1e6));
  }

  private follow(change: HostChange): void {
    if (this.isStarted) {
      this.changeEmitter.fire(change);
    } else {
      this.early.push(change);
    }
  }

  dispose(): void {
    this.child.removeAllListeners('exit');
    this.connection.dispose();
    end(this.child);
    this.store.dispose();
  }
}

function end(child: ChildProcess): void {
  if (child.connected) {
    child.disconnect();
  }
}
