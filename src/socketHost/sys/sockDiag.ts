import { family, socketType } from './linux.js';
import { Memory } from './memory.js';
import * as sys from './syscall.js';

const NETLINK_SOCK_DIAG = 4;
const SOCK_RAW = 3;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST = 1;
const UDIAG_SHOW_PEER = 0x4;
const UDIAG_SHOW_RQLEN = 0x10;
const UNIX_DIAG_PEER = 2;
const UNIX_DIAG_RQLEN = 4;
const messageHeaderSize = 16;
const requestSize = 24;
/** `struct unix_diag_msg`, before its attributes. */
const answerSize = 16;

/** What sock_diag(7) tells of an AF_UNIX socket and no other call does. */
export interface UnixDiagnosis {
  /** The inode of the other end; null without one. */
  peerInode: number | null;
  /** Connections that wait for accept, or bytes that can be read. */
  receiveQueue: number | null;
}

/** Asks the kernel about sockets by their inodes, over one netlink socket of the host's own. */
export class SockDiag {
  private readonly request = new Memory(messageHeaderSize + requestSize);
  private readonly answer = new Memory(4096);

  /** @param fd A netlink socket from {@link open}. */
  private constructor(private readonly fd: number) {
    const view = new DataView(this.request.bytes.buffer);
    view.setUint32(0, messageHeaderSize + requestSize, true);
    view.setUint16(4, SOCK_DIAG_BY_FAMILY, true);
    view.setUint16(6, NLM_F_REQUEST, true);
    view.setUint8(16, family.AF_UNIX);
    // Any state, any cookie.
    view.setUint32(20, 0xffffffff, true);
    view.setUint32(28, UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN, true);
    view.setUint32(32, 0xffffffff, true);
    view.setUint32(36, 0xffffffff, true);
  }

  /**
   * Opens the netlink socket; null where the kernel has none, or no descriptor is left.
   * @param raise Moves a descriptor out of the user's range; where it cannot, gives the same back.
   */
  static open(raise: (fd: number) => number): SockDiag | null {
    const type = SOCK_RAW | socketType.SOCK_NONBLOCK | socketType.SOCK_CLOEXEC;
    const fd = sys.socket(family.AF_NETLINK, type, NETLINK_SOCK_DIAG);
    if (fd < 0) {
      return null;
    }
    const raised = raise(fd);
    if (raised === fd) {
      // Nothing is free up there: do not keep a number that the user may count on.
      sys.close(fd);
      return null;
    }
    return new SockDiag(raised);
  }

  /** Null where the kernel does not tell. */
  unix(inode: number): UnixDiagnosis | null {
    new DataView(this.request.bytes.buffer).setUint32(24, inode, true);
    if (sys.sendto(this.fd, this.request, 0, this.request.length, 0, null, 0) < 0) {
      return null;
    }
    // The kernel answers before it returns.
    const length = sys.recvfrom(this.fd, this.answer, 0, this.answer.length, 0, null, null);
    const view = new DataView(this.answer.bytes.buffer, 0, Math.max(0, length));
    if (length < messageHeaderSize + answerSize || view.getUint16(4, true) !== SOCK_DIAG_BY_FAMILY) {
      return null;
    }
    return readAttributes(view);
  }
}

function readAttributes(view: DataView): UnixDiagnosis {
  const diagnosis: UnixDiagnosis = { peerInode: null, receiveQueue: null };
  let at = messageHeaderSize + answerSize;
  while (at + 8 <= view.byteLength) {
    const length = view.getUint16(at, true);
    const value = view.getUint32(at + 4, true);
    switch (view.getUint16(at + 2, true)) {
      case UNIX_DIAG_PEER:
        // An end that nobody has accepted yet has no inode.
        diagnosis.peerInode = value === 0 ? null : value;
        break;
      case UNIX_DIAG_RQLEN:
        diagnosis.receiveQueue = value;
        break;
      default:
    }
    at += Math.max(4, (length + 3) & ~3);
  }
  return diagnosis;
}
