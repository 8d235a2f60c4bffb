import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { SocketId } from '../../common/socket.js';
import { Icon } from '../components/basics.js';
import { usePanel } from '../components/context.js';
import { HiddenNote } from '../components/hiddenNote.js';
import { NoRecords } from '../components/noRecords.js';
import { usePlace } from '../components/place.js';
import { ElementKeys } from '../state/elementKeys.js';
import { formatCount, shortTime } from '../text/format.js';
import type { Block } from './blocks.js';
import { Columns, densityOf, gutterWidth, laneOf, type LaneWidths } from './columns.js';
import { LaneActions } from './laneActions.js';
import { laneEvents } from './laneEvents.js';
import { LaneHeads } from './laneHeads.js';
import { LaneRow, type Side } from './laneRow.js';
import { Legend } from './legend.js';
import { OtherLanes } from './otherLanes.js';
import { TextMeasure } from './measure.js';
import { Overlay } from './overlay.js';
import { sceneOf } from './scene.js';
import { sceneSource } from './sceneSource.js';
import { useSideways } from './sideways.js';
import { rulerLength, useAreaSize } from './useAreaSize.js';

/** The lanes' head, as in the style sheet. */
const headHeight = 66;
/** Places are counted from a multiple of this above the view, in px. */
const baseStep = 2 ** 14;
/** What is drawn ends at a multiple of this, in px. */
const bottomStep = 2 ** 10;
/** How long nothing has to move until the scroll bar is put where it belongs, in ms. */
const settleMs = 200;
/** Of so many lanes the kernel is asked about all; of more, about those in view. */
const mostAsked = 24;

