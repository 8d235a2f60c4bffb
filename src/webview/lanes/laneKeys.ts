import type { SocketId } from '../../common/socket.js';
import type { PanelModel } from '../state/panelModel.js';
import { type Columns, laneOf } from './columns.js';
import type { LaneRows } from './rowHeights.js';

/** What the keys move in. */
export interface LaneGrid {
  panel: PanelModel;
  rows: LaneRows;
  columns: Columns;
  /** The first row in view. */
  firstRow: number;
  /** Rows that are in view together. */
  page: number;
  select(seq: number): void;
  focusHeader(id: SocketId): void;
}

/** Rows that are looked through for a lane's nearest record. */
const reach = 5000;

/** Moves by the keys that belong to the grid: up and down by records, left and right by lanes. Whether the key is one of them. */
export function moveByKey(code: string, header: SocketId | null, grid: LaneGrid): boolean {
  const { panel, rows, columns } = grid;
  const { view } = panel;
  const seq = view.selectedSeq.value;
  if (code === 'ArrowLeft' || code === 'ArrowRight') {
    moveSideways(code === 'ArrowLeft' ? -1 : 1, header, grid);
    return true;
  }
  const row = seq === null ? -1 : rows.rowOf(seq);
  const isDown = code === 'ArrowDown';
  if (header !== null && isDown) {
    select(nearest(grid, header, Math.max(row, grid.firstRow)) ?? rows.seqAt(grid.firstRow), grid);
    return true;
  }
  if (code === 'ArrowUp' && row === 0 && seq !== null) {
    const record = panel.records.get(seq);
    const lane = record ? laneOf(record) : columns.all[0]?.id;
    if (lane !== undefined) {
      grid.focusHeader(lane);
    }
    return true;
  }
  const current = row >= 0 ? row : isDown ? grid.firstRow - 1 : grid.firstRow;
  const target = {
    ArrowDown: current + 1,
    ArrowUp: current - 1,
    PageDown: current + grid.page,
    PageUp: current - grid.page,
    Home: 0,
    End: rows.count - 1,
  }[code];
  if (target !== undefined) {
    select(rows.seqAt(Math.min(Math.max(0, target), rows.count - 1)), grid);
    return true;
  }
  if (code !== 'Enter' && code !== 'NumpadEnter') {
    return false;
  }
  if (header !== null) {
    panel.selectSocket(header);
    view.isInspectorVisible.value = true;
  } else if (seq !== null) {
    view.isDetailVisible.value = !view.isDetailVisible.value;
  }
  return true;
}

function moveSideways(step: number, header: SocketId | null, grid: LaneGrid): void {
  const { panel, rows, columns } = grid;
  const seq = panel.view.selectedSeq.value;
  const record = seq === null ? undefined : panel.records.get(seq);
  const lane = header ?? (record ? laneOf(record) : (columns.all[0]?.id ?? 0));
  const next = columns.all[columns.indexOf(lane) + step];
  if (!next) {
    return;
  }
  const row = seq === null ? grid.firstRow : Math.max(0, rows.rowOf(seq));
  const found = header === null ? nearest(grid, next.id, row) : undefined;
  if (found === undefined) {
    grid.focusHeader(next.id);
  } else {
    grid.select(found);
  }
}

/** The record of a lane that is the fewest rows away. */
function nearest({ panel, rows }: LaneGrid, lane: SocketId, row: number): number | undefined {
  for (let distance = 0; distance < reach; distance++) {
    for (const at of [row + distance, row - distance]) {
      const seq = rows.seqAt(at);
      const record = seq === undefined ? undefined : panel.records.get(seq);
      if (record && laneOf(record) === lane) {
        return seq;
      }
    }
  }
  return undefined;
}

function select(seq: number | undefined, grid: LaneGrid): void {
  if (seq !== undefined) {
    grid.select(seq);
  }
}
