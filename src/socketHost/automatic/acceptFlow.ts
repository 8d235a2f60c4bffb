import type { AutomaticInfo } from '../../common/socket.js';
import type { FileOrigin } from '../fileIdentity.js';
import type { AutomaticFlow, Socket } from '../socket.js';
import { errno, socketType, storageSize } from '../sys/linux.js';
import { IntCell } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import type { Engine } from './engine.js';
import type { RuleSet } from './ruleSet.js';

/** Connections accepted before the other sockets have their turn. */
const acceptsATurn = 128;

/** The connection was given up before it was accepted: the next one is another. */
const connectionErrors: readonly number[] = [errno.ECONNABORTED, errno.EPROTO, errno.EPERM];
/** Nothing is wrong with the listener: what is wanting comes back. */
const shortages: readonly number[] = [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM];

/** Accepts until it would block. */
export class AcceptFlow implements AutomaticFlow {
  private readonly cell = new IntCell();
  /** What serves the accepted sockets. */
  private flow: AutomaticFlow | null = null;
  /** What the latest ones come from. */
  private origin: FileOrigin | null = null;

  /**
   * @param accepted What accepted sockets begin with; null for nothing.
   * @param rules What they reply by, where they do.
   */
  constructor(
    private readonly engine: Engine,
    private readonly accepted: AutomaticInfo | null,
    private readonly rules: RuleSet | null,
  ) {}

  onReady(listener: Socket): boolean {
    const { engine } = this;
    if (listener.automation?.held) {
      return false;
    }
    for (let i = 0; i < acceptsATurn; i++) {
      this.cell.value = storageSize;
      const flags = socketType.SOCK_NONBLOCK | socketType.SOCK_CLOEXEC;
      const fd = sys.accept4(listener.handle, engine.address, this.cell, flags);
      if (fd === -errno.EAGAIN) {
        return false;
      }
      if (fd >= 0) {
        this.take(listener, fd);
      } else {
        engine.journal.accepted(listener, fd, null, null, 0);
        if (shortages.includes(-fd)) {
          this.wait(listener, -fd);
          return false;
        }
        if (!connectionErrors.includes(-fd)) {
          engine.finish(listener);
          return false;
        }
      }
    }
    engine.later(listener);
    return false;
  }

  /** No busy loop: the listener is left alone until something is given back. */
  private wait(listener: Socket, error: number): void {
    this.engine.hold(listener, 'descriptors');
    if (error !== errno.EMFILE) {
      this.engine.retryLater();
    }
  }

  private take(listener: Socket, fd: number): void {
    const { engine } = this;
    const { host } = engine;
    const seq = host.takeSeq();
    const file = this.originOf(listener);
    const socket = host.adopt({ fd, file, isCloseOnExec: false, name: null, openedSeq: seq });
    const length = Math.min(this.cell.value, storageSize);
    const address = length > 0 ? host.codec.decode(engine.address.bytes, length) : null;
    if (address && address.family !== 'raw') {
      host.peers.setRemote(socket.file, address);
    }
    engine.journal.accepted(listener, fd, socket, address, this.cell.value, seq);
    this.serve(socket);
  }

  /** A connection of the listener is there, whoever has accepted it. */
  serve(socket: Socket): void {
    if (this.accepted) {
      this.flow ??= this.engine.flowOf(socket, this.accepted, this.rules);
      this.engine.begin(socket, this.accepted, this.flow);
    }
  }

  /** The same for all that one listener accepts. */
  private originOf(listener: Socket): FileOrigin {
    if (this.origin?.listener !== listener) {
      const { domain, type, protocol } = listener.file;
      const role = 'accepted';
      this.origin = { kind: 'socket', domain, type, protocol, role, isNonBlocking: false, listener };
    }
    return this.origin;
  }
}
