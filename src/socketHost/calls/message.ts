import {
  type DataValue,
  type InOutValue,
  isAddress,
  isData,
  isOfKind,
  type StructValue,
  type Value,
} from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { SocketAddress } from '../../common/socket.js';
import { type ArgumentReader, largestBuffer } from '../argumentReader.js';
import { isLeavingControl } from '../loopback.js';
import { refusal } from '../refusal.js';
import { messageFlag, storageSize } from '../sys/linux.js';
import { Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import { type InAddress, passAddress } from './addresses.js';
import type { CallContext } from './context.js';
import { type ControlPart, controlValue, descriptorsIn, encodeControl, splitControl } from './controlData.js';
import { previewOf } from './preview.js';
import { checkDescriptor } from './target.js';

/** The argument of sendmsg(2) and recvmsg(2) that holds all. */
const argument = 1;
const headerSize = 56;
const vectorSize = 16;
/** The kernel takes 1024; a few more, so that it can say so. */
const mostParts = 2048;
const largestControl = 1 << 16;
/** Room for control messages where nothing else is said. */
const usualControlRoom = 256;

/** `struct msghdr` with its vector of buffers, filled in before each try. */
export class Header {
  readonly memory = new Memory(headerSize);
  readonly view = new DataView(this.memory.bytes.buffer);
  private readonly vector: Memory;
  private readonly vectorView: DataView;

  constructor(private readonly lengths: readonly number[]) {
    this.vector = new Memory(vectorSize * lengths.length);
    this.vectorView = new DataView(this.vector.bytes.buffer);
  }

  name(memory: Memory | null, length: number): void {
    this.pointer(0, memory);
    this.view.setInt32(8, length, true);
  }

  control(memory: Memory | null, length: number): void {
    this.pointer(32, memory);
    this.view.setBigUint64(40, BigInt(length), true);
  }

  /**
   * Buffers one behind the other.
   * @param done So many bytes of them are behind us.
   * @param count As the user says.
   */
  buffers(memory: Memory | null, start: number, done: number, count: number): void {
    let at = 0;
    this.lengths.forEach((length, index) => {
      const skipped = Math.min(length, Math.max(0, done - at));
      const rest = length - skipped;
      const address = memory === null ? 0 : memory.at(start + at + skipped, rest);
      this.vectorView.setBigUint64(vectorSize * index, BigInt(address), true);
      this.vectorView.setBigUint64(vectorSize * index + 8, BigInt(rest), true);
      at += length;
    });
    this.view.setBigUint64(16, BigInt(this.lengths.length === 0 ? 0 : this.vector.address), true);
    this.view.setBigUint64(24, BigInt(count), true);
  }

  private pointer(at: number, memory: Memory | null): void {
    this.view.setBigUint64(at, BigInt(memory?.address ?? 0), true);
  }
}

const known: ReadonlySet<string> = new Set([
  'msg_name',
  'msg_namelen',
  'msg_iov',
  'msg_iovlen',
  'msg_control',
  'msg_controllen',
  'msg_flags',
]);

/** The fields of a message, checked one by one. */
class Fields {
  private readonly fields: StructValue['fields'];

  constructor(value: Value | undefined) {
    if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'struct') {
      throw refusal(argument, t('A message is written as {msg_iov=[{iov_base="text", iov_len=4}]}.'));
    }
    this.fields = value.fields;
    const unknown = this.fields.find(({ name }) => !known.has(name));
    if (unknown) {
      throw refusal(argument, t('A message has no field {0}.', unknown.name));
    }
  }

  value(name: string): Value | undefined {
    return this.fields.find((field) => field.name === name)?.value;
  }

  number(name: string, usual: number, min: number, max: number): number {
    let value = this.value(name);
    if (typeof value === 'object' && value !== null && 'kind' in value) {
      value = value.kind === 'inout' ? value.value : value.kind === 'any' ? undefined : value;
    }
    value ??= usual;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw refusal(argument, t('{0} is a whole number from {1} to {2}.', name, min, max));
    }
    return value;
  }

  /** The buffers: what is in them, and their lengths. */
  parts(): { base: Value | undefined; length: number }[] {
    const value = this.value('msg_iov');
    if (value === undefined || value === null) {
      return [];
    }
    if (
      typeof value !== 'object' ||
      !('kind' in value) ||
      value.kind !== 'list' ||
      value.items.length > mostParts
    ) {
      throw refusal(argument, t('{0} is a list of at most {1} buffers.', 'msg_iov', mostParts));
    }
    return value.items.map((item) => {
      const fields = isOfKind(item, 'struct') ? item.fields : [];
      const base = fields.find(({ name }) => name === 'iov_base')?.value;
      const length =
        fields.find(({ name }) => name === 'iov_len')?.value ?? (isData(base) ? base.length : undefined);
      if (typeof length !== 'number' || !Number.isInteger(length) || length < 0 || length > largestBuffer) {
        throw refusal(argument, t('A buffer is written as {iov_base="text", iov_len=4}.'));
      }
      return { base, length };
    });
  }
}

