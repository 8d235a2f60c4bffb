import { type InOutValue, isOfKind, itemsOf, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import {
  decodeOption,
  encodeOption,
  findOption,
  lengthUnit,
  OptionValueError,
  pointeeOf,
  type Pointee,
  type SocketOption,
  usualLength,
} from '../../common/tables/options.js';
import type { ArgumentReader } from '../argumentReader.js';
import { receiveBufferOf, tcpLowWater } from '../bufferLimits.js';
import { HostCall } from '../hostCall.js';
import { isLeavingOption, limitsAfter, noLimits } from '../loopback.js';
import { refusal } from '../refusal.js';
import type { OpenFile } from '../openFile.js';
import type { Socket } from '../socket.js';
import { option } from '../sys/linux.js';
import { IntCell, Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import type { CallContext } from './context.js';
import { readTarget } from './target.js';

const largestOption = 1 << 20;

/** Corresponds to `getsockopt(2)`. */
export class GetOptionCall extends HostCall {
  private readonly level: number;
  private readonly name: number;
  private readonly option: SocketOption | undefined;
  /** Bytes for each unit of the length. */
  private readonly unit: number;
  private readonly passed: number | null;
  private readonly memory: Memory | null;
  private readonly cell: IntCell | null;
  /** What the kernel reads where it writes. */
  private readonly given: number | undefined;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.level = reader.int(1);
    this.name = reader.int(2);
    this.option = findOption(this.level, this.name, 'linux');
    this.unit = lengthUnit(this.option);
    const given = reader.length(4);
    this.passed = given === undefined ? usualLength(this.option) : given;
    this.cell = this.passed === null ? null : new IntCell();
    if (this.makesDescriptor && this.passed !== null && this.passed >= 0 && this.passed < 4) {
      throw refusal(4, t('This option makes a descriptor, whose number needs a length of 4.'), 'limit');
    }
    // An option that is not in the tables may count in larger units too. A negative length is a very large one to IPv6.
    const room = this.isNegative ? largestOption : 8 * readRoom(reader, 4, this.passed ?? 0);
    this.memory = reader.isNull(3) ? null : new Memory(room);
    const value = reader.value(3);
    if (value !== undefined && value !== null && isOfKind(value, 'inout') && room >= 4) {
      new DataView(this.memory!.bytes.buffer).setInt32(0, value.value, true);
      this.given = value.value;
    }
    this.args = [fd, this.level, this.name, this.told({ kind: 'any' }), this.lengthValue(null)];
  }

  attempt(): number {
    if (this.cell) {
      this.cell.value = this.passed!;
    }
    return sys.getsockopt(this.handle, this.level, this.name, this.memory, this.cell);
  }

  settle(result: number): void {
    if (result >= 0 && this.cell && this.memory) {
      // Some options answer with the length that they would have: there is no more than was passed.
      const most = this.isNegative ? largestOption / this.unit : this.passed!;
      const length = this.unit * Math.min(Math.max(0, this.cell.value), most);
      this.args[3] = this.told(decodeOption(this.option, this.memory.bytes.slice(0, length)));
      this.args[4] = this.lengthValue(this.cell.value);
    }
    if (result >= 0 && this.memory && this.makesDescriptor) {
      const fd = new DataView(this.memory.bytes.buffer).getInt32(0, true);
      this.createdIds.push(this.context.receive(fd, true, this.socketNames[0] ?? null, this.seq).id);
    }
  }

  /** The value, with the number that stood in its place before. */
  private told(value: Value): Value {
    if (!this.memory || this.given === undefined) {
      return this.memory && value;
    }
    const [result = null] = itemsOf(value);
    return { kind: 'inout', value: this.given, result: typeof result === 'number' ? result : null };
  }

  private get isNegative(): boolean {
    return this.passed !== null && this.passed < 0;
  }

  private get makesDescriptor(): boolean {
    return this.level === option.SOL_SOCKET && this.name === option.SO_PEERPIDFD;
  }

  private lengthValue(result: number | null): Value {
    return this.passed === null ? null : ({ kind: 'inout', value: this.passed, result } satisfies InOutValue);
  }
}

/** Corresponds to `setsockopt(2)`. What blocking calls obey is remembered, since the descriptor does not block. */
export class SetOptionCall extends HostCall {
  private readonly level: number;
  private readonly name: number;
  private readonly value: Memory | null;
  private readonly length: number;
  /** What the value points to, kept as long as the call lasts. */
  private readonly pointee: Memory | null = null;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.level = reader.int(1);
    this.name = reader.int(2);
    const row = findOption(this.level, this.name, 'linux');
    const encoded = encode(reader, row);
    const bytes = encoded?.bytes ?? null;
    this.length = reader.int(4, bytes?.length ?? 0);
    this.value = bytes && Memory.of(bytes, readRoom(reader, 4, this.length));
    const limits = socket?.file.multicast ?? noLimits;
    if (reader.loopbackOnly && isLeavingOption(this.level, this.name, this.passed, limits)) {
      throw refusal(
        2,
        t('This option reaches beyond loopback; only loopback is allowed here.'),
        'not-loopback',
      );
    }
    const value = reader.value(3);
    // What a program points to is not in its bytes.
    const isProgram = row?.layout === 'sock_fprog' && value !== null && isOfKind(value, 'struct');
    if (encoded?.pointee && this.value) {
      this.pointee = new Memory(encoded.pointee.bytes);
      new DataView(this.value.bytes.buffer).setBigUint64(
        encoded.pointee.offset,
        BigInt(this.pointee.address),
        true,
      );
    }
    const shown = isProgram ? value : bytes && decodeOption(row, bytes);
    this.args = [fd, this.level, this.name, shown, this.length];
  }

  attempt(): number {
    return sys.setsockopt(this.handle, this.level, this.name, this.value, this.length);
  }

  settle(result: number): void {
    if (result !== 0 || !this.socket || !this.value) {
      return;
    }
    const { file } = this.socket;
    const limits = limitsAfter(this.level, this.name, this.passed);
    if (limits) {
      file.multicast = { ...file.multicast, ...limits };
    }
    if (this.level === option.IPPROTO_IPV6 && this.name === option.IPV6_V6ONLY) {
      file.isV6Only = this.passed.subarray(0, 4).some((byte) => byte !== 0);
    }
    if (this.level === option.SOL_SOCKET && this.name === option.SO_BINDTODEVICE) {
      const [name = ''] = new TextDecoder().decode(this.passed).split('\0');
      file.device = name || null;
    } else if (this.level === option.SOL_SOCKET && this.name === option.SO_BINDTOIFINDEX) {
      const index = new DataView(this.value.bytes.buffer, this.value.bytes.byteOffset).getInt32(0, true);
      file.device = index > 0 ? `#${index}` : null;
    }
    if (this.level === option.SOL_SOCKET) {
      remember(this.socket, this.name, this.value.bytes);
      this.context.touch(file);
    }
  }

  /** As many bytes as the kernel is told of. */
  private get passed(): Uint8Array {
    return this.value?.bytes.subarray(0, Math.max(0, this.length)) ?? new Uint8Array();
  }
}

