import { isOfKind, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { constantName, constantValue } from '../../common/tables/constants.js';
import { findFcntl, findIoctl, type PointerRequest } from '../../common/tables/pointerRequests.js';
import { singleNumber } from '../../common/tables/options.js';
import { dataValue, fieldOf } from '../../common/call.js';
import type { ArgumentReader } from '../argumentReader.js';
import { HostCall, type Queue } from '../hostCall.js';
import { refusal } from '../refusal.js';
import { descriptorRequest, errno, family, fileControl, ownerType } from '../sys/linux.js';
import { Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import type { CallContext } from './context.js';
import { readRequestArgument, type RequestArgument } from './requestArgument.js';
import { readTarget } from './target.js';

/** Commands whose argument is a number, or that have none. Of the others it is a pointer. */
const numberCommands: ReadonlySet<number> = new Set(
  `F_DUPFD F_DUPFD_CLOEXEC F_GETFD F_SETFD F_GETFL F_SETFL F_GETOWN F_SETOWN F_GETSIG F_SETSIG F_GETLEASE F_SETLEASE
   F_NOTIFY F_DUPFD_QUERY F_CREATED_QUERY F_GETPIPE_SZ F_SETPIPE_SZ F_GET_SEALS F_ADD_SEALS`
    .split(/\s+/)
    .map((name) => constantValue(name, 'linux')!),
);

/** Commands that wait for a lock, and those that try to get it at once: the host tries again. */
const withoutWait: Readonly<Record<number, number>> = {
  [fileControl.F_SETLKW]: fileControl.F_SETLK,
  [fileControl.F_OFD_SETLKW]: fileControl.F_OFD_SETLK,
};

/** Signals that the host ignores, so that they cannot end it: none, SIGURG and SIGIO. */
const harmlessSignals: readonly number[] = [0, 23, 29];
/** What is beyond is no signal, as the kernel says. */
const lastSignal = 64;

/**
 * Corresponds to `fcntl(2)`. O_NONBLOCK and FD_CLOEXEC are always set on the host's descriptors: what is set and
 * told here is the user's own.
 */
export class FcntlCall extends HostCall {
  override readonly queue: Queue | null;
  override readonly mayWait: boolean;
  // Nobody tells when a lock is given up.
  override readonly isRetried: boolean;
  private readonly command: number;
  /** The argument where it is a number. */
  private readonly argument: number;
  /** What it points to where it is a pointer. */
  private readonly pointer: RequestArgument | null;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.command = reader.int(1);
    const row = findFcntl(this.command, 'linux');
    const given = reader.value(2);
    this.pointer = row ? readRequestArgument(row, given) : null;
    this.argument = row || isOfKind(given, 'any') ? 0 : reader.int(2, 0);
    this.args = [
      fd,
      this.command,
      ...(this.pointer ? [this.pointer.passed] : given === undefined ? [] : [this.argument]),
    ];
    this.mayWait = this.command in withoutWait;
    this.queue = this.mayWait ? 'any' : null;
    this.isRetried = this.mayWait;
    if (!row && this.argument !== 0 && !numberCommands.has(this.command)) {
      const name = constantName('fcntlcmd', this.command, 'linux') ?? this.command;
      throw refusal(2, t('What {0} takes is not known here, so only 0 is passed.', name));
    }
    if (this.command === fileControl.F_SETOWN_EX && this.pointer?.memory) {
      checkOwnerEx(this.pointer.passed);
    }
    if (this.command === fileControl.F_SETOWN) {
      checkOwner(this.argument, 2);
    }
    const isSignal = this.argument >= 0 && this.argument <= lastSignal;
    if (this.command === fileControl.F_SETSIG && isSignal && !harmlessSignals.includes(this.argument)) {
      throw refusal(2, t('This signal could end the socket host; 0, SIGURG and SIGIO cannot.'));
    }
  }

  attempt(): number | undefined {
    const result = this.pointer
      ? sys.fcntlMemory(this.handle, withoutWait[this.command] ?? this.command, this.pointer.memory)
      : sys.fcntl(this.handle, ...this.passed());
    if (this.mayWait && result === -errno.EAGAIN) {
      return undefined;
    }
    if (this.command === fileControl.F_SETLKW && result === 0 && this.socket?.isClosed) {
      return this.giveBackLock();
    }
    if (!this.socket || result < 0) {
      return result;
    }
    switch (this.command) {
      case fileControl.F_GETFL:
        return withBit(result, fileControl.O_NONBLOCK, this.socket.file.isNonBlocking);
      case fileControl.F_GETFD:
        return withBit(result, fileControl.FD_CLOEXEC, this.socket.isCloseOnExec);
      default:
        return result;
    }
  }

  override isInterested(): boolean {
    return false;
  }

  /**
   * A lock of the process that was waited for, while the number was closed: the kernel looks once more what the number
   * is, and gives the lock back. What it got here is on the host's dup.
   */
  private giveBackLock(): number {
    const unlock = new Memory(this.pointer!.memory!.bytes.slice());
    new DataView(unlock.bytes.buffer).setInt16(0, fileControl.F_UNLCK, true);
    sys.fcntlMemory(this.handle, fileControl.F_SETLK, unlock);
    return -errno.EBADF;
  }

  settle(result: number): void {
    if (result < 0) {
      return;
    }
    if (this.pointer) {
      this.args = [this.fd, this.command, this.pointer.answered()];
    }
    if (!this.socket) {
      return;
    }
    switch (this.command) {
      case fileControl.F_SETFL:
        this.socket.file.isNonBlocking = (this.argument & fileControl.O_NONBLOCK) !== 0;
        break;
      case fileControl.F_SETFD:
        this.socket.isCloseOnExec = (this.argument & fileControl.FD_CLOEXEC) !== 0;
        break;
      case fileControl.F_DUPFD:
      case fileControl.F_DUPFD_CLOEXEC: {
        const dup = this.context.adopt({
          fd: result,
          file: this.socket.file,
          isCloseOnExec: this.command === fileControl.F_DUPFD_CLOEXEC,
          name: this.socketNames[0] ?? null,
          openedSeq: this.seq,
        });
        this.createdIds.push(dup.id);
        break;
      }
      default:
    }
    this.context.touch(this.socket.file);
  }

  /** The command and argument for the kernel. */
  private passed(): [number, number] {
    switch (this.command) {
      case fileControl.F_DUPFD:
        return [fileControl.F_DUPFD_CLOEXEC, this.argument];
      case fileControl.F_SETFL:
        return [this.command, this.argument | fileControl.O_NONBLOCK];
      case fileControl.F_SETFD:
        return [this.command, this.argument | fileControl.FD_CLOEXEC];
      default:
        return [this.command, this.argument];
    }
  }
}

/** The owner gets the signals of a socket, which end a process that does not expect them. */
function checkOwner(pid: number, index: number): void {
  if (pid !== 0 && pid !== process.pid) {
    throw refusal(
      index,
      t(
        'The owner gets signals: here it is 0 for none, or the socket host itself, process {0}.',
        process.pid,
      ),
    );
  }
}

/** A group of processes or one of another's threads would get them too. */
function checkOwnerEx(owner: Value): void {
  const [type, pid] = [fieldOf(owner, 'type'), fieldOf(owner, 'pid')];
  const isKnown = type === ownerType.F_OWNER_TID || type === ownerType.F_OWNER_PID;
  if (isKnown || pid !== 0) {
    checkOwner(isKnown ? Number(pid) : -1, 2);
  }
}

function withBit(flags: number, bit: number, isSet: boolean): number {
  return isSet ? flags | bit : flags & ~bit;
}

/** The most that a request of the kernel's numbering reads or writes. */
const largestArgument = 1 << 14;

/** Requests that change the configuration of the machine. */
const changing = /^SIOC(S(?!PGRP$)|ADD|DEL|DIFADDR|DARP|DRARP|BR|BOND|ETHTOOL|WANDEV|RTMSG)/;

/**
 * Corresponds to `ioctl(2)`. A request whose argument has no form here gets a large one of zeros, so that the kernel has
 * room to write whatever it likes; it is never given a pointer.
 */
export class IoctlCall extends HostCall {
  private readonly request: number;
  private readonly row: PointerRequest | undefined;
  private readonly argument: RequestArgument;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.request = reader.int(1) >>> 0;
    this.row = findIoctl(this.request, 'linux');
    this.check();
    const value = reader.value(2);
    this.argument = this.row ? readRequestArgument(this.row, value) : new UnknownArgument(value);
    if (this.row?.name === 'FIOSETOWN' || this.row?.name === 'SIOCSPGRP') {
      checkOwner(Number(singleNumber(this.argument.passed)), 2);
    }
    this.args = this.withArgument(this.argument.passed);
  }

  attempt(): number {
    // The bits that the user sets are the host's too.
    const request = this.request === descriptorRequest.FIONCLEX ? descriptorRequest.FIOCLEX : this.request;
    const { memory } = this.argument;
    return sys.ioctlMemory(
      this.handle,
      request,
      memory && this.request === descriptorRequest.FIONBIO ? one() : memory,
    );
  }

  settle(result: number): void {
    if (result < 0) {
      return;
    }
    if (this.argument.memory && this.row?.direction !== 'in') {
      this.args = this.withArgument(this.argument.answered());
    }
    if (this.socket) {
      this.takeOver(this.socket, result);
      this.context.touch(this.socket.file);
    }
  }

  private takeOver(socket: NonNullable<HostCall['socket']>, result: number): void {
    switch (this.request) {
      case descriptorRequest.FIONBIO:
        socket.file.isNonBlocking = singleNumber(this.argument.passed) !== 0;
        break;
      case descriptorRequest.FIOCLEX:
        socket.isCloseOnExec = true;
        break;
      case descriptorRequest.FIONCLEX:
        socket.isCloseOnExec = false;
        break;
      case descriptorRequest.SIOCGSKNS:
      case descriptorRequest.SIOCUNIXFILE:
        if (this.givesDescriptor(socket)) {
          this.createdIds.push(this.context.receive(result, true, null, this.seq).id);
        }
        break;
      default:
    }
  }

  private givesDescriptor({ file }: NonNullable<HostCall['socket']>): boolean {
    return (
      this.request === descriptorRequest.SIOCGSKNS ||
      (this.request === descriptorRequest.SIOCUNIXFILE && file.domain === family.AF_UNIX)
    );
  }

  private check(): void {
    const name = constantName('ioctlrequest', this.request, 'linux') ?? '';
    if (!this.row && changing.test(name)) {
      throw refusal(
        1,
        t('{0} changes the network of this machine; only requests that ask are made here.', name),
      );
    }
    if (!this.row && this.socket?.file.kind === 'file') {
      throw refusal(
        1,
        t('This is neither a socket nor a pipe; only requests that are known are made on it.'),
      );
    }
  }

  private withArgument(value: Value): Value[] {
    return this.row?.direction === 'none' ? [this.fd, this.request] : [this.fd, this.request, value];
  }
}

/** Of a request without a form here. */
class UnknownArgument implements RequestArgument {
  readonly memory: Memory | null;
  readonly passed: Value;

  constructor(given: Value | undefined) {
    if (given !== undefined && given !== null && given !== 0 && !isOfKind(given, 'any')) {
      throw refusal(2, t('What this request takes is not known here, so only zeros are passed.'));
    }
    this.memory = given === null || given === 0 ? null : new Memory(largestArgument);
    this.passed = given ?? (given === null ? null : { kind: 'any' });
  }

  answered(): Value {
    const bytes = this.memory?.bytes ?? new Uint8Array();
    const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
    return end === 0 ? { kind: 'any' } : dataValue(bytes.slice(0, end));
  }
}

function one(): Memory {
  return new Memory(new Uint8Array(Int32Array.of(1).buffer));
}
