import type { CallRecord } from '../../common/call.js';
import type { Block } from './blocks.js';
import { chipX, type Column, lifelineX, noSocketLane } from './columns.js';
import { Lifelines } from './lifelines.js';
import type { SocketId } from '../../common/socket.js';
import { acceptingOf, barsOf, endOf, queueOf } from './queues.js';
import {
  type Birth,
  type DrawnTime,
  half,
  type Node,
  type PlacedLine,
  type QueueBox,
  type Scene,
  type SceneSource,
  type Wire,
} from './sceneParts.js';
import { waitsOf } from './waits.js';

/** A wire that would cross more whole lanes than these is drawn as its two ends only: brief ones are in view together. */
const farthest = 3;
/** What is drawn of the end of such a wire. */
const stub = 84;
/** So long is a wire that is seen as one, and one that has room for its name, in px. */
const [shortest, named] = [10, 30];
/** Of a character of its name. */
const nameChar = 6;
/** What is said of a handshake that is drawn as one line, so long in px. */
const wholeHandshake = 'SYN, SYN+ACK, ACK';
const briefHandshakes = [
  { room: 140, text: wholeHandshake },
  { room: 64, text: 'SYN…ACK' },
];
/** Free between a node and the wire that begins at it. */
const gap = 6;

/** What is drawn of the given rows; `tops` are their positions. */
export function sceneOf(blocks: readonly Block[], tops: readonly number[], source: SceneSource): Scene {
  return new SceneBuilder(blocks, tops, source).build();
}

class SceneBuilder {
  private readonly lines: PlacedLine[] = [];
  private readonly births: Birth[] = [];
  private readonly boxes: QueueBox[] = [];
  private readonly wires: Wire[] = [];
  private readonly nodes: Node[] = [];
  /** Where the calls that had waited return. */
  private readonly returns = new Map<CallRecord, PlacedLine>();
  private readonly gaps: { ns: number; middle: number }[] = [];
  /** Of all that is drawn: what is so now stands below. */
  private end = 0;
  private readonly bySeq = new Map<number, PlacedLine>();
  /** The records that are drawn, also those whose lanes are folded. */
  private readonly seqs = new Set<number>();
  private readonly time: DrawnTime | undefined;

  constructor(
    blocks: readonly Block[],
    tops: readonly number[],
    private readonly source: SceneSource,
  ) {
    blocks.forEach((block, index) => {
      for (const line of block.lines) {
        const column = source.columns.get(source.laneOf(line.record));
        this.seqs.add(line.record.seq);
        if (column) {
          const y = tops[index]! + line.y;
          const placed = { line, column, y, middle: y + half };
          this.lines.push(placed);
          this.bySeq.set(line.record.seq, placed);
          if (line.kind === 'return') {
            this.returns.set(line.record, placed);
          }
        }
      }
      this.gaps.push(...block.gaps.map(({ ns, y }) => ({ ns, middle: tops[index]! + y + half })));
      this.end = tops[index]! + block.height;
    });
    // Also the lines whose lanes are not here: of what is drawn, one may be the return of a call that began far above.
    const read = blocks.filter(({ lines }) => lines.length > 0);
    const [first, last] = [read[0], read.at(-1)];
    const now = blocks.length === 0 ? { firstSeq: Infinity, from: Infinity, to: Infinity } : undefined;
    this.time = first ? { firstSeq: first.seq, from: first.lines[0]!.ns, to: last!.lines.at(-1)!.ns } : now;
  }

  build(): Scene {
    for (const placed of this.lines) {
      this.addNode(placed);
      this.addBirths(placed);
      this.addBytes(placed);
      this.addFin(placed);
      this.addHandshake(placed);
    }
    const queues = this.source.shown.flatMap((column) => queueOf(column, this.end, this.source));
    const accepting = acceptingOf(this.end, this.source);
    const rows = { lines: this.lines, bySeq: this.bySeq, seqs: this.seqs, gaps: this.gaps, time: this.time };
    const lifelines = new Lifelines(rows, this.births, this.source);
    const spans = this.source.shown.flatMap((column) => lifelines.of(column));
    const waits = waitsOf(this.lines, this.time, this.returns, lifelines.lostAt, this.source);
    const bars = this.source.shown.flatMap((column) => barsOf(column, this.lines, this.time, this.source));
    const { lines, births, boxes, wires } = this;
    const { marks, doubts } = lifelines;
    const nodes = [...this.nodes, ...lifelines.nodes];
    return { lines, births, boxes, marks, wires, spans, doubts, waits, bars, queues, accepting, nodes };
  }

