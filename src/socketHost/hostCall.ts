import type { Value } from '../common/call.js';
import type { SocketId } from '../common/socket.js';
import type { OpenFile } from './openFile.js';
import type { Socket } from './socket.js';
import type { WishedName } from './socketNames.js';
import { errno } from './sys/linux.js';

/** Where a waiting call stands: it waits its turn to read or to write, or looks at whatever happens. */
export type Queue = 'read' | 'write' | 'any';

/** Payload that a call moved. */
export interface MovedPayload {
  direction: 'in' | 'out';
  /** The bytes that were moved; fewer than `length` where the kernel wrote none (MSG_TRUNC). */
  bytes: Uint8Array;
  length: number;
  offset: number | null;
  /** Where the capture already holds the bytes; null when they are yet to be appended. */
  captured: { segment: number; offset: number } | null;
}

/**
 * One system call of the user's, apart from when it is tried. Arguments are checked when it is made. It is
 * tried until the kernel says something else than that it would block, where the user's call would sleep.
 */
export abstract class HostCall {
  /** The arguments as passed, with the obvious ones filled in; after {@link settle} as the kernel left them. */
  args: Value[] = [];
  /** What the call waits for; null for one that does not wait for readiness. */
  readonly queue: Queue | null = null;
  /** Whether the user's call would sleep where the kernel says that it would block. */
  readonly mayWait: boolean = false;
  /** Sockets that the call made. */
  readonly createdIds: SocketId[] = [];
  /** The time-out in ms that the user has set for calls like this; null without one. */
  readonly timeoutMs: number | null = null;
  /** Whether it is tried again by the clock: readiness does not tell of what it waits for. Never of one that stands in line. */
  readonly isRetried: boolean = false;
  /** Whether it stands behind the calls of its kind that wait on the same socket already. */
  readonly takesTurns: boolean = true;
  /**
   * The socket of ours whose full queue it waits for; null when it is none of ours, or it waits for something else. Looked for
   * among all that are open, so only once: by the first try.
   */
  room: OpenFile | null | undefined = undefined;
  /** Whether it waits for something else before it waits for that. */
  isHeldBack = false;
  /** The number of its record; set by whoever runs the call, as are the next two. */
  seq = 0;
  /** Names for the sockets that it makes. */
  socketNames: readonly WishedName[] = [];
  /** Who made it, where that is known only with the answer; null for what was said before. */
  madeBy: string | null = null;
  /** Takes an answer that comes by itself. */
  answer: (result: number) => void = () => {};

  /** The sockets that it waits on. */
  readonly waitsOn: readonly Socket[];

  constructor(
    /** The descriptor that the user named; null for a call without one. */
    readonly fd: number | null,
    /** Our socket behind it. */
    readonly socket: Socket | null,
    waitsOn: readonly Socket[] = socket ? [socket] : [],
  ) {
    this.waitsOn = waitsOn;
  }

  /**
   * One try. The kernel's answer, a negative errno included; undefined when the user's call would sleep now.
   * @param events What epoll(7) has just told; 0 at first.
   */
  abstract attempt(events: number): number | undefined;

  /**
   * Whether the waiting call is tried only when it is woken: the kernel lets it sleep where one more try would end it, or what
   * was told is of no use to it.
   * @param _events What epoll(7) has just told; 0 when it has told nothing.
   */
  isAsleep(_events: number): boolean {
    return false;
  }

  /** What a waiting call gives when this error ends its wait: what it has moved, or the error. */
  endedBy(error: number): number {
    return -error;
  }

  /** What a blocking call gives when its time-out is over. */
  timedOut(): number {
    return this.endedBy(errno.EAGAIN);
  }

  /** Whether a call that only looks has asked for what has become ready. */
  isInterested(_file: OpenFile, _events: number): boolean {
    return true;
  }

  /** Takes the kernel's answer over into arguments and sockets. */
  abstract settle(result: number): void;

  /** How many bytes it has moved; so far, while it waits. */
  get moved(): number {
    return 0;
  }

  /** What was moved; so far, while the call waits. */
  payload(): MovedPayload | null {
    return null;
  }

  /** The other end where it is known and ours. */
  peerId(): SocketId | null {
    return this.socket?.file.peer?.first?.id ?? null;
  }

  /** The descriptor to use: of a socket that was closed while calls wait, the host's dup. */
  protected get handle(): number {
    return this.socket ? this.socket.handle : (this.fd ?? -1);
  }
}
