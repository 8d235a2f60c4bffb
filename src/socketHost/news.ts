import { packChange } from '../common/protocol/packedChange.js';
import type { HostChange, SocketHostEvents, SocketTraffic } from '../common/protocol/socketHost.js';
import type { PackedRows } from '../common/rows/packedRows.js';
import type { SocketId } from '../common/socket.js';
import type { Capture } from './capture.js';
import { Changes } from './changes.js';
import type { Sampler } from './sampler.js';
import type { Socket } from './socket.js';
import { socketNotes } from './socketNotes.js';

/** A frame of the screen. */
const frameMs = 16;
/** Records of one frame that are very many, where they are all that is to be told. */
const busyRecords = 500;
/** So many records are told of whole: whoever follows them shows them at once. Of more the latest come into view only. */
const fewRecords = 32;
/** The time between two tellings of what was dropped of each socket. */
const dropsMs = 500;

/** What is told of, as it is now. */
export interface NewsSource {
  readonly sampler: Sampler;
  readonly sockets: ReadonlyMap<SocketId, Socket>;
  readonly capture: () => Capture;
  readonly firstSeq: () => number;
  readonly lastSeq: () => number;
  readonly rows: (from: number, count: number) => PackedRows;
  readonly didChange: (change: SocketHostEvents['didChange']) => void;
}

/** Collects what has become of sockets and records, and tells of it once a frame. */
export class News {
  private readonly changes = new Changes(frameMs, () => this.tell());
  private readonly changed = new Set<Socket>();
  private changedSeqs: number[] = [];
  /** Automatic modes have moved bytes on these since that was told. */
  private moved: Socket[] = [];
  private traffic: SocketTraffic[] = [];
  private dropsToldAt = -Infinity;
  private dropsTimer: NodeJS.Timeout | undefined;
  /** The last number that was told of. */
  private toldSeq = 0;
  private recordingFault: string | null = null;

  constructor(private readonly source: NewsSource) {}

  /** There are records to tell of, or they are gone. */
  schedule(): void {
    this.changes.schedule();
  }

  note(socket: Socket): void {
    this.changed.add(socket);
    this.changes.schedule();
  }

  /** A call that was told of as waiting, or that somebody waits for, has ended. */
  noteEnd(seq: number): void {
    this.changedSeqs.push(seq);
  }

  noteMoved(socket: Socket): void {
    if (!socket.hasMoved) {
      socket.hasMoved = true;
      this.moved.push(socket);
    }
    // Counters are told when the sampler takes them; without a record there is nothing else.
    if (this.source.lastSeq() !== this.toldSeq) {
      this.changes.schedule();
    }
  }

  /** Recording has failed; null when it begins anew. */
  noteFault(fault: string | null): void {
    this.recordingFault = fault;
    this.changes.schedule();
  }

  /** Takes the counters of the sockets that a view shows; those of others wait until one does. */
  countTraffic(): void {
    const unseen: Socket[] = [];
    for (const socket of this.moved) {
      if (socket.isClosed) {
        continue;
      }
      if (!this.source.sampler.isWatched(socket)) {
        unseen.push(socket);
        continue;
      }
      socket.hasMoved = false;
      const { descriptors, bytesReceived, bytesSent, unrecordedCalls } = socket.file;
      for (const { id } of descriptors) {
        this.traffic.push({ id, bytesReceived, bytesSent, unrecordedCalls });
      }
    }
    this.moved = unseen;
    if (this.traffic.length > 0) {
      this.changes.schedule();
    }
  }

  /** Notes for the recording what was not told of yet: the host ends, or it is saved. */
  noteRest(): void {
    const capture = this.source.capture();
    this.changed.forEach((socket) => socketNotes.write(socket, socket.info, capture));
  }

  dispose(): void {
    this.changes.dispose();
    clearTimeout(this.dropsTimer);
  }

  /** What was dropped, by socket: under full traffic that is news of every socket with every frame, so not each time. */
  private takeDrops(capture: Capture): ReturnType<Capture['takeDrops']> {
    const rest = this.dropsToldAt + dropsMs - performance.now();
    if (rest <= 0) {
      this.dropsToldAt = performance.now();
      return capture.takeDrops();
    }
    if (capture.hasNewDrops) {
      this.dropsTimer ??= setTimeout(() => {
        this.dropsTimer = undefined;
        this.changes.schedule();
      }, rest);
    }
    return new Map();
  }

  /** The new and the changed records, where they are few. */
  private takeRows(lastSeq: number): PackedRows[] {
    const { rows } = this.source;
    const firstSeq = this.source.firstSeq();
    // A host that follows on another one begins with a later number.
    const first = Math.max(this.toldSeq + 1, firstSeq);
    const count = lastSeq - first + 1;
    const changed = this.changedSeqs.filter((seq) => seq < first && seq >= firstSeq);
    if (count + changed.length > fewRecords) {
      return [];
    }
    return [...changed.map((seq) => rows(seq, 1)), ...(count > 0 ? [rows(first, count)] : [])];
  }

  private tell(): void {
    const { sampler, sockets: all } = this.source;
    const capture = this.source.capture();
    sampler.sampleChanged(this.changed);
    const drops = this.takeDrops(capture);
    const sockets = [...this.changed].map((socket) => {
      const { info } = socket;
      socketNotes.write(socket, info, capture);
      return info;
    });
    if (drops.size > 0) {
      socketNotes.renew(all.values(), capture);
    }
    const { records: droppedRecords, bytes: droppedBytes } = capture.dropped;
    const lastSeq = this.source.lastSeq();
    const change: HostChange = {
      sockets,
      firstSeq: this.source.firstSeq(),
      lastSeq,
      changedSeqs: this.changedSeqs,
      droppedBytes,
      droppedRecords,
      drops: [...drops].map(([socketId, drop]) => ({ socketId, ...drop })),
      recordingFault: this.recordingFault,
    };
    if (this.traffic.length > 0) {
      change.traffic = this.traffic;
      this.traffic = [];
    }
    if (sockets.length === 0 && lastSeq - this.toldSeq > busyRecords) {
      this.changes.slowDown();
    }
    const rows = this.takeRows(lastSeq);
    if (rows.length > 0) {
      change.rows = rows;
    }
    this.toldSeq = lastSeq;
    this.changed.clear();
    this.changedSeqs = [];
    this.source.didChange(packChange(change));
  }
}
