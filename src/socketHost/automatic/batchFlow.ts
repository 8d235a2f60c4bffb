import type { TrafficMode } from '../../common/socket.js';
import type { AutomaticFlow, Socket } from '../socket.js';
import { errno, storageSize } from '../sys/linux.js';
import { Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import type { Engine } from './engine.js';
import { blockSize, type Place } from './journal.js';

/** Datagrams of one call, at most, and calls before the other sockets have their turn. */
const batchSize = 64;
const batchesATurn = 2;

/**
 * From one body to the next. Were it {@link blockSize} itself, the beginnings of all would fall into the same few lines of
 * the processor's caches, and push each other out.
 */
const bodyStride = blockSize + 192;

/** `struct mmsghdr`, in words of 4 bytes, and the size of `struct iovec`. */
const messageWords = 16;
const message = { nameLength: 2, flags: 12, length: 14 } as const;
const vectorWords = 4;

/** The messages of a batch, where the kernel finds and leaves them. Made with the first batch. */
class Batch {
  readonly bodies = new Memory(batchSize * bodyStride);
  readonly names = new Memory(batchSize * storageSize);
  private readonly vectors = new Memory(batchSize * vectorWords * 4);
  readonly headers = new Memory(batchSize * messageWords * 4);
  private readonly header = new Uint32Array(this.headers.bytes.buffer);
  private readonly vector = new Uint32Array(this.vectors.bytes.buffer);
  /** The rows that say that they were received. */
  readonly received = new Float64Array(batchSize).fill(-1);
  /** So many from the first on may be as the kernel left them. */
  private used = batchSize;

  constructor() {
    const headers = new DataView(this.headers.bytes.buffer);
    const vectors = new DataView(this.vectors.bytes.buffer);
    for (let i = 0; i < batchSize; i++) {
      const at = i * messageWords * 4;
      headers.setBigUint64(at, BigInt(this.names.at(i * storageSize, storageSize)), true);
      headers.setBigUint64(at + 16, BigInt(this.vectors.at(i * vectorWords * 4, vectorWords * 4)), true);
      headers.setBigUint64(at + 24, 1n, true);
      vectors.setBigUint64(i * vectorWords * 4, BigInt(this.bodies.at(i * bodyStride, blockSize)), true);
    }
  }

  /** Before a batch is received: as much room as there is. */
  prepare(): void {
    for (let i = 0; i < this.used; i++) {
      this.header[i * messageWords + message.nameLength] = storageSize;
      this.header[i * messageWords + message.flags] = 0;
      this.vector[i * vectorWords + 2] = blockSize;
    }
  }

  /** So many have been received; negative where the call has failed, at the first. */
  didReceive(count: number): void {
    this.used = Math.min(Math.max(count, 0) + 1, batchSize);
  }

  lengthOf(i: number): number {
    return this.header[i * messageWords + message.length]!;
  }

  nameLengthOf(i: number): number {
    return Math.min(this.header[i * messageWords + message.nameLength]!, storageSize);
  }

  /** Before it is sent back: each as long as it was. */
  prepareToSend(count: number): void {
    for (let i = 0; i < count; i++) {
      this.vector[i * vectorWords + 2] = this.lengthOf(i);
    }
  }
}

/**
 * Receives datagrams with `recvmmsg(2)` and sends them back with `sendmmsg(2)`: each datagram is a record of
 * `recvfrom` or `sendto`, which the calls amount to.
 */
export class BatchFlow implements AutomaticFlow {
  private readonly batch = new Batch();

  constructor(
    private readonly engine: Engine,
    private readonly mode: TrafficMode,
    private readonly isRecorded: boolean,
  ) {}

  onReady(socket: Socket): boolean {
    const { engine, batch, isRecorded } = this;
    const { journal } = engine;
    const { handle, automation } = socket;
    if (automation?.held) {
      return false;
    }
    for (let i = 0; i < batchesATurn; i++) {
      if (this.mode === 'receive' && isRecorded && !journal.hasRoom) {
        engine.hold(socket, 'records');
        return false;
      }
      batch.prepare();
      const count = sys.recvmmsg(handle, batch.headers, batchSize);
      batch.didReceive(count);
      if (count === -errno.EAGAIN) {
        return false;
      }
      if (count < 0) {
        journal.receivedFrom(
          socket,
          { memory: batch.bodies, offset: 0, segment: null, recordedIn: -1, receivedAs: -1 },
          count,
          batch.names,
          0,
          0,
        );
        engine.finish(socket);
        return false;
      }
      this.take(socket, count);
      if (this.mode === 'echo' && !this.send(socket, count)) {
        return false;
      }
      if (count < batchSize) {
        return true;
      }
    }
    engine.later(socket);
    return false;
  }

  private take(socket: Socket, count: number): void {
    const { batch, engine, isRecorded } = this;
    const { file } = socket;
    const place: Place = { memory: batch.bodies, offset: 0, segment: null, recordedIn: -1, receivedAs: -1 };
    for (let i = 0; i < count; i++) {
      const length = batch.lengthOf(i);
      place.offset = i * bodyStride;
      if (isRecorded) {
        engine.journal.receivedFrom(
          socket,
          place,
          length,
          batch.names,
          i * storageSize,
          batch.nameLengthOf(i),
        );
        batch.received[i] = place.receivedAs;
      }
      file.bytesReceived += length;
    }
    if (!isRecorded) {
      file.unrecordedCalls++;
    }
    engine.host.noteMoved(socket);
  }

  /** Whether all went. */
  private send(socket: Socket, count: number): boolean {
    const { batch } = this;
    batch.prepareToSend(count);
    for (let sent = 0; sent < count;) {
      const result = sys.sendmmsg(socket.handle, batch.headers, sent, count - sent);
      if (result === -errno.EAGAIN) {
        this.sendLater(socket, sent, count);
        return false;
      }
      if (result < 0) {
        this.note(socket, sent, result);
        this.engine.finish(socket);
        return false;
      }
      for (let i = sent; i < sent + result; i++) {
        this.note(socket, i, batch.lengthOf(i));
        socket.file.bytesSent += batch.lengthOf(i);
      }
      if (!this.isRecorded) {
        socket.file.unrecordedCalls++;
      }
      sent += result;
    }
    return true;
  }

  private note(socket: Socket, i: number, result: number): void {
    const { batch, engine } = this;
    if (this.isRecorded || result < 0) {
      const receivedAs = this.isRecorded ? batch.received[i]! : -1;
      const place = {
        memory: batch.bodies,
        offset: i * bodyStride,
        segment: null,
        recordedIn: -1,
        receivedAs,
      };
      engine.journal.sentTo(
        socket,
        place,
        batch.lengthOf(i),
        result,
        batch.names,
        i * storageSize,
        batch.nameLengthOf(i),
      );
    }
  }

  private sendLater(socket: Socket, first: number, count: number): void {
    const { bodies, names } = this.batch;
    for (let i = first; i < count; i++) {
      const bytes = bodies.bytes.subarray(i * bodyStride, i * bodyStride + this.batch.lengthOf(i));
      const start = i * storageSize;
      const to = names.bytes.slice(start, start + this.batch.nameLengthOf(i));
      this.engine.sendLater(socket, bytes, 0, to.length > 0 ? to : null);
    }
  }
}
