import { printRecord } from '../../common/notation/printer.js';
import type { SocketId } from '../../common/socket.js';
import type { PanelModel } from '../state/panelModel.js';
import { type Columns, noSocketLane } from './columns.js';
import { moveByKey } from './laneKeys.js';
import { type LaneRows, lineHeight } from './rowHeights.js';
import { revealColumn } from './sideways.js';

export interface LaneEventProps {
  panel: PanelModel;
  rows: LaneRows;
  columns: Columns;
  /** The scrolled element. */
  area: { readonly current: HTMLElement | null };
  gutter: number;
  /** Brings a record's row into view. */
  reveal: (seq: number) => void;
}

/** What the pointer, the keys and copying do in the lanes: select records and sockets, and open the detail. */
export function laneEvents({ panel, rows, columns, area, gutter, reveal }: LaneEventProps) {
  const { view, records, lanes } = panel;

  const select = (seq: number): void => {
    panel.selectRecord(seq);
    const chip = document.getElementById(`record-${seq}`);
    if (chip) {
      // At once: the next key may follow closely.
      chip.focus({ preventScroll: true });
    } else {
      requestAnimationFrame(() => document.getElementById(`record-${seq}`)?.focus({ preventScroll: true }));
    }
  };
  const focusHeader = (id: SocketId): void => {
    const column = columns.get(id);
    if (column) {
      panel.selectSocket(id === noSocketLane ? null : id);
      revealColumn(area.current!, columns, column, gutter);
      requestAnimationFrame(() => area.current?.querySelector<HTMLElement>(`[data-lane="${id}"]`)?.focus());
    }
  };

  return {
    select,
    handlers: {
      onKeyDown: (event: KeyboardEvent) => {
        if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || isButton(event.target)) {
          return;
        }
        const isMoved = moveByKey(event.code, laneOfHeader(event.target), {
          panel,
          rows,
          columns,
          firstRow: lanes.rowAtTop(rows),
          page: Math.max(1, Math.floor(lanes.scroll.viewport / lineHeight) - 1),
          select,
          focusHeader,
        });
        if (isMoved) {
          event.preventDefault();
        }
      },
      onMouseDown: (event: MouseEvent) => {
        if (event.detail > 1) {
          // What the first click has selected is meant, also where something else has come under the pointer.
          event.preventDefault();
          return;
        }
        const seq = closest(event.target, '[data-seq]')?.dataset['seq'];
        if (seq !== undefined && !isButton(event.target)) {
          // The focus goes to the record's chip, also from a mark that belongs to it.
          event.preventDefault();
          view.pointedSeq = Number(seq);
          select(Number(seq));
        }
        // A mark stands in the lane of the socket that has what it says: what waits there is received there.
        const socketId = closest(event.target, '[data-socket]')?.dataset['socket'];
        if (socketId !== undefined) {
          panel.selectSocket(Number(socketId));
        }
      },
      onClick: (event: MouseEvent) => {
        const id = laneOfHeader(event.target);
        if (id !== null && panel.sockets.peek().has(id) && !isButton(event.target)) {
          panel.selectSocket(id);
        }
      },
      onDblClick: (event: MouseEvent) => {
        const seq = view.selectedSeq.peek();
        if (seq !== null && closest(event.target, '.lanebody') && !isButton(event.target)) {
          reveal(seq);
          view.isDetailVisible.value = true;
        }
      },
      onCopy: (event: ClipboardEvent) => {
        const seq = view.selectedSeq.peek();
        const record = seq === null ? undefined : records.get(seq);
        if (record && getSelection()?.isCollapsed !== false) {
          event.preventDefault();
          panel.copy(printRecord(record, { style: 'short', platform: panel.platform.peek() }));
        }
      },
    },
  };
}

function closest(target: EventTarget | null, selector: string): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(selector) : null;
}

function isButton(target: EventTarget | null): boolean {
  return closest(target, 'button') !== null;
}

/** The lane of the header that an event is about. */
function laneOfHeader(target: EventTarget | null): SocketId | null {
  const lane = closest(target, '[data-lane]')?.dataset['lane'];
  return lane === undefined ? null : Number(lane);
}
