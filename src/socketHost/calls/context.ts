import type { SocketAddress, SocketId } from '../../common/socket.js';
import type { Capture } from '../capture.js';
import type { FileOrigin } from '../fileIdentity.js';
import type { OpenFile } from '../openFile.js';
import type { Peers } from '../peers.js';
import type { Socket } from '../socket.js';
import type { SocketFiles } from '../socketFiles.js';
import type { WishedName } from '../socketNames.js';
import type { SockaddrCodec } from '../sys/sockaddr.js';

/** A new descriptor, and what is known of it. */
export interface NewSocket {
  fd: number;
  /** What it is, or the open file of which it is another descriptor. */
  file: FileOrigin | OpenFile;
  isCloseOnExec: boolean;
  /** Null for the usual one of what it is. */
  name: WishedName | null;
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
  /** A call has accepted a connection: what the listener does with its connections begins on it. */
  didAccept(listener: Socket, socket: Socket): void;
  /** Descriptors of it are on their way in a message: it may come back after all of ours are closed. */
  notePassed(file: OpenFile): void;
  /** Our Unix socket of the same type that has this name, where nobody else has it too. */
  roomAt(file: OpenFile, address: SocketAddress): OpenFile | null;
  /** Whether it is open, and only calls of the user's own wake those that wait for room in it. */
  isUsersRoom(room: OpenFile): boolean;
  /** Takes a descriptor over of which only the kernel knows what it is. */
  receive(fd: number, isCloseOnExec: boolean, name: WishedName | null, openedSeq: number): Socket;
  /** The kernel may have chosen an address: of a datagram socket that a view shows it is asked for before others send to it. */
  didName(socket: Socket): void;
  /** What it does is known from now on: it is called after that where it has no name. */
  nameByRole(socket: Socket): void;
  /** What is open has changed: its descriptors are to be told of. */
  touch(file: OpenFile): void;
  /**
   * Closes the user's descriptor: calls that wait go on on a dup. The kernel's answer; where `close(2)` may
   * sleep, it is undefined and `done` is told.
   */
  close(socket: Socket, done: (result: number) => void): number | undefined;
  /** Time of a record. */
  now(): number;
}
