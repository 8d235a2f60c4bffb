import { hasSameParts, memo } from '../memo.js';
import { t } from '../../common/l10n.js';
import type { CallRecord } from '../../common/call.js';
import { recordFd } from '../../common/recordText.js';
import { formatTime, shortTime } from '../text/format.js';
import { recordTone } from '../text/record.js';
import type { Block } from './blocks.js';
import { type Columns, laneOf } from './columns.js';
import type { TextMeasure } from './measure.js';
import { isWordy, LaneChip } from './laneChip.js';

export type Side = 'left' | 'right';

/** A row of the lanes: its number and time, and the chips of what happened until the next one. */
export const LaneRow = memo(drawRow, isRowSame);

interface LaneRowProps {
  block: Block;
  top: number;
  gutter: number;
  columns: Columns;
  measure: TextMeasure;
  /** Null where it is none of this row's. */
  selectedSeq: number | null;
  /** Where its call is when that is not in view sideways. */
  beyond: Side | null;
}

/** While the view moves a row whose lanes keep their places and numbers is not drawn anew for those that come or go. */
function isRowSame(before: LaneRowProps, after: LaneRowProps): boolean {
  const areLanesSame = () =>
    after.columns.isMoving &&
    after.block.lines.every((line) => {
      const lane = laneOf(line.record);
      return (
        before.columns.get(lane) === after.columns.get(lane) &&
        before.columns.indexOf(lane) === after.columns.indexOf(lane) &&
        !isWordy(line)
      );
    });
  return hasSameParts(before, after, 'columns') && (before.columns === after.columns || areLanesSame());
}

function drawRow(props: LaneRowProps) {
  const { block, top, gutter, columns, selectedSeq } = props;
  const isSelected = block.seq === selectedSeq;
  return (
    <div
      class={`lrow${isSelected ? ' cur' : ''}`}
      role="row"
      data-seq={block.seq}
      aria-rowindex={block.row + 2}
      style={{ top: `${top}px`, height: `${block.height}px` }}
    >
      <div class="gut" role="rowheader" aria-colindex={1} style={{ width: `${gutter}px` }}>
        <span class="time">
          <b>{block.seq}</b>
          {block.lines[0] && <Time ns={block.lines[0].ns} />}
        </span>
        {block.lines.slice(1).map(({ record, y, ns }, index) => (
          <span
            class="time again"
            key={index}
            style={{ top: `${y}px` }}
            title={t('Record {0} returns: it is no call of its own', record.seq)}
          >
            <b>↳</b>
            <Time ns={ns} />
          </span>
        ))}
        {block.gaps.map(({ y }) => (
          <span
            class="time told"
            key={`gap ${y}`}
            style={{ top: `${y}px` }}
            title={t('No call: the kernel told this state when it was asked')}
          >
            <b>
              <svg width="9" height="9">
                <circle class="kernel s-fg" cx="4.5" cy="4.5" r="3" />
              </svg>
            </b>
            <span />
          </span>
        ))}
      </div>
      {block.lines.map((line, index) => {
        const column = columns.get(laneOf(line.record));
        const text = column && props.measure.textOf(line.record, column);
        return (
          text && (
            <LaneChip
              key={index}
              line={line}
              column={column}
              colIndex={columns.indexOf(column.id) + 2}
              text={text}
              isWaitShown={props.measure.isWaitShown(line, column)}
              received={props.measure.receivedIn(text, column)}
              isSelected={line.record.seq === selectedSeq}
              lanesEnd={columns.end}
              isAway={props.beyond !== null && index === 0}
            />
          )
        );
      })}
      {props.beyond && block.lines[0] && <Beyond record={block.lines[0].record} side={props.beyond} />}
      {block.lines.length === 0 && (
        <span class="unread" role="gridcell" aria-colindex={2}>
          …
        </span>
      )}
    </div>
  );
}

function Time({ ns }: { ns: number }) {
  return <span title={`${formatTime(ns)} s`}>{shortTime(ns)}</span>;
}

/** Says whose call a row is although its lane is not in view; the chip is in the document all the same. */
function Beyond({ record, side }: { record: CallRecord; side: Side }) {
  const fd = recordFd(record) ?? '';
  return (
    <span class={`beyond ${side} ${recordTone(record)}`} data-seq={record.seq} aria-hidden="true">
      {side === 'left' ? `← fd ${fd} ${record.name}` : `fd ${fd} ${record.name} →`}
    </span>
  );
}
