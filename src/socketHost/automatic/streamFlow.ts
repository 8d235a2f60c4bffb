import type { TrafficMode } from '../../common/socket.js';
import type { AutomaticFlow, Socket } from '../socket.js';
import { errno } from '../sys/linux.js';
import * as sys from '../sys/syscall.js';
import type { Engine } from './engine.js';
import { blockSize, type Place } from './journal.js';

/** Receives before the other sockets have their turn. */
const receivesATurn = 4;

/** Receives from a stream, and sends back what came in `echo`. Serves any number of sockets: it keeps nothing of them. */
export class StreamFlow implements AutomaticFlow {
  constructor(
    private readonly engine: Engine,
    private readonly mode: TrafficMode,
    private readonly isRecorded: boolean,
  ) {}

  onReady(socket: Socket): boolean {
    const { engine, isRecorded } = this;
    const { journal } = engine;
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
      const { memory, offset } = place;
      const count = sys.recv(handle, memory, offset, blockSize);
      if (count === -errno.EAGAIN) {
        return false;
      }
      if (isRecorded || count < 0) {
        journal.received(socket, place, count);
      } else {
        file.unrecordedCalls++;
      }
      if (count <= 0) {
        engine.finish(socket);
        return false;
      }
      file.bytesReceived += count;
      engine.host.noteMoved(socket);
      if (this.mode === 'echo' && !this.send(socket, place, count)) {
        return false;
      }
      // A short count means that nothing is left, unless the end has been told of as well.
      if (count < blockSize && !socket.file.isReceiveShut) {
        return true;
      }
    }
    engine.later(socket);
    return false;
  }

  /** Whether all of it went. */
  private send(socket: Socket, place: Place, count: number): boolean {
    const { engine, isRecorded } = this;
    const { memory, offset } = place;
    const result = sys.send(socket.handle, memory, offset, count);
    if (result !== count && (result > 0 || result === -errno.EAGAIN)) {
      engine.sendLater(socket, memory.bytes.subarray(offset, offset + count), Math.max(0, result), null);
      return false;
    }
    if (isRecorded || result < 0) {
      engine.journal.sent(socket, place, count, result);
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
