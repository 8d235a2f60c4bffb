import type {
  DescriptorKind,
  Named,
  SocketAddress,
  SocketId,
  SocketInfo,
  SocketRole,
  SocketState,
} from '../socket.js';
import { constantName } from '../tables/constants.js';
import type { Annotation } from './annotation.js';

const [SOCK_NONBLOCK, SOCK_CLOEXEC, typeMask] = [0o4000, 0o2000000, 0xf];

/** What a socket is, as far as the log has said. */
export interface ObservedFacts {
  domain: Named | null;
  type: Named | null;
  protocol: Named | null;
}

/** The arguments of `socket(2)` by their names, and the two flags in its type. */
export function factsOf(
  domain: number | null,
  type: number | null,
  protocol: number | null,
): ObservedFacts & { isNonBlocking: boolean; isCloseOnExec: boolean } {
  const plain = type === null ? null : type & typeMask;
  return {
    domain: domain === null ? null : (constantName('domain', domain, 'linux') ?? domain),
    type: plain === null ? null : (constantName('socktype', plain, 'linux') ?? plain),
    protocol:
      domain === null || protocol === null || protocol === 0
        ? protocol
        : (constantName('protocol', protocol, 'linux', domain) ?? protocol),
    isNonBlocking: type !== null && (type & SOCK_NONBLOCK) !== 0,
    isCloseOnExec: type !== null && (type & SOCK_CLOEXEC) !== 0,
  };
}

/** A socket in the kernel: all of its descriptors, in whatever process, share it. */
export class ObservedFile {
  readonly kind: DescriptorKind = 'socket';
  domain: Named | null;
  type: Named | null;
  protocol: Named | null;
  role: SocketRole;
  state: SocketState = 'open';
  local: SocketAddress | null = null;
  remote: SocketAddress | null = null;
  listenerId: SocketId | null = null;
  backlog: number | null = null;
  bytesReceived = 0;
  bytesSent = 0;
  isNonBlocking = false;
  isShutdownRead = false;
  isShutdownWrite = false;
  isBound = false;
  inode: number | null = null;
  peerInode: number | null = null;
  /** The other end, where the log shows it too. */
  peer: ObservedFile | null = null;
  /** All that it was ever known by, the closed ones too. */
  readonly descriptors: ObservedSocket[] = [];
  /** Places in tables of processes that stand for it. */
  holders = 0;

  constructor(facts: ObservedFacts, role?: SocketRole) {
    this.domain = facts.domain;
    this.type = facts.type;
    this.protocol = facts.protocol;
    this.role = role ?? (this.isConnectionBased ? 'new' : 'datagram');
  }

  get isConnectionBased(): boolean {
    return this.type === 'SOCK_STREAM' || this.type === 'SOCK_SEQPACKET' || this.type === null;
  }

  get isStream(): boolean {
    return this.type === 'SOCK_STREAM' || this.type === null;
  }

  get isTcp(): boolean {
    return this.type === 'SOCK_STREAM' && (this.domain === 'AF_INET' || this.domain === 'AF_INET6');
  }

  /** The descriptor that stands for it: one that is open. */
  get first(): ObservedSocket | undefined {
    return this.descriptors.find(({ isClosed }) => !isClosed) ?? this.descriptors[0];
  }

  /** Takes over what strace says beside a descriptor. Whether that was news of its addresses. */
  learn({ domain, type, protocol, local, remote, inode, peerInode }: Annotation): boolean {
    if (this.type === null && type !== null && !this.isConnectionBasedType(type) && this.role === 'new') {
      this.role = 'datagram';
    }
    this.domain ??= domain;
    this.type ??= type;
    this.protocol ??= protocol;
    const isNews =
      (local !== null && !isSameAddress(this.local, local)) ||
      (remote !== null && !isSameAddress(this.remote, remote)) ||
      (inode !== null && this.inode !== inode) ||
      (peerInode !== null && this.peerInode !== peerInode);
    this.remote = remote ?? this.remote;
    if (local) {
      this.setLocal(local);
    }
    this.inode = inode ?? this.inode;
    this.peerInode = peerInode ?? this.peerInode;
    return isNews;
  }

  /** The kernel has told its own address: the first sendto has it choose a port. */
  setLocal(local: SocketAddress): void {
    this.local = local;
    const hasPort = (local.family === 'AF_INET' || local.family === 'AF_INET6') && local.port !== 0;
    if (hasPort && this.state === 'open' && this.remote === null) {
      this.state = 'bound';
    }
  }

  private isConnectionBasedType(type: Named): boolean {
    return type === 'SOCK_STREAM' || type === 'SOCK_SEQPACKET';
  }
}

/** A number by which a process knows a socket: a lane of its own. */
export class ObservedSocket {
  isClosed = false;
  isCloseOnExec = false;
  /** What a person has called it; else the process names it. */
  name: string | null;
  /** The calls that have begun on it and not returned. */
  readonly waiting: { seq: number; name: string; startNs: number }[] = [];

  constructor(
    readonly id: SocketId,
    readonly fd: number,
    readonly file: ObservedFile,
    readonly openedSeq: number,
    name: string | null,
  ) {
    this.name = name;
    file.descriptors.push(this);
  }

  get info(): SocketInfo {
    const { file } = this;
    return {
      id: this.id,
      fd: this.fd,
      name: this.name,
      kind: file.kind,
      domain: file.domain,
      type: file.type,
      protocol: file.protocol,
      role: file.role,
      state: this.isClosed ? 'closed' : file.state,
      tcpState: null,
      local: file.local,
      remote: file.remote,
      listenerId: file.listenerId,
      peerId: file.peer?.first?.id ?? null,
      sharedWith: file.descriptors.filter((other) => other !== this).map(({ id }) => id),
      backlog: file.backlog,
      acceptQueue: null,
      receiveQueue: null,
      sendQueue: null,
      bytesReceived: file.bytesReceived,
      bytesSent: file.bytesSent,
      isNonBlocking: file.isNonBlocking,
      isCloseOnExec: this.isCloseOnExec,
      isShutdownRead: file.isShutdownRead,
      isShutdownWrite: file.isShutdownWrite,
      waiting: [...this.waiting],
      automatic: null,
      unrecordedCalls: 0,
      openedSeq: this.openedSeq,
      isLost: false,
    };
  }
}

function isSameAddress(a: SocketAddress | null, b: SocketAddress): boolean {
  return a !== null && addressKey(a) === addressKey(b);
}

/** The same for addresses that reach the same: an IPv6 socket sees an IPv4 one as `::ffff:127.0.0.1`. */
export function addressKey(address: SocketAddress): string {
  switch (address.family) {
    case 'AF_INET':
      return `${address.address}:${address.port}`;
    case 'AF_INET6': {
      const mapped = /^::ffff:([\d.]+)$/i.exec(address.address)?.[1];
      return mapped === undefined ? `[${address.address}]:${address.port}` : `${mapped}:${address.port}`;
    }
    case 'AF_UNIX':
      return `unix:${address.isAbstract ? '@' : ''}${address.name.join(',')}`;
    default:
      return JSON.stringify(address, (_name, value: unknown) =>
        value instanceof Uint8Array ? [...value] : value,
      );
  }
}
