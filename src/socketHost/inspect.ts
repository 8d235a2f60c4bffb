import { fstatSync } from 'node:fs';
import type { OptionReading, SocketInspection } from '../common/socket.js';
import type { ListValue, Value } from '../common/call.js';
import { printValue } from '../common/notation/printer.js';
import { constantName, constantValue } from '../common/tables/constants.js';
import { errnoName } from '../common/tables/errnos.js';
import { decodeOption, decodeTcpInfo, listOptions, type SocketOption } from '../common/tables/options.js';
import type { Socket } from './socket.js';
import { family, option, socketType } from './sys/linux.js';
import { IntCell, Memory } from './sys/memory.js';
import * as sys from './sys/syscall.js';

const largest = 1024;

/** Asks the kernel everything about one open socket. */
export function inspect(socket: Socket): SocketInspection {
  const read = (level: number, name: number) => readOption(socket, level, name);
  const int = (name: number) => {
    const bytes = read(option.SOL_SOCKET, name);
    return typeof bytes === 'number' ? null : intOf(bytes);
  };
  const domain = int(option.SO_DOMAIN);
  const type = int(option.SO_TYPE);
  const protocol = int(option.SO_PROTOCOL);
  const tcpInfo = socket.isTcp ? read(option.IPPROTO_TCP, option.TCP_INFO) : undefined;
  return {
    socket: socket.info,
    inode: fstatSync(socket.handle).ino,
    pid: process.pid,
    flags: ['O_RDWR', ...(socket.info.isNonBlocking ? ['O_NONBLOCK'] : [])],
    kernelDomain: domain === null ? null : (constantName('domain', domain, 'linux') ?? domain),
    kernelType: type === null ? null : (constantName('socktype', type, 'linux') ?? type),
    kernelProtocol:
      protocol === null
        ? null
        : (constantName('protocol', protocol, 'linux', domain ?? undefined) ?? protocol),
    receiveBuffer: int(option.SO_RCVBUF),
    sendBuffer: int(option.SO_SNDBUF),
    tcpInfo: tcpInfo instanceof Uint8Array ? decodeTcpInfo(tcpInfo) : {},
    options: levelsOf(socket).flatMap((level) =>
      listOptions('linux', constantValue(level, 'linux'))
        .filter((row) => row.canGet && row.level === level && !isShownElsewhere(row))
        .map((row) => reading(socket, row)),
    ),
  };
}

/** Reading SO_ERROR takes the error away; TCP_INFO has a place of its own. */
function isShownElsewhere({ name }: SocketOption): boolean {
  return name === 'SO_ERROR' || name === 'TCP_INFO';
}

function levelsOf({ domain, type }: Socket): string[] {
  const levels = ['SOL_SOCKET'];
  if (domain === family.AF_INET) {
    levels.push('IPPROTO_IP');
  }
  if (domain === family.AF_INET6) {
    levels.push('IPPROTO_IPV6');
  }
  if (domain === family.AF_INET || domain === family.AF_INET6) {
    if (type === socketType.SOCK_STREAM) {
      levels.push('IPPROTO_TCP');
    }
    if (type === socketType.SOCK_DGRAM) {
      levels.push('IPPROTO_UDP');
    }
  }
  return levels;
}

function reading(socket: Socket, row: SocketOption): OptionReading {
  const level = constantValue(row.level, 'linux')!;
  const bytes = readOption(socket, level, constantValue(row.name, 'linux')!);
  const value = bytes instanceof Uint8Array ? decodeOption(row, bytes) : undefined;
  return {
    level: row.level,
    name: row.name,
    text: value === undefined ? null : textOf(value),
    value: value === undefined ? null : intOf(value),
    errno: typeof bytes === 'number' ? errnoName(bytes, 'linux') : null,
    isBoolean: row.layout === 'bool',
    canSet: row.canSet,
    description: row.description,
    unit: row.unit ?? null,
  };
}

/** The bytes of an option, or the errno. */
function readOption({ handle }: Socket, level: number, name: number): Uint8Array | number {
  const memory = new Memory(largest);
  const cell = new IntCell();
  cell.value = largest;
  const result = sys.getsockopt(handle, level, name, memory, cell);
  return result < 0 ? -result : memory.bytes.slice(0, Math.max(0, cell.value));
}

/** The number, where the value is one int. */
function intOf(value: Value | Uint8Array): number | null {
  if (value instanceof Uint8Array) {
    return value.length >= 4
      ? new DataView(value.buffer, value.byteOffset, value.length).getInt32(0, true)
      : null;
  }
  const single = isList(value) && value.items.length === 1 ? value.items[0] : value;
  return typeof single === 'number' ? single : null;
}

function isList(value: Value): value is ListValue {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'list';
}

/** As the notation prints it: one number without the brackets of its pointer. */
function textOf(value: Value): string {
  return printValue(isList(value) && value.items.length === 1 ? value.items[0]! : value);
}