/** Every socket as a lane, every record as a chip in its socket's lane, and what the kernel did between them. */
export function LanesView() {
  const panel = usePanel();
  const { records, filter, view, lanes } = panel;
  const area = useRef<HTMLDivElement>(null);
  const ruler = useRef<HTMLSpanElement>(null);
  const frame = useSignal(0);
  const { size, charWidth, columnsOf } = useAreaSize(area, ruler);
  const left = useSignal(0);
  /** Records that there were when the end was left. */
  const seenCount = useSignal<number | null>(null);

  // What is drawn depends on these; they change at most once a frame.
  void frame.value;
  void lanes.scroll.late.value;
  const version = records.version.value + filter.version.value;
  const sockets = panel.drawnSockets.value;
  const isFiltered = filter.isActive;
  const rows = useMemo(
    () => ({
      get count() {
        return isFiltered ? filter.count : records.count.peek();
      },
      seqAt: (row: number) => (isFiltered ? filter.seqAt(row) : records.seqAt(row)),
      rowOf: (seq: number) => (isFiltered ? filter.rowOf(seq) : records.rowOf(seq)),
    }),
    [isFiltered, isFiltered ? filter.shown : ''],
  );
  const count = isFiltered ? filter.count : records.count.value;
  const isFollowing = view.isFollowing.value && !view.isPaused.value;
  const { scroll } = lanes;
  const setRoom = (height: number) => (scroll.viewport = Math.max(0, height - headHeight));
  setRoom(size.value.height);
  /** Characters of the longest time there was. */
  const timeChars = useRef(4);
  const widths: LaneWidths = {
    charWidth: charWidth.value,
    isShort: (id) => sockets.get(id)?.role === 'accepted',
    isCollapsed: (id) => lanes.collapsed.value.has(id),
  };
  const layOut = () =>
    lanes.layOut(rows, isFollowing, version + panel.socketsVersion, view.selectedSocketId.value);
  let { blocks, tops, ids } = layOut();
  const lastNs = blocks.at(-1)?.lines.at(-1)?.ns;
  if (lastNs !== undefined) {
    timeChars.current = Math.max(timeChars.current, shortTime(lastNs).length);
  }
  const gutter = gutterWidth(records.lastSeq, timeChars.current, charWidth.value);
  // Of rows that are still being read nobody knows how many lanes they need.
  const isRead = blocks.length === 0 || blocks.some(({ lines }) => lines.length > 0);
  const fitting = isRead ? densityOf(ids, gutter, widths, size.value.width) : lanes.density;
  if (lanes.setDensity(view.areCallsWhole.value ? 'whole' : fitting, rows)) {
    // Brief lanes need fewer lines.
    ({ blocks, tops, ids } = layOut());
  }
  // What is drawn keeps its place while others are scrolled in: only those are drawn anew.
  const base = Math.floor((tops[0] ?? 0) / baseStep) * baseStep;
  const last = blocks.at(-1);
  const end = last ? tops.at(-1)! + last.height : 0;
  // What goes on goes on to the lower edge, and a little beyond: so that it is drawn anew only now and then.
  const beyond = Math.min(base + Math.ceil((end - base) / bottomStep) * bottomStep, scroll.height);
  const isAtEnd = count === 0 || last?.row === count - 1;
  const lastSeq = isAtEnd ? records.lastSeq : (last?.seq ?? 0);
  const bottom = Math.max(end, isAtEnd ? scroll.top + scroll.viewport : beyond);

  const { density } = lanes;
  const platform = panel.platform.value;
  const measure = useMemo(
    () => new TextMeasure(charWidth.value, density, platform, columnsOf.value),
    [charWidth.value, density, platform, columnsOf.value],
  );
  const collapsed = lanes.collapsed.value;
  const roles = ids.map((id) => (sockets.get(id)?.role === 'accepted' ? 'a' : 'o')).join('');
  const isMoving = useRef(false);
  const columnsBefore = useRef<Columns>(undefined);
  const columns = useMemo(
    () =>
      new Columns(ids, gutter, widths, {
        room: size.value.width,
        density,
        before: columnsBefore.current,
        isMoving: isMoving.current,
      }),
    [ids.join(), roles, gutter, measure, collapsed, size.value.width, isMoving.current],
  );
  columnsBefore.current = columns;
  // In steps: all rows are as wide.
  const drawnWidth = Math.ceil(columns.end / baseStep) * baseStep;
  const [viewLeft, viewRight] = [left.value + gutter, left.value + size.value.width];
  const shown = columns.between(viewLeft, viewRight);
  const inView = columns.inView(viewLeft, viewRight);
  const selectedSeq = view.selectedSeq.value;
  const scene = sceneOf(
    blocks,
    tops.map((top) => top - base),
    sceneSource(panel, measure, { columns, shown, sockets, isAtEnd, lastSeq, height: bottom - base }),
  );

  /** The user has moved the view. */
  const noteMove = () => {
    const { isAtEnd } = scroll;
    view.isFollowing.value = isAtEnd;
    seenCount.value = isAtEnd ? null : Math.max(seenCount.value ?? count, lanes.rowsSeen(rows));
    frame.value++;
  };
  const scrollTo = (top: number) => {
    area.current!.scrollTop = scroll.moveTo(top);
    noteMove();
  };
  const want = () => {
    const wanted = lanes.wanted(rows);
    if (isFiltered) {
      records.wantEach(wanted);
    } else if (wanted.length > 0) {
      records.want(wanted[0]!, wanted.at(-1)!);
    }
  };

  const sideways = useSideways({
    area,
    columns,
    gutter,
    width: size.value.width,
    isFollowing,
    selectedId: view.selectedSocketId.value,
  });

  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const onScroll = () => {
    const { scrollLeft, scrollTop, clientHeight } = area.current!;
    // With more room the browser moves the end down before the observer tells of it: that is no move of the user's.
    setRoom(clientHeight);
    records.frame.begin(() => {
      sideways.note(scrollLeft);
      const seen = columns.inView(scrollLeft + gutter, scrollLeft + size.value.width);
      if (seen.first !== inView.first || seen.last !== inView.last || scrollLeft === 0) {
        left.value = scrollLeft;
      }
      // The scroll bar also moves where the view is put by itself.
      if (scroll.moveBar(scrollTop)) {
        leavePlace();
        want();
        noteMove();
        settleLater();
        if (scroll.isPassing) {
          // The next scroll event takes it along with its own frame.
          requestAnimationFrame(() => records.frame.add(scroll.rest));
        }
      }
    });
  };
  const settle = () => {
    isMoving.current = false;
    if (area.current) {
      area.current.scrollTop = scroll.settle();
      frame.value++;
    }
  };
  const settleLater = () => {
    isMoving.current = true;
    clearTimeout(timer.current);
    // In a frame: a move of which the event has yet to come would be taken back.
    timer.current = setTimeout(() => requestAnimationFrame(settle), settleMs);
  };
  useEffect(() => () => clearTimeout(timer.current), []);

  useLayoutEffect(() => {
    if (isFollowing) {
      area.current!.scrollTop = scroll.settle();
    }
  });
  useLayoutEffect(settle, []);
  useLayoutEffect(() => {
    // To put the scroll bar there in the midst of a drag would lay all out at once, and once more for the frame.
    if (scroll.isBarInReach) {
      settleLater();
    } else {
      settle();
    }
  }, [density]);

  const revealRow = (seq: number) => {
    const wanted = lanes.topToReveal(rows, seq);
    if (wanted !== scroll.target) {
      scrollTo(wanted);
    }
  };
  const isRowKept = useRef(false);
  const selectedRow = selectedSeq === null ? -1 : rows.rowOf(selectedSeq);
  const selectedHeight = selectedSeq === null ? 0 : lanes.heightOf(selectedSeq);
  useLayoutEffect(() => {
    // What is looked at stays in view where the room or its own height changes; the form may change, too, while the end is followed.
    if (selectedSeq !== null && isRowKept.current && (!isFollowing || view.isDetailVisible.value)) {
      revealRow(selectedSeq);
    }
    // With more room the end may have come into view: what comes behind it is followed.
    if (scroll.isAtEnd && !view.isFollowing.value) {
      noteMove();
    }
  }, [size.value.height, selectedHeight]);
  const leavePlace = usePlace({
    view,
    isOpen: size.value.height > 0,
    isFollowing,
    selectedRow: selectedRow < count ? selectedRow : -1,
    first: lanes.rowAtTop(rows),
    end: lanes.rowsSeen(rows),
    rows,
    count,
    filter: isFiltered ? filter.shown : '',
    isNewest: panel.lessonFilter.isShown.value,
    isFound: !(isFiltered && filter.isBusy.value),
    show: (row) => scrollTo(lanes.topOf(rows, row)),
    reveal: () => {
      if (!view.takePointed(selectedSeq)) {
        revealRow(selectedSeq!);
      }
      const record = records.get(selectedSeq!);
      sideways.reveal(record && columns.get(laneOf(record)));
    },
  });
  useLayoutEffect(() => {
    isRowKept.current = selectedSeq !== null && lanes.topToReveal(rows, selectedSeq) === scroll.target;
  });

  useLayoutEffect(want);
  // A client far to the right comes beside what was accepted from it once the kernel has told whose it is.
  const asked = ids.length <= mostAsked ? ids : shown.map(({ id }) => id);
  useEffect(() => panel.watched.show(asked), [asked.join()]);
  useEffect(() => {
    const lanesOfSockets = asked.flatMap((id) => sockets.get(id) ?? []);
    panel.laneStates.show(lanesOfSockets, lastSeq);
  }, [asked.join(), lastSeq, version]);
  useEffect(() => () => panel.laneStates.show([], 0), []);
  useEffect(() => {
    const id = lanes.wantedLane.value;
    const column = id === null ? undefined : columns.get(id);
    if (column) {
      lanes.wantedLane.value = null;
      panel.selectSocket(column.id);
      sideways.reveal(column);
    }
  }, [lanes.wantedLane.value, columns]);

  const { select, handlers } = laneEvents({
    panel,
    rows,
    columns,
    area,
    gutter,
    reveal: revealRow,
  });
  const sideOf = ({ lines: [line] }: Block): Side | null => {
    const at = line ? columns.indexOf(laneOf(line.record)) : -1;
    return at < 0 || (at >= inView.first && at <= inView.last) ? null : at < inView.first ? 'left' : 'right';
  };
  // What separates lanes separates connections.
  const joined = new Set(ids.filter((id, index) => index > 0 && sockets.get(id)?.peerId === ids[index - 1]));
  const busy = new Set(scene.lines.map(({ column }) => column.id));
  const idle = ids.filter((id) => !busy.has(id));
  const drawn = blocks.map((block, index) => ({ block, top: tops[index]! }));
  const outside = blocks.some(({ row }) => row === selectedRow)
    ? undefined
    : lanes.blockAt(rows, selectedRow);
  if (outside) {
    // A screen reader goes by the order of the document.
    drawn.splice(blocks.findIndex(({ row }) => row > selectedRow) < 0 ? drawn.length : 0, 0, outside);
  }
  const newCount = count - Math.max(seenCount.value ?? count, lanes.rowsSeen(rows));
  const rowKeys = useRef(new ElementKeys<number>());
  const keys = rowKeys.current.assign(
    drawn.map(({ block }) => block.seq),
    selectedSeq,
  );
  const laneKeys = useRef(new ElementKeys<SocketId>());
  const keyOfLane = laneKeys.current.assign(
    shown.map(({ id }) => id),
    view.selectedSocketId.value,
  );
  return (
    <div class="lanesgrid" data-region="records">
      <div class="lanesrow">
        <div
          ref={area}
          class={`lanes${density === 'brief' ? ' brief' : ''}`}
          role="grid"
          aria-label={t('Lanes')}
          style={{ '--time-width': `${timeChars.current + 1}ch`, '--gutter': `${gutter}px` }}
          aria-rowcount={count + 1}
          aria-colcount={columns.all.length + 1}
          onScroll={onScroll}
          {...handlers}
          // Without any it would lose the focus that it has when a record is selected.
          tabIndex={selectedSeq === null ? 0 : -1}
          data-focus-first={selectedSeq === null ? true : undefined}
        >
          <span ref={ruler} class="ruler mono" aria-hidden="true">
            {'0'.repeat(rulerLength)}
          </span>
          <div
            class="lanearea"
            role="presentation"
            style={{ height: `${scroll.barHeight + headHeight}px`, width: `${columns.width}px` }}
          >
            <LaneHeads
              shown={shown}
              columns={columns}
              gutter={gutter}
              sockets={sockets}
              joined={joined}
              keys={keyOfLane}
              firstInView={inView.first}
            >
              <LaneActions idle={idle} canBeBrief={fitting === 'brief'} onSelect={select} />
            </LaneHeads>
            <div
              class="lanebody"
              role="rowgroup"
              style={{
                transform: `translateY(${base + scroll.shift}px)`,
                left: `${-columns.origin}px`,
                width: `${drawnWidth}px`,
                height: `${bottom - base}px`,
              }}
            >
              {shown.map(({ id, x, width }) => (
                <div
                  key={keyOfLane.get(id)}
                  class={`lcol${id === view.selectedSocketId.value ? ' cur' : ''}${joined.has(id) ? ' joined' : ''}`}
                  style={{ left: `${x}px`, width: `${width}px` }}
                />
              ))}
              {/* Also where no row is: what is scrolled sideways stays out of it. */}
              <div class="gut" aria-hidden="true" style={{ width: `${gutter}px` }} />
              <Overlay scene={scene} width={drawnWidth} height={bottom - base} />
              {drawn.map(({ block, top }) => (
                <LaneRow
                  key={keys.get(block.seq)}
                  block={block}
                  top={top - base}
                  gutter={gutter}
                  columns={columns}
                  measure={measure}
                  selectedSeq={
                    block.lines.some(({ record }) => record.seq === selectedSeq) ? selectedSeq : null
                  }
                  beyond={sideOf(block)}
                />
              ))}
            </div>
          </div>
        </div>
        <OtherLanes count={lanes.shown.others.length} />
      </div>
      {count === 0 && <NoRecords />}
      {!scroll.isAtEnd && lanes.rowsSeen(rows) < count && (
        <button
          type="button"
          class="btn tolast"
          onClick={() => {
            leavePlace(true);
            scrollTo(scroll.maxTop);
          }}
        >
          <Icon name="arrow-down" />
          {newCount > 0 ? t('{0} new', formatCount(newCount)) : t('Latest of {0}', formatCount(count))}
        </button>
      )}
      <HiddenNote />
      <Legend density={density} />
    </div>
  );
}
