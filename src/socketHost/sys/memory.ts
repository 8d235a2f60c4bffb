import koffi from 'koffi';

/**
 * Bytes at a fixed address. The address alone does not keep them: whoever passes it to the kernel holds
 * this object as long as the call lasts.
 */
export class Memory {
  readonly bytes: Uint8Array;
  /** The same as words; null where they do not begin at one, which memory that was made here always does. */
  readonly i32: Int32Array | null;
  readonly address: number;

  /** @param source A size in bytes, or the bytes themselves, which are not copied. */
  constructor(source: number | Uint8Array) {
    // Typed arrays of a few bytes may live in the movable heap; those over an ArrayBuffer of their own never do.
    this.bytes =
      typeof source === 'number' ? new Uint8Array(new ArrayBuffer(Math.max(source, 8))) : pinned(source);
    const { buffer, byteOffset, length } = this.bytes;
    this.i32 = byteOffset % 4 === 0 ? new Int32Array(buffer, byteOffset, length >> 2) : null;
    this.address = Number(koffi.address(this.bytes));
  }

  /** Zeros, with the given bytes at the beginning. */
  static of(bytes: Uint8Array, size: number): Memory {
    const memory = new Memory(Math.max(size, bytes.length));
    memory.bytes.set(bytes);
    return memory;
  }

  get length(): number {
    return this.bytes.length;
  }

  /** The address of a part; throws when it is not inside. */
  at(offset: number, length: number): number {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.bytes.length)) {
      throw new RangeError(
        `${length} bytes at ${offset} are beyond the ${this.bytes.length} bytes of memory.`,
      );
    }
    return this.address + offset;
  }
}

function pinned(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength >= 128) {
    return bytes;
  }
  const copy = new Uint8Array(new ArrayBuffer(Math.max(bytes.length, 8))).subarray(0, bytes.length);
  copy.set(bytes);
  return copy;
}

/** One 32-bit number behind a pointer, such as a value-result length. */
export class IntCell {
  private readonly cell = new Uint32Array(new ArrayBuffer(8));
  readonly address = Number(koffi.address(this.cell));

  get value(): number {
    return this.cell[0]! | 0;
  }

  set value(value: number) {
    this.cell[0] = value;
  }
}
