import type { SocketInfo } from '../common/socket.js';
import type { Capture } from './capture.js';
import type { Socket } from './socket.js';

/** What makes a socket worth noting again; the counters alone do not. */
const fields = ['state', 'role', 'name', 'local', 'remote', 'peerId', 'tcpState'] as const;

type Noted = Pick<SocketInfo, (typeof fields)[number]>;

/** Keeps what the recording knows of the sockets up to date. */
export class SocketNotes {
  private readonly noted = new WeakMap<Socket, Noted>();

  /** Notes those of the changed sockets that are new or have become something else. */
  write(changed: Iterable<Socket>, capture: Capture): void {
    for (const socket of changed) {
      const noted = this.noted.get(socket);
      if (!noted || fields.some((field) => noted[field] !== socket.info[field])) {
        this.note(socket, capture);
      }
    }
  }

  /** Notes again what the capture has dropped. */
  renew(sockets: Iterable<Socket>, capture: Capture): void {
    for (const socket of sockets) {
      if (this.noted.has(socket) && !capture.hasSocket(socket.info.id)) {
        this.note(socket, capture);
      }
    }
  }

  private note(socket: Socket, capture: Capture): void {
    const { state, role, name, local, remote, peerId, tcpState } = socket.info;
    this.noted.set(socket, { state, role, name, local, remote, peerId, tcpState });
    capture.noteSocket(socket.info);
  }
}