function total(lengths: readonly number[]): number {
  const sum = lengths.reduce((whole, length) => whole + length, 0);
  if (sum > largestBuffer) {
    throw refusal(
      argument,
      t('{0} is at most {1} bytes here, not {2}.', 'msg_iov', largestBuffer, sum),
      'limit',
    );
  }
  return sum;
}

/** A message to send, or NULL. */
export class OutMessage {
  readonly data: Memory | null;
  readonly length: number;
  readonly value: Value;
  private readonly header: Header | null;
  private readonly name: InAddress | null = null;
  private readonly control: Memory | null = null;
  private readonly controlLength: number = 0;
  private readonly count: number = 0;

  constructor(reader: ArgumentReader, context: CallContext) {
    if (reader.isNull(argument)) {
      this.data = null;
      this.length = 0;
      this.value = null;
      this.header = null;
      return;
    }
    const fields = new Fields(reader.value(argument));
    const parts = fields.parts();
    const lengths = parts.map(({ length }) => length);
    this.length = total(lengths);
    const bytes = new Uint8Array(this.length);
    let at = 0;
    for (const { base, length } of parts) {
      if (!isData(base) || base.bytes.length < length) {
        throw refusal(
          argument,
          t('{0} is at most {1} bytes here, not {2}.', 'iov_len', isData(base) ? base.length : 0, length),
        );
      }
      bytes.set(base.bytes.subarray(0, length), at);
      at += length;
    }
    this.data = new Memory(bytes);
    this.header = new Header(lengths);
    this.count = fields.number('msg_iovlen', lengths.length, 0, lengths.length);
    const name = fields.value('msg_name') ?? null;
    if (name !== null && !isAddress(name)) {
      throw refusal(argument, t('{0} is an address.', 'msg_name'));
    }
    const lengthOf = (usual: number) => fields.number('msg_namelen', usual, -0x80000000, 0x7fffffff);
    this.name = passAddress(name, lengthOf, reader, argument, context, 'send');
    const control = fields.value('msg_control') ?? null;
    const encoded = control === null ? null : encodeControl(control, argument);
    const room = encoded?.length ?? 0;
    this.controlLength = fields.number('msg_controllen', room, 0, room);
    this.control = encoded && new Memory(encoded);
    const passed = encoded?.subarray(0, this.controlLength) ?? new Uint8Array();
    checkControl(splitControl(passed), reader, context);
    const flags = fields.number('msg_flags', 0, -0x80000000, 0xffffffff) | 0;
    this.header.view.setInt32(48, flags, true);
    this.value = this.told(lengths, bytes, control, flags);
  }

  get destination(): SocketAddress | null {
    return this.name?.value ?? null;
  }

  /** Those that it passes on. */
  get descriptors(): number[] {
    return this.control
      ? splitControl(this.control.bytes.subarray(0, this.controlLength)).flatMap(descriptorsIn)
      : [];
  }

  /** Sends what is behind the first bytes. What is beside the data goes with the first. */
  send(handle: number, sent: number, flags: number): number {
    const { header } = this;
    if (header) {
      header.name(this.name?.memory ?? null, this.name?.length ?? 0);
      header.buffers(this.data, 0, sent, this.count);
      header.control(sent === 0 ? this.control : null, sent === 0 ? this.controlLength : 0);
    }
    return sys.sendmsg(handle, header?.memory ?? null, flags);
  }

  private told(lengths: readonly number[], bytes: Uint8Array, control: Value, flags: number): StructValue {
    const [address, length] = this.name!.args;
    return {
      kind: 'struct',
      fields: [
        { name: 'msg_name', value: address },
        { name: 'msg_namelen', value: length },
        { name: 'msg_iov', value: partsValue(lengths, bytes, bytes.length) },
        { name: 'msg_iovlen', value: this.count },
        ...(control === null
          ? []
          : [
              {
                name: 'msg_control',
                value: isData(control) ? control : controlValue(splitControl(this.control!.bytes)),
              },
            ]),
        { name: 'msg_controllen', value: this.controlLength },
        { name: 'msg_flags', value: flags },
      ],
    };
  }
}

/** Descriptors that are passed on are the user's; with loopback only nothing may choose another way. */
function checkControl(parts: readonly ControlPart[], reader: ArgumentReader, context: CallContext): void {
  for (const part of parts) {
    for (const fd of descriptorsIn(part)) {
      checkDescriptor(fd, argument, context);
    }
    if (reader.loopbackOnly && isLeavingControl(part.level, part.type, part.data)) {
      throw refusal(
        argument,
        t('This control message reaches beyond loopback; only loopback is allowed here.'),
        'not-loopback',
      );
    }
  }
}