  private addNode({ line, column, middle }: PlacedLine): void {
    if (column.id === noSocketLane) {
      return;
    }
    const { record, kind } = line;
    const isFailed = this.source.isFailed(record) && !line.isPending;
    const isWaiting = line.isPending;
    const tone = this.source.history.toneAt(column.id, kind === 'call' ? endOf(line) : line.ns);
    this.nodes.push({
      id: `${kind} ${record.seq}`,
      seq: record.seq,
      x: column.x + lifelineX,
      y: middle,
      kind: isFailed ? 'failed' : isWaiting ? 'waiting' : 'call',
      tone,
    });
  }

  /** Accepted lanes grow out of their listener, and so does whatever else a call made. */
  private addBirths({ line, column, y, middle }: PlacedLine): void {
    const { record } = line;
    if (line.isPending) {
      return;
    }
    for (const id of record.createdIds) {
      const target = this.source.columns.get(id);
      if (!target || target === column) {
        continue;
      }
      const isFar = this.isFar(column, target);
      if (!target.isCollapsed) {
        this.births.push({
          column: target,
          y,
          seq: record.seq,
          socketId: id,
          from: isFar ? column.id : null,
        });
      }
      const x = target.x + lifelineX;
      this.nodes.push({
        id: `birth ${id}`,
        seq: record.seq,
        x,
        y: middle,
        kind: 'birth',
        tone: this.source.history.toneAt(id, record.endNs ?? line.ns),
      });
      const isRight = target.x > column.x;
      const x1 = column.x + (isRight ? this.source.chipEnd(line) + 2 : lifelineX - gap);
      const x2 = isFar ? x1 + (isRight ? 24 : -24) : x + (isRight ? -gap : gap);
      this.wires.push({ kind: 'birth', seq: record.seq, x1, y1: middle, x2, y2: middle, label: '' });
    }
  }

  /** What a call sent goes into the queue of the other end. */
  private addBytes(placed: PlacedLine): void {
    const { line, column, y, middle } = placed;
    const { record } = line;
    const { payload } = record;
    if (
      line.kind !== 'call' ||
      payload?.direction !== 'out' ||
      payload.length === 0 ||
      record.errno !== null
    ) {
      return;
    }
    const { ribbon, columns } = this.source;
    const peerId = record.peerId ?? this.source.sockets.get(record.socketId ?? 0)?.peerId ?? null;
    const target = peerId === null ? undefined : columns.get(peerId);
    if (peerId === null || target === column) {
      return;
    }
    if (!target) {
      this.addStub(placed, 'bytes', peerId, '');
      return;
    }
    const waiting =
      payload.offset === null
        ? [{ sentSeq: record.seq, sentAt: 0, length: payload.length }]
        : ribbon.waitingFor(peerId, line.ns, record.seq);
    const total = waiting.reduce((sum, { length }) => sum + length, 0);
    // In a socket that is closed nothing waits.
    const isShown = !target.isCollapsed && !this.source.history.isOverAt(peerId, line.ns);
    const all = (isShown ? waiting : []).map(({ sentSeq, sentAt, length }) => ({
      sentSeq,
      text: sentSeq === null ? '…' : this.source.segmentText(sentSeq, sentAt, sentAt + length),
    }));
    const { width, segments } =
      all.length === 0 ? { width: 0, segments: [] } : this.source.boxOf(target, all, total);
    if (segments.length > 0) {
      const isLeft = target.x < column.x;
      const room = isLeft ? width : target.width - chipX;
      this.boxes.push({
        column: target,
        y,
        seq: record.seq,
        segments,
        text: all.map(({ text }) => text).join(''),
        total: target.isBrief ? null : total,
        room,
      });
    }
    const isRight = target.x > column.x;
    this.wires.push({
      kind: 'bytes',
      seq: record.seq,
      x1: column.x + (isRight ? this.source.chipEnd(line) + 2 : lifelineX - gap),
      y1: middle,
      // From the left it ends at the life-line, where what waits is drawn; from the right at the box that says what it is.
      x2: target.x + (isRight ? lifelineX - gap : chipX + width + 4),
      y2: middle,
      label: '',
    });
  }

