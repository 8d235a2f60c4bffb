import { fstatSync } from 'node:fs';
import type { CallRecord } from '../common/call.js';
import { t } from '../common/l10n.js';
import type { SocketLookup } from '../common/recordText.js';
import { errnoName } from '../common/tables/errnos.js';
import type {
  AutomateRequest,
  CallRequest,
  HostInfo,
  HostStart,
  InspectRequest,
  ProbeRequest,
  ProbeResult,
  SocketHostEvents,
  SocketHostMethods,
} from '../common/protocol/socketHost.js';
import type { PackedRows } from '../common/rows/packedRows.js';
import type { Handlers } from '../common/rpc.js';
import type { SocketId, SocketInspection } from '../common/socket.js';
import type { TapFaults } from '../common/tap/faults.js';
import type { TapId, TapInfo, TapRequest } from '../common/tap/tap.js';
import type { CallName } from '../common/tables/signatures.js';
import type { ErrorQuestion } from '../common/system/errorFacts.js';
import type {
  EndProcessRequest,
  EndProcessResult,
  ErrorFacts,
  SystemSocket,
  SystemSocketLook,
  SystemSocketsAnswer,
  SystemSocketsRequest,
} from '../common/system/systemSocket.js';
import { ArgumentReader } from './argumentReader.js';
import { Engine, type EngineHost } from './automatic/engine.js';
import type { NewSocket } from './calls/context.js';
import { makerOf } from './calls/table.js';
import { Capture } from './capture.js';
import { Descriptors } from './descriptors.js';
import type { HostCall } from './hostCall.js';
import { inspect } from './inspect.js';
import { Inspections } from './inspections.js';
import { News } from './news.js';
import { OpenFile } from './openFile.js';
import { Peers } from './peers.js';
import { probeFamilies } from './probe.js';
import { identify } from './received.js';
import { refusal } from './refusal.js';
import { RecordAnswers, RecordQueries } from './recordQueries.js';
import type { RecordSource } from './recordWalk.js';
import { type CallObserver, RunningCall } from './runningCall.js';
import { Sampler } from './sampler.js';
import { Socket, type SocketOwner } from './socket.js';
import { SocketFiles } from './socketFiles.js';
import { socketNotes } from './socketNotes.js';
import { type FileMeta, largestFile, newMeta } from './store/fileFormat.js';
import { RecordingFile, writeRecording } from './store/recordingFile.js';
import { RowCursor } from './store/rowCursor.js';
import { RowPacker } from './store/rowPacker.js';
import { epoll, linux } from './sys/linux.js';
import { Poller } from './sys/poller.js';
import { SockaddrCodec } from './sys/sockaddr.js';
import * as sys from './sys/syscall.js';
import { Taps } from './tap/taps.js';
import { endProcess } from './system/endProcess.js';
import { lookUpFacts } from './system/errorFacts.js';
import { SystemSockets } from './system/systemSockets.js';

const SIGPIPE = 13;
const SIGCONT = 18;
const SIGIO = 29;
/** Records in one answer, at most. */
const largestPage = 10_000;

type Fire = <K extends keyof SocketHostEvents>(name: K, value: SocketHostEvents[K]) => void;

