import type { InOutValue, Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { SocketAddress } from '../../common/socket.js';
import type { ArgumentReader } from '../argumentReader.js';
import { type AddressUse, isLoopback } from '../loopback.js';
import { refusal } from '../refusal.js';
import { storageSize } from '../sys/linux.js';
import { IntCell, Memory } from '../sys/memory.js';
import { AddressError, type SockaddrCodec } from '../sys/sockaddr.js';
import type { CallContext } from './context.js';

/** What the kernel gets of an address. */
export interface PassedAddress {
  memory: Memory | null;
  length: number;
}

/** An address that is passed to the kernel. */
export interface InAddress extends PassedAddress {
  value: SocketAddress | null;
  args: [Value, Value];
}

/**
 * Reads `addr` and `addrlen` at `index`. An explicit length is passed as written.
 */
export function readAddress(
  reader: ArgumentReader,
  index: number,
  context: CallContext,
  use: AddressUse,
): InAddress {
  return passAddress(
    reader.address(index),
    (usual) => reader.int(index + 1, usual),
    reader,
    index,
    context,
    use,
  );
}

/**
 * An address as it is passed.
 * @param lengthOf Its length, by the usual one.
 * @param index The argument that it stands in.
 */
export function passAddress(
  value: SocketAddress | null,
  lengthOf: (usual: number) => number,
  reader: ArgumentReader,
  index: number,
  context: CallContext,
  use: AddressUse,
): InAddress {
  if (value === null) {
    const length = lengthOf(0);
    return { value, memory: null, length, args: [null, length] };
  }
  const bytes = encode(value, reader, index, context.codec);
  const length = lengthOf(bytes.length);
  const memory = Memory.of(bytes, storageSize);
  if (reader.loopbackOnly) {
    const passed = memory.bytes.subarray(0, Math.max(0, Math.min(length, memory.length)));
    if (!isLoopback(passed, use, context.codec, context.socketOfFd(reader.int(0))?.file)) {
      throw refusal(index, t('Only addresses of this machine’s loopback are allowed here.'), 'not-loopback');
    }
  }
  return { value, memory, length, args: [value, length] };
}

function encode(
  value: SocketAddress,
  reader: ArgumentReader,
  index: number,
  codec: SockaddrCodec,
): Uint8Array {
  try {
    return codec.encode(value);
  } catch (error) {
    if (error instanceof AddressError) {
      throw refusal(index, error.message);
    }
    throw refusal(index, t('{0} is not an address.', reader.nameOf(index)));
  }
}

/** An address that the kernel writes, with its value-result length. */
export class OutAddress {
  private readonly memory: Memory | null;
  private readonly cell: IntCell | null;
  private readonly passed: number | null;

  constructor(
    reader: ArgumentReader,
    index: number,
    private readonly codec: SockaddrCodec,
  ) {
    const isNull = reader.isNull(index);
    const given = reader.length(index + 1);
    this.memory = isNull ? null : new Memory(storageSize);
    this.passed = given === undefined ? (isNull ? null : storageSize) : given;
    this.cell = this.passed === null ? null : new IntCell();
  }

  /** What to pass to the kernel, the length as it was written. */
  prepare(): { memory: Memory | null; cell: IntCell | null } {
    if (this.cell) {
      this.cell.value = this.passed!;
    }
    return { memory: this.memory, cell: this.cell };
  }

  /** The arguments before the kernel wrote to them, or where it wrote nothing. */
  get argsBefore(): [Value, Value] {
    return [this.memory ? { kind: 'any' } : null, this.lengthValue(null)];
  }

  /** The arguments as the kernel left them. */
  get argsAfter(): [Value, Value] {
    const address = this.memory && this.address;
    return [
      this.memory ? (address ?? { kind: 'any' }) : null,
      this.lengthValue(this.memory && this.cell ? this.cell.value : null),
    ];
  }

  /** What the kernel wrote; null when it wrote nothing. */
  get address(): SocketAddress | null {
    if (!this.memory || !this.cell) {
      return null;
    }
    const length = Math.min(this.cell.value, this.passed!, storageSize);
    return length > 0 ? this.codec.decode(this.memory.bytes.subarray(0, length)) : null;
  }

  private lengthValue(result: number | null): Value {
    return this.passed === null ? null : ({ kind: 'inout', value: this.passed, result } satisfies InOutValue);
  }
}
