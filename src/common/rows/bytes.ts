import { decodeUtf8, encodeUtf8 } from '../utf8.js';

/** Printable ASCII alone, as nearly everything is. */
const plainText = /^[\x20-\x7e]*$/;

/** Bytes that grow as they are written. One writer serves many rows: {@link reset} before each. */
export class ByteWriter {
  private buffer = new Uint8Array(1024);
  private view = new DataView(this.buffer.buffer);
  private end = 0;

  reset(): void {
    this.end = 0;
  }

  /** How many bytes were written. */
  get length(): number {
    return this.end;
  }

  /** What was written; valid until the next write. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.end);
  }

  u8(value: number): void {
    this.room(1);
    this.buffer[this.end++] = value;
  }

  i32(value: number): void {
    this.room(4);
    this.view.setInt32(this.end, value, true);
    this.end += 4;
  }

  u32(value: number): void {
    this.i32(value | 0);
  }

  f64(value: number): void {
    this.room(8);
    this.view.setFloat64(this.end, value, true);
    this.end += 8;
  }

  /** A number that is mostly small and whole: seven bits of the next one above it to a byte, the lowest first; others after a 0. */
  count(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value >= Number.MAX_SAFE_INTEGER || Object.is(value, -0)) {
      this.u8(0);
      this.f64(value);
      return;
    }
    let rest = value + 1;
    for (; rest > 127; rest = Math.floor(rest / 128)) {
      this.u8((rest % 128) | 128);
    }
    this.u8(rest);
  }

  raw(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.buffer.set(bytes, this.end);
    this.end += bytes.length;
  }

  /** The length and the bytes. */
  data(bytes: Uint8Array): void {
    this.u32(bytes.length);
    this.raw(bytes);
  }

  text(text: string): void {
    if (!plainText.test(text)) {
      this.data(encodeUtf8(text));
      return;
    }
    this.u32(text.length);
    this.room(text.length);
    for (let i = 0; i < text.length; i++) {
      this.buffer[this.end++] = text.charCodeAt(i);
    }
  }

  private room(count: number): void {
    if (this.end + count > this.buffer.length) {
      const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.end + count));
      larger.set(this.buffer);
      this.buffer = larger;
      this.view = new DataView(larger.buffer);
    }
  }
}

/** Bytes that are not what their writer would have written. */
export class DamagedBytesError extends Error {
  constructor(message = 'The bytes end too early.') {
    super(message);
    this.name = 'DamagedBytesError';
  }
}

/** Undefined for what its bytes do not make. */
export function unlessDamaged<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DamagedBytesError) {
      return undefined;
    }
    throw error;
  }
}

/** Reads what {@link ByteWriter} wrote, or what somebody else says it wrote: every length is checked. */
export class ByteReader {
  constructor(
    private readonly source: Uint8Array,
    private at = 0,
    /** Of the same bytes, where there is one. */
    private readonly view = new DataView(source.buffer, source.byteOffset, source.byteLength),
  ) {}

  get rest(): number {
    return this.source.length - this.at;
  }

  u8(): number {
    return this.source[this.take(1)]!;
  }

  i32(): number {
    return this.view.getInt32(this.take(4), true);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  f64(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  /** A copy of what the writer's `data` wrote. */
  data(): Uint8Array {
    return this.raw(this.u32());
  }

  /** A copy of so many bytes. */
  raw(length: number): Uint8Array {
    const start = this.take(length);
    return this.source.slice(start, start + length);
  }

  text(): string {
    const length = this.u32();
    const start = this.take(length);
    return decodeUtf8(this.source.subarray(start, start + length));
  }

  /** What the writer's `count` wrote. */
  count(): number {
    let sum = 0;
    for (let factor = 1; factor < Number.MAX_SAFE_INTEGER; factor *= 128) {
      const byte = this.u8();
      sum += (byte & 127) * factor;
      if (byte < 128) {
        return sum === 0 ? this.f64() : sum - 1;
      }
    }
    throw new DamagedBytesError('A number does not end.');
  }

  /** A number of items, each of at least `size` bytes. */
  items(size: number): number {
    const count = this.u32();
    if (count * size > this.rest) {
      throw new DamagedBytesError();
    }
    return count;
  }

  private take(count: number): number {
    const start = this.at;
    if (count > this.rest) {
      throw new DamagedBytesError();
    }
    this.at += count;
    return start;
  }
}
