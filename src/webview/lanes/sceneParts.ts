import type { CallRecord } from '../../common/call.js';
import type { SocketLookup } from '../../common/recordText.js';
import type { ByteRibbon } from '../../common/ribbon/byteRibbon.js';
import type { SocketId } from '../../common/socket.js';
import type { SocketTone } from '../../common/socketText.js';
import type { AcceptQueue } from '../state/acceptQueue.js';
import type { Line } from './blocks.js';
import type { Column, Columns } from './columns.js';
import type { StateHistory } from './history.js';
import type { StateChange } from './stateChanges.js';

/** Half a line: nodes and wires lie there. */
export const half = 12;

/** A line with its place in what is drawn. */
export interface PlacedLine {
  line: Line;
  column: Column;
  y: number;
  /** Of its node and of wires from it. */
  middle: number;
}

/** A socket that a call made appears in its lane. */
export interface Birth {
  column: Column;
  y: number;
  seq: number;
  socketId: SocketId;
  /** The lane that it came from, where that is too far away for a wire. */
  from: SocketId | null;
}

/** Bytes that wait in a socket's receive queue, as they are right after a send. */
export interface QueueBox {
  column: Column;
  y: number;
  seq: number;
  segments: readonly BoxSegment[];
  /** The beginnings of all that waits, also of what has no room. */
  text: string;
  /** How much waits; null in a brief lane. */
  total: number | null;
  /** The most that it may take, in px. */
  room: number;
}

export interface BoxSegment {
  text: string;
  sentSeq: number | null;
}

type WireKind = 'bytes' | 'birth' | 'handshake' | 'fin' | 'reset';

export interface Wire {
  kind: WireKind;
  /** The call that it is drawn for. */
  seq: number;
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  label: string;
  /** What is said on pointing at it, beside its call. */
  hover?: string;
  isBothWays?: boolean;
}

export interface Span {
  x: number;
  y1: number;
  y2: number;
  tone: SocketTone;
}

export interface QueueBar {
  column: Column;
  /** The last of the sends whose bytes wait; null where what sent them is not known. */
  seq: number | null;
  x: number;
  y1: number;
  y2: number;
  width: number;
}

/** Bytes that wait for `recv` and came from a program that is not ours: the kernel said so when it was asked last. */
export interface SampledQueue {
  column: Column;
  /** From the last line to the lower edge. */
  y1: number;
  y2: number;
  bytes: number;
}

/** Who waits to be accepted now, below the last line: in the lane of the listener, and in those of the clients. */
export interface Accepting {
  column: Column;
  y: number;
  queue: AcceptQueue;
  /** Bytes that the client has sent by then. */
  sent: number;
}

export interface Node {
  /** Tells it from the others, wherever its lane is. */
  id: string;
  /** The call that it is the dot of; null where the kernel did something by itself. */
  seq: number | null;
  x: number;
  y: number;
  kind: 'call' | 'failed' | 'waiting' | 'birth' | 'kernel';
  tone: SocketTone;
}

/** A state that the kernel brought a socket into, beside its life-line. */
export interface StateMark {
  column: Column;
  y: number;
  change: StateChange;
  /** The chip on the same line ends there; null when there is none. */
  after: number | null;
  /** It came some time before: the line beside it says since when. */
  isBefore: boolean;
}

/** When what is drawn begins and ends: now, where there are no rows. */
export interface DrawnTime {
  /** The first record that is drawn, or would be if its lane were here. */
  firstSeq: number;
  from: number;
  to: number;
}

export interface Scene {
  lines: readonly PlacedLine[];
  births: readonly Birth[];
  boxes: readonly QueueBox[];
  marks: readonly StateMark[];
  wires: readonly Wire[];
  spans: readonly Span[];
  /** Where a life-line was before a state was told in which it may have been already. */
  doubts: readonly Span[];
  waits: readonly Span[];
  bars: readonly QueueBar[];
  queues: readonly SampledQueue[];
  accepting: readonly Accepting[];
  nodes: readonly Node[];
}

export interface SceneSource {
  columns: Columns;
  /** Those in view, for what a lane has all along. */
  shown: readonly Column[];
  sockets: SocketLookup;
  acceptQueues: ReadonlyMap<SocketId, AcceptQueue>;
  ribbon: ByteRibbon;
  history: StateHistory;
  /** Of all blocks, in px. */
  height: number;
  /** The last record is among them: below it is now. */
  isAtEnd: boolean;
  /** The last record that is drawn; at the end the last one there is, also where the filter leaves it out. */
  lastSeq: number;
  laneOf(record: CallRecord): SocketId;
  isFailed(record: CallRecord): boolean;
  /** The calls that had begun before and went on beyond these times. */
  waitingAcross(fromNs: number, toNs: number): readonly CallRecord[];
  /** Where the chip of a line ends, from its column's edge. */
  chipEnd(line: Line): number;
  markWidth(change: StateChange, column: Column): number;
  birthWidth(birth: Birth): number;
  boxOf(
    column: Column,
    segments: readonly BoxSegment[],
    total: number,
  ): { width: number; segments: readonly BoxSegment[] };
  segmentText(seq: number, from: number, to: number): string;
}
