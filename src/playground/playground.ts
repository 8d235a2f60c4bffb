import type { Call, CallRecord } from '../common/call.js';
import { Emitter, once } from '../common/event.js';
import { type Disposable, DisposableStore } from '../common/lifecycle.js';
import type { HostStatus, PanelChange } from '../common/protocol/panel.js';
import type { HostChange, HostInfo, ProbeRequest, ProbeResult } from '../common/protocol/socketHost.js';
import {
  type Automation,
  type Named,
  type SocketId,
  type SocketInfo,
  type SocketInspection,
} from '../common/socket.js';
import { plainName } from '../common/unseen.js';
import type { TapFaults } from '../common/tap/faults.js';
import type { TapId, TapInfo, TapRequest } from '../common/tap/tap.js';
import { Drops } from './drops.js';
import { RecordAccess } from './recordAccess.js';
import { RecordFacts } from './recordFacts.js';
import { SeenRecords } from './seenRecords.js';
import { type CallHandle, type CallOptions, explainFailure } from './callHandle.js';
import { CallsUnderWay } from './callsUnderWay.js';
import { originTimeOf, type SocketHostService, whileAlive } from './socketHostService.js';
import { isOpen, SocketBook } from './socketBook.js';
import { SocketCloser } from './socketCloser.js';
import { type SocketWatcher, SocketWatchers } from './socketWatchers.js';
import { SystemSockets } from './systemSockets.js';

/** Sockets that have ended and are still shown, at most; the oldest go first. */
const endedSockets = 1000;

/**
 * The model: the sockets as their host last told of them, and the way to its calls and records. Used by
 * the extension and by the command line. Sockets of a host that ended by itself stay, marked lost.
 */
export class Playground extends RecordAccess implements Disposable {
  private readonly store = new DisposableStore();
  private readonly changeEmitter = this.store.add(new Emitter<PanelChange>());
  private readonly statusEmitter = this.store.add(new Emitter<HostStatus>());
  private readonly waitEmitter = this.store.add(new Emitter<{ seq: number; call: Call }>());
  private readonly returnEmitter = this.store.add(new Emitter<CallRecord>());
  private readonly book = new SocketBook();
  private readonly calls: CallsUnderWay;
  private readonly closer: SocketCloser;
  private readonly watchers = new SocketWatchers(this.host, (id) => this.book.isOpen(id));
  private readonly seen = new SeenRecords();
  private first = 1;
  private last = 0;
  private readonly drops = new Drops();
  private isDisposed = false;

  /** What has changed since the last time, at most once a frame. */
  readonly onDidChange = this.changeEmitter.event;
  readonly onDidChangeStatus = this.statusEmitter.event;
  /** A call would sleep in a program from now on. */
  readonly onDidWait = this.waitEmitter.event;
  /** A call has returned or was cancelled. */
  readonly onDidReturn = this.returnEmitter.event;

  /** What was found out about failed calls. */
  readonly facts: RecordFacts;
  /** The sockets of the machine. */
  readonly system: SystemSockets;

  constructor(host: SocketHostService) {
    super(host);
    this.store.add(host);
    this.store.add(this.lost);
    this.system = this.store.add(new SystemSockets(host));
    this.calls = new CallsUnderWay(host, {
      domainOf: (fd) => this.domainOf(fd),
      now: () => this.now(),
      didWait: (seq, call) => {
        this.last = Math.max(this.last, seq);
        this.waitEmitter.fire({ seq, call });
      },
      didReturn: (record) => {
        this.last = Math.max(this.last, record.seq);
        this.seen.add(record);
        this.returnEmitter.fire(record);
      },
    });
    this.closer = new SocketCloser(this, this.calls);
    this.facts = new RecordFacts(host, (seq) => this.merge({ changedSeqs: [seq] }));
    this.store.add(host.onDidChange((change) => this.apply(change)));
    this.store.add(host.onDidChangeStatus((status) => this.followStatus(status)));
    this.store.add(host.onDidWait(({ token, seq }) => this.calls.noteWait(token, seq)));
  }

  get status(): HostStatus {
    return this.host.status;
  }

  /** All sockets, in the order in which they were made; closed and lost ones too until they are cleared. */
  get sockets(): ReadonlyMap<SocketId, SocketInfo> {
    return this.book.all;
  }

  /** Sockets that still hold a descriptor: all are looked at, which is for the moments when a person has asked. */
  get openSockets(): SocketInfo[] {
    return [...this.sockets.values()].filter(isOpen);
  }

  get openCount(): number {
    return this.book.openCount;
  }

  /** Whether a call waits. */
  get hasWaiting(): boolean {
    return this.book.hasWaiting;
  }

  /** Whether a socket is in an automatic mode. */
  get hasAutomatic(): boolean {
    return this.book.hasAutomatic;
  }

  /** Whether a tap listens. */
  get hasTap(): boolean {
    return this.book.hasTap;
  }

