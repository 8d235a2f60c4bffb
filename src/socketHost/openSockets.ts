import { fstatSync } from 'node:fs';
import type { SocketAddress, SocketId } from '../common/socket.js';
import type { NewSocket } from './calls/context.js';
import { Descriptors } from './descriptors.js';
import { OpenFile } from './openFile.js';
import { isSame } from './peers.js';
import { identify } from './received.js';
import { Socket, type SocketOwner } from './socket.js';
import { type SocketName, SocketNames, type WishedName } from './socketNames.js';
import type { Poller } from './sys/poller.js';
import * as sys from './sys/syscall.js';

/** What came from somewhere, whatever it was called there. */
const received: WishedName = { text: 'received', isFixed: false };

/** Told of what becomes of the user's descriptors. */
export interface SocketsObserver {
  didAdd(socket: Socket): void;
  /** A number was given back: whoever found none may try again. */
  didFreeDescriptor(): void;
  /** The user's descriptor is closed; calls may go on on a dup. */
  didClose(socket: Socket): void;
  /** The last call on it has ended as well. */
  didEnd(socket: Socket): void;
}

/** All descriptors of the user's: how they come, how they are found, how they are closed. */
export class OpenSockets implements SocketOwner {
  readonly byId = new Map<SocketId, Socket>();
  /** By descriptor, which the kernel hands out from the lowest on. */
  private readonly byFd: (Socket | undefined)[] = [];
  private readonly descriptors: Descriptors;
  private readonly names = new SocketNames();
  /** What has been sent in messages: it may arrive here with what is known of it. */
  private readonly passed = new Set<OpenFile>();
  private lingering = 0;

  /** @param epfd Any descriptor of the host's that stays open. */
  constructor(
    private nextId: number,
    epfd: number,
    private readonly poller: Poller,
    private readonly observer: SocketsObserver,
  ) {
    this.descriptors = new Descriptors(epfd);
  }

  /** Whether a close in another thread has not returned. */
  get isLingering(): boolean {
    return this.lingering > 0;
  }

  ofFd(fd: number): Socket | undefined {
    return this.byFd[fd];
  }

  adopt(made: NewSocket): Socket {
    const called = this.nameOf(made);
    const file = made.file instanceof OpenFile ? made.file : new OpenFile(made.file, this.poller);
    const socket = new Socket(file, this.nextId++, { ...made, called }, this);
    this.byId.set(socket.id, socket);
    this.byFd[socket.fd] = socket;
    this.observer.didAdd(socket);
    return socket;
  }

  rename(socket: Socket, name: string | null): void {
    if (socket.isClosed) {
      this.callIt(socket, { stem: name, number: 0 });
    } else {
      this.names.release(socket.called);
      this.callIt(socket, this.names.chosen(name));
    }
  }

  nameByRole(socket: Socket): void {
    if (socket.name === null) {
      this.callIt(socket, this.names.ofRole(socket.file.role));
    }
  }

  notePassed(file: OpenFile): void {
    inodeOf(file);
    this.passed.add(file);
  }

  /** Our Unix socket that has this name, where nobody else has it too. */
  roomAt({ type }: OpenFile, address: SocketAddress): OpenFile | null {
    const socket = [...this.byId.values()].findLast(
      ({ file }) => file.isUnix && file.type === type && isSame(file.boundTo, address),
    );
    return socket && this.isAloneIn(socket.file) ? socket.file : null;
  }

  /** Whether only the user's own calls take something out of it: no automatic mode, and nobody whom it was sent to. */
  isAloneIn(file: OpenFile): boolean {
    return !this.passed.has(file) && file.descriptors.every(({ automatic }) => automatic === null);
  }

  receive(fd: number, isCloseOnExec: boolean, name: WishedName | null, openedSeq: number): Socket {
    const files = new Set([...this.passed, ...[...this.byId.values()].map((socket) => socket.file)]);
    const file = identify(fd, files);
    return this.adopt({ fd, file, isCloseOnExec, name: name ?? received, openedSeq });
  }

  close(socket: Socket, done: (result: number) => void): number | undefined {
    const { fd, file } = socket;
    const dup = socket.isWaiting ? this.descriptors.dup(fd) : -1;
    const waiting = dup < 0 ? socket.waitingCalls : [];
    const isLast = dup < 0 && isLastHandle(socket);
    const mayLinger = isLast && file.mayLinger;
    file.unwatch(fd);
    if (isLast) {
      file.leave();
    }
    const result = mayLinger ? this.closeInThread(fd, done) : sys.close(fd);
    this.descriptors.refill();
    this.observer.didFreeDescriptor();
    this.names.release(socket.called);
    socket.close(dup);
    this.byFd[fd] = undefined;
    this.observer.didClose(socket);
    // Without a descriptor to be had for them nobody can wait any longer.
    for (const call of waiting) {
      call.cancel();
    }
    return result;
  }

  closeDup(socket: Socket): void {
    const { file, handle } = socket;
    const isLast = isLastHandle(socket);
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

  closeInThread(fd: number, done: (result: number) => void): undefined {
    this.lingering++;
    sys.closeInThread(fd, (result) => {
      this.lingering--;
      this.descriptors.refill();
      this.observer.didFreeDescriptor();
      done(result);
    });
  }

  didEnd(socket: Socket): void {
    this.byId.delete(socket.id);
    this.observer.didEnd(socket);
  }

  /** By the number that the rest of the system has for a socket. */
  idsByInode(): Map<number, SocketId> {
    const open = [...this.byId.values()].filter(({ isClosed, file }) => !isClosed && file.isSocket);
    return new Map(open.map(({ id, file }) => [inodeOf(file), id]));
  }

  private nameOf({ name, file }: NewSocket): SocketName {
    if (name) {
      return this.names.wished(name);
    }
    if (file instanceof OpenFile) {
      return this.names.ofCopy(file.first?.name ?? null);
    }
    const { role, listener } = file;
    return role === 'accepted' ? this.names.ofAccepted(listener?.name ?? null) : this.names.ofRole(role);
  }

  private callIt(socket: Socket, called: SocketName): void {
    socket.called = called;
    // The recording has to hear of it.
    socket.noted = null;
  }
}

function inodeOf(file: OpenFile): number {
  return (file.inode ??= fstatSync(file.handle).ino);
}

/** The last descriptor takes what is open along. */
function isLastHandle({ file, handle }: Socket): boolean {
  return file.descriptors.every((other) => other.handle < 0 || other.handle === handle);
}
