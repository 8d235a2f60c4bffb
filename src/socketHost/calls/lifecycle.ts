import type { ArgumentReader } from '../argumentReader.js';
import { HostCall } from '../hostCall.js';
import { t } from '../../common/l10n.js';
import type { SocketAddress } from '../../common/socket.js';
import { backlogOf } from '../bufferLimits.js';
import { isConnectionBased } from '../fileIdentity.js';
import type { OpenFile } from '../openFile.js';
import { roomWaits } from '../roomWaits.js';
import { refusal } from '../refusal.js';
import { errno, family, shutdownHow, socketType } from '../sys/linux.js';
import * as sys from '../sys/syscall.js';
import { type InAddress, OutAddress, readAddress } from './addresses.js';
import type { CallContext } from './context.js';
import { readTarget } from './target.js';

/** Corresponds to `socket(2)`. The descriptor is always non-blocking and close-on-exec. */
export class SocketCall extends HostCall {
  private readonly domain: number;
  private readonly type: number;
  private readonly protocol: number;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    super(null, null);
    this.domain = reader.int(0);
    this.type = reader.int(1);
    this.protocol = reader.int(2, 0);
    this.args = [this.domain, this.type, this.protocol];
    if (reader.loopbackOnly && this.seesEveryInterface) {
      throw refusal(
        0,
        t(
          'A packet socket with a protocol sees every interface; only loopback is allowed here: socket(AF_PACKET, …, 0) and bind to packet:lo/ETH_P_ALL.',
        ),
        'not-loopback',
      );
    }
  }

  /** A packet socket without a protocol sees nothing before it is bound. SOCK_PACKET is the older way, with names for addresses. */
  private get seesEveryInterface(): boolean {
    const isOld = (this.type & socketType.mask) === socketType.SOCK_PACKET;
    return this.domain === family.AF_PACKET
      ? isOld || (this.protocol & 0xffff) !== 0
      : this.domain === family.AF_INET && isOld;
  }

  attempt(): number {
    const flags = socketType.SOCK_NONBLOCK | socketType.SOCK_CLOEXEC;
    return sys.socket(this.domain, this.type | flags, this.protocol);
  }

  settle(result: number): void {
    if (result >= 0) {
      const type = this.type & socketType.mask;
      const socket = this.context.adopt({
        fd: result,
        file: {
          kind: 'socket',
          domain: this.domain,
          type,
          protocol: this.protocol,
          role: isConnectionBased(type) ? 'new' : 'datagram',
          isNonBlocking: (this.type & socketType.SOCK_NONBLOCK) !== 0,
          listener: null,
        },
        isCloseOnExec: (this.type & socketType.SOCK_CLOEXEC) !== 0,
        name: this.socketNames[0] ?? null,
        openedSeq: this.seq,
      });
      this.createdIds.push(socket.info.id);
    }
  }
}

/** Corresponds to `bind(2)`. */
export class BindCall extends HostCall {
  private readonly address: InAddress;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.address = readAddress(reader, 1, context, 'bind');
    this.args = [fd, ...this.address.args];
  }

  attempt(): number {
    return sys.bind(this.handle, this.address.memory, this.address.length);
  }

  settle(result: number): void {
    if (result === 0 && this.socket) {
      if (this.socket.file.state === 'open') {
        // A Unix socket may get its name when it listens or is connected.
        this.socket.file.state = 'bound';
      }
      this.socket.file.isBound = true;
      const { memory, length } = this.address;
      if (memory) {
        const address = this.context.codec.decode(memory.bytes.subarray(0, length));
        this.context.files.add(address);
        this.socket.file.boundTo = isUnixName(address) ? address : null;
      }
      this.context.didName(this.socket);
      this.context.touch(this.socket.file);
    }
  }
}

/** An empty name has the kernel choose one. */
function isUnixName(address: SocketAddress): boolean {
  return address.family === 'AF_UNIX' && address.name.length > 0;
}

