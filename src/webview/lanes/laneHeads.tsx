import type { ComponentChildren } from 'preact';
import { t } from '../../common/l10n.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { usePanel } from '../components/context.js';
import type { Column, Columns } from './columns.js';
import { LaneHeader } from './laneHeader.js';

/** The row above the lanes: what the gutter says and what can be done with all of them, and the head of each that is in view. */
export function LaneHeads(props: {
  shown: readonly Column[];
  columns: Columns;
  gutter: number;
  sockets: ReadonlyMap<SocketId, SocketInfo>;
  /** Those that nothing separates from the lane left of them. */
  joined: ReadonlySet<SocketId>;
  /** Of the elements of a head. */
  keys: ReadonlyMap<SocketId, number>;
  firstInView: number;
  /** In the corner, above the gutter. */
  children: ComponentChildren;
}) {
  const { shown, columns, gutter, sockets, joined, keys, firstInView } = props;
  const { view, lanes } = usePanel();
  const selectedId = view.selectedSocketId.value;
  return (
    <div class="lanehead" role="row" aria-rowindex={1}>
      <div
        class="corner"
        role="columnheader"
        aria-colindex={1}
        aria-label={t('Number and time in seconds')}
        style={{ width: `${gutter}px` }}
      >
        {props.children}
        <span class="time">
          <b>#</b>
          <span>s</span>
        </span>
      </div>
      <div class="heads" role="presentation" style={{ left: `${-columns.origin}px` }}>
        {shown.map((column) => {
          const index = columns.indexOf(column.id);
          return (
            <LaneHeader
              key={keys.get(column.id)}
              column={column}
              index={index}
              socket={sockets.get(column.id)}
              timeWait={lanes.history.timeWaitOf(column.id)}
              isSelected={column.id === selectedId}
              isJoined={joined.has(column.id)}
              isAtEdge={index === firstInView || index === firstInView - 1}
            />
          );
        })}
      </div>
    </div>
  );
}