  /** `seq` of the first record that can be read, and of the last (0 before the first record). */
  get firstSeq(): number {
    return this.first;
  }

  get lastSeq(): number {
    return this.last;
  }

  /** The clock's time at record time 0, in ms since 1970. */
  get originTime(): number {
    return originTimeOf(this.host.originNs);
  }

  /** Nanoseconds since the origin of record times. */
  now(): number {
    return Number(process.hrtime.bigint() - this.host.originNs);
  }

  /** The open socket behind a descriptor. */
  socketOfFd(fd: number): SocketInfo | undefined {
    return this.book.ofFd(fd);
  }

  /** The domain of the open socket behind a descriptor. */
  async domainOf(fd: number): Promise<Named | undefined> {
    await this.whenAllKnown();
    return this.socketOfFd(fd)?.domain ?? undefined;
  }

  /** The number of a network interface where calls are made; 0 when there is none. Rejects while no host runs. */
  interfaceIndex(name: string): Promise<number> {
    return this.asked(this.host.interfaceIndex({ name }));
  }

  /** The platform that calls are made on. */
  get platform(): HostInfo['platform'] {
    const { status } = this.host;
    return status.kind === 'running' ? status.host.platform : (process.platform as HostInfo['platform']);
  }

  /** Everything at once, as a change from nothing. */
  snapshot(): PanelChange {
    return this.changeOf({ sockets: [...this.sockets.values()] });
  }

  /** Starts the host where it does not run. Rejects with `CallRefusedError` where there is none for this system. */
  async start(): Promise<void> {
    try {
      await this.host.start();
    } catch (error) {
      throw explainFailure(error, this.host.status, null);
    }
  }

  /** Makes one system call. The first one starts the host. */
  call(call: Call, options: CallOptions = {}): CallHandle {
    return this.calls.call(call, options);
  }

  /** Ends a waiting call; false when it no longer waits. */
  async cancel(seq: number): Promise<boolean> {
    return this.isRunning && whileAlive(this.host.cancel({ seq }), false);
  }

  /** Resolves when {@link sockets} have a socket that the host has made: false where it has ended before. */
  async whenListed(id: SocketId): Promise<boolean> {
    const isOver = () => this.sockets.has(id) || !this.isRunning;
    if (!isOver()) {
      await once(this.onDidChange, isOver);
    }
    return this.sockets.has(id);
  }

  /** Resolves when {@link sockets} show what the call of this record did. */
  async whenKnown(seq: number): Promise<void> {
    if (this.calls.isUntold(seq)) {
      await once(this.onDidChange, () => !this.calls.isUntold(seq));
    }
  }

  /** Resolves when {@link sockets} show what every call did that has returned. */
  async whenAllKnown(): Promise<void> {
    await Promise.all(this.calls.allUntold.map((seq) => this.whenKnown(seq)));
  }

  /**
   * Resolves when it is known here which waits the calls so far have ended: the host sees what has become
   * ready before it answers.
   */
  async settle(): Promise<void> {
    if (this.isRunning) {
      await whileAlive(this.host.ping(), undefined);
    }
  }

  /** A view's own watcher. The sockets of all watchers together are sampled. */
  createWatcher(): SocketWatcher {
    return this.watchers.create();
  }

  /** Asks the kernel about one socket, with the options of these levels; null when it is gone. */
  async inspect(socketId: SocketId, levels: string[] = []): Promise<SocketInspection | null> {
    const socket = this.sockets.get(socketId);
    return socket && isOpen(socket) && this.isRunning
      ? whileAlive(this.host.inspect({ socketId, levels }), null)
      : null;
  }

  /** Lets the host make calls on a socket by itself, or with null no longer. Rejects with `CallRefusedError`. */
  async automate(socketId: SocketId, automation: Automation | null): Promise<void> {
    await this.asked(this.host.automate({ socketId, automation }));
  }

  /** Listens at one address and passes everything on to another. Starts the host where it does not run. Rejects with `CallRefusedError`. */
  startTap(request: TapRequest): Promise<TapInfo> {
    return this.asked(this.host.startTap(request));
  }

  /** Rejects with `CallRefusedError`. */
  setTapFaults(id: TapId, faults: TapFaults): Promise<void> {
    return this.asked(this.host.setTapFaults({ id, faults }));
  }

  /** Closes every socket of a tap. Rejects with `CallRefusedError`. */
  stopTap(id: TapId): Promise<void> {
    return this.asked(this.host.stopTap({ id }));
  }

  /** Asks the kernel which sockets it makes, by making them. Starts the host where it does not run. */
  async probeFamilies(request: ProbeRequest): Promise<ProbeResult> {
    return this.asked(this.host.probeFamilies(request));
  }

