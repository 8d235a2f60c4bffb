import type { SocketTap } from './tap/tap.js';

import type { Replies, RepliesInfo } from './replyRules.js';

/** Ours, never reused, also not across host restarts; `fd` is the kernel's and is reused. */
export type SocketId = number;

/** A constant by the kernel's name, or the number where this platform's tables have no name for it. */
export type Named = string | number;

/** `sockaddr` as a typed value. The bytes are made in the socket host only. */
export type SocketAddress =
  | { family: 'AF_INET'; address: string; port: number }
  | {
      family: 'AF_INET6';
      address: string;
      port: number;
      flowinfo?: number;
      /** Interface index, or its name (`%lo`) until the host has looked it up. */
      scopeId?: number | string;
    }
  /** `name` holds the bytes of the path or of the abstract name (without its leading NUL); unnamed: empty and not abstract. */
  | { family: 'AF_UNIX'; name: Uint8Array; isAbstract: boolean }
  | { family: 'AF_NETLINK'; pid: number; groups: number }
  | { family: 'AF_PACKET'; interface: Named; protocol: Named }
  | { family: 'AF_VSOCK'; cid: number; port: number }
  | { family: 'AF_CAN'; interface: Named }
  /** A structure as bytes: of a family without a form, malformed, cut short, or written so by the user. */
  | { family: 'raw'; bytes: Uint8Array };

/** The port of an address; undefined where there is none. */
export function portOf(address: SocketAddress | null | undefined): number | undefined {
  return address && 'port' in address ? address.port : undefined;
}

/** What our calls have made of the socket. What TCP says is {@link TcpState}; the two are never mixed. */
export type SocketState = 'open' | 'bound' | 'listening' | 'connecting' | 'connected' | 'closed';

/** As `TCP_INFO` reports it, in the order of the kernel's numbers, from 1 on. Recordings keep places in this list: only add. */
export const tcpStates = [
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
] as const;

/** The state of a connection as the kernel reports it, in `TCP_INFO` and by sock_diag(7). */
export type TcpState = (typeof tcpStates)[number];

/**
 * Decides the icon and the word in tree and panel: `pair` is an end that socketpair(2) made, `received` what came with
 * SCM_RIGHTS, `reader` and `writer` the ends of a pipe.
 */
export type SocketRole =
  | 'new'
  | 'listener'
  | 'accepted'
  | 'client'
  | 'datagram'
  | 'pair'
  | 'received'
  | 'reader'
  | 'writer';

/** What a descriptor stands for; `file` is anything else that was received over a socket. */
export type DescriptorKind = 'socket' | 'pipe' | 'file';

/** A call that waits in the host. */
export interface WaitingCall {
  seq: number;
  name: string;
  startNs: number;
  /** Bytes that it has moved so far; left out where that is nothing. */
  moved?: number;
}

/** What the host does on a socket by itself because a person said so: each of its calls is a record like any other. */
export type AutomaticMode = 'accept' | 'receive' | 'echo' | 'discard' | 'reply';

/** What an accepted socket can begin with. */
export type TrafficMode = Exclude<AutomaticMode, 'accept'>;

/** An automatic mode with its choices. */
export interface Automation {
  /**
   * `accept` takes every connection. The others receive whatever comes: `echo` sends it back, `receive` holds still
   * rather than lose bytes that were recorded, `discard` never does, `reply` sends back what the first rule says that fits.
   */
  mode: AutomaticMode;
  /** Of `accept`: what accepted sockets begin with; they are closed at their end of file. Null leaves them alone. */
  accepted: TrafficMode | null;
  /** False: its receiving and sending calls are counted and not recorded. */
  isRecorded: boolean;
  /** Of a datagram socket: many datagrams a call (`recvmmsg`, `sendmmsg`), each of which is a record. */
  isBatched: boolean;
  /** Of `reply`, or of sockets that are accepted into it: the rules. */
  replies?: Replies;
}

/** What an automatic mode waits for. */
export type AutomaticHold =
  /** What was received has to be sent first, and the send waits. */
  | 'send'
  /** The records' memory is full, and the next bytes would push out recorded ones. */
  | 'records'
  /** No descriptor is left for the next connection. */
  | 'descriptors';

/** An automatic mode as it is on a socket. */
export interface AutomaticInfo extends Automation {
  /** Null when it goes on with whatever comes. */
  held: AutomaticHold | null;
  /** With the counters of the rules. Told of the socket that a person has put into the mode, not of those it accepts. */
  replies?: RepliesInfo;
}

/** What a socket was, up to a time of records: what explains the answers that it got until then. */
export type PastSocket = Pick<SocketInfo, 'state' | 'isShutdownRead' | 'isShutdownWrite' | 'local'> & {
  untilNs: number;
};

