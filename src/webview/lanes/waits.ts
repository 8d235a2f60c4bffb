import type { CallRecord } from '../../common/call.js';
import type { SocketId } from '../../common/socket.js';
import { lifelineX, noSocketLane } from './columns.js';
import type { DrawnTime, PlacedLine, SceneSource, Span } from './sceneParts.js';

/**
 * Waiting calls hold their life-lines until they return.
 * @param time Undefined while it is being read.
 * @param returns Where those that had waited return, of what is drawn.
 * @param lostAt Where the process ended that owned a socket, and every wait with it.
 */
export function waitsOf(
  lines: readonly PlacedLine[],
  time: DrawnTime | undefined,
  returns: ReadonlyMap<CallRecord, PlacedLine>,
  lostAt: ReadonlyMap<SocketId, number>,
  source: SceneSource,
): Span[] {
  const waits: Span[] = [];
  const hold = (id: SocketId, y1: number, y2: number) => {
    const column = source.columns.get(id);
    if (column && id !== noSocketLane) {
      waits.push({ x: column.x + lifelineX, y1, y2, tone: 'none' });
    }
  };
  for (const { line, column, middle } of lines) {
    if (line.isPending) {
      hold(column.id, middle, returns.get(line.record)?.middle ?? lostAt.get(column.id) ?? source.height);
    }
  }
  if (time === undefined) {
    return waits;
  }
  const { from, to } = time;
  // Those that had begun above what is drawn.
  for (const [record, { middle }] of returns) {
    if (record.startNs < from) {
      hold(source.laneOf(record), 0, middle);
    }
  }
  for (const record of source.waitingAcross(from, to)) {
    hold(source.laneOf(record), 0, source.height);
  }
  for (const { id } of source.shown) {
    const waiting = source.sockets.get(id)?.waiting ?? [];
    if (waiting.some(({ startNs }) => startNs < from)) {
      hold(id, 0, source.height);
    }
  }
  return waits;
}
