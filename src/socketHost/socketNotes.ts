import type { SocketInfo } from '../common/socket.js';
import type { Capture } from './capture.js';
import type { Socket } from './socket.js';

/** What makes a socket worth noting again; the counters alone do not. */
const fields = ['state', 'role', 'name', 'local', 'remote', 'peerId', 'tcpState'] as const;

/** What was noted of a socket. */
export type Noted = Pick<SocketInfo, (typeof fields)[number]>;

/** Keeps what the recording knows of the sockets up to date. What it has noted is each socket's own: a weak map of very many is slow. */
export const socketNotes = {
  /** Notes a changed socket, where it is new or has become something else. */
  write(socket: Socket, info: Readonly<SocketInfo>, capture: Capture): void {
    const { noted } = socket;
    if (!noted || fields.some((field) => noted[field] !== info[field])) {
      note(socket, info, capture);
    }
  },

  /** Notes again what the capture has dropped. */
  renew(sockets: Iterable<Socket>, capture: Capture): void {
    for (const socket of sockets) {
      if (socket.noted && !capture.hasSocket(socket.id)) {
        note(socket, socket.info, capture);
      }
    }
  },
};

function note(socket: Socket, info: Readonly<SocketInfo>, capture: Capture): void {
  const { state, role, name, local, remote, peerId, tcpState } = info;
  socket.noted = { state, role, name, local, remote, peerId, tcpState };
  capture.noteSocket(info);
}
