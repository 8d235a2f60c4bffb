import type { AutomaticInfo, SocketAddress, SocketId, SocketInfo, WaitingCall } from '../common/socket.js';
import type { SocketTap } from '../common/tap/tap.js';
import type { OpenFile } from './openFile.js';
import { certainRemote } from './peers.js';
import type { RunningCall } from './runningCall.js';
import type { Noted } from './socketNotes.js';
import type { SocketName } from './socketNames.js';
import { fileControl } from './sys/linux.js';
import * as sys from './sys/syscall.js';

export interface SocketOrigin {
  fd: number;
  /** The user's FD_CLOEXEC. */
  isCloseOnExec: boolean;
  called: SocketName;
  openedSeq: number;
}

/** Whom a socket belongs to. */
export interface SocketOwner {
  /** Closes the dup that calls have waited on. */
  closeDup(socket: Socket): void;
  didEnd(socket: Socket): void;
}

/** What the host does on a socket by itself. */
export interface AutomaticFlow {
  /**
   * Something may be there to be received. Whether it has all been served, and leaves nothing for the loop to do: true
   * where more of the same may come at once.
   */
  onReady(socket: Socket): boolean;
}

interface Waiting {
  call: RunningCall;
  told: WaitingCall;
}

function tellWaiting({ call, told }: Waiting): WaitingCall {
  const { moved } = call.call;
  return moved > 0 ? { ...told, moved } : told;
}

/** Shared by all sockets that nothing waits on. */
const noWaits: readonly Waiting[] = [];
const nobody: SocketId[] = [];
const nothing: WaitingCall[] = [];

/** One descriptor of the user's: the calls that wait on it, its end. What is open behind it may have others too. */
export class Socket {
  // First what is asked with every event, see OpenFile.
  readonly id: SocketId;
  readonly fd: number;
  /** The descriptor that calls use: the user's, or the host's dup once the user's is closed. */
  handle: number;
  /** What the host does here by itself, and how that is told. */
  automatic: AutomaticFlow | null = null;
  automation: AutomaticInfo | null = null;
  /** An automatic mode has moved bytes since that was told last. */
  hasMoved = false;
  called: SocketName;
  isCloseOnExec: boolean;
  isClosed = false;
  /** What it is to a tap. */
  tap: SocketTap | null = null;
  /** What the recording knows of it; null when it was never told of. */
  noted: Noted | null = null;
  notedLocal: SocketAddress | null = null;
  notedRemote: SocketAddress | null = null;
  private readonly openedSeq: number;
  private waiting: readonly Waiting[] = noWaits;
  /** The calls that waited when it was closed; null while it is open, and where there were none. */
  private heldBy: readonly number[] | null = null;

  constructor(
    readonly file: OpenFile,
    id: SocketId,
    { fd, called, isCloseOnExec, openedSeq }: SocketOrigin,
    private readonly owner: SocketOwner,
  ) {
    this.id = id;
    this.fd = fd;
    this.handle = fd;
    this.called = called;
    this.isCloseOnExec = isCloseOnExec;
    this.openedSeq = openedSeq;
    file.addDescriptor(this);
  }

  /** As it is told: what changes is written to the file, or to this descriptor. */
  get info(): Readonly<SocketInfo> {
    const { file, isClosed } = this;
    const { names, sample } = file;
    // Written out: of very many sockets this is made in one go, and a spread costs several times as much.
    const told: SocketInfo = {
      id: this.id,
      fd: this.fd,
      name: this.name,
      kind: file.kind,
      domain: names.domain,
      type: names.type,
      protocol: names.protocol,
      role: file.role,
      state: isClosed ? 'closed' : file.state,
      tcpState: isClosed ? null : sample.tcpState,
      local: file.local ?? file.acceptedAt,
      // Once both ends have sent FIN the kernel does not say it any more.
      remote: file.remote ?? (isClosed ? certainRemote(file) : null),
      listenerId: file.listenerId,
      peerId: file.peer?.first?.id ?? null,
      // A closed one tells which others went on.
      sharedWith: file.isShared || isClosed ? this.others : nobody,
      backlog: file.backlog,
      acceptQueue: isClosed ? null : sample.acceptQueue,
      receiveQueue: isClosed ? null : sample.receiveQueue,
      sendQueue: isClosed ? null : sample.sendQueue,
      bytesReceived: file.bytesReceived,
      bytesSent: file.bytesSent,
      isNonBlocking: file.isNonBlocking,
      isCloseOnExec: this.isCloseOnExec,
      isShutdownRead: file.isShutdownRead,
      isShutdownWrite: file.isShutdownWrite,
      waiting: this.waiting.length === 0 ? nothing : this.waiting.map(tellWaiting),
      automatic: this.automation,
      unrecordedCalls: file.unrecordedCalls,
      openedSeq: this.openedSeq,
      isLost: false,
    };
    if (this.tap) {
      told.tap = this.tap;
    }
    const past = file.past?.told(isClosed);
    if (past) {
      told.past = past;
    }
    if (this.heldBy) {
      told.heldBy = this.heldBy;
    }
    return told;
  }

  /** What it is called; null for nothing. */
  get name(): string | null {
    const { stem, number } = this.called;
    return number > 1 ? `${stem}${number}` : stem;
  }

  /** The other descriptors of the same file. */
  private get others(): SocketId[] {
    return this.file.descriptors.filter((other) => other !== this && !other.isClosed).map(({ id }) => id);
  }

  get isWaiting(): boolean {
    return this.waiting.length > 0;
  }

  /** All calls that wait, in the order in which they came. */
  get waitingCalls(): RunningCall[] {
    return this.waiting.map(({ call }) => call);
  }

  /** A call on it waits from now on. */
  addWaiting(call: RunningCall): void {
    const { seq, name, startNs } = call.record;
    this.waiting = [...this.waiting, { call, told: { seq, name, startNs } }];
  }

  /** The call waits no more. */
  removeWaiting(call: RunningCall): void {
    this.waiting = this.waiting.filter((each) => each.call !== call);
    if (this.isClosed && !this.isWaiting && this.handle >= 0) {
      this.file.unwatch(this.handle);
      this.owner.closeDup(this);
      this.end();
    }
  }

  /** Makes one try with a descriptor that blocks. Only where the kernel cannot let it sleep. */
  withoutNonBlocking<T>(attempt: () => T): T {
    const flags = sys.fcntl(this.handle, fileControl.F_GETFL, 0);
    sys.fcntl(this.handle, fileControl.F_SETFL, flags & ~fileControl.O_NONBLOCK);
    try {
      return attempt();
    } finally {
      sys.fcntl(this.handle, fileControl.F_SETFL, flags);
    }
  }

  /**
   * The user's descriptor is gone.
   * @param dup Where the calls that wait go on; negative when there are none.
   */
  close(dup: number): void {
    this.isClosed = true;
    this.automatic = null;
    this.automation = null;
    this.handle = dup;
    if (dup < 0) {
      this.end();
    } else {
      this.heldBy = this.waiting.map(({ told }) => told.seq);
      this.file.watchAgain();
    }
  }

  private end(): void {
    this.handle = -1;
    this.file.removeDescriptor(this);
    this.file.watchAgain();
    this.owner.didEnd(this);
  }
}
