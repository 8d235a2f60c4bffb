import type { Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { constantName, constantValue } from '../../common/tables/constants.js';
import { findIoctl, type IoctlRequest } from '../../common/tables/ioctls.js';
import {
  decodeOption,
  encodeOption,
  OptionValueError,
  singleNumber,
  usualLength,
} from '../../common/tables/options.js';
import { dataValue } from '../../common/call.js';
import type { ArgumentReader } from '../argumentReader.js';
import { HostCall } from '../hostCall.js';
import { refusal } from '../refusal.js';
import { descriptorRequest, family, fileControl } from '../sys/linux.js';
import { Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import type { CallContext } from './context.js';
import { readTarget } from './target.js';

/** Commands whose argument is a number, or that have none. Of the others it is a pointer. */
const numberCommands: ReadonlySet<number> = new Set(
  `F_DUPFD F_DUPFD_CLOEXEC F_GETFD F_SETFD F_GETFL F_SETFL F_GETOWN F_SETOWN F_GETSIG F_SETSIG F_GETLEASE F_SETLEASE
   F_NOTIFY F_DUPFD_QUERY F_CREATED_QUERY F_GETPIPE_SZ F_SETPIPE_SZ F_GET_SEALS F_ADD_SEALS`
    .split(/\s+/)
    .map((name) => constantValue(name, 'linux')!),
);

/** Signals that the host ignores, so that they cannot end it: none, SIGURG and SIGIO. */
const harmlessSignals: readonly number[] = [0, 23, 29];

/**
 * Corresponds to `fcntl(2)`. O_NONBLOCK and FD_CLOEXEC are always set on the host's descriptors: what is set and
 * told here is the user's own.
 */
export class FcntlCall extends HostCall {
  private readonly command: number;
  private readonly argument: number;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.command = reader.int(1);
    this.argument = reader.int(2, 0);
    this.args = [fd, this.command, ...(reader.value(2) === undefined ? [] : [this.argument])];
    if (this.argument !== 0 && !numberCommands.has(this.command)) {
      const name = constantName('fcntlcmd', this.command, 'linux') ?? this.command;
      throw refusal(2, t('What {0} takes is not known here, so only 0 is passed.', name));
    }
    if (this.command === fileControl.F_SETOWN) {
      checkOwner(this.argument, 2);
    }
    if (this.command === fileControl.F_SETSIG && !harmlessSignals.includes(this.argument)) {
      throw refusal(2, t('This signal could end the socket host; 0, SIGURG and SIGIO cannot.'));
    }
  }

  attempt(): number {
    const result = sys.fcntl(this.handle, ...this.passed());
    if (!this.socket || result < 0) {
      return result;
    }
    switch (this.command) {
      case fileControl.F_GETFL:
        return withBit(result, fileControl.O_NONBLOCK, this.socket.file.info.isNonBlocking);
      case fileControl.F_GETFD:
        return withBit(result, fileControl.FD_CLOEXEC, this.socket.isCloseOnExec);
      default:
        return result;
    }
  }

  settle(result: number): void {
    if (result < 0 || !this.socket) {
      return;
    }
    switch (this.command) {
      case fileControl.F_SETFL:
        this.socket.file.info.isNonBlocking = (this.argument & fileControl.O_NONBLOCK) !== 0;
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
  private readonly row: IoctlRequest | undefined;
  private readonly memory: Memory | null;
  /** What was passed. */
  private readonly argument: Uint8Array;

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
    this.argument = this.encode(value);
    const size = this.row ? (this.row.layout ? this.argument.length : 0) : largestArgument;
    this.memory = value === null || size === 0 ? null : Memory.of(this.argument, Math.max(size, 8));
    this.args = this.withArgument(
      value === null
        ? null
        : this.row?.direction === 'in'
          ? this.decode(this.argument)
          : (value ?? { kind: 'any' }),
    );
  }

  attempt(): number {
    // The bits that the user sets are the host's too.
    const request = this.request === descriptorRequest.FIONCLEX ? descriptorRequest.FIOCLEX : this.request;
    const memory = this.memory && this.request === descriptorRequest.FIONBIO ? one() : this.memory;
    return sys.ioctlMemory(this.handle, request, memory);
  }

  settle(result: number): void {
    if (result < 0) {
      return;
    }
    if (this.memory && this.row?.direction !== 'in') {
      this.args = this.withArgument(this.answered(this.memory.bytes));
    }
    if (this.socket) {
      this.takeOver(this.socket, result);
      this.context.touch(this.socket.file);
    }
  }

  private takeOver(socket: NonNullable<HostCall['socket']>, result: number): void {
    switch (this.request) {
      case descriptorRequest.FIONBIO:
        socket.file.info.isNonBlocking = this.argument.some((byte) => byte !== 0);
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
    if (!this.row && this.socket?.file.info.kind === 'file') {
      throw refusal(
        1,
        t('This is neither a socket nor a pipe; only requests that are known are made on it.'),
      );
    }
  }

  private encode(value: Value | undefined): Uint8Array {
    const { row } = this;
    const isMissing =
      value === undefined ||
      (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'any');
    if (value === null || !row?.layout) {
      if (!isMissing && value !== null && value !== 0) {
        throw refusal(
          2,
          row
            ? t('{0} takes no argument.', row.name)
            : t('What this request takes is not known here, so only zeros are passed.'),
        );
      }
      return new Uint8Array();
    }
    const layout = { layout: row.layout };
    const size = usualLength(layout);
    if (row.direction === 'out' || (isMissing && row.direction === 'inout')) {
      return new Uint8Array(size);
    }
    try {
      const bytes = isMissing ? new Uint8Array() : encodeOption(layout, value);
      if (bytes.length !== size) {
        throw refusal(2, t('{0} takes {1} bytes, not {2}.', row.name, size, bytes.length));
      }
      if (row.name === 'FIOSETOWN' || row.name === 'SIOCSPGRP') {
        checkOwner(Number(singleNumber(decodeOption(layout, bytes))), 2);
      }
      return bytes;
    } catch (error) {
      if (error instanceof OptionValueError) {
        throw refusal(2, error.message);
      }
      throw error;
    }
  }

  private decode(bytes: Uint8Array): Value {
    return decodeOption(this.row?.layout ? { layout: this.row.layout } : undefined, bytes);
  }

  private answered(bytes: Uint8Array): Value {
    if (this.row) {
      return this.decode(bytes.slice(0, this.argument.length));
    }
    const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
    return end === 0 ? { kind: 'any' } : dataValue(bytes.slice(0, end));
  }

  private withArgument(value: Value): Value[] {
    return this.row?.direction === 'none' ? [this.fd, this.request] : [this.fd, this.request, value];
  }
}

function one(): Memory {
  return new Memory(new Uint8Array(Int32Array.of(1).buffer));
}