/** What is known of a socket. Values that nobody has asked the kernel for are null: unknown stays unknown. */
export interface SocketInfo {
  id: SocketId;
  fd: number;
  /** The name its maker gave: a scenario's variable, a preset's word; null when there is none. */
  name: string | null;
  kind: DescriptorKind;
  /**
   * As passed to `socket(2)`, without SOCK_NONBLOCK and SOCK_CLOEXEC; of a received one as the kernel says. Null for what
   * is no socket.
   */
  domain: Named | null;
  type: Named | null;
  protocol: Named | null;
  role: SocketRole;
  state: SocketState;
  /** Of the last sample; null when not TCP or never sampled. */
  tcpState: TcpState | null;
  /** From `getsockname(2)` and `getpeername(2)`, asked while a view shows the socket. */
  local: SocketAddress | null;
  remote: SocketAddress | null;
  /** The listener that accepted this socket. */
  listenerId: SocketId | null;
  /** The other end of the connection, where it is ours too. */
  peerId: SocketId | null;
  /** Other descriptors of the same open file, by dup(2) and the like: one socket under several numbers. */
  sharedWith: SocketId[];
  /** Set by `listen(2)`; null before. */
  backlog: number | null;
  /** Connections waiting for `accept(2)`; null when not a listener or never sampled. */
  acceptQueue: number | null;
  /** SIOCINQ and SIOCOUTQ of the last sample, in bytes. */
  receiveQueue: number | null;
  sendQueue: number | null;
  /** Payload bytes that `recv` and `send` calls have moved. */
  bytesReceived: number;
  bytesSent: number;
  /** What the user's calls set; the descriptor itself is always non-blocking. */
  isNonBlocking: boolean;
  /** The user's FD_CLOEXEC; the descriptor itself always has it. */
  isCloseOnExec: boolean;
  isShutdownRead: boolean;
  isShutdownWrite: boolean;
  waiting: WaitingCall[];
  /** Null when every call is made by hand. */
  automatic: AutomaticInfo | null;
  /** Calls of an automatic mode that were made and not recorded. */
  unrecordedCalls: number;
  /** The record of the call that made it. */
  openedSeq: number;
  /** True when the host ended with it still open: nothing of it can be asked any more. */
  isLost: boolean;
  /** When that was, where it is known, and the last record there was then. A host tells it of a recording only. */
  lost?: { seq: number; ns: number };
  /**
   * States that it was seen in, in that order: what our calls made of it, and samples of TCP. One that passes between two
   * looks is not among them. Kept by the model: left out by the host.
   */
  seenStates?: readonly (SocketState | TcpState)[];
  /** What it is to a tap; left out where there is none. */
  tap?: SocketTap;
  /** What it was when answers came that are to be explained, in that order; left out where it still is. */
  past?: readonly PastSocket[];
  /** The calls that waited on it when it was closed, and go on; left out where there were none. */
  heldBy?: readonly number[];
  /** What the record store had to drop of it; left out while that is nothing. */
  dropped?: { records: number; bytes: number };
}

/** One option as read just now by `getsockopt(2)`. What the tables say of it is not repeated here. */
export interface OptionReading {
  name: string;
  /** Text as the notation prints it (`1`, `{l_onoff=0, l_linger=0}`), null when the kernel refused. */
  text: string | null;
  /** The number, where it is one. */
  value: number | bigint | null;
  /** What the number is called: `SOCK_STREAM`. */
  meaning: string | null;
  errno: Named | null;
}

/** The options of one level that a socket has. */
export interface LevelReading {
  level: string;
  /** Null when nobody has asked for them. */
  options: OptionReading[] | null;
}

/** A socket asked about everything just now; made only while an inspector shows it. */
export interface SocketInspection {
  socket: SocketInfo;
  inode: number | null;
  pid: number;
  /** The user that made the socket. */
  uid: number | null;
  /** `O_RDWR` and the user's own `O_NONBLOCK`. */
  flags: string[];
  /** `SO_DOMAIN`, `SO_TYPE`, `SO_PROTOCOL` as the kernel says them. */
  kernelDomain: Named | null;
  kernelType: Named | null;
  kernelProtocol: Named | null;
  receiveBuffer: number | null;
  sendBuffer: number | null;
  /** SIOCOUTQNSD: bytes of the send queue that were never sent; null when not TCP or listening. */
  unsentQueue: number | null;
  cookie: bigint | null;
  mark: number | null;
  incomingCpu: number | null;
  napiId: number | null;
  /** SO_MEMINFO, by the kernel's names without `SK_MEMINFO_`. */
  memory: Record<string, number>;
  /** SO_PEERCRED of an AF_UNIX socket; null when it has no peer. */
  peer: { pid: number; uid: number; gid: number } | null;
  /** Null when not TCP. */
  congestion: string | null;
  /** The fields of `TCP_INFO` by name, as many as this kernel gives; null when not TCP. */
  tcpInfo: Record<string, number | bigint> | null;
  /** Bytes of `TCP_INFO` behind the fields that are known here. */
  tcpInfoRest: Uint8Array | null;
  levels: LevelReading[];
}