/** Corresponds to `listen(2)`. */
export class ListenCall extends HostCall {
  private readonly backlog: number;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.backlog = reader.int(1);
    this.args = [fd, this.backlog];
    if (reader.loopbackOnly && socket?.file.isTcp && socket.info.state === 'open') {
      throw refusal(
        0,
        t('Listening without bind would be on every interface; only loopback is allowed here.'),
        'not-loopback',
      );
    }
  }

  attempt(): number {
    return sys.listen(this.handle, this.backlog);
  }

  settle(result: number): void {
    if (result === 0 && this.socket) {
      const { file } = this.socket;
      if (file.backlog !== null && backlogOf(file.backlog) < backlogOf(this.backlog)) {
        roomWaits.wakeAll(file);
      }
      file.isTakenBack = false;
      file.state = 'listening';
      file.role = 'listener';
      file.backlog = this.backlog;
      this.context.nameByRole(this.socket);
      this.context.touch(file);
    }
  }
}

/** Corresponds to `shutdown(2)`. */
export class ShutdownCall extends HostCall {
  private readonly how: number;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.how = reader.int(1);
    this.args = [fd, this.how];
  }

  attempt(): number {
    return sys.shutdown(this.handle, this.how);
  }

  settle(result: number): void {
    if (result === 0 || result === -errno.ENOTCONN) {
      this.socket?.file.wakeTakenBack();
    }
    if (result !== 0 || !this.socket) {
      return;
    }
    const { file } = this.socket;
    const stopsReceiving = this.how !== shutdownHow.SHUT_WR;
    file.isShutdownRead ||= stopsReceiving;
    file.isShutdownWrite ||= this.how !== shutdownHow.SHUT_RD;
    if (file.state === 'listening' && file.isTcp && stopsReceiving) {
      // The kernel stops listening and keeps the address.
      file.state = 'bound';
    }
    this.context.touch(file);
    if (file.isUnix) {
      wakeSends(file);
    }
  }
}

/** Readiness does not tell calls that wait to send that there is no more sending: that they find out by another try. */
function wakeSends(file: OpenFile): void {
  queueMicrotask(() => {
    file.serve('write', 0);
    file.peer?.serve('write', 0);
  });
}

/**
 * Corresponds to `close(2)`. A call that waits on the descriptor goes on: it does not end a wait. With
 * SO_LINGER it sleeps until the data is delivered, in a thread of its own.
 */
export class CloseCall extends HostCall {
  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.args = [fd];
  }

  attempt(): number | undefined {
    if (!this.socket) {
      return sys.close(this.fd ?? -1);
    }
    return this.context.close(this.socket, (result) => this.answer(result));
  }

  settle(): void {
    // The socket was closed when the call began, as in the kernel.
  }
}

/** Corresponds to `getsockname(2)` and `getpeername(2)`. */
export class NameCall extends HostCall {
  private readonly address: OutAddress;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
    private readonly side: 'local' | 'remote',
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.address = new OutAddress(reader, 1, context.codec);
    this.args = [fd, ...this.address.argsBefore];
  }

  attempt(): number {
    const { memory, cell } = this.address.prepare();
    const ask = this.side === 'local' ? sys.getsockname : sys.getpeername;
    return ask(this.handle, memory, cell);
  }

  settle(result: number): void {
    const { address } = this.address;
    if (result < 0) {
      return;
    }
    this.args = [this.fd, ...this.address.argsAfter];
    if (!this.socket || !address || !isWhole(address.family)) {
      return;
    }
    const { peers } = this.context;
    if (this.side === 'local') {
      peers.setLocal(this.socket.file, address);
    } else {
      peers.setRemote(this.socket.file, address);
      this.socket.file.noteConnected();
    }
    this.context.touch(this.socket.file);
  }
}

/** An address that was cut short is decoded as raw. */
function isWhole(addressFamily: string): boolean {
  return addressFamily !== 'raw';
}