  /** A call that ends the stream of this end: the kernel tells the other one. */
  private addFin(placed: PlacedLine): void {
    const { line, column, middle } = placed;
    const { record } = line;
    const isEnding = record.name === 'shutdown' || record.name === 'close';
    const peerId = isEnding && record.errno === null ? this.source.sockets.get(column.id)?.peerId : null;
    const target = peerId == null ? undefined : this.source.columns.get(peerId);
    const change = this.source.history
      .of(peerId ?? 0)
      .find(({ source, seq }) => source === 'inferred' && seq === record.seq);
    if (peerId == null || !change) {
      return;
    }
    const isReset = change.state === 'CLOSE';
    const kind = isReset ? 'reset' : 'fin';
    const name = isReset ? 'RST' : 'FIN';
    if (!target) {
      this.addStub(placed, kind, peerId, name);
      return;
    }
    const isRight = target.x > column.x;
    const mark = target.isCollapsed ? 0 : this.source.markWidth(change, target);
    const x1 = column.x + (isRight ? this.source.chipEnd(line) + 4 : lifelineX - gap);
    const x2 = target.x + (isRight ? lifelineX - gap : chipX + mark + 4);
    const length = isRight ? x2 - x1 : x1 - x2;
    // Between narrow lanes there may be no room: the mark beside the life-line says the same.
    if (length >= shortest) {
      const label = length < named ? '' : name;
      this.wires.push({ kind, seq: record.seq, x1, y1: middle, x2, y2: middle, label });
    }
  }

  private addHandshake(placed: PlacedLine): void {
    const { line, column, middle } = placed;
    const { handshakeWith, record } = line;
    if (handshakeWith === null) {
      return;
    }
    const target = this.source.columns.get(handshakeWith);
    if (!target) {
      this.addStub(placed, 'handshake', handshakeWith, 'SYN', { hover: wholeHandshake, isBothWays: true });
      return;
    }
    const isLeft = target.x < column.x;
    if (column.isBrief) {
      this.addBriefHandshake(placed, target, isLeft);
      return;
    }
    const own = column.x + lifelineX + (isLeft ? -gap : gap);
    const isFar = this.isFar(column, target);
    const other = isFar
      ? own + (isLeft ? -stub : stub)
      : target.x + lifelineX + (isLeft ? gap + 2 : -gap - 2);
    const from = middle + 2;
    const name = this.source.sockets.get(target.id)?.fd;
    const steps = [
      [own, from, other, from + 14, isFar ? `SYN fd ${name}` : 'SYN'],
      [other, from + 20, own, from + 32, 'SYN+ACK'],
      [own, from + 38, other, from + 50, 'ACK'],
    ] as const;
    for (const [x1, y1, x2, y2, label] of steps) {
      this.wires.push({ kind: 'handshake', seq: record.seq, x1, y1, x2, y2, label });
    }
  }

  /** Three arrows of each of many clients would cross the lanes of others: one line that says the same. */
  private addBriefHandshake({ line, column, middle }: PlacedLine, target: Column, isLeft: boolean): void {
    const x1 = column.x + (isLeft ? lifelineX - gap : this.source.chipEnd(line) + 4);
    const x2 = target.x + lifelineX + (isLeft ? gap : -gap);
    const length = isLeft ? x1 - x2 : x2 - x1;
    if (length < shortest) {
      return;
    }
    const { seq } = line.record;
    const label = briefHandshakes.find(({ room }) => length >= room)?.text ?? '';
    this.wires.push({
      kind: 'handshake',
      seq,
      x1,
      y1: middle,
      x2,
      y2: middle,
      label,
      hover: wholeHandshake,
      isBothWays: true,
    });
  }

  /** To a socket whose lane is folded away: no more than its name, where there is the room. */
  private addStub(
    { line, column, middle }: PlacedLine,
    kind: Wire['kind'],
    socketId: SocketId,
    what: string,
    more: Partial<Wire> = {},
  ): void {
    const { sockets, history } = this.source;
    const fd = sockets.get(socketId)?.fd;
    const label = `${what} fd ${fd}`.trim();
    const x1 = column.x + this.source.chipEnd(line) + 4;
    const x2 = x1 + label.length * nameChar + 12;
    if (fd !== undefined && x2 <= column.x + column.width && !history.isOverAt(socketId, line.ns)) {
      this.wires.push({ kind, seq: line.record.seq, x1, y1: middle, x2, y2: middle, label, ...more });
    }
  }

  /** Whether a wire between the lanes would cross more of them than can be followed. */
  private isFar(one: Column, other: Column): boolean {
    const { columns } = this.source;
    return (
      columns.density === 'whole' && Math.abs(columns.indexOf(one.id) - columns.indexOf(other.id)) > farthest
    );
  }
}