interface Encoded {
  bytes: Uint8Array;
  pointee: Pointee | undefined;
}

function encode(reader: ArgumentReader, row: SocketOption | undefined): Encoded | null {
  const value = reader.value(3);
  if (value === null || value === undefined) {
    return null;
  }
  try {
    return { bytes: encodeOption(row, value), pointee: pointeeOf(row, value) };
  } catch (error) {
    if (error instanceof OptionValueError) {
      throw refusal(3, error.message);
    }
    throw error;
  }
}

/** The memory that must lie behind a length. */
function readRoom(reader: ArgumentReader, index: number, length: number): number {
  if (length > largestOption) {
    throw refusal(
      index,
      t('{0} is at most {1} bytes here, not {2}.', reader.nameOf(index), largestOption, length),
      'limit',
    );
  }
  return Math.max(0, length);
}

function rememberLinger(file: OpenFile, mayLinger: boolean): void {
  file.setOptions({ mayLinger, hasLingered: file.options.hasLingered || mayLinger });
}

function remember({ file }: Socket, name: number, value: Uint8Array): void {
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  switch (name) {
    case option.SO_RCVTIMEO_OLD:
    case option.SO_RCVTIMEO_NEW:
      file.setOptions({ receiveTimeoutMs: timeoutOf(view) });
      return;
    case option.SO_SNDTIMEO_OLD:
    case option.SO_SNDTIMEO_NEW:
      file.setOptions({ sendTimeoutMs: timeoutOf(view) });
      return;
    case option.SO_LINGER:
      rememberLinger(file, view.getInt32(0, true) !== 0 && view.getInt32(4, true) !== 0);
      return;
    case option.SO_PASSCRED:
      file.setOptions({ passesCredentials: view.getInt32(0, true) !== 0 });
      return;
    case option.SO_TIMESTAMPING:
    case option.SO_TIMESTAMPING_NEW:
      file.setOptions({ mayStamp: true });
      return;
    case option.SO_RCVLOWAT: {
      const bytes = view.getInt32(0, true);
      const asked = bytes < 0 ? 0x7fffffff : bytes;
      const { receiveBuffer } = file.options;
      file.setOptions({ receiveLowWater: file.isTcp ? tcpLowWater(asked, receiveBuffer) : asked });
      return;
    }
    case option.SO_RCVBUF:
    case option.SO_RCVBUFFORCE:
      file.setOptions({
        receiveBuffer: receiveBufferOf(view.getInt32(0, true), name === option.SO_RCVBUFFORCE),
      });
      return;
    default:
  }
}

/** `{0, 0}` is for ever, negative seconds are at once; longer than a timer reaches is for ever too. */
function timeoutOf(timeval: DataView): number | null {
  const seconds = Number(timeval.getBigInt64(0, true));
  const microseconds = Number(timeval.getBigInt64(8, true));
  if (seconds < 0) {
    return 0;
  }
  const ms = seconds * 1000 + Math.ceil(microseconds / 1000);
  return ms === 0 || ms > 0x7fffffff ? null : ms;
}