  /** Gives a socket a name, of which {@link plainName} is kept. */
  async rename(socketId: SocketId, given: string | null): Promise<void> {
    const name = plainName(given ?? '') || null;
    const socket = this.sockets.get(socketId);
    if (!socket) {
      return;
    }
    if (isOpen(socket) && this.isRunning) {
      await whileAlive(this.host.rename({ socketId, name }), undefined);
    }
    // The host may have told of it meanwhile, and of more.
    const current = this.sockets.get(socketId);
    if (current) {
      this.merge({ sockets: [{ ...current, name }] });
    }
  }

  /**
   * Cancels the waiting calls of these sockets and closes them, by real calls; the latest made first. Those that
   * are being closed already are left out, and a tap's own are closed by the tap.
   */
  close(socketIds: Iterable<SocketId>, options: CallOptions = {}): Promise<CallRecord[]> {
    return this.closer.close(socketIds, options);
  }

  closeAll(options: CallOptions = {}): Promise<CallRecord[]> {
    return this.close(this.sockets.keys(), options);
  }

  /** Forgets all records that have ended, and the closed and lost sockets. */
  async clear(): Promise<void> {
    if (this.isRunning) {
      await whileAlive(this.host.clearRecords(), undefined);
    }
    this.seen.clear();
    this.lost.clear();
    this.facts.clear();
    this.forget([...this.sockets.values()].filter((socket) => !isOpen(socket)).map(({ id }) => id));
  }

  /** Starts a fresh host and forgets the lost sockets. */
  async restart(): Promise<void> {
    await this.host.restart();
    this.forget([...this.sockets.values()].filter(({ isLost }) => isLost).map(({ id }) => id));
  }

  dispose(): void {
    this.isDisposed = true;
    this.store.dispose();
  }

  /** What the host answers to a request that is no call. */
  private async asked<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw explainFailure(error, this.host.status, null);
    }
  }

  private apply(change: HostChange): void {
    this.calls.noteTold(change);
    this.drops.apply(change);
    this.last = Math.max(this.last, change.lastSeq);
    this.first = this.lost.firstSeq ?? change.firstSeq;
    this.merge({
      sockets: this.drops.changedSockets(change, this.sockets),
      changedSeqs: change.changedSeqs,
      pages: (change.rows ?? []).map((rows) => this.page([], rows)),
    });
    this.watchers.update();
  }

  /** Takes changes over and tells of them. */
  private merge({
    sockets = [],
    removed = [],
    changedSeqs = [],
    pages = [],
  }: Partial<Pick<PanelChange, 'sockets' | 'removed' | 'changedSeqs' | 'pages'>>): void {
    for (const socket of sockets) {
      this.book.set(socket);
    }
    const gone = [...removed, ...this.book.surplus(endedSockets)];
    for (const id of gone) {
      this.book.delete(id);
      this.drops.forget(id);
    }
    this.changeEmitter.fire(this.changeOf({ sockets, removed: gone, changedSeqs, pages }));
  }

  private changeOf(change: Partial<PanelChange>): PanelChange {
    return {
      sockets: [],
      removed: [],
      firstSeq: this.first,
      lastSeq: this.last,
      changedSeqs: [],
      ...this.drops.state,
      ...change,
    };
  }

  private forget(removed: SocketId[]): void {
    this.first = this.lost.firstSeq ?? Math.max(this.first, this.lost.through + 1);
    this.merge({ removed });
  }

  private followStatus(status: HostStatus): void {
    if (status.kind === 'lost' && !this.isDisposed) {
      this.markLost();
    }
    if (status.kind === 'running') {
      this.watchers.renew();
    }
    this.statusEmitter.fire(status);
  }

  private markLost(): void {
    const lostCalls = this.calls.lose(this.sockets);
    lostCalls.forEach((record) => this.seen.add(record));
    const lost = { seq: this.last, ns: this.now() };
    const sockets = [...this.sockets.values()]
      // A call may wait on what was closed meanwhile.
      .filter((socket) => isOpen(socket) || socket.waiting.length > 0)
      .map((socket) => ({
        ...socket,
        ...(isOpen(socket) && { isLost: true, lost, automatic: null }),
        waiting: [],
      }));
    this.drops.keep();
    const seen = this.seen.take();
    const recording = this.host.reopen?.();
    // Without a recording only those that were seen are left.
    const first = recording ? this.first : (seen[0]?.seq ?? this.last + 1);
    void this.lost
      .add(Math.max(first, this.lost.through + 1), this.last, seen, recording ?? Promise.resolve(null))
      .then((missing) => this.countMissing(missing));
    this.first = this.lost.firstSeq ?? this.last + 1;
    this.merge({ sockets, changedSeqs: lostCalls.map(({ seq }) => seq) });
  }

  /** Records that a host had told of when it ended, and that neither its file nor the model has. */
  private countMissing(missing: number): void {
    if (missing > 0 && !this.isDisposed) {
      this.drops.addLost(missing);
      this.merge({});
    }
  }
}
