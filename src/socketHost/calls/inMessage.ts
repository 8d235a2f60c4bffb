import type { InOutValue, Value } from '../../common/call.js';
import type { SocketAddress } from '../../common/socket.js';
import type { ArgumentReader } from '../argumentReader.js';
import { messageFlag, storageSize } from '../sys/linux.js';
import { Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import type { CallContext } from './context.js';
import { type ControlPart, controlValue, descriptorsIn, splitControl } from './controlData.js';
import { messageArgument, MessageFields, partsValue, total } from './messageFields.js';
import { Header } from './messageHeader.js';

const largestControl = 1 << 20;
/** Room for control messages where nothing else is said. */
const usualControlRoom = 256;

/** Room for a message to receive, or NULL. */
export class InMessage {
  readonly length: number;
  private readonly header: Header | null;
  private readonly lengths: readonly number[];
  private readonly nulls: readonly boolean[];
  /** Flags that the user did not give. */
  private addedFlags = 0;
  private readonly nameMemory: Memory | null = null;
  private readonly nameRoom: number = 0;
  private readonly control: Memory | null = null;
  private readonly controlRoom: number = 0;
  private readonly count: number = 0;
  private readonly hasBuffers: boolean = true;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
    private readonly mayHaveDescriptors: boolean,
  ) {
    if (reader.isNull(messageArgument)) {
      this.length = 0;
      this.lengths = [];
      this.nulls = [];
      this.header = null;
      return;
    }
    const fields = new MessageFields(reader.value(messageArgument));
    const parts = fields.parts();
    this.lengths = parts.map(({ length }) => length);
    this.nulls = parts.map(({ base }) => base === null);
    this.length = total(this.lengths);
    this.header = new Header(this.lengths, this.nulls);
    this.count = fields.count(this.lengths.length);
    this.hasBuffers = fields.value('msg_iov') !== null;
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

  /**
   * Receives behind the first bytes. New descriptors are close-on-exec, whatever the user's flags say. Where none can come the
   * flags are the user's: a packet socket refuses those that it does not know.
   */
  receive(handle: number, memory: Memory | null, offset: number, done: number, flags: number): number {
    const { header } = this;
    this.addedFlags = this.mayHaveDescriptors ? messageFlag.MSG_CMSG_CLOEXEC & ~flags : 0;
    if (header) {
      header.name(this.nameMemory, this.nameRoom);
      header.buffers(memory, offset - done, done, this.count);
      header.control(this.control, this.controlRoom);
      header.view.setInt32(48, 0, true);
    }
    return sys.recvmsg(handle, header?.memory ?? null, flags | this.addedFlags);
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
        {
          name: 'msg_iov',
          value: this.hasBuffers ? partsValue(this.lengths, this.nulls, bytes, kept) : null,
        },
        { name: 'msg_iovlen', value: this.count },
        ...(this.control
          ? [{ name: 'msg_control', value: isAnswered ? controlValue(this.parts) : any }]
          : []),
        {
          name: 'msg_controllen',
          value: this.control
            ? inOut(this.controlRoom, isAnswered ? this.controlLength : null)
            : this.controlRoom,
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
    return (this.header?.view.getInt32(48, true) ?? 0) & ~this.addedFlags;
  }

  private get parts(): ControlPart[] {
    return this.control ? splitControl(this.control.bytes.subarray(0, this.controlLength)) : [];
  }
}
