import { Memory } from '../sys/memory.js';
import { sizeOf } from './messageFields.js';

const headerSize = 56;
const vectorSize = 16;

/** `struct msghdr` with its vector of buffers, filled in before each try. */
export class Header {
  readonly memory = new Memory(headerSize);
  readonly view = new DataView(this.memory.bytes.buffer);
  private readonly vector: Memory;
  private readonly vectorView: DataView;

  constructor(
    private readonly lengths: readonly number[],
    private readonly nulls: readonly boolean[] = [],
  ) {
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
      const size = sizeOf(length);
      const skipped = Math.min(size, Math.max(0, done - at));
      const rest = length - skipped;
      const address =
        memory === null || this.nulls[index] ? 0 : memory.at(start + at + skipped, size - skipped);
      this.vectorView.setBigUint64(vectorSize * index, BigInt(address), true);
      this.vectorView.setBigUint64(vectorSize * index + 8, BigInt(rest), true);
      at += size;
    });
    this.view.setBigUint64(16, BigInt(this.lengths.length === 0 ? 0 : this.vector.address), true);
    this.view.setBigUint64(24, BigInt(count), true);
  }

  private pointer(at: number, memory: Memory | null): void {
    this.view.setBigUint64(at, BigInt(memory?.address ?? 0), true);
  }
}
