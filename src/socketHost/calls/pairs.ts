import type { Value } from '../../common/call.js';
import type { ArgumentReader } from '../argumentReader.js';
import { HostCall } from '../hostCall.js';
import { fileControl, socketType } from '../sys/linux.js';
import { Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import type { CallContext } from './context.js';
import { readTarget } from './target.js';

/** Room for the two descriptors that a call makes. */
class Pair {
  /** Null where the user passes NULL. */
  readonly memory: Memory | null;

  constructor(reader: ArgumentReader, index: number) {
    this.memory = reader.isNull(index) ? null : new Memory(8);
  }

  get descriptors(): [number, number] {
    const [first, second] = new Int32Array(this.memory!.bytes.buffer);
    return [first!, second!];
  }

  value(hasReturned: boolean): Value {
    return !this.memory ? null : hasReturned ? { kind: 'list', items: this.descriptors } : { kind: 'any' };
  }
}

/** Corresponds to `socketpair(2)`. Both descriptors are non-blocking and close-on-exec. */
export class SocketPairCall extends HostCall {
  private readonly domain: number;
  private readonly type: number;
  private readonly protocol: number;
  private readonly pair: Pair;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    super(null, null);
    this.domain = reader.int(0);
    this.type = reader.int(1);
    this.protocol = reader.int(2, 0);
    this.pair = new Pair(reader, 3);
    this.args = [this.domain, this.type, this.protocol, this.pair.value(false)];
  }

  attempt(): number {
    const flags = socketType.SOCK_NONBLOCK | socketType.SOCK_CLOEXEC;
    return sys.socketpair(this.domain, this.type | flags, this.protocol, this.pair.memory);
  }

  settle(result: number): void {
    if (result < 0) {
      return;
    }
    this.args = [this.domain, this.type, this.protocol, this.pair.value(true)];
    const [first, second] = this.pair.descriptors.map((fd, index) => {
      const socket = this.context.adopt({
        fd,
        file: {
          kind: 'socket',
          domain: this.domain,
          type: this.type & socketType.mask,
          protocol: this.protocol,
          role: 'pair',
          isNonBlocking: (this.type & socketType.SOCK_NONBLOCK) !== 0,
          listener: null,
        },
        isCloseOnExec: (this.type & socketType.SOCK_CLOEXEC) !== 0,
        name: this.socketNames[index] ?? { text: index === 0 ? 'left' : 'right', isFixed: false },
        openedSeq: this.seq,
      });
      socket.file.state = 'connected';
      this.createdIds.push(socket.id);
      return socket;
    });
    this.context.peers.join(first!.file, second!.file);
  }
}

/** Corresponds to `pipe(2)`. Both descriptors are non-blocking and close-on-exec. */
export class PipeCall extends HostCall {
  private readonly pair: Pair;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    super(null, null);
    this.pair = new Pair(reader, 0);
    this.args = [this.pair.value(false)];
  }

  attempt(): number {
    return sys.pipe2(this.pair.memory, fileControl.O_NONBLOCK | fileControl.O_CLOEXEC);
  }

  settle(result: number): void {
    if (result < 0) {
      return;
    }
    this.args = [this.pair.value(true)];
    const [reading, writing] = this.pair.descriptors.map((fd, index) => {
      const end = this.context.adopt({
        fd,
        file: {
          kind: 'pipe',
          domain: null,
          type: null,
          protocol: null,
          role: index === 0 ? 'reader' : 'writer',
          isNonBlocking: false,
          listener: null,
        },
        isCloseOnExec: false,
        name: this.socketNames[index] ?? null,
        openedSeq: this.seq,
      });
      this.createdIds.push(end.id);
      return end;
    });
    this.context.peers.join(reading!.file, writing!.file);
  }
}

/** Corresponds to `dup(2)`, made by F_DUPFD_CLOEXEC. The new descriptor is of the same open file. */
export class DupCall extends HostCall {
  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.args = [fd];
  }

  attempt(): number {
    return sys.fcntl(this.handle, fileControl.F_DUPFD_CLOEXEC, 0);
  }

  settle(result: number): void {
    if (result >= 0 && this.socket) {
      const dup = this.context.adopt({
        fd: result,
        file: this.socket.file,
        isCloseOnExec: false,
        name: this.socketNames[0] ?? null,
        openedSeq: this.seq,
      });
      this.createdIds.push(dup.id);
    }
  }
}
