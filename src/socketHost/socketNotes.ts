import type { SocketInfo } from '../common/socket.js';
import type { Capture } from './capture.js';
import type { Socket } from './socket.js';

/** What makes a socket worth noting again, with its addresses; the counters alone do not. With another name it is as if nothing was noted. */
const fields = ['state', 'role', 'peerId', 'tcpState', 'tap', 'past'] as const;

/** What was noted of a socket, apart from its name and addresses: the same object for sockets that are alike. */
export type Noted = Readonly<Pick<SocketInfo, (typeof fields)[number]>>;

/** The one that was noted last: very many in a row are alike. */
let latest: Noted | null = null;

/** Keeps what the recording knows of the sockets up to date. What it has noted is each socket's own: a weak map of very many is slow. */
export const socketNotes = {
  /** Notes a changed socket, where it is new or has become something else. */
  write(socket: Socket, info: Readonly<SocketInfo>, capture: Capture): void {
    const { noted, notedLocal, notedRemote } = socket;
    if (!noted || notedLocal !== info.local || notedRemote !== info.remote || !isAs(noted, info)) {
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
  if (!latest || !isAs(latest, info)) {
    const { state, role, peerId, tcpState, tap, past } = info;
    latest = { state, role, peerId, tcpState, ...(tap && { tap }), ...(past && { past }) };
  }
  socket.noted = latest;
  socket.notedLocal = info.local;
  socket.notedRemote = info.remote;
  capture.noteSocket(info);
}

function isAs(noted: Noted, info: Readonly<SocketInfo>): boolean {
  return fields.every((field) => noted[field] === info[field]);
}
