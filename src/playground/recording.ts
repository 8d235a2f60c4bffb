import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { CallRecord } from '../common/call.js';
import { CallRefusedError, refusalOf } from '../common/errors.js';
import { Emitter } from '../common/event.js';
import { getMessages, t } from '../common/l10n.js';
import { DisposableStore } from '../common/lifecycle.js';
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
import { unpack } from '../common/rows/packedRows.js';
import { RpcConnection } from '../common/rpc.js';
import { ChildTransport, forkHost } from './hostTransport.js';
import { isOfWindow } from './recordingFolder.js';
import type { SocketHostService } from './socketHostService.js';

/**
 * A recording as a host whose calls are all over: its records can be read and filtered. A process of its own reads the
 * file, so that whatever the file holds costs that process at most.
 */
export class Recording implements SocketHostService {
  private readonly store = new DisposableStore();
  private readonly statusEmitter = this.store.add(new Emitter<HostStatus>());
  private readonly changeEmitter = this.store.add(new Emitter<HostChange>());
  private readonly waitEmitter = this.store.add(new Emitter<SocketHostEvents['didWait']>());
  private current: HostStatus;

  readonly onDidChangeStatus = this.statusEmitter.event;
  readonly onDidChange = this.changeEmitter.event;
  readonly onDidWait = this.waitEmitter.event;
  readonly originNs: bigint;

  /**
   * Opens a recording's file.
   * @param modulePath The host's program, `dist/socketHost.js`.
   * @throws CallRefusedError with a sentence for people where the file cannot be read.
   */
  static async open(modulePath: string, file: string): Promise<Recording> {
    const child = forkHost(modulePath);
    const transport = new ChildTransport(child);
    const connection = new RpcConnection<SocketHostMethods & RecordingMethods, SocketHostEvents>(transport);
    child.once('error', () => transport.close());
    child.once('exit', () => transport.close());
    let everything: HostChange | undefined;
    connection.on('didChange')((change) => (everything = change));
    try {
      const info = await connection.remote.openRecording({ file, messages: { ...getMessages() } });
      return new Recording(file, info, everything!, child, connection);
    } catch (error) {
      end(child);
      const refusal = refusalOf(error);
      throw refusal ? new CallRefusedError(refusal) : error;
    }
  }

  private constructor(
    readonly file: string,
    readonly info: RecordingInfo,
    private readonly everything: HostChange,
    private readonly child: ChildProcess,
    private readonly connection: RpcConnection<SocketHostMethods & RecordingMethods, SocketHostEvents>,
  ) {
    this.current = { kind: 'running', host: info.host };
    this.originNs = process.hrtime.bigint() - BigInt(Math.round((Date.now() - info.originTime) * 1e6));
    child.once('exit', () => {
      this.current = { kind: 'lost', reason: t('The process that read the recording has ended.') };
      this.statusEmitter.fire(this.current);
    });
  }

  /** Null for one that nobody has given a name. */
  get name(): string | null {
    return isOfWindow(this.file) ? null : path.basename(this.file);
  }

  get status(): HostStatus {
    return this.current;
  }

  /** Tells everything. */
  start(): Promise<HostInfo> {
    this.changeEmitter.fire(this.everything);
    return Promise.resolve(this.info.host);
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

  async readRecords(request: { from: number; count: number }): Promise<CallRecord[]> {
    return unpack(await this.connection.remote.readRows(request));
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

  lookAtSystemSocket(request: Parameters<SocketHostMethods['lookAtSystemSocket']>[0]) {
    return this.connection.remote.lookAtSystemSocket(request);
  }

  lookUpFacts(question: Parameters<SocketHostMethods['lookUpFacts']>[0]) {
    return this.connection.remote.lookUpFacts(question);
  }

  endProcess(request: Parameters<SocketHostMethods['endProcess']>[0]) {
    return this.connection.remote.endProcess(request);
  }

  ping(): Promise<void> {
    return this.connection.remote.ping();
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
