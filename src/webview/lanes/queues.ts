import { isOpenSocket } from '../../common/usualArguments.js';
import type { Line } from './blocks.js';
import { type Column, lifelineX } from './columns.js';
import type { Accepting, DrawnTime, PlacedLine, QueueBar, SampledQueue, SceneSource } from './sceneParts.js';

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

/** How many bytes wait, from line to line: also those count that calls have taken which the filter leaves out. */
export function barsOf(
  column: Column,
  lines: readonly PlacedLine[],
  time: DrawnTime | undefined,
  source: SceneSource,
): QueueBar[] {
  const { sockets, ribbon, history, height, isAtEnd, lastSeq } = source;
  const socket = sockets.get(column.id);
  if (!socket || socket.peerId === null || !time || lines.length === 0 || socket.type === 'SOCK_DGRAM') {
    return [];
  }
  const end = history.of(column.id).find(({ isEnd }) => isEnd);
  const isOverAt = (ns: number) => end !== undefined && end.ns <= ns;
  if (isOverAt(time.from - 1)) {
    return [];
  }
  // Of several descriptors of one file the first one that is open shows its queue.
  const before = history.copiesOf(socket.id).filter((id) => id < socket.id);
  const isShownBy = (ns: number) => !before.some((id) => history.isOpenAt(id, ns));
  const both = [socket.id, socket.peerId];
  const ends = new Set(both.flatMap((id) => [id, ...history.copiesOf(id)]));
  const bars: QueueBar[] = [];
  let y = 0;
  const waitingAt = (ns: number, seq: number) => (isShownBy(ns) ? ribbon.waitingFor(column.id, ns, seq) : []);
  let waiting = waitingAt(time.from - 1, time.firstSeq - 1);
  const push = (to: number) => {
    const width = Math.min(9, 3 * waiting.length);
    if (waiting.length > 0 && to > y) {
      const seq = waiting.at(-1)!.sentSeq;
      bars.push({ column, seq, x: column.x + lifelineX - 3 - width, y1: y, y2: to, width });
    }
    y = to;
  };
  const rows = lines.filter(({ line }) => line.kind === 'call');
  let row = time.firstSeq;
  let passed = 0;
  lines.forEach(({ line, middle }, index) => {
    if (line.kind === 'call') {
      passed += 1;
      row = line.record.seq;
    }
    // The last record that had begun before the next row, which the filter may leave out, or whose lane is not here.
    const nextRow = rows[passed];
    const seq = nextRow ? nextRow.line.record.seq - 1 : Math.max(row, lastSeq);
    const isMore = seq > row;
    if (!isMore && !ends.has(line.record.socketId ?? 0) && !isOverAt(endOf(line))) {
      return;
    }
    const until = lines[index + 1]?.line.ns ?? (isAtEnd ? Infinity : time.to);
    const ns = isMore ? Math.max(until - 1, endOf(line)) : endOf(line);
    const next = isOverAt(ns) ? [] : waitingAt(ns, seq);
    if (next.length !== waiting.length) {
      push(middle);
    }
    waiting = next;
  });
  push(height);
  return bars;
}

/** When what a line shows was over. */
export function endOf({ kind, record, ns }: Line): number {
  return kind === 'return' || record.hasWaited ? ns : (record.endNs ?? ns);
}
