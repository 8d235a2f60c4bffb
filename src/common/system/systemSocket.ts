import type { Named, SocketAddress, SocketId, TcpState } from '../socket.js';

/** The parts of sock_diag(7), each asked by itself. */
export const systemSocketKinds = [
  'tcp',
  'mptcp',
  'sctp',
  'udp',
  'udplite',
  'raw',
  'unix',
  'netlink',
  'packet',
  'vsock',
] as const;

export type SystemSocketKind = (typeof systemSocketKinds)[number];

/** As the kernel reports it: other families say theirs with the numbers of TCP. */
export type SystemSocketState = TcpState | 'BOUND_INACTIVE';

/** What the kernel waits for. */
export interface SocketTimer {
  kind: 'retransmit' | 'keepalive' | 'timewait' | 'probe' | 'unknown';
  expiresMs: number;
  /** Retransmissions or probes so far. */
  retransmits: number;
}

/** A process that has a descriptor of a socket. */
export interface SocketHolder {
  pid: number;
  fd: number;
}

/** What is asked of one socket only while somebody looks at it. */
export interface SystemSocketDetails {
  congestion: string | null;
  /** What the congestion control tells of itself: `bbr_bw`, `dctcp_alpha`, `tcpv_rtt`. */
  congestionInfo: Record<string, number>;
  /** The fields of `TCP_INFO` by name; null where the kernel gives none. */
  tcpInfo: Record<string, number | bigint> | null;
  /** SK_MEMINFO_*, by the kernel's names without the prefix. */
  memory: Record<string, number>;
  tos: number | null;
  trafficClass: number | null;
  /** Of a Unix listener: inodes of those that wait to be accepted. */
  waitingInodes: number[];
}

/** One socket of the machine as sock_diag(7) reports it. What it does not report is null. */
export interface SystemSocket {
  /** Of this socket alone as long as the machine runs: the kernel's cookie with its kind. */
  key: string;
  kind: SystemSocketKind;
  domain: Named;
  type: Named;
  protocol: Named | null;
  state: SystemSocketState;
  local: SocketAddress | null;
  remote: SocketAddress | null;
  /** The interface that it is bound to. */
  device: string | null;
  /** Bytes that can be read; of a listener, connections that wait to be accepted. */
  receiveQueue: number | null;
  /** Bytes that are not acknowledged; of a listener, its backlog. */
  sendQueue: number | null;
  /** Null where nobody holds a descriptor any more. */
  inode: number | null;
  /** Of a Unix socket: the other end. */
  peerInode: number | null;
  /** Of a Unix socket with a file: what the file is, low 32 bits each. */
  file: { inode: number; device: number } | null;
  /** Null where it comes from `/proc`. */
  cookie: bigint | null;
  uid: number | null;
  mark: number | null;
  cgroup: bigint | null;
  timer: SocketTimer | null;
  /** Whether an IPv6 socket takes IPv6 only; null where the kernel does not tell. */
  isV6Only: boolean | null;
  /** RCV_SHUTDOWN 1 and SEND_SHUTDOWN 2. */
  shutdown: number | null;
  details: SystemSocketDetails | null;
  /** Empty where no process that holds it can be seen, and where nobody looked. */
  holders: SocketHolder[];
  /** The socket of the playground's that this is. */
  ownId: SocketId | null;
}

/** What a process of VS Code or of ours does. */
export type ProcessRole =
  | 'socketHost'
  | 'extensionHost'
  | 'server'
  | 'forwarding'
  | 'terminals'
  | 'editor'
  /** An ancestor of the socket host: it ends with it. */
  | 'ancestor';

/** A process that holds a socket, as proc(5) tells of it. */
export interface ProcessInfo {
  pid: number;
  /** The name that the kernel keeps, at most 15 bytes. */
  name: string;
  /** Null where it may not be read; empty of a kernel thread or a zombie. */
  commandLine: string[] | null;
  directory: string | null;
  uid: number | null;
  /** Clock ticks since boot, exact: together with the pid it names the process and no later one. */
  startTicks: number;
  /** In ms since 1970. */
  startTime: number | null;
  role: ProcessRole | null;
}

/** A part that the kernel did not list. */
export interface SystemSocketProblem {
  kind: SystemSocketKind;
  domain: Named;
  /** `ENOENT`: this kernel does not have it, or not loaded. */
  errno: Named;
}

export type SystemSocketGroup = 'listening' | 'connected' | 'udp' | 'unix' | 'other';

export const systemSocketGroups: readonly SystemSocketGroup[] = [
  'listening',
  'connected',
  'udp',
  'unix',
  'other',
];