/** Room for a message to receive, or NULL. */
export class InMessage {
  readonly length: number;
  private readonly header: Header | null;
  private readonly lengths: readonly number[];
  private isCloseOnExec = false;
  private readonly nameMemory: Memory | null = null;
  private readonly nameRoom: number = 0;
  private readonly control: Memory | null = null;
  private readonly controlRoom: number = 0;
  private readonly count: number = 0;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    if (reader.isNull(argument)) {
      this.length = 0;
      this.lengths = [];
      this.header = null;
      return;
    }
    const fields = new Fields(reader.value(argument));
    this.lengths = fields.parts().map(({ length }) => length);
    this.length = total(this.lengths);
    this.header = new Header(this.lengths);
    this.count = fields.number('msg_iovlen', this.lengths.length, 0, this.lengths.length);
    const wantsName = (fields.value('msg_name') ?? null) !== null;
    this.nameMemory = wantsName ? new Memory(storageSize) : null;
    this.nameRoom = fields.number('msg_namelen', wantsName ? storageSize : 0, -0x80000000, 0x7fffffff);
    const wantsControl = (fields.value('msg_control') ?? null) !== null;
    this.controlRoom = fields.number(
      'msg_controllen',
      wantsControl ? usualControlRoom : 0,
      0,
      largestControl,
    );
    this.control = wantsControl ? new Memory(this.controlRoom) : null;
  }

  /** Receives behind the first bytes. New descriptors are close-on-exec, whatever the user's flags say. */
  receive(handle: number, memory: Memory | null, offset: number, done: number, flags: number): number {
    const { header } = this;
    this.isCloseOnExec = (flags & messageFlag.MSG_CMSG_CLOEXEC) !== 0;
    if (header) {
      header.name(this.nameMemory, this.nameRoom);
      header.buffers(memory, offset - done, done, this.count);
      header.control(this.control, this.controlRoom);
      header.view.setInt32(48, 0, true);
    }
    return sys.recvmsg(handle, header?.memory ?? null, flags | messageFlag.MSG_CMSG_CLOEXEC);
  }

  /** Whether descriptors have come: the kernel ends a call with them. */
  get hasDescriptors(): boolean {
    return this.parts.some((part) => descriptorsIn(part).length > 0);
  }

  get descriptors(): number[] {
    return this.parts.flatMap(descriptorsIn);
  }

  /** Whether there was no room for a control message. */
  get isCut(): boolean {
    return (this.flags & messageFlag.MSG_CTRUNC) !== 0;
  }

  get source(): SocketAddress | null {
    const length = Math.min(this.nameLength, this.nameRoom, storageSize);
    return this.nameMemory && length > 0
      ? this.context.codec.decode(this.nameMemory.bytes.subarray(0, length))
      : null;
  }

  /** The message before, and as the kernel left it. */
  value(bytes: Uint8Array | null, kept: number): Value {
    if (!this.header) {
      return null;
    }
    const inOut = (value: number, result: number | null): InOutValue => ({ kind: 'inout', value, result });
    const any = { kind: 'any' } as const;
    const isAnswered = bytes !== null;
    return {
      kind: 'struct',
      fields: [
        { name: 'msg_name', value: !this.nameMemory ? null : isAnswered ? this.source : any },
        {
          name: 'msg_namelen',
          value: this.nameMemory ? inOut(this.nameRoom, isAnswered ? this.nameLength : null) : this.nameRoom,
        },
        { name: 'msg_iov', value: partsValue(this.lengths, bytes, kept) },
        { name: 'msg_iovlen', value: this.count },
        ...(this.control
          ? [{ name: 'msg_control', value: isAnswered ? controlValue(this.parts) : any }]
          : []),
        {
          name: 'msg_controllen',
          value: this.control ? inOut(this.controlRoom, isAnswered ? this.controlLength : null) : 0,
        },
        ...(isAnswered ? [{ name: 'msg_flags', value: this.flags }] : []),
      ],
    };
  }

  private get nameLength(): number {
    return this.header?.view.getInt32(8, true) ?? 0;
  }

  private get controlLength(): number {
    return Number(this.header?.view.getBigUint64(40, true) ?? 0);
  }

  /** The kernel tells the bit that was passed: without it where it is the host's. */
  private get flags(): number {
    const flags = this.header?.view.getInt32(48, true) ?? 0;
    return this.isCloseOnExec ? flags : flags & ~messageFlag.MSG_CMSG_CLOEXEC;
  }

  private get parts(): ControlPart[] {
    return this.control ? splitControl(this.control.bytes.subarray(0, this.controlLength)) : [];
  }
}

/** @param bytes What is in the buffers, one behind the other; null before anything came. */
function partsValue(lengths: readonly number[], bytes: Uint8Array | null, kept: number): Value {
  let at = 0;
  return {
    kind: 'list',
    items: lengths.map((length): StructValue => {
      const end = Math.max(at, Math.min(at + length, kept));
      const base: DataValue | { kind: 'any' } = bytes
        ? previewOf(bytes.subarray(at, end), end - at)
        : { kind: 'any' };
      at += length;
      return {
        kind: 'struct',
        fields: [
          { name: 'iov_base', value: base },
          { name: 'iov_len', value: length },
        ],
      };
    }),
  };
}
