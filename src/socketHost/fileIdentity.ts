import type { SocketInfo } from '../common/socket.js';
import { constantName } from '../common/tables/constants.js';
import type { Socket } from './socket.js';
import { socketType } from './sys/linux.js';

/** What is known of something open, whatever descriptor it came by. */
export interface FileOrigin {
  kind: SocketInfo['kind'];
  /** Null for what is no socket. */
  domain: number | null;
  type: number | null;
  protocol: number | null;
  role: SocketInfo['role'];
  /** `open`, or for what was accepted `connected`, where it is left out. */
  state?: SocketInfo['state'];
  isNonBlocking: boolean;
  /** Somebody else made it, and may have it too. */
  isForeign?: boolean;
  /** What it accepted from: the listener. */
  listener: Socket | null;
}

export type Names = Readonly<Pick<SocketInfo, 'domain' | 'type' | 'protocol'>>;

/** What does not change: the same object for all that one listener accepts. */
export interface FileIdentity {
  readonly origin: FileOrigin;
  readonly names: Names;
}

/** The latest one: very many in a row are accepted by one listener. */
let latest: FileIdentity | null = null;

/** The identity of what has this origin. */
export function identityOf(origin: FileOrigin): FileIdentity {
  if (latest?.origin !== origin) {
    const { domain, type, protocol } = origin;
    const names = {
      domain: domain === null ? null : (constantName('domain', domain, 'linux') ?? domain),
      type: type === null ? null : (constantName('socktype', type, 'linux') ?? type),
      protocol:
        domain === null || protocol === null || protocol === 0
          ? protocol
          : (constantName('protocol', protocol, 'linux', domain) ?? protocol),
    };
    latest = { origin, names };
  }
  return latest;
}

/** Datagram and raw sockets have no connection to establish. */
export function isConnectionBased(type: number): boolean {
  return type === socketType.SOCK_STREAM || type === socketType.SOCK_SEQPACKET;
}
