import type { SocketId } from '../../common/socket.js';
import type { Capture } from '../capture.js';
import type { Peers } from '../peers.js';
import type { Socket } from '../socket.js';
import type { SocketFiles } from '../socketFiles.js';
import type { SockaddrCodec } from '../sys/sockaddr.js';

/** A new descriptor, and what is known of it. */
export interface NewSocket {
  fd: number;
  domain: number;
  type: number;
  protocol: number;
  isNonBlocking: boolean;
  listener: Socket | null;
  name: string | null;
  /** The record of the call that made it. */
  openedSeq: number;
}

/** What calls need of the host. */
export interface CallContext {
  readonly codec: SockaddrCodec;
  readonly capture: Capture;
  readonly peers: Peers;
  readonly files: SocketFiles;
  socketOfFd(fd: number): Socket | undefined;
  socketOfId(id: SocketId): Socket | undefined;
  /** Takes a descriptor over that the kernel has just made. */
  adopt(socket: NewSocket): Socket;
  /** The socket has changed and is to be told of. */
  touch(socket: Socket): void;
  /**
   * Closes the user's descriptor: calls that wait go on on a dup. The kernel's answer; where `close(2)` may
   * sleep, it is undefined and `done` is told.
   */
  close(socket: Socket, done: (result: number) => void): number | undefined;
  /** Time of a record. */
  now(): number;
}