/** All descriptors of the user's, the calls made on them and their records. */
export class SocketHost
  extends RecordAnswers
  implements Omit<Handlers<SocketHostMethods>, 'start'>, EngineHost, SocketOwner
{
  readonly codec = new SockaddrCodec(linux.sockaddr);
  readonly capture: Capture;
  readonly peers = new Peers((file) => this.touch(file));
  readonly files = new SocketFiles();
  private readonly poller: Poller;
  protected readonly queries: RecordQueries;
  private readonly packer = new RowPacker(linux.platform);
  private readonly descriptors: Descriptors;
  private readonly engine: Engine;
  /** From the process's own clock to the times of records: the same clock, without bigints. */
  private readonly clockOffset: number;
  private readonly sampler = new Sampler(
    this.codec,
    this.peers,
    (file) => this.touch(file),
    () => this.news.countTraffic(),
  );
  private readonly inspections = new Inspections((socket, levels) => {
    this.sampler.sampleUnlessJustNow(socket.file);
    return inspect(socket, levels);
  });
  private readonly system = new SystemSockets(() => this.idsByInode());
  private readonly taps = new Taps(this);
  private readonly sockets = new Map<SocketId, Socket>();
  /** By descriptor, which the kernel hands out from the lowest on. */
  private readonly byFd: (Socket | undefined)[] = [];
  private readonly running = new Map<number, RunningCall>();
  private readonly news: News;
  /** What has been sent in messages: it may arrive here with what is known of it. */
  private readonly passed = new Set<OpenFile>();
  private nextSocketId: number;
  private nextSeq: number;
  private lastSeq = 0;
  private lingering = 0;

  constructor(
    options: HostStart,
    private readonly info: HostInfo,
    private readonly fire: Fire,
  ) {
    super();
    this.clockOffset = Number(process.hrtime.bigint() - options.originNs) - performance.now() * 1e6;
    this.nextSocketId = options.firstSocketId;
    this.nextSeq = options.firstSeq;
    // Before the recording: what fails of it at once is news.
    this.news = new News({
      sampler: this.sampler,
      sockets: this.sockets,
      capture: () => this.capture,
      firstSeq: () => this.firstSeq,
      lastSeq: () => this.lastSeq,
      didChange: (change) => this.fire('didChange', change),
    });
    const { file, disk, memory } = options.capture ?? {};
    this.capture = new Capture(options.firstSeq, {
      limits: { ...(memory ? { memory } : {}), ...(disk ? { disk } : {}) },
      openFile: file ? () => new RecordingFile(file, this.meta, disk ?? largestFile) : null,
      onDidFail: (error) => this.news.noteFault(error.message),
    });
    const epfd = Descriptors.raise(sys.epollCreate(epoll.CLOEXEC));
    this.descriptors = new Descriptors(epfd);
    this.poller = new Poller(epfd);
    this.queries = new RecordQueries(this.recordSource());
    this.engine = new Engine(this, this.poller);
    // A send to nobody is EPIPE, not the end of the process.
    sys.ignoreSignal(SIGPIPE);
    // A host that is stopped when its parent ends goes on, and ends too: nobody else could make it.
    sys.signalAtParentsEnd(SIGCONT);
    // The user may make this process the owner of a socket.
    sys.ignoreSignal(SIGIO);
  }

  /** Nanoseconds since the origin that the parent gave. */
  now(): number {
    return performance.now() * 1e6 + this.clockOffset;
  }

  call(request: CallRequest): Promise<CallRecord> {
    const { call, loopbackOnly = false } = request;
    const make = makerOf(call.name);
    const made = make(new ArgumentReader(call, loopbackOnly), this);
    if (request.socketId !== undefined && made.socket?.id !== request.socketId) {
      throw refusal(0, t('The socket that this call was for is closed.'));
    }
    return this.run(made, request);
  }

  takeSeq(): number {
    this.lastSeq = this.nextSeq++;
    return this.lastSeq;
  }

  start(made: HostCall, name: CallName, madeBy: string): Promise<CallRecord> {
    return this.run(made, { call: { name, args: [] }, madeBy });
  }

  closeFor({ fd }: Socket, madeBy: string): void {
    void this.call({ call: { name: 'close', args: [fd] }, madeBy });
  }

  noteMoved(socket: Socket): void {
    this.news.noteMoved(socket);
  }

  automate({ socketId, automation }: AutomateRequest): void {
    const socket = this.sockets.get(socketId);
    if (!socket || socket.isClosed) {
      throw refusal(null, t('The socket is closed.'));
    }
    this.engine.automate(socket, automation);
  }

  startTap(request: TapRequest): Promise<TapInfo> {
    return this.taps.start(request);
  }

  setTapFaults({ id, faults }: { id: TapId; faults: TapFaults }): void {
    this.taps.setFaults(id, faults);
  }

  stopTap({ id }: { id: TapId }): Promise<void> {
    return this.taps.stop(id);
  }

  private run(made: HostCall, request: CallRequest): Promise<CallRecord> {
    const { call, token = null, socketName = [] } = request;
    made.seq = this.takeSeq();
    made.socketNames = [socketName].flat();
    const record: CallRecord = {
      seq: made.seq,
      name: call.name,
      args: made.args,
      status: 'waiting',
      result: null,
      errno: null,
      startNs: this.now(),
      endNs: null,
      hasWaited: false,
      fd: made.fd,
      socketId: made.socket?.id ?? null,
      createdIds: made.createdIds,
      peerId: null,
      payload: null,
      thread: request.thread ?? null,
      madeBy: request.madeBy ?? null,
      resolution: call.resolution ?? null,
    };
    return new Promise((resolve) => {
      const observer: CallObserver = {
        now: () => this.now(),
        didWait: (running) => this.didWait(running),
        didEnd: (running, result) => {
          this.callDidEnd(running, result);
          resolve(running.record);
        },
      };
      new RunningCall(made, record, token, observer).start();
    });
  }

  cancel({ seq }: { seq: number }): boolean {
    return this.running.get(seq)?.cancel() ?? false;
  }

  readRows({ from, count }: { from: number; count: number }): PackedRows {
    const { capture } = this;
    const packer = this.packer.begin();
    const limit = Math.min(count, largestPage);
    for (let seq = Math.max(from, this.firstSeq); seq <= this.lastSeq && packer.count < limit;) {
      const running = this.running.get(seq);
      if (running) {
        packer.add(this.liveRecord(running));
        seq++;
      } else {
        seq += capture.reader.copy(seq, limit - packer.count, packer) || 1;
      }
    }
    return packer.take();
  }

  readData({ seq, offset, length }: { seq: number; offset: number; length: number }): Uint8Array {
    const running = this.running.get(seq);
    return running
      ? (running.call.payload()?.bytes.slice(offset, offset + length) ?? new Uint8Array())
      : this.capture.readData(seq, offset, length);
  }

  watch({ socketIds }: { socketIds: SocketId[] | 'all' }): void {
    this.sampler.watch(socketIds, this.sockets);
  }

  inspect({ socketId, levels = [] }: InspectRequest): Promise<SocketInspection | null> {
    const socket = this.sockets.get(socketId);
    return socket && !socket.isClosed ? this.inspections.ask(socket, levels) : Promise.resolve(null);
  }

  probeFamilies({ probes }: ProbeRequest): Promise<ProbeResult> {
    return probeFamilies(probes, (fd, done) => this.closeInThread(fd, done));
  }

  rename({ socketId, name }: { socketId: SocketId; name: string | null }): void {
    const socket = this.sockets.get(socketId);
    if (socket) {
      socket.name = name;
      this.news.note(socket);
    }
  }

  async saveRecording({ file }: { file: string }): Promise<void> {
    await writeRecording(file, this.meta, this.capture.held());
  }

  clearRecords(): void {
    this.news.noteFault(null);
    this.capture.clear();
    socketNotes.renew(this.sockets.values(), this.capture);
  }

  systemSockets(request: SystemSocketsRequest): Promise<SystemSocketsAnswer> {
    return this.system.list(request);
  }

  lookAtSystemSocket({ socket }: { socket: SystemSocket }): Promise<SystemSocketLook> {
    return this.system.look(socket);
  }

  lookUpFacts(question: ErrorQuestion): Promise<ErrorFacts | null> {
    return lookUpFacts(question, {
      system: this.system,
      socketOfId: (id) => this.sockets.get(id),
      localOf: (socket) => this.sampler.localOf(socket),
    });
  }

  endProcess(request: EndProcessRequest): Promise<EndProcessResult> {
    return endProcess(request);
  }

  ping(): void {
    // The answer is all.
  }

  /** Removes what would outlive the process; the kernel closes the descriptors. Whether a close still lingers. */
  end(): { isLingering: boolean } {
    this.news.dispose();
    this.sampler.dispose();
    this.inspections.dispose();
    this.engine.dispose();
    this.system.dispose();
    this.poller.dispose();
    this.files.removeAll();
    this.endRecording();
    return { isLingering: this.lingering > 0 };
  }

  socketOfFd(fd: number): Socket | undefined {
    return this.byFd[fd];
  }

  socketOfId(id: SocketId): Socket | undefined {
    return this.sockets.get(id);
  }

  adopt(made: NewSocket): Socket {
    const file = made.file instanceof OpenFile ? made.file : new OpenFile(made.file, this.poller);
    const socket = new Socket(file, this.nextSocketId++, made, this);
    this.sockets.set(socket.id, socket);
    this.byFd[socket.fd] = socket;
    this.sampler.add(socket);
    this.touch(file);
    return socket;
  }

  notePassed(file: OpenFile): void {
    file.inode ??= fstatSync(file.handle).ino;
    this.passed.add(file);
  }

  receive(fd: number, isCloseOnExec: boolean, name: string | null, openedSeq: number): Socket {
    const files = new Set([...this.passed, ...[...this.sockets.values()].map((socket) => socket.file)]);
    return this.adopt({ fd, file: identify(fd, files), isCloseOnExec, name, openedSeq });
  }

  touch(file: OpenFile): void {
    file.descriptors.forEach((socket) => this.news.note(socket));
  }

  close(socket: Socket, done: (result: number) => void): number | undefined {
    const { fd, file } = socket;
    const dup = socket.isWaiting ? this.descriptors.dup(fd) : -1;
    const waiting = dup < 0 ? socket.waitingCalls : [];
    const isLast = dup < 0 && this.isLast(socket);
    const mayLinger = isLast && file.mayLinger;
    file.unwatch(fd);
    if (isLast) {
      file.leave();
    }
    const result = mayLinger ? this.closeInThread(fd, done) : sys.close(fd);
    this.descriptors.refill();
    this.engine.didFreeDescriptors();
    socket.close(dup);
    this.didClose(socket);
    // Without a descriptor to be had for them nobody can wait any longer.
    for (const call of waiting) {
      call.cancel();
    }
    return result;
  }

  closeDup(socket: Socket): void {
    const { file, handle } = socket;
    const isLast = this.isLast(socket);
    const mayLinger = isLast && file.mayLinger;
    if (isLast) {
      file.leave();
    }
    if (mayLinger) {
      this.closeInThread(handle, () => {});
    } else {
      sys.close(handle);
    }
  }

  didEnd(socket: Socket): void {
    this.sockets.delete(socket.id);
    this.sampler.remove(socket);
    this.news.note(socket);
  }

  /** The last descriptor takes what is open along. */
  private isLast({ file, handle }: Socket): boolean {
    return file.descriptors.every((other) => other.handle < 0 || other.handle === handle);
  }

  /** What filters look through: what has ended, and what waits. */
  private recordSource(): RecordSource {
    const { capture, running } = this;
    const { reader } = capture;
    const sockets: SocketLookup = { get: (id) => this.sockets.get(id)?.info ?? reader.socket(id) };
    const range = { first: () => this.firstSeq, last: () => this.lastSeq };
    return {
      reader,
      cursor: new RowCursor(reader, capture.rowReader, sockets),
      sockets,
      platform: linux.platform,
      get firstSeq() {
        return range.first();
      },
      get lastSeq() {
        return range.last();
      },
      running: (seq) => {
        const call = running.get(seq);
        return call && this.liveRecord(call);
      },
      waitingFrom: (seq) => [...running.keys()].filter((each) => each >= seq).sort((a, b) => a - b),
    };
  }

  /** What still waits, and every open socket, ends with the host. */
  private endRecording(): void {
    const endNs = this.now();
    for (const running of this.running.values()) {
      this.capture.append({ ...this.liveRecord(running), payload: null, status: 'lost', endNs }, null);
    }
    for (const { info, isClosed } of this.sockets.values()) {
      if (!isClosed) {
        this.capture.noteSocket({ ...info, isLost: true });
      }
    }
    this.capture.end();
  }

  private get meta(): FileMeta {
    return newMeta(this.info, Date.now() - this.now() / 1e6);
  }

  private closeInThread(fd: number, done: (result: number) => void): undefined {
    this.lingering++;
    sys.closeInThread(fd, (result) => {
      this.lingering--;
      this.descriptors.refill();
      this.engine.didFreeDescriptors();
      done(result);
    });
  }

  private idsByInode(): Map<number, SocketId> {
    const open = [...this.sockets.values()].filter(({ isClosed, file }) => !isClosed && file.isSocket);
    return new Map(open.map(({ id, file }) => [(file.inode ??= fstatSync(file.handle).ino), id]));
  }

  private get firstSeq(): number {
    const [oldest] = this.running.keys();
    return Math.min(this.capture.firstSeq, oldest ?? Infinity);
  }

  private didClose(socket: Socket): void {
    const { file } = socket;
    this.byFd[socket.fd] = undefined;
    this.engine.forget(socket);
    this.sampler.remove(socket);
    this.inspections.remove(socket);
    if (file.descriptors.every(({ isClosed }) => isClosed)) {
      this.peers.forget(file);
    }
    this.news.note(socket);
    this.touch(file);
    if (file.peer) {
      // The other end may be known by another of its descriptors now.
      this.touch(file.peer);
    }
  }

  private didWait(running: RunningCall): void {
    const { record, call, token } = running;
    this.running.set(record.seq, running);
    this.fire('didWait', { token, seq: record.seq });
    call.waitsOn.forEach((socket) => this.news.note(socket));
    this.news.schedule();
  }

  private callDidEnd({ call, record }: RunningCall, result: number | null): void {
    this.running.delete(record.seq);
    record.status = result === null ? 'cancelled' : 'returned';
    if (result !== null) {
      call.settle(result);
      record.result = result < 0 ? -1 : result;
      record.errno = result < 0 ? errnoName(-result, linux.platform) : null;
    }
    record.args = call.args;
    record.madeBy = call.madeBy ?? record.madeBy;
    record.peerId = call.peerId();
    const moved = call.payload();
    let position = moved?.captured ?? null;
    if (moved && (moved.length > 0 || (result ?? -1) >= 0)) {
      const { direction, bytes, length, offset } = moved;
      record.payload = { direction, length, captured: bytes.length, offset };
      if (!position && bytes.length > 0) {
        position = this.capture.appendPayload(bytes, record.seq, record.startNs);
      }
    }
    this.capture.append(record, position);
    if (record.hasWaited) {
      // Also of a wait that nothing was told of yet: who makes the call may wait for its end to be told.
      this.news.noteEnd(record.seq);
      call.waitsOn.forEach((socket) => this.news.note(socket));
    }
    this.news.schedule();
  }

  private liveRecord({ call, record }: RunningCall): CallRecord {
    const moved = call.payload();
    if (!moved || moved.length === 0) {
      return record;
    }
    const { direction, bytes, length, offset } = moved;
    return { ...record, payload: { direction, length, captured: bytes.length, offset } };
  }
}
