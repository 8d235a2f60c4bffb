import type { CallRecord } from '../common/call.js';
import { t } from '../common/l10n.js';
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
import type { SocketAddress, SocketId, SocketInspection } from '../common/socket.js';
import type { TapFaults } from '../common/tap/faults.js';
import type { TapId, TapInfo, TapRequest } from '../common/tap/tap.js';
import type { CallName } from '../common/tables/signatures.js';
import type { CallQuestion } from '../common/system/errorFacts.js';
import type {
  EndProcessRequest,
  EndProcessResult,
  CallFacts,
  SystemSocket,
  SystemSocketLook,
  SystemSocketQuestion,
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
import { HostRecords } from './hostRecords.js';
import { inspect } from './inspect.js';
import { Inspections } from './inspections.js';
import { News } from './news.js';
import type { OpenFile } from './openFile.js';
import { OpenSockets, type SocketsObserver } from './openSockets.js';
import { Peers } from './peers.js';
import { probeFamilies } from './probe.js';
import { refusal } from './refusal.js';
import { RecordAnswers, RecordQueries } from './recordQueries.js';
import { RunningCalls } from './runningCalls.js';
import { Sampler } from './sampler.js';
import type { Socket } from './socket.js';
import { SocketFiles } from './socketFiles.js';
import type { WishedName } from './socketNames.js';
import { socketNotes } from './socketNotes.js';
import { type FileMeta, largestFile, newMeta } from './store/fileFormat.js';
import { RecordingFile, writeRecording } from './store/recordingFile.js';
import { epollControl, linux } from './sys/linux.js';
import { Poller } from './sys/poller.js';
import { SockaddrCodec } from './sys/sockaddr.js';
import * as sys from './sys/syscall.js';
import { Taps } from './tap/taps.js';
import { endProcess } from './system/endProcess.js';
import { interfaceIndex } from './sys/syscall.js';
import { lookUpFacts } from './system/errorFacts.js';
import { inSystem } from './system/inSystem.js';
import { SystemSockets } from './system/systemSockets.js';

const SIGPIPE = 13;
const SIGCONT = 18;
const SIGIO = 29;

type Fire = <K extends keyof SocketHostEvents>(name: K, value: SocketHostEvents[K]) => void;

/** What the parent asks for, and what those who do it need of each other. */
export class SocketHost
  extends RecordAnswers
  implements Omit<Handlers<SocketHostMethods>, 'start'>, EngineHost, SocketsObserver
{
  readonly codec = new SockaddrCodec(linux.sockaddr);
  readonly capture: Capture;
  readonly peers = new Peers((file) => this.touch(file));
  readonly files = new SocketFiles();
  private readonly poller: Poller;
  protected readonly queries: RecordQueries;
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
  private readonly system = new SystemSockets(() => this.open.idsByInode());
  private readonly taps = new Taps(this);
  private readonly open: OpenSockets;
  private readonly running: RunningCalls;
  private readonly records: HostRecords;
  private readonly news: News;
  private freeSeq: number;
  private lastSeq = 0;

  constructor(
    options: HostStart,
    private readonly info: HostInfo,
    private readonly fire: Fire,
  ) {
    super();
    this.clockOffset = Number(process.hrtime.bigint() - options.originNs) - performance.now() * 1e6;
    const epfd = Descriptors.raise(sys.epollCreate(epollControl.CLOEXEC));
    this.poller = new Poller(epfd);
    this.open = new OpenSockets(options.firstSocketId, epfd, this.poller, this);
    this.freeSeq = options.firstSeq;
    // Before the recording: what fails of it at once is news.
    this.news = new News({
      sampler: this.sampler,
      sockets: this.open.byId,
      capture: () => this.capture,
      firstSeq: () => this.records.firstSeq,
      lastSeq: () => this.lastSeq,
      rows: (from, count) => this.records.rows(from, count),
      didChange: (change) => this.fire('didChange', change),
    });
    const { file, disk, memory } = options.capture ?? {};
    this.capture = new Capture(options.firstSeq, {
      limits: { ...(memory ? { memory } : {}), ...(disk ? { disk } : {}) },
      openFile: file ? () => new RecordingFile(file, this.meta, disk ?? largestFile) : null,
      onDidFail: (error) => this.news.noteFault(error.message),
    });
    this.running = new RunningCalls(this, this.news, (wait) => this.fire('didWait', wait));
    this.records = new HostRecords(
      this.capture,
      this.running,
      (id) => this.open.byId.get(id)?.info,
      () => this.lastSeq,
    );
    this.queries = new RecordQueries(this.records);
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
    return this.running.run(made, request);
  }

  get nextSeq(): number {
    return this.freeSeq;
  }

  takeSeq(): number {
    this.lastSeq = this.freeSeq++;
    return this.lastSeq;
  }

  start(made: HostCall, name: CallName, madeBy: string): Promise<CallRecord> {
    return this.running.run(made, { call: { name, args: [] }, madeBy });
  }

  closeFor({ fd }: Socket, madeBy: string): void {
    void this.call({ call: { name: 'close', args: [fd] }, madeBy });
  }

  noteMoved(socket: Socket): void {
    this.news.noteMoved(socket);
  }

  automate({ socketId, automation }: AutomateRequest): void {
    const socket = this.open.byId.get(socketId);
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

  cancel({ seq }: { seq: number }): boolean {
    return this.running.cancel(seq);
  }

  readRows({ from, count }: { from: number; count: number }): PackedRows {
    return this.records.rows(from, count);
  }

  readData({ seq, offset, length }: { seq: number; offset: number; length: number }): Uint8Array {
    return this.records.data(seq, offset, length);
  }

  watch({ socketIds }: { socketIds: SocketId[] | 'all' }): void {
    this.sampler.watch(socketIds, this.open.byId);
  }

  inspect({ socketId, levels = [] }: InspectRequest): Promise<SocketInspection | null> {
    const socket = this.open.byId.get(socketId);
    return socket && !socket.isClosed ? this.inspections.ask(socket, levels) : Promise.resolve(null);
  }

  probeFamilies({ probes }: ProbeRequest): Promise<ProbeResult> {
    return probeFamilies(probes, (fd, done) => this.open.closeInThread(fd, done));
  }

  rename({ socketId, name }: { socketId: SocketId; name: string | null }): void {
    const socket = this.open.byId.get(socketId);
    if (socket) {
      this.open.rename(socket, name);
      this.news.note(socket);
    }
  }

  async saveRecording({ file }: { file: string }): Promise<void> {
    this.news.noteRest();
    await writeRecording(file, this.meta, this.capture.held());
  }

  clearRecords(): void {
    this.news.noteFault(null);
    this.capture.clear();
    socketNotes.renew(this.open.byId.values(), this.capture);
  }

  systemSockets(request: SystemSocketsRequest): Promise<SystemSocketsAnswer> {
    return this.system.list(request);
  }

  async lookAtSystemSocket(which: SystemSocketQuestion): Promise<SystemSocketLook> {
    const isOurs = 'socketId' in which;
    const socket = isOurs ? this.systemSocket(which.socketId) : which.socket;
    return socket ? this.system.look(socket, isOurs) : null;
  }

  lookUpFacts(question: CallQuestion): Promise<CallFacts | null> {
    return lookUpFacts(question, {
      system: this.system,
      codec: this.codec,
      sockets: this.open.byId.values(),
      socketOfId: (id) => this.open.byId.get(id),
      localOf: (socket) => this.sampler.localOf(socket),
    });
  }

  interfaceIndex({ name }: { name: string }): number {
    return interfaceIndex(name);
  }

  endProcess(request: EndProcessRequest): Promise<EndProcessResult> {
    return endProcess(request);
  }

  ping(): void {
    // The answer is all.
  }

  /** Removes what would outlive the process; the kernel closes the descriptors. Whether a close still lingers. */
  async end(): Promise<{ isLingering: boolean }> {
    this.news.dispose();
    this.sampler.dispose();
    this.inspections.dispose();
    this.engine.dispose();
    this.system.dispose();
    this.poller.dispose();
    this.files.removeAll();
    await this.endRecording();
    return { isLingering: this.open.isLingering };
  }

  socketOfFd(fd: number): Socket | undefined {
    return this.open.ofFd(fd);
  }

  socketOfId(id: SocketId): Socket | undefined {
    return this.open.byId.get(id);
  }

  adopt(made: NewSocket): Socket {
    return this.open.adopt(made);
  }

  didAccept(listener: Socket, socket: Socket): void {
    this.engine.didAccept(listener, socket);
  }

  notePassed(file: OpenFile): void {
    this.open.notePassed(file);
  }

  roomAt(file: OpenFile, address: SocketAddress): OpenFile | null {
    return this.open.roomAt(file, address);
  }

  isUsersRoom(room: OpenFile): boolean {
    return room.handle >= 0 && this.open.isAloneIn(room);
  }

  receive(fd: number, isCloseOnExec: boolean, name: WishedName | null, openedSeq: number): Socket {
    return this.open.receive(fd, isCloseOnExec, name, openedSeq);
  }

  close(socket: Socket, done: (result: number) => void): number | undefined {
    this.sampler.askBeforeClose(socket);
    return this.open.close(socket, done);
  }

  didName(socket: Socket): void {
    if (!socket.file.isConnectionBased) {
      this.sampler.askNames(socket);
    }
  }

  nameByRole(socket: Socket): void {
    this.open.nameByRole(socket);
  }

  touch(file: OpenFile): void {
    file.descriptors.forEach((socket) => this.news.note(socket));
  }

  didAdd(socket: Socket): void {
    this.sampler.add(socket);
    this.touch(socket.file);
  }

  didFreeDescriptor(): void {
    this.engine.didFreeDescriptors();
  }

  didClose(socket: Socket): void {
    const { file } = socket;
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

  didEnd(socket: Socket): void {
    this.sampler.remove(socket);
    this.news.note(socket);
  }

  /** What still waits, and every open socket, ends with the host. */
  private endRecording(): Promise<void> {
    this.running.lose();
    this.news.noteRest();
    const lost = { seq: this.lastSeq, ns: this.now() };
    for (const { info, isClosed } of this.open.byId.values()) {
      if (!isClosed) {
        this.capture.noteSocket({ ...info, isLost: true, lost });
      }
    }
    return this.capture.end();
  }

  /** Of an open socket of the user's what it takes to ask for it in the lists of all. */
  private systemSocket(id: SocketId): SystemSocket | undefined {
    const socket = this.open.byId.get(id);
    return socket && !socket.isClosed && socket.file.isSocket
      ? inSystem(inspect(socket, new Set()), this.sampler.localOf(socket))
      : undefined;
  }

  private get meta(): FileMeta {
    return newMeta(this.info, Date.now() - this.now() / 1e6);
  }
}
