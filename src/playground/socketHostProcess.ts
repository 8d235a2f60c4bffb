import type { ChildProcess } from 'node:child_process';
import type { CallRecord } from '../common/call.js';
import { CallRefusedError, ConnectionClosedError, refusalOf } from '../common/errors.js';
import { Emitter } from '../common/event.js';
import { getMessages, t } from '../common/l10n.js';
import { DisposableStore } from '../common/lifecycle.js';
import { unpackChange } from '../common/protocol/packedChange.js';
import type { HostStatus } from '../common/protocol/panel.js';
import type {
  AutomateRequest,
  CallRequest,
  CaptureStart,
  FilterAnswer,
  FilterRequest,
  FrameAnswer,
  FrameRequest,
  HostChange,
  HostInfo,
  InspectRequest,
  ProbeRequest,
  ProbeResult,
  SocketHostEvents,
  SocketHostMethods,
  SortAnswer,
  SortRequest,
  SurveyAnswer,
  SurveyRequest,
} from '../common/protocol/socketHost.js';
import type { PackedRows } from '../common/rows/packedRows.js';
import { type Remote, RpcConnection } from '../common/rpc.js';
import type { SocketId, SocketInspection } from '../common/socket.js';
import type { TapFaults } from '../common/tap/faults.js';
import type { TapId, TapInfo, TapRequest } from '../common/tap/tap.js';
import type { CallQuestion } from '../common/system/errorFacts.js';
import type {
  EndProcessRequest,
  EndProcessResult,
  CallFacts,
  SystemSocketLook,
  SystemSocketQuestion,
  SystemSocketsAnswer,
  SystemSocketsRequest,
} from '../common/system/systemSocket.js';
import { BoundFiles } from './boundFiles.js';
import { HostGivenUpError } from './callHandle.js';
import { Heartbeat } from './heartbeat.js';
import { endChild, whenEnded } from './hostEnd.js';
import { HostNumbers } from './hostNumbers.js';
import { ChildTransport, forkHost } from './hostTransport.js';
import { ProcessActivity } from './processActivity.js';
import { Recording } from './recording.js';
import { originTimeOf, type SocketHostService } from './socketHostService.js';

/** A host that keeps dying is not started for ever: so many times within this time, in ms. */
const restartLimit = 3;
const restartWindow = 5 * 60_000;

/** One child process and the connection to it. */
interface Running {
  child: ChildProcess;
  connection: RpcConnection<SocketHostMethods, SocketHostEvents>;
  started: Promise<HostInfo>;
  heartbeat: Heartbeat;
  ended: Promise<void>;
  /** On demand. */
  isStopped: boolean;
}

/**
 * The socket host in a child process, supervised. It is started by the first call, and by the next one when
 * it has died; ids go on. It ends with {@link dispose} and with this process.
 */
export class SocketHostProcess implements SocketHostService {
  private readonly store = new DisposableStore();
  private readonly statusEmitter = this.store.add(new Emitter<HostStatus>());
  private readonly waitEmitter = this.store.add(new Emitter<SocketHostEvents['didWait']>());
  private readonly changeEmitter = this.store.add(new Emitter<HostChange>());
  private readonly responsiveEmitter = this.store.add(new Emitter<boolean>());
  private readonly giveUpEmitter = this.store.add(new Emitter<string>());
  /** A host that is killed cannot remove the socket files it made. */
  private readonly files = new BoundFiles();
  private running: Running | undefined;
  private current: HostStatus = { kind: 'idle' };
  private readonly numbers = new HostNumbers();
  /** When hosts have ended by themselves. */
  private losses: number[] = [];
  private isDisposed = false;
  /** The recording of the host that has ended last. */
  private lastFile: string | undefined;
  /** When the first host was started: a window may be open for long before anybody makes a call. */
  private firstStartNs: bigint | undefined;

  readonly onDidChangeStatus = this.statusEmitter.event;
  readonly onDidWait = this.waitEmitter.event;
  readonly onDidChange = this.changeEmitter.event;
  /** False when the host has not answered for some seconds, true when it answers again. */
  readonly onDidChangeResponsive = this.responsiveEmitter.event;
  /** A call was not made because the host has ended too often; with the sentence that says so. See {@link restart}. */
  readonly onDidGiveUp = this.giveUpEmitter.event;

