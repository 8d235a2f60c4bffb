import type { SocketAddress, SocketId } from '../socket.js';
import type { TapFaults, TapKind } from './faults.js';

export type TapId = number;

/** What makes a tap: listen here, connect there. */
export interface TapRequest {
  kind: TapKind;
  listen: SocketAddress;
  target: SocketAddress;
  faults: TapFaults;
  /** Refuse addresses that are not on this machine's loopback. */
  loopbackOnly?: boolean;
}

/** A tap that listens. */
export interface TapInfo {
  id: TapId;
  kind: TapKind;
  /** Where the kernel let it listen: what a client is given in the place of the server's. */
  listen: SocketAddress;
  target: SocketAddress;
  listenerId: SocketId;
}

/** What a socket is to a tap. */
export interface SocketTap {
  id: TapId;
  kind: TapKind;
  /** `listener` is where clients come to, `client` the connection of one, `server` that which was made for it. */
  side: 'listener' | 'client' | 'server';
  target: SocketAddress;
  /** The socket on the other side; null of the listener, and as long as there is none. */
  otherId: SocketId | null;
  faults: TapFaults;
}
