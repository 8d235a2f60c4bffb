import type { CallRecord } from '../call.js';
import type { SocketId } from '../socket.js';
import { type Annotation, readAnnotation } from './annotation.js';
import type { LogSink } from './logSink.js';
import { ObservedFile, type ObservedFacts, ObservedSocket } from './observedSocket.js';
import { passedDescriptors } from './payload.js';
import { PeerFinder } from './peerFinder.js';
import type { FileTable, Place, Thread } from './processes.js';
import type { StraceValue } from './values.js';

const MSG_CMSG_CLOEXEC = 0x40000000;

/** A number of a process that comes to stand for a socket. */
export interface Descriptor {
  thread: Thread;
  fd: number;
  file: ObservedFile;
  isCloseOnExec: boolean;
  /** The record by which it does. */
  openedSeq: number;
}

/** The sockets of a log: which one a number of a process stands for, and which belong together. */
export class ObservedSockets {
  readonly peers = new PeerFinder();
  /** Passed in a message that was not received yet, and so often: who sent it may have closed it. */
  private readonly onTheirWay = new Map<ObservedFile, number>();
  private nextId: SocketId = 1;

  /** @param nextSeq The number of the next record. */
  constructor(
    private readonly sink: LogSink,
    private readonly nextSeq: () => number,
  ) {}

  /** A process has lost a descriptor: by a call, at its end, or when it became another program. */
  didClose({ socket, file }: Place): void {
    if (socket && !socket.isClosed) {
      socket.isClosed = true;
      this.sink.didChange(socket);
    }
    if (file.holders === 0) {
      this.peers.forget(file);
    }
  }

  /** A message with descriptors is being sent: they are open until it is received. */
  pass(thread: Thread, message: StraceValue | undefined): void {
    for (const file of passedFiles(thread, message)) {
      file.holders += 1;
      this.onTheirWay.set(file, (this.onTheirWay.get(file) ?? 0) + 1);
    }
  }

  /** The message was not sent. */
  unpass(thread: Thread, message: StraceValue | undefined): void {
    passedFiles(thread, message).forEach((file) => this.arrive(file));
  }

  /** One that was on its way has arrived, or was not sent. */
  private arrive(file: ObservedFile): void {
    const count = this.onTheirWay.get(file) ?? 0;
    if (count > 0) {
      file.holders -= 1;
      this.onTheirWay.set(file, count - 1);
    }
    if (count <= 1) {
      this.onTheirWay.delete(file);
    }
  }

  /** The descriptors that a message has brought. */
  received(thread: Thread, message: StraceValue | undefined, record: CallRecord, flags: number): SocketId[] {
    const isCloseOnExec = (flags & MSG_CMSG_CLOEXEC) !== 0;
    return passedDescriptors(message).flatMap(({ fd, note }) => {
      const known = note === null ? undefined : readAnnotation(note);
      if (known?.kind !== 'socket') {
        return [];
      }
      const file = this.peers.same(known) ?? this.strangers(known, 'received');
      const { id } = this.place({ thread, fd, file, isCloseOnExec, openedSeq: record.seq });
      this.arrive(file);
      return [id];
    });
  }

  /**
   * The socket behind a number of a process.
   * @param isSocket It can be nothing else: one that the log has not told of was there before.
   */
  find(thread: Thread, fd: number, note: string | null, isSocket: boolean): ObservedSocket | null {
    const annotation = note === null ? null : readAnnotation(note);
    const { table } = thread;
    if (annotation?.kind === 'other') {
      // It was closed where the log does not look.
      this.remove(table, fd);
      return null;
    }
    const place = table.places.get(fd);
    thread.hasUsedSocket ||= place !== undefined || annotation !== null || isSocket;
    if (place) {
      place.socket ??= this.newSocket({ thread, fd, openedSeq: this.nextSeq(), ...place });
      this.apply(place.socket, annotation);
      return place.socket;
    }
    if (!annotation && !isSocket) {
      return null;
    }
    const file = (annotation && this.peers.same(annotation)) ?? this.strangers(annotation, undefined);
    const socket = this.place({ thread, fd, file, isCloseOnExec: false, openedSeq: this.nextSeq() });
    this.apply(socket, annotation);
    return socket;
  }

  /** A socket that was made before the log begins, or by somebody it does not show. */
  private strangers(annotation: Annotation | null, role: 'received' | undefined): ObservedFile {
    const facts: ObservedFacts = annotation ?? { domain: null, type: null, protocol: null };
    const file = new ObservedFile(facts, role);
    if (annotation?.remote || annotation?.peerInode) {
      file.state = 'connected';
    } else if (annotation?.local) {
      file.state = 'bound';
    }
    return file;
  }

  /** Gives a number of a process to a socket. */
  place(descriptor: Descriptor): ObservedSocket {
    const { thread, fd, file, isCloseOnExec } = descriptor;
    thread.hasUsedSocket = true;
    this.remove(thread.table, fd);
    const socket = this.newSocket(descriptor);
    thread.table.put(fd, { file, socket, isCloseOnExec });
    return socket;
  }

  private newSocket({ thread, fd, file, isCloseOnExec, openedSeq }: Descriptor): ObservedSocket {
    const socket = new ObservedSocket(this.nextId++, fd, file, openedSeq, thread.processLabel);
    socket.isCloseOnExec = isCloseOnExec;
    this.sink.didChange(socket);
    return socket;
  }

  /** A process loses a descriptor. */
  remove(table: FileTable, fd: number): void {
    const place = table.remove(fd);
    if (place) {
      this.didClose(place);
    }
  }

  /** Takes over what strace says beside a descriptor. */
  learn(socket: ObservedSocket, note: string | null): void {
    this.apply(socket, note === null ? null : readAnnotation(note));
  }

  private apply(socket: ObservedSocket, annotation: Annotation | null): void {
    if (annotation?.kind === 'socket' && socket.file.learn(annotation)) {
      this.tell(this.peers.note(socket.file));
      this.sink.didChange(socket);
    }
  }

  /** Sockets have changed. */
  tell(files: readonly ObservedFile[]): void {
    for (const { descriptors } of files) {
      descriptors.forEach((socket) => this.sink.didChange(socket));
    }
  }
}

/** The sockets behind the numbers that a message passes. */
function passedFiles({ table }: Thread, message: StraceValue | undefined): ObservedFile[] {
  return passedDescriptors(message).flatMap(({ fd }) => table.places.get(fd)?.file ?? []);
}