  /**
   * @param modulePath The host's program, `dist/socketHost.js`.
   * @param captureOf Where and how much is recorded, asked for whenever a host starts.
   */
  constructor(
    private readonly modulePath: string,
    private readonly captureOf: () => CaptureStart = () => ({}),
  ) {}

  get status(): HostStatus {
    return this.current;
  }

  get originNs(): bigint {
    return this.firstStartNs ?? process.hrtime.bigint();
  }

  start(): Promise<HostInfo> {
    return this.ensureRunning().then(({ started }) => started);
  }

  restart(): Promise<HostInfo> {
    this.losses = [];
    return this.start();
  }

  async call(request: CallRequest): Promise<CallRecord> {
    const remote = await this.remote();
    const record = await this.numbers.during(remote.call(request));
    await this.files.note(record);
    return record;
  }

  async cancel(request: { seq: number }): Promise<boolean> {
    return this.remoteIfRunning().cancel(request);
  }

  async readRows(request: { from: number; count: number }): Promise<PackedRows> {
    return this.remoteIfRunning().readRows(request);
  }

  async readData(request: { seq: number; offset: number; length: number }): Promise<Uint8Array> {
    return this.remoteIfRunning().readData(request);
  }

  async filterRecords(request: FilterRequest): Promise<FilterAnswer> {
    return this.remoteIfRunning().filterRecords(request);
  }

  async cancelFilter(request: { id: number }): Promise<void> {
    return this.remoteIfRunning().cancelFilter(request);
  }

  async sortRecords(request: SortRequest): Promise<SortAnswer> {
    return this.remoteIfRunning().sortRecords(request);
  }

  async frameStream(request: FrameRequest): Promise<FrameAnswer> {
    return this.remoteIfRunning().frameStream(request);
  }

  async surveyRecords(request: SurveyRequest): Promise<SurveyAnswer> {
    return this.remoteIfRunning().surveyRecords(request);
  }

  async watch(request: { socketIds: SocketId[] | 'all' }): Promise<void> {
    return this.remoteIfRunning().watch(request);
  }

  async inspect(request: InspectRequest): Promise<SocketInspection | null> {
    return this.remoteIfRunning().inspect(request);
  }

  async automate(request: AutomateRequest): Promise<void> {
    return this.remoteIfRunning().automate(request);
  }

  async startTap(request: TapRequest): Promise<TapInfo> {
    return (await this.remote()).startTap(request);
  }

  async setTapFaults(request: { id: TapId; faults: TapFaults }): Promise<void> {
    return this.remoteIfRunning().setTapFaults(request);
  }

  async stopTap(request: { id: TapId }): Promise<void> {
    return this.remoteIfRunning().stopTap(request);
  }

  async probeFamilies(request: ProbeRequest): Promise<ProbeResult> {
    return (await this.remote()).probeFamilies(request);
  }

  async rename(request: { socketId: SocketId; name: string | null }): Promise<void> {
    return this.remoteIfRunning().rename(request);
  }

  async saveRecording(request: { file: string }): Promise<void> {
    return this.remoteIfRunning().saveRecording(request);
  }

  /** What the host that has ended last had written; null where that is nothing that could be read. */
  async reopen(): Promise<Recording | null> {
    const { lastFile } = this;
    return lastFile ? Recording.open(this.modulePath, lastFile).catch(() => null) : null;
  }

  async clearRecords(): Promise<void> {
    return this.remoteIfRunning().clearRecords();
  }

  /** To look at the sockets of the machine is an act of the user's like a call: it starts the host. */
  async systemSockets(request: SystemSocketsRequest): Promise<SystemSocketsAnswer> {
    return (await this.remote()).systemSockets(request);
  }

  async lookAtSystemSocket(request: SystemSocketQuestion): Promise<SystemSocketLook> {
    if ('socketId' in request && !this.running) {
      // One of ours has gone with its host, and a page that asks again and again is no act of the user's.
      return null;
    }
    return (await this.remote()).lookAtSystemSocket(request);
  }

  async lookUpFacts(question: CallQuestion): Promise<CallFacts | null> {
    return this.remoteIfRunning().lookUpFacts(question);
  }

  async interfaceIndex(request: { name: string }): Promise<number> {
    return this.remoteIfRunning().interfaceIndex(request);
  }

  async endProcess(request: EndProcessRequest): Promise<EndProcessResult> {
    return (await this.remote()).endProcess(request);
  }

  async ping(): Promise<void> {
    return this.remoteIfRunning().ping();
  }

