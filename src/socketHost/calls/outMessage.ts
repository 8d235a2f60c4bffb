import { isAddress, isData, type StructValue, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { SocketAddress } from '../../common/socket.js';
import type { ArgumentReader } from '../argumentReader.js';
import { isLeavingControl } from '../loopback.js';
import { refusal } from '../refusal.js';
import { Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import { type InAddress, passAddress, type PassedAddress } from './addresses.js';
import type { CallContext } from './context.js';
import {
  type ControlPart,
  descriptorsIn,
  encodeControl,
  joinControl,
  passedControl,
  splitControl,
} from './controlData.js';
import { messageArgument, MessageFields, partsValue, sizeOf, total } from './messageFields.js';
import { Header } from './messageHeader.js';
import { checkDescriptor } from './target.js';
import { isStamping } from './unstampedPart.js';

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
  private readonly isPlain: boolean = false;
  /** Whether it says which times of it are told. */
  readonly isStamping: boolean = false;

  constructor(reader: ArgumentReader, context: CallContext) {
    if (reader.isNull(messageArgument)) {
      this.data = null;
      this.length = 0;
      this.value = null;
      this.header = null;
      return;
    }
    const fields = new MessageFields(reader.value(messageArgument));
    const parts = fields.parts();
    const lengths = parts.map(({ length }) => length);
    const nulls = parts.map(({ base }) => base === null);
    this.length = total(lengths);
    const bytes = new Uint8Array(this.length);
    let at = 0;
    for (const { base, length } of parts) {
      const size = sizeOf(length);
      if (base === null) {
        at += size;
        continue;
      }
      if (!isData(base) || base.bytes.length < length) {
        throw refusal(
          messageArgument,
          t('{0} is at most {1} bytes here, not {2}.', 'iov_len', isData(base) ? base.length : 0, length),
        );
      }
      bytes.set(base.bytes.subarray(0, size), at);
      at += size;
    }
    this.data = new Memory(bytes);
    this.header = new Header(lengths, nulls);
    this.count = fields.count(lengths.length);
    const name = fields.value('msg_name') ?? null;
    if (name !== null && !isAddress(name)) {
      throw refusal(messageArgument, t('{0} is an address.', 'msg_name'));
    }
    const lengthOf = (usual: number) => fields.number('msg_namelen', usual, -0x80000000, 0x7fffffff);
    this.name = passAddress(name, lengthOf, reader, messageArgument, context, 'send');
    const control = fields.value('msg_control') ?? null;
    const encoded = control === null ? null : encodeControl(control, messageArgument);
    const room = encoded?.length ?? 0;
    // Without a buffer the kernel reads none, whatever length it is told.
    this.controlLength = fields.number(
      'msg_controllen',
      room,
      encoded ? 0 : -0x80000000,
      encoded ? room : 0x7fffffff,
    );
    this.control = encoded && new Memory(encoded);
    const passed = encoded?.subarray(0, this.controlLength) ?? new Uint8Array();
    const messages = splitControl(passed);
    checkControl(messages, reader, context);
    this.isStamping = messages.some(isStamping);
    this.isPlain = name === null && !nulls.includes(true) && this.count === lengths.length;
    const flags = fields.number('msg_flags', 0, -0x80000000, 0xffffffff) | 0;
    this.header.view.setInt32(48, flags, true);
    const told = fields.value('msg_iov') === null ? null : partsValue(lengths, nulls, bytes, bytes.length);
    this.value = this.told(told, control, flags);
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

  /** Its control messages; null where it has more than those, or its buffers are not what its data is. */
  get plainControl(): ControlPart[] | null {
    const bytes = this.control?.bytes.subarray(0, this.controlLength) ?? new Uint8Array();
    const parts = splitControl(bytes);
    return this.isPlain && joinControl(parts).length === bytes.length ? parts : null;
  }

  /**
   * Sends what is behind the first bytes. What is beside the data goes with the first, but for what is about the end.
   * @param to In place of the address that the message says; null for that one.
   */
  send(handle: number, sent: number, flags: number, to: PassedAddress | null): number {
    const { header } = this;
    const name = to ?? this.name;
    if (header) {
      header.name(name?.memory ?? null, name?.length ?? 0);
      header.buffers(this.data, 0, sent, this.count);
      const hasControl = sent === 0 || this.isStamping;
      header.control(hasControl ? this.control : null, hasControl ? this.controlLength : 0);
    }
    return sys.sendmsg(handle, header?.memory ?? null, flags);
  }

  private told(parts: Value, control: Value, flags: number): StructValue {
    const [address, length] = this.name!.args;
    return {
      kind: 'struct',
      fields: [
        { name: 'msg_name', value: address },
        { name: 'msg_namelen', value: length },
        { name: 'msg_iov', value: parts },
        { name: 'msg_iovlen', value: this.count },
        ...(control === null
          ? []
          : [
              {
                name: 'msg_control',
                value: isData(control) ? control : passedControl(this.control!.bytes),
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
      checkDescriptor(fd, messageArgument, context);
    }
    if (reader.loopbackOnly && isLeavingControl(part.level, part.type, part.data)) {
      throw refusal(
        messageArgument,
        t('This control message reaches beyond loopback; only loopback is allowed here.'),
        'not-loopback',
      );
    }
  }
}
