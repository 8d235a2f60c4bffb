import { fstatSync } from 'node:fs';
import type { Value } from '../common/call.js';
import { printValue } from '../common/notation/printer.js';
import type { LevelReading, Named, OptionReading, SocketInspection } from '../common/socket.js';
import { type ConstantGroup, constantName, constantValue, formatFlags } from '../common/tables/constants.js';
import { errnoName } from '../common/tables/errnos.js';
import { optionLevels } from '../common/tables/optionLevels.js';
import {
  decodeOption,
  decodeTcpInfo,
  lengthUnit,
  listOptions,
  optionValueName,
  singleNumber,
  type SocketOption,
  usualLength,
} from '../common/tables/options.js';
import type { Socket } from './socket.js';
import { fileControl, option, queueRequest } from './sys/linux.js';
import { IntCell, Memory } from './sys/memory.js';
import * as sys from './sys/syscall.js';
import { memoryOf } from './system/diagParts.js';

/** The longest value that is read: a filter may be longer. */
const largest = 1024;

/** Some values are counted in units of 8 bytes. */
const roomFor = (length: number) => 8 * length;

/**
 * Asks the kernel about one open socket: only what is true of its kind.
 * @param levels Those whose options are read.
 */
export function inspect(socket: Socket, levels: ReadonlySet<string>): SocketInspection {
  const reader = new OptionReader(socket);
  const int = (name: number) => reader.int(option.SOL_SOCKET, name);
  const domain = int(option.SO_DOMAIN);
  const kernelDomain = named('domain', domain);
  const kernelType = named('socktype', int(option.SO_TYPE));
  const kernelProtocol = named('protocol', int(option.SO_PROTOCOL), domain ?? undefined);
  const tcpInfo = socket.file.isTcp ? reader.bytes(option.IPPROTO_TCP, option.TCP_INFO) : null;
  const decoded = tcpInfo && decodeTcpInfo(tcpInfo);
  const memory = reader.bytes(option.SOL_SOCKET, option.SO_MEMINFO);
  const { ino, uid } = fstatSync(socket.handle);
  return {
    socket: socket.info,
    inode: ino,
    pid: process.pid,
    uid,
    flags: flagsOf(socket),
    kernelDomain,
    kernelType,
    kernelProtocol,
    receiveBuffer: int(option.SO_RCVBUF),
    sendBuffer: int(option.SO_SNDBUF),
    unsentQueue: socket.file.isTcp && socket.info.state !== 'listening' ? unsentOf(socket) : null,
    cookie: reader.long(option.SOL_SOCKET, option.SO_COOKIE),
    mark: int(option.SO_MARK),
    incomingCpu: int(option.SO_INCOMING_CPU),
    napiId: int(option.SO_INCOMING_NAPI_ID),
    memory: memoryOf(memory ? new DataView(memory.buffer, memory.byteOffset, memory.length) : undefined),
    // A listener has its own credentials there, for those who will connect.
    peer: socket.file.isUnix && socket.info.state !== 'listening' ? peerOf(reader) : null,
    congestion: socket.file.isTcp ? reader.text(option.IPPROTO_TCP, option.TCP_CONGESTION) : null,
    tcpInfo: decoded?.fields ?? null,
    tcpInfoRest: decoded?.rest ?? null,
    levels: optionLevels({
      domain: kernelDomain ?? socket.info.domain,
      type: kernelType ?? socket.info.type,
      protocol: kernelProtocol ?? socket.info.protocol,
    }).map((level): LevelReading => ({
      level,
      options: levels.has(level) ? reader.level(level, domain ?? undefined) : null,
    })),
  };
}

/** As the user sees them: the host's own O_NONBLOCK is not told. */
function flagsOf({ handle, file }: Socket): string[] {
  const flags = sys.fcntl(handle, fileControl.F_GETFL, 0) & ~fileControl.O_NONBLOCK;
  const shown = file.isNonBlocking ? flags | fileControl.O_NONBLOCK : flags;
  return formatFlags('openflags', shown, 'linux').split('|');
}

function named(group: ConstantGroup, value: number | null, context?: number): Named | null {
  return value === null ? null : (constantName(group, value, 'linux', context) ?? value);
}

function unsentOf({ handle }: Socket): number | null {
  const cell = new IntCell();
  return sys.ioctl(handle, queueRequest.SIOCOUTQNSD, cell) < 0 ? null : cell.value;
}

/** Without a peer the kernel says process 0. */
function peerOf(reader: OptionReader): SocketInspection['peer'] {
  const bytes = reader.bytes(option.SOL_SOCKET, option.SO_PEERCRED);
  const [pid = 0, uid = 0, gid = 0] = bytes ? new Uint32Array(bytes.buffer, 0, bytes.length >> 2) : [];
  return pid === 0 ? null : { pid, uid, gid };
}

/** Reads the options of one socket. */
class OptionReader {
  private readonly memory = new Memory(roomFor(largest));
  private readonly cell = new IntCell();

  constructor(private readonly socket: Socket) {}

  /** All options of a level that can be read without changing something. */
  level(level: string, domain: number | undefined): OptionReading[] {
    const number = constantValue(level, 'linux')!;
    return listOptions('linux', number)
      .filter((row) => row.level === level && row.canGet && !row.onlyWhenAsked && row.layout !== 'tcp_info')
      .map((row) => this.reading(number, row, domain));
  }

  bytes(level: number, name: number): Uint8Array | null {
    const answer = this.ask(level, name);
    return typeof answer === 'number' ? null : answer;
  }

  int(level: number, name: number): number | null {
    const bytes = this.bytes(level, name);
    return bytes && bytes.length >= 4 ? new DataView(bytes.buffer).getInt32(0, true) : null;
  }

  long(level: number, name: number): bigint | null {
    const bytes = this.bytes(level, name);
    return bytes && bytes.length >= 8 ? new DataView(bytes.buffer).getBigUint64(0, true) : null;
  }

  text(level: number, name: number): string | null {
    const bytes = this.bytes(level, name);
    return bytes && new TextDecoder().decode(toFirstNul(bytes));
  }

  private reading(level: number, row: SocketOption, domain: number | undefined): OptionReading {
    const { name } = row;
    const answer = this.ask(level, constantValue(name, 'linux')!, row);
    if (typeof answer === 'number') {
      return { name, text: null, value: null, meaning: null, errno: errnoName(answer, 'linux') };
    }
    const value = decodeOption(row, row.layout === 'string' ? toFirstNul(answer) : answer);
    const number = singleNumber(value);
    return {
      name,
      text: textOf(value, number),
      value: number,
      meaning: typeof number === 'number' ? (optionValueName(row, number, 'linux', domain) ?? null) : null,
      errno: null,
    };
  }

  /** The bytes of an option, in memory of their own, or the errno. */
  private ask(level: number, name: number, row?: SocketOption): Uint8Array | number {
    // Of a value with a size some options take no other length.
    const length = row ? usualLength(row) : largest;
    this.cell.value = length;
    const result = sys.getsockopt(this.socket.handle, level, name, this.memory, this.cell);
    return result < 0
      ? -result
      : this.memory.bytes.slice(0, lengthUnit(row) * Math.max(0, Math.min(this.cell.value, length)));
  }
}

/** A name ends where the kernel ended it. */
function toFirstNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.slice(0, end);
}

/** As the notation prints it: one number without the brackets of its pointer. */
function textOf(value: Value, number: number | bigint | null): string {
  return printValue(number ?? value);
}