  /** Ends the host on demand, by force where it does not end by itself; its sockets are lost. */
  stop(): void {
    if (this.running) {
      this.running.isStopped = true;
      endChild(this.running.child);
    }
  }

  dispose(): void {
    void this.end();
  }

  /** Ends the host, by force where it does not end by itself, and resolves when it is gone. */
  async end(): Promise<void> {
    const { running } = this;
    this.isDisposed = true;
    if (running) {
      running.connection.dispose();
      endChild(running.child);
      await running.ended;
    }
    this.store.dispose();
  }

  private async remote(): Promise<Remote<SocketHostMethods>> {
    const running = await this.ensureRunning();
    await running.started;
    return running.connection.remote;
  }

  /** Only calls start a host: what asks about sockets has nothing to ask when there is none. */
  private remoteIfRunning(): Remote<SocketHostMethods> {
    if (!this.running) {
      throw new ConnectionClosedError();
    }
    return this.running.connection.remote;
  }

  private async ensureRunning(): Promise<Running> {
    if (this.isDisposed) {
      throw new ConnectionClosedError();
    }
    if (this.current.kind === 'unsupported') {
      throw new CallRefusedError({
        kind: 'refused',
        argument: null,
        message: this.current.reason,
        reason: 'unsupported',
      });
    }
    if (!this.running) {
      this.admitRestart();
      this.running = this.spawn();
    }
    return this.running;
  }

  /** @throws when the host has ended too often. */
  private admitRestart(): void {
    if (this.current.kind !== 'lost') {
      return;
    }
    if (this.hasEndedTooOften) {
      const message = t(
        'The socket host has ended {0} times within {1} minutes and is not started again now: {2}',
        this.losses.length,
        restartWindow / 60_000,
        this.current.reason,
      );
      this.giveUpEmitter.fire(message);
      throw new HostGivenUpError(message);
    }
  }

  private get hasEndedTooOften(): boolean {
    const now = performance.now();
    this.losses = this.losses.filter((time) => now - time < restartWindow);
    return this.losses.length > restartLimit;
  }

  private spawn(): Running {
    this.firstStartNs ??= process.hrtime.bigint();
    const child = forkHost(this.modulePath);
    const transport = new ChildTransport(child);
    const connection = new RpcConnection<SocketHostMethods, SocketHostEvents>(transport);
    connection.on('didWait')((wait) => {
      this.numbers.noteWait(wait);
      this.waitEmitter.fire(wait);
    });
    connection.on('didChange')((packed) => {
      const change = unpackChange(packed);
      this.numbers.noteChange(change);
      this.changeEmitter.fire(change);
    });
    const activity = new ProcessActivity(child.pid ?? -1);
    const heartbeat = new Heartbeat({
      ping: () => connection.remote.ping(),
      isBusy: () => activity.isBusy(),
      onDidChange: (isResponsive) => this.responsiveEmitter.fire(isResponsive),
    });
    transport.onDidReceive(() => heartbeat.noteLife());
    const capture = this.captureOf();
    const started = connection.remote.start({
      ...this.numbers.first,
      originNs: this.originNs,
      messages: { ...getMessages() },
      capture,
    });
    const ended = whenEnded(child).then(async (reason) => {
      heartbeat.dispose();
      await this.files.remove();
      this.running = undefined;
      this.lastFile = capture.file;
      if (!this.isDisposed && this.current.kind !== 'unsupported') {
        this.noteLoss(running.isStopped ? t('it was stopped') : reason, running);
      }
      transport.close();
    });
    const running: Running = { child, connection, started, heartbeat, ended, isStopped: false };
    started.then(
      (host) => {
        heartbeat.start();
        this.setStatus({ kind: 'running', host, originTime: originTimeOf(this.originNs) });
      },
      (error: unknown) => {
        const refusal = refusalOf(error);
        if (refusal) {
          this.setStatus({ kind: 'unsupported', reason: refusal.message });
        }
        endChild(running.child);
      },
    );
    return running;
  }

  private noteLoss(reason: string, { isStopped }: Running): void {
    if (!isStopped) {
      this.losses.push(performance.now());
    }
    this.numbers.noteLoss();
    this.setStatus({ kind: 'lost', reason, ...(this.hasEndedTooOften && { isGivenUp: true }) });
  }

  private setStatus(status: HostStatus): void {
    this.current = status;
    this.statusEmitter.fire(status);
  }
}
