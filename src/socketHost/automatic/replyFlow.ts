import type { AutomaticFlow, Socket } from '../socket.js';
import { errno, storageSize } from '../sys/linux.js';
import { IntCell, Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import type { Engine } from './engine.js';
import { blockSize, type Place } from './journal.js';
import { LineBuffer } from './lineBuffer.js';
import type { RuleSet } from './ruleSet.js';

/** Receives before the other sockets have their turn. */
const receivesATurn = 16;

/** Receives what comes and sends back what the first rule says that matches it; to its sender, of datagrams. */
export class ReplyFlow implements AutomaticFlow {
  private readonly room = new Memory(blockSize);
  private readonly cell = new IntCell();
  private readonly lines = new WeakMap<Socket, LineBuffer>();

  constructor(
    private readonly engine: Engine,
    private readonly rules: RuleSet,
    private readonly isRecorded: boolean,
  ) {}

  onReady(socket: Socket): boolean {
    this.serve(socket);
    this.engine.journal.endTimes();
    return false;
  }

  private serve(socket: Socket): void {
    for (let i = 0; i < receivesATurn; i++) {
      // Lines that a send has held up come first.
      if (socket.automation?.held || !this.replyToLines(socket) || !this.receive(socket)) {
        return;
      }
    }
    this.engine.later(socket);
  }

  /** Whether there may be more. */
  private receive(socket: Socket): boolean {
    const { engine, isRecorded } = this;
    const { journal, address } = engine;
    const { file, handle } = socket;
    const place = journal.place(isRecorded);
    const { memory, offset } = place;
    journal.beginTime();
    let addressLength = 0;
    let count: number;
    if (file.isStream) {
      count = sys.recv(handle, memory, offset, blockSize);
    } else {
      this.cell.value = storageSize;
      count = sys.recvfrom(handle, memory, offset, blockSize, 0, address, this.cell);
      addressLength = Math.min(this.cell.value, storageSize);
    }
    if (count === -errno.EAGAIN) {
      return false;
    }
    if (!isRecorded && count >= 0) {
      file.unrecordedCalls++;
    } else if (file.isStream) {
      journal.received(socket, place, count);
    } else {
      journal.receivedFrom(socket, place, count, address, 0, addressLength);
    }
    if (count < 0 || (count === 0 && file.isConnectionBased)) {
      engine.finish(socket);
      return false;
    }
    file.bytesReceived += count;
    engine.host.noteMoved(socket);
    const bytes = memory.bytes.subarray(offset, offset + count);
    if (file.isStream && this.rules.info.unit === 'line') {
      this.linesOf(socket).add(bytes);
      return this.replyToLines(socket);
    }
    return this.replyTo(socket, bytes, addressLength);
  }

  /** Whether the mode goes on at once. */
  private replyToLines(socket: Socket): boolean {
    const lines = this.lines.get(socket);
    for (let line = lines?.next(); line; line = lines!.next()) {
      if (!this.replyTo(socket, line, 0)) {
        return false;
      }
    }
    return true;
  }

  private linesOf(socket: Socket): LineBuffer {
    let lines = this.lines.get(socket);
    if (!lines) {
      lines = new LineBuffer();
      this.lines.set(socket, lines);
    }
    return lines;
  }

  /** Whether the mode goes on at once. */
  private replyTo(socket: Socket, message: Uint8Array, addressLength: number): boolean {
    const { engine, room } = this;
    const { address } = engine;
    const reply = this.rules.replyTo(message);
    // Nothing is no message on a stream.
    if (!reply || (reply.length === 0 && socket.file.isStream)) {
      return true;
    }
    room.bytes.set(reply);
    const { length } = reply;
    const to = addressLength > 0 ? address : null;
    engine.journal.beginTime();
    const result = socket.file.isStream
      ? sys.send(socket.handle, room, 0, length)
      : sys.sendto(socket.handle, room, 0, length, 0, to, addressLength);
    if (result !== length && (result > 0 || result === -errno.EAGAIN)) {
      engine.sendLater(socket, reply, Math.max(0, result), to && address.bytes.slice(0, addressLength));
      return false;
    }
    this.note(socket, length, result, addressLength);
    if (result < 0) {
      engine.finish(socket);
      return false;
    }
    socket.file.bytesSent += result;
    return true;
  }

  private note(socket: Socket, length: number, result: number, addressLength: number): void {
    const { engine, room, isRecorded } = this;
    if (!isRecorded && result >= 0) {
      socket.file.unrecordedCalls++;
      return;
    }
    const place: Place = { memory: room, offset: 0, segment: null, recordedIn: -1, receivedAs: -1 };
    if (socket.file.isStream) {
      engine.journal.sent(socket, place, length, result);
    } else {
      engine.journal.sentTo(socket, place, length, result, engine.address, 0, addressLength);
    }
  }
}
