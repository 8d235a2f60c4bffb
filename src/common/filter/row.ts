import type { CallRecord, CallStatus } from '../call.js';
import { recordFd } from '../recordText.js';
import type { Named, SocketId, SocketInfo } from '../socket.js';

/** What a filter looks at of one record; each asked for only where the filter needs it. */
export interface FilterRow {
  readonly seq: number;
  readonly name: string;
  readonly status: CallStatus;
  /** The one it was made on, or made. */
  readonly fd: number | null;
  readonly socketId: SocketId | null;
  readonly peerId: SocketId | null;
  /** The one it was made on, and those it made. */
  readonly ownIds: readonly SocketId[];
  /** All that it is about: these, and the other end. */
  readonly socketIds: readonly SocketId[];
  readonly result: number | null;
  readonly errno: Named | null;
  readonly startNs: number;
  readonly endNs: number | null;
  readonly hasWaited: boolean;
  readonly direction: 'in' | 'out' | null;
  /** Position of the first byte in the stream; null for what is no stream. */
  readonly streamOffset: number | null;
  /** Bytes moved; null for a call that moves none. */
  readonly length: number | null;
  readonly thread: string | null;
  readonly madeBy: string | null;
  /** The socket it was made on, or made, as it is now. */
  readonly socket: SocketInfo | undefined;
  /** What is held of its payload. */
  readonly data: Uint8Array;
  /** The beginning of {@link data} as text: a character a byte, or decoded. */
  dataText(isUtf8: boolean): string;
  /** Everything that can be read in its row, in lower case. */
  readonly text: string;
  /** Whether {@link text} holds this one, which is in lower case too. */
  hasWord(word: string): boolean;
}

/** What else than the record itself a row needs. */
export interface RowSources {
  socketOf(id: SocketId): SocketInfo | undefined;
  dataOf(record: CallRecord): Uint8Array;
  decode(data: Uint8Array, isUtf8: boolean): string;
  textOf(record: CallRecord, socket: SocketInfo | undefined): string;
}

/** These sockets and their other ends. */
export function allEnds(
  socketOf: RowSources['socketOf'],
  own: readonly SocketId[],
  peerId: SocketId | null,
): SocketId[] {
  return [...own, peerId, ...own.map((id) => socketOf(id)?.peerId ?? null)].filter((id) => id !== null);
}

/** A record as a filter looks at it. */
export class RecordRow implements FilterRow {
  constructor(
    private readonly record: CallRecord,
    private readonly sources: RowSources,
  ) {}

  get seq() {
    return this.record.seq;
  }
  get name() {
    return this.record.name;
  }
  get status() {
    return this.record.status;
  }
  get fd() {
    return recordFd(this.record);
  }
  get socketId() {
    return this.record.socketId ?? this.record.createdIds[0] ?? null;
  }
  get peerId() {
    return this.record.peerId;
  }
  get ownIds() {
    const { socketId, createdIds } = this.record;
    return socketId === null ? createdIds : [socketId, ...createdIds];
  }
  get socketIds() {
    return allEnds((id) => this.sources.socketOf(id), this.ownIds, this.peerId);
  }
  get result() {
    return this.record.result;
  }
  get errno() {
    return this.record.errno;
  }
  get startNs() {
    return this.record.startNs;
  }
  get endNs() {
    return this.record.endNs;
  }
  get hasWaited() {
    return this.record.hasWaited;
  }
  get direction() {
    return this.record.payload?.direction ?? null;
  }
  get streamOffset() {
    return this.record.payload?.offset ?? null;
  }
  get length() {
    return this.record.payload?.length ?? null;
  }
  get thread() {
    return this.record.thread;
  }
  get madeBy() {
    return this.record.madeBy;
  }
  get socket() {
    const { socketId } = this;
    return socketId === null ? undefined : this.sources.socketOf(socketId);
  }
  get data() {
    return this.sources.dataOf(this.record);
  }
  dataText(isUtf8: boolean) {
    return this.sources.decode(this.data, isUtf8);
  }
  get text() {
    return this.sources.textOf(this.record, this.socket);
  }
  hasWord(word: string) {
    return this.text.includes(word);
  }
}

/** How long the call took; null where that was not measured: no call takes no time. */
export function tookNs({ startNs, endNs }: FilterRow): number | null {
  return endNs === null || endNs === startNs ? null : endNs - startNs;
}
