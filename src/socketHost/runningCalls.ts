import type { CallRecord, Payload } from '../common/call.js';
import type { CallRequest, SocketHostEvents } from '../common/protocol/socketHost.js';
import { errnoName } from '../common/tables/errnos.js';
import type { Capture } from './capture.js';
import { FilePast } from './filePast.js';
import type { HostCall, MovedPayload } from './hostCall.js';
import type { News } from './news.js';
import { RunningCall } from './runningCall.js';
import { linux } from './sys/linux.js';

/** What calls on their way need of the host. */
export interface CallsHost {
  readonly capture: Capture;
  takeSeq(): number;
  /** Time of a record. */
  now(): number;
}

/** The calls that have not returned yet, each a record of its own that the capture gets at its end. */
export class RunningCalls {
  /** Those that wait, the oldest first. */
  private readonly waiting = new Map<number, RunningCall>();

  constructor(
    private readonly host: CallsHost,
    private readonly news: News,
    private readonly didWait: (wait: SocketHostEvents['didWait']) => void,
  ) {}

  /** Makes a call. Resolves when it has returned. */
  run(made: HostCall, request: CallRequest): Promise<CallRecord> {
    const { call, token = null, socketName = [], isNameFixed = false } = request;
    made.seq = this.host.takeSeq();
    made.socketNames = [socketName].flat().map((text) => ({ text, isFixed: isNameFixed }));
    const record: CallRecord = {
      seq: made.seq,
      name: call.name,
      args: made.args,
      status: 'waiting',
      result: null,
      errno: null,
      startNs: this.host.now(),
      endNs: null,
      hasWaited: false,
      fd: made.fd,
      socketId: made.socket?.id ?? null,
      createdIds: made.createdIds,
      peerId: null,
      payload: null,
      thread: request.thread ?? null,
      madeBy: request.madeBy ?? null,
      resolution: call.resolution ?? null,
    };
    return new Promise((resolve) => {
      new RunningCall(made, record, token, {
        now: () => this.host.now(),
        didWait: (running) => this.begin(running),
        didMove: ({ call: { waitsOn } }) => waitsOn.forEach((socket) => this.news.note(socket)),
        didEnd: (running, result) => {
          this.end(running, result);
          resolve(running.record);
        },
      }).start();
    });
  }

  /** Ends a wait; false when there is none. */
  cancel(seq: number): boolean {
    return this.waiting.get(seq)?.cancel() ?? false;
  }

  /** The record of a call that waits, as it is now. */
  record(seq: number): CallRecord | undefined {
    const running = this.waiting.get(seq);
    return running && liveRecord(running);
  }

  /** What a call that waits has moved so far; undefined when none of this number waits. */
  data(seq: number, offset: number, length: number): Uint8Array | undefined {
    const running = this.waiting.get(seq);
    return running && (running.call.payload()?.bytes.slice(offset, offset + length) ?? new Uint8Array());
  }

  /** The number of the call that has waited for the longest. */
  get oldest(): number | undefined {
    const [oldest] = this.waiting.keys();
    return oldest;
  }

  from(seq: number): number[] {
    return [...this.waiting.keys()].filter((each) => each >= seq).sort((a, b) => a - b);
  }

  /** The process ends, and what still waits with it. */
  lose(): void {
    const endNs = this.host.now();
    for (const { call, record } of this.waiting.values()) {
      this.write({ ...record, status: 'lost', endNs }, call.payload());
    }
  }

  private begin(running: RunningCall): void {
    const { record, call, token } = running;
    this.waiting.set(record.seq, running);
    this.didWait({ token, seq: record.seq });
    call.waitsOn.forEach((socket) => this.news.note(socket));
    this.news.schedule();
  }

  private end({ call, record }: RunningCall, result: number | null): void {
    this.waiting.delete(record.seq);
    record.status = result === null ? 'cancelled' : 'returned';
    if (result !== null) {
      call.settle(result);
      record.result = result < 0 ? -1 : result;
      record.errno = result < 0 ? errnoName(-result, linux.platform) : null;
    }
    record.args = call.args;
    record.madeBy = call.madeBy ?? record.madeBy;
    record.peerId = call.peerId();
    const isEnd = record.result === 0 && call.queue === 'read';
    const file = call.socket?.file;
    const isExplained = record.errno !== null || isEnd;
    if (file && (file.past || isExplained)) {
      file.past ??= new FilePast(file);
      file.past.note(record.endNs!, isExplained);
    }
    this.write(record, call.payload());
    if (record.hasWaited) {
      // Also of a wait that nothing was told of yet: who makes the call may wait for its end to be told.
      this.news.noteEnd(record.seq);
      call.waitsOn.forEach((socket) => this.news.note(socket));
    }
    this.news.schedule();
  }

  /** A record that has ended, with what its call has moved. */
  private write(record: CallRecord, moved: MovedPayload | null): void {
    const { capture } = this.host;
    let position = moved?.captured ?? null;
    if (moved && (moved.length > 0 || (record.result ?? -1) >= 0)) {
      record.payload = payloadOf(moved);
      if (!position && moved.bytes.length > 0) {
        position = capture.appendPayload(moved.bytes, record.seq, record.startNs);
      }
    }
    capture.append(record, position);
  }
}

function liveRecord({ call, record }: RunningCall): CallRecord {
  const moved = call.payload();
  return moved && moved.length > 0 ? { ...record, payload: payloadOf(moved) } : record;
}

function payloadOf({ direction, bytes, length, offset }: MovedPayload): Payload {
  return { direction, length, captured: bytes.length, offset };
}