/** Which of the machine's sockets to list. */
export interface SystemSocketsRequest {
  /** All where left out. */
  kinds?: SystemSocketKind[];
  domains?: ('AF_INET' | 'AF_INET6')[];
  /** As `ss` has it: `state established and sport = :80`. */
  filter?: string;
  /** Looks for the processes that hold the sockets. */
  withOwners?: boolean;
  withDetails?: boolean;
  /** Of each group at most so many; the others are counted. */
  limitPerGroup?: number;
  /** Goes on with an earlier answer: the number that it gave. */
  snapshot?: number;
  from?: number;
  /** At most so many in this answer. */
  count?: number;
}

/** Sockets as the kernel listed them by sock_diag(7), or a page of them. */
export interface SystemSocketsAnswer {
  /** Null when everything is in this answer. */
  snapshot: number | null;
  /** How many match, limits aside. */
  total: number;
  counts: Record<SystemSocketGroup, number>;
  sockets: SystemSocket[];
  /** The processes that hold the sockets of this answer. */
  processes: ProcessInfo[];
  problems: SystemSocketProblem[];
  /** Processes whose descriptors may not be looked at. */
  hiddenProcesses: number;
  /** True when sockets came and went while the kernel listed them, so that one may be missing. */
  isInterrupted: boolean;
}

/** A socket as a list told of it, or one of the playground's that others can connect to. */
export type SystemSocketQuestion = { socket: SystemSocket } | { socketId: SocketId };

/** One socket looked at again; null when it is gone. */
export type SystemSocketLook = {
  socket: SystemSocket;
  /** Those that hold it, where nobody asked for one of ours, and those that hold the other ends of who waits. */
  processes: ProcessInfo[];
  /** Of a listener. */
  waiting: AcceptQueueLook | null;
} | null;

/** One connection that no accept has taken yet. */
export interface WaitingClient {
  /** The listener's end, which nobody holds yet; null of AF_UNIX, where it has nothing to tell. */
  taken: SystemSocket | null;
  /** The other end; null where this machine does not list it. */
  client: SystemSocket | null;
  /** Whether the other end was closed without waiting for the accept. */
  isClosed: boolean;
}

/** Who waits to be accepted by a listener. */
export interface AcceptQueueLook {
  /** The first of them, and how many more there are. */
  clients: WaitingClient[];
  more: number;
  /** How many more the kernel counts than it lists: a connection that was reset stays in the queue. */
  unlisted: number;
  /** Several listeners have the address: which of them has these, the kernel does not tell. */
  isShared: boolean;
}

/** The process to send SIGTERM to. */
export interface EndProcessRequest {
  pid: number;
  /** Of the process that was shown: another one of the same number is left alone. */
  startTicks: number;
}

export type EndProcessResult =
  | { kind: 'ended' }
  /** It has the signal and goes on. */
  | { kind: 'signalled' }
  /** It had ended before; `isReused` when another process has its number now. */
  | { kind: 'gone'; isReused: boolean }
  | { kind: 'refused'; role: ProcessRole }
  | { kind: 'failed'; errno: Named };

/** A socket that has to do with an error, and who holds it. */
export interface FoundSocket {
  socket: SystemSocket;
  /** Those that can be seen and are told of, and how many more there are. */
  processes: ProcessInfo[];
  moreProcesses: number;
  /** The playground's socket that it is. */
  own: { fd: number; name: string | null } | null;
}

export type ReuseOption = 'SO_REUSEADDR' | 'SO_REUSEPORT';

/** A socket file that no socket is bound to, or what is no socket. */
export type FoundFile = 'stale' | 'regular' | 'directory' | 'fifo' | 'device' | 'link';

/** What was found on this machine right after a call failed. */
export interface ErrorFacts {
  kind: 'holders' | 'listeners';
  /** What was looked for: the address of the call, or of its socket. */
  address: SocketAddress;
  /** Sockets of that address that are told of, and how many more there are. */
  there: FoundSocket[];
  more: number;
  /** Listeners of the same port on another address. */
  elsewhere: FoundSocket[];
  /** What was found at the path in place of a socket's file in use; null where that is no matter, or not known. */
  file: FoundFile | null;
  /** With which option set the kernel accepts the address; null where the holders do not tell which they have. */
  reuse: ReuseOption | 'none' | null;
  /** Why nothing could be looked up. */
  problem: Named | null;
}

/** A datagram to a group that none of our sockets gets which have joined it: they have by other interfaces than it went. */
export interface GroupFacts {
  kind: 'group';
  address: SocketAddress;
  sentBy: string;
  members: { fd: number; name: string | null; interfaces: string[] }[];
}

/** What was found on the machine about a call. */
export type CallFacts = ErrorFacts | GroupFacts;
