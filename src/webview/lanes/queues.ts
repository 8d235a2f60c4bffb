import { isOpenSocket } from '../../common/usualArguments.js';
import type { Line } from './blocks.js';
import { type Column, lifelineX } from './columns.js';
import type { Accepting, PlacedLine, QueueBar, SampledQueue, SceneSource } from './sceneParts.js';

/** What waits at a socket whose other end is not ours: no call of ours tells of it before it is received. */
export function queueOf(column: Column, end: number, source: SceneSource): SampledQueue[] {
  const { sockets, history, height, isAtEnd } = source;
  const socket = sockets.get(column.id);
  const bytes = socket?.receiveQueue ?? 0;
  // Of several descriptors of one file the first one shows its queue.
  const isCopy = socket !== undefined && history.copiesOf(socket.id).some((id) => id < socket.id);
  if (!isAtEnd || !socket || bytes === 0 || socket.peerId !== null || isCopy || !isOpenSocket(socket)) {
    return [];
  }
  return [{ column, y1: end, y2: height, bytes }];
}

/** Below the last line: who waits to be accepted now. */
export function acceptingOf(y: number, { shown, acceptQueues, sockets, isAtEnd }: SceneSource): Accepting[] {
  if (!isAtEnd) {
    return [];
  }
  return shown.flatMap((column) => {
    const queue = column.isCollapsed ? undefined : acceptQueues.get(column.id);
    return queue ? [{ column, y, queue, sent: sockets.get(column.id)?.bytesSent ?? 0 }] : [];
  });
}

/** How many bytes wait, from line to line. */
export function barsOf(column: Column, lines: readonly PlacedLine[], source: SceneSource): QueueBar[] {
  const { sockets, ribbon, history, height } = source;
  const socket = sockets.get(column.id);
  const [first] = lines;
  if (!socket || socket.peerId === null || !first || socket.type === 'SOCK_DGRAM') {
    return [];
  }
  const end = history.of(column.id).find(({ isEnd }) => isEnd);
  if (end !== undefined && end.ns < first.line.ns) {
    return [];
  }
  // Of several descriptors of one file the first one that is open shows its queue.
  const before = history.copiesOf(socket.id).filter((id) => id < socket.id);
  const isShownBy = (ns: number) => !before.some((id) => history.isOpenAt(id, ns));
  const both = [socket.id, socket.peerId];
  const ends = new Set(both.flatMap((id) => [id, ...history.copiesOf(id)]));
  const bars: QueueBar[] = [];
  let y = 0;
  /** The last record that had begun by then. */
  let seq = first.line.record.seq - 1;
  const waitingAt = (ns: number) => (isShownBy(ns) ? ribbon.waitingFor(column.id, ns, seq) : []);
  let waiting = waitingAt(first.line.ns - 1);
  const push = (to: number) => {
    const width = Math.min(9, 3 * waiting.length);
    if (waiting.length > 0 && to > y) {
      const seq = waiting.at(-1)!.sentSeq;
      bars.push({ column, seq, x: column.x + lifelineX - 3 - width, y1: y, y2: to, width });
    }
    y = to;
  };
  for (const { line, middle } of lines) {
    const { record } = line;
    seq = Math.max(seq, record.seq);
    const isOver = end !== undefined && endOf(line) >= end.ns;
    if (!isOver && !ends.has(record.socketId ?? 0)) {
      continue;
    }
    const next = isOver ? [] : waitingAt(endOf(line));
    if (next.length !== waiting.length) {
      push(middle);
    }
    waiting = next;
  }
  push(height);
  return bars;
}

/** When what a line shows was over. */
export function endOf({ kind, record, ns }: Line): number {
  return kind === 'return' || record.hasWaited ? ns : (record.endNs ?? ns);
}
