import { setImmediate as nextTurn } from 'node:timers/promises';
import { errno, family, socketType } from './linux.js';
import { Memory } from './memory.js';
import { errorOf, messageFlag, messagesOf, messageType, request } from './netlinkMessages.js';
import * as sys from './syscall.js';

const NETLINK_SOCK_DIAG = 4;
const SOCK_RAW = 3;
/** The kernel fills no more than 32 KiB at a time. */
const answerSize = 64 * 1024;
/** How long reading may hold the process at a time, in ms. */
const sliceMs = 4;

/** How a list ended. */
export interface DumpEnd {
  /** 0, or why the kernel gave no list or no more of it. */
  errno: number;
  /** The list changed while it was read: something may be missing. */
  isInterrupted: boolean;
}

/** Asks the kernel about sockets over one netlink socket of the host's own: sock_diag(7). */
export class SockDiag {
  private readonly answer = new Memory(answerSize);
  private lastSeq = 0;
  /** Lists are read one after another: the kernel makes only one at a time for a socket. */
  private queue: Promise<unknown> = Promise.resolve();

  /** @param fd A netlink socket from {@link open}. */
  private constructor(private readonly fd: number) {}

  /**
   * Opens the netlink socket; its errno where the kernel has none, or no descriptor is left.
   * @param raise Moves a descriptor out of the user's range; where it cannot, gives the same back.
   */
  static open(raise: (fd: number) => number): SockDiag | { errno: number } {
    const type = SOCK_RAW | socketType.SOCK_NONBLOCK | socketType.SOCK_CLOEXEC;
    const fd = sys.socket(family.AF_NETLINK, type, NETLINK_SOCK_DIAG);
    if (fd < 0) {
      return { errno: -fd };
    }
    const raised = raise(fd);
    if (raised === fd) {
      // Nothing is free up there: do not keep a number that the user may count on.
      sys.close(fd);
      return { errno: errno.EMFILE };
    }
    return new SockDiag(raised);
  }

  /** The message about one socket, valid until the next call; its errno where the kernel gives none. */
  ask(body: Uint8Array): DataView | { errno: number } {
    const seq = ++this.lastSeq;
    const failure = this.send(request(messageType.SOCK_DIAG_BY_FAMILY, messageFlag.REQUEST, seq, body));
    if (failure < 0) {
      return { errno: -failure };
    }
    // The kernel answers before it returns; what is left of an earlier list is passed over.
    for (;;) {
      const bytes = this.receive();
      if (typeof bytes === 'number') {
        return { errno: -bytes };
      }
      for (const message of messagesOf(bytes)) {
        if (message.seq === seq) {
          return message.type === messageType.SOCK_DIAG_BY_FAMILY
            ? message.body
            : { errno: errorOf(message) };
        }
      }
    }
  }

  /** As {@link ask}, when the lists that were asked for before are read. */
  askInTurn<T>(body: Uint8Array, read: (answer: DataView | { errno: number }) => T): Promise<T> {
    return this.inTurn(() => read(this.ask(body)));
  }

  /**
   * Lists sockets, in slices between which the process does its other work.
   * @param onMessage Given each message, valid only during the call.
   */
  list(body: Uint8Array, onMessage: (body: DataView) => void): Promise<DumpEnd> {
    return this.inTurn(() => this.listNow(body, onMessage));
  }

  close(): void {
    sys.close(this.fd);
  }

  private inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const done = this.queue.then(work);
    this.queue = done.catch(() => {});
    return done;
  }

  private async listNow(body: Uint8Array, onMessage: (body: DataView) => void): Promise<DumpEnd> {
    const seq = ++this.lastSeq;
    const flags = messageFlag.REQUEST | messageFlag.DUMP;
    const failure = this.send(request(messageType.SOCK_DIAG_BY_FAMILY, flags, seq, body));
    if (failure < 0) {
      return { errno: -failure, isInterrupted: false };
    }
    let isInterrupted = false;
    let sliceEnd = performance.now() + sliceMs;
    for (;;) {
      const bytes = this.receive();
      if (typeof bytes === 'number') {
        return { errno: -bytes, isInterrupted };
      }
      for (const message of messagesOf(bytes)) {
        if (message.seq !== seq) {
          continue;
        }
        isInterrupted ||= (message.flags & messageFlag.DUMP_INTR) !== 0;
        if (message.type === messageType.DONE || message.type === messageType.ERROR) {
          return { errno: errorOf(message), isInterrupted };
        }
        if (message.type === messageType.SOCK_DIAG_BY_FAMILY) {
          onMessage(message.body);
        }
      }
      if (performance.now() >= sliceEnd) {
        await nextTurn();
        sliceEnd = performance.now() + sliceMs;
      }
    }
  }

  private send(bytes: Uint8Array): number {
    const memory = Memory.of(bytes, bytes.length);
    return sys.sendto(this.fd, memory, 0, bytes.length, 0, null, 0);
  }

  /** One datagram, or a negative errno. */
  private receive(): Uint8Array | number {
    const length = sys.recvfrom(this.fd, this.answer, 0, this.answer.length, 0, null, null);
    return length < 0 ? length : this.answer.bytes.subarray(0, length);
  }
}
