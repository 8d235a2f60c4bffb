import type { TrafficMode } from '../../common/socket.js';
import type { AutomaticFlow, Socket } from '../socket.js';
import { errno, storageSize } from '../sys/linux.js';
import { IntCell } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import type { Engine } from './engine.js';
import { blockSize, type Place } from './journal.js';

/** Datagrams received before the other sockets have their turn. */
const receivesATurn = 64;

/** Receives datagrams or messages one by one, and sends each back in `echo`. */
export class DatagramFlow implements AutomaticFlow {
  private readonly cell = new IntCell();

  constructor(
    private readonly engine: Engine,
    private readonly mode: TrafficMode,
    private readonly isRecorded: boolean,
  ) {}

  onReady(socket: Socket): boolean {
    const { engine, isRecorded, cell } = this;
    const { journal, address } = engine;
    const { handle, automation } = socket;
    const { file } = socket;
    if (automation?.held) {
      return false;
    }
    for (let i = 0; i < receivesATurn; i++) {
      if (this.mode === 'receive' && isRecorded && !journal.hasRoom) {
        engine.hold(socket, 'records');
        return false;
      }
      const place = journal.place(isRecorded);
      cell.value = storageSize;
      const count = sys.recvfrom(handle, place.memory, place.offset, blockSize, 0, address, cell);
      if (count === -errno.EAGAIN) {
        return i > 0;
      }
      const length = Math.min(cell.value, storageSize);
      if (isRecorded || count < 0) {
        journal.receivedFrom(socket, place, count, address, 0, length);
      } else {
        file.unrecordedCalls++;
      }
      if (count < 0 || (count === 0 && socket.file.isConnectionBased)) {
        engine.finish(socket);
        return false;
      }
      file.bytesReceived += count;
      engine.host.noteMoved(socket);
      if (this.mode === 'echo' && !this.send(socket, place, count, length)) {
        return false;
      }
    }
    engine.later(socket);
    return false;
  }

  /** Whether it went. */
  private send(socket: Socket, place: Place, count: number, length: number): boolean {
    const { engine, isRecorded } = this;
    const { address } = engine;
    const { memory, offset } = place;
    const to = length > 0 ? address : null;
    const result = sys.sendto(socket.handle, memory, offset, count, 0, to, length);
    if (result === -errno.EAGAIN) {
      const bytes = memory.bytes.subarray(offset, offset + count);
      engine.sendLater(socket, bytes, 0, to && address.bytes.slice(0, length));
      return false;
    }
    if (isRecorded || result < 0) {
      engine.journal.sentTo(socket, place, count, result, address, 0, length);
    } else {
      socket.file.unrecordedCalls++;
    }
    if (result < 0) {
      engine.finish(socket);
      return false;
    }
    socket.file.bytesSent += result;
    return true;
  }
}
