import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import { printRecord } from '../../common/notation/printer.js';
import type { SocketId } from '../../common/socket.js';
import { columnIds, type ColumnsModel } from '../state/columns.js';
import { ElementKeys } from '../state/elementKeys.js';
import { spacerHeight } from '../state/scrollGeometry.js';
import { formatCount } from '../text/format.js';
import type { Times } from '../text/times.js';
import { subjectOf } from '../../common/recordText.js';
import { Icon } from './basics.js';
import { usePanel } from './context.js';
import { useColumnRoom } from './columnRoom.js';
import { HiddenNote } from './hiddenNote.js';
import { NoRecords } from './noRecords.js';
import { OverviewRuler } from './overviewRuler.js';
import { usePlace } from './place.js';
import { RecordRow } from './recordRow.js';
import { useRowScroll } from './rowScroll.js';
import { SortNote } from './sortNote.js';
import { TableHead } from './tableHead.js';

const rowHeight = 22;

/** Which record is on which row. */
interface Rows {
  seqAt(row: number): number | undefined;
  rowOf(seq: number): number;
  /** The row of the first record from this one on; left out where they are in another order. */
  rowFrom?(seq: number): number;
}

/** The records as rows. Only those in view are in the document; they are read as they come into view. */
export function RecordTable() {
  const panel = usePanel();
  const { records, filter, sort, framing, view, steadySockets } = panel;
  // What is drawn depends on these; they change at most once a frame.
  const version = records.version.value + filter.version.value + sort.version.value + framing.version.value;
  const isFiltered = filter.isActive;
  const isSorted = sort.isSorted.value;
  const rows: Rows = isSorted ? sort : isFiltered ? filter : records;
  const count = isSorted ? sort.count : isFiltered ? filter.count : records.count.value;
  const selectedSeq = view.selectedSeq.value;
  const selectedRow = selectedSeq === null ? -1 : rows.rowOf(selectedSeq);
  const {
    area,
    geometry,
    top,
    base,
    drawn: span,
    shift,
    scrollTo,
    reveal,
    onScroll,
    onWheel,
  } = useRowScroll({
    rowHeight,
    count,
    frame: records.frame,
    isRead: (row) => {
      const seq = rows.seqAt(row);
      return seq === undefined || records.get(seq) !== undefined;
    },
    onWant: (first, end) => {
      if (isFiltered || isSorted) {
        records.wantEach(seqsOf(rows, drawnRows(first, end, selectedRow)));
      } else if (end > first) {
        records.want(rows.seqAt(first)!, rows.seqAt(end - 1)!);
      }
    },
    onMove: (isAtEnd) => {
      leavePlace();
      if (!isSorted) {
        view.isFollowing.value = isAtEnd;
      }
    },
  });
  const table = useRef<HTMLDivElement>(null!);
  const room = useColumnRoom(table);
  const { viewport } = geometry;
  const { from, to } = span;

  const isFollowing = view.isFollowing.value && !view.isPaused.value && !isSorted;

  useLayoutEffect(() => {
    // Another order begins at its beginning.
    if (isSorted) {
      scrollTo(0);
    }
  }, [isSorted, sort.wanted.value]);

  useLayoutEffect(() => {
    if (isFollowing) {
      scrollTo(count * rowHeight);
    }
  }, [count, viewport, view.isFollowing.value, view.isPaused.value]);

  const leavePlace = usePlace({
    view,
    isOpen: viewport > 0,
    isFollowing,
    selectedRow: selectedRow < count ? selectedRow : -1,
    first: Math.floor(top / rowHeight),
    end: Math.floor((top + viewport) / rowHeight),
    rows,
    count,
    filter: isSorted ? null : isFiltered ? filter.shown : '',
    isNewest: panel.lessonFilter.isShown.value,
    isFound: !(isFiltered && filter.isBusy.value),
    show: (row) => scrollTo(row * rowHeight),
    reveal: (row) => {
      if (!view.takePointed(selectedSeq)) {
        reveal(row);
      }
    },
  });

  const lastViewport = useRef(0);
  useLayoutEffect(() => {
    // The detail opens below the records: the row that it is about stays in view.
    const offset = selectedRow * rowHeight - top;
    if (selectedRow >= 0 && offset >= 0 && offset < lastViewport.current) {
      reveal(selectedRow);
    }
    lastViewport.current = viewport;
  }, [viewport]);

  const drawn = drawnRows(from, to, selectedRow);
  const rowKeys = useRef(new ElementKeys<number>());
  const keys = rowKeys.current.assign(seqsOf(rows, drawn), selectedSeq);

  useEffect(() => {
    const ids = new Set<SocketId>();
    for (const row of drawn) {
      const record = records.get(rows.seqAt(row) ?? 0);
      const subject = record && subjectOf(record, steadySockets.value);
      if (subject) {
        ids.add(subject.id);
      }
    }
    panel.watched.show([...ids]);
  }, [from, to, version, isFiltered, isSorted]);

  const select = (seq: number) => panel.selectRecord(seq);
  const selectRow = (row: number) => {
    const seq = rows.seqAt(Math.min(Math.max(0, row), count - 1));
    if (seq !== undefined) {
      select(seq);
      reveal(rows.rowOf(seq));
      // What is not read yet is not drawn in its place: the focus must not scroll there.
      requestAnimationFrame(() => document.getElementById(`record-${seq}`)?.focus({ preventScroll: true }));
    }
  };
  const point = (seq: number) => {
    view.pointedSeq = seq;
    select(seq);
  };
  // What the first click has selected is meant, also where another row has come under the pointer.
  const open = (event: MouseEvent) => {
    if (selectedSeq !== null && (event.target as Element).closest('[data-seq]')) {
      reveal(selectedRow);
      view.isDetailVisible.value = true;
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const isInHead = (event.target as HTMLElement).closest('.th') !== null;
    if (isInHead || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const page = Math.max(1, Math.floor(viewport / rowHeight) - 1);
    const current = selectedRow >= 0 ? selectedRow : from;
    const target = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: count - 1,
    }[event.code];
    if (target !== undefined) {
      event.preventDefault();
      selectRow(target);
    } else if ((event.code === 'Enter' || event.code === 'NumpadEnter') && selectedSeq !== null) {
      event.preventDefault();
      view.isDetailVisible.value = !view.isDetailVisible.value;
    }
  };
  // A browser does not give its own keys to VS Code, whose keybinding copies elsewhere.
  const onCopy = (event: ClipboardEvent) => {
    const record = selectedSeq === null ? undefined : records.get(selectedSeq);
    if (record && getSelection()?.isCollapsed !== false) {
      event.preventDefault();
      panel.copy(printRecord(record, { style: 'short', platform: panel.platform.value }));
    }
  };
  const { columns } = view;
  const mode = columns.timeMode.value;
  const isTook = columns.spanMode.value === 'took';
  const referenceNs = columns.reference.value?.startNs ?? 0;
  const times = useMemo<Times>(
    () => ({ mode, isTook, referenceNs, originTime: panel.originTime }),
    [mode, isTook, referenceNs, panel.originTime],
  );
  const firstShown = rows.seqAt(Math.floor(top / rowHeight));
  const lastShown = rows.seqAt(Math.min(count - 1, Math.floor((top + viewport - 1) / rowHeight)));

  return (
    <div class={`grid${isTook ? ' took' : ''}`} data-region="records" style={columnStyle(columns)}>
      {/* A table has rows only: what else is said of them lies beside it. */}
      <div
        ref={table}
        class="table"
        role="table"
        aria-label={t('Records')}
        aria-rowcount={count + 1}
        aria-colcount={9}
        onKeyDown={onKeyDown}
        onCopy={onCopy}
      >
        <TableHead />
        <div class="rows" role="presentation">
          <div
            ref={area}
            class="scroll"
            role="rowgroup"
            tabIndex={selectedRow >= 0 ? -1 : 0}
            data-focus-first={selectedRow >= 0 ? undefined : true}
            onScroll={onScroll}
            onWheel={onWheel}
            onDblClick={open}
          >
            <div class="spacer" role="presentation" style={{ height: `${spacerHeight(geometry)}px` }}>
              <div class="placed" role="presentation" style={{ transform: `translateY(${shift}px)` }}>
                {drawn.map((row) => {
                  const seq = rows.seqAt(row);
                  if (seq === undefined) {
                    return null;
                  }
                  const record = records.get(seq);
                  const previous = row > 0 ? records.get(rows.seqAt(row - 1) ?? 0) : undefined;
                  return (
                    <RecordRow
                      key={keys.get(seq)}
                      seq={seq}
                      record={record}
                      previousNs={previous?.startNs ?? null}
                      subject={record && subjectOf(record, steadySockets.value)}
                      sockets={steadySockets.value}
                      platform={panel.platform.value}
                      times={times}
                      room={room}
                      frames={record ? framing.framesOf(record) : null}
                      top={row * rowHeight - base}
                      rowIndex={row + 2}
                      isSelected={seq === selectedSeq}
                      isTabStop={seq === selectedSeq}
                      onSelect={point}
                    />
                  );
                })}
              </div>
            </div>
          </div>
          {!isSorted && (
            <OverviewRuler
              shown={
                firstShown === undefined || lastShown === undefined
                  ? null
                  : { from: firstShown, to: lastShown }
              }
              onJump={(seq) => {
                view.isFollowing.value = false;
                scrollTo((rows.rowFrom?.(seq) ?? 0) * rowHeight - viewport / 2);
              }}
            />
          )}
        </div>
      </div>
      <SortNote />
      {!isSorted && <HiddenNote />}
      {count === 0 && <NoRecords />}
      {!isSorted && !isFollowing && count * rowHeight - viewport - top > rowHeight && (
        <button
          type="button"
          class="btn tolast"
          onClick={() => {
            leavePlace(true);
            view.isFollowing.value = true;
            scrollTo(count * rowHeight);
          }}
        >
          <Icon name="arrow-down" />
          {t('Latest of {0}', formatCount(count))}
        </button>
      )}
    </div>
  );
}

/**
 * The rows in the document, in their order: a screen reader goes by it. The one with the focus stays there when it is
 * scrolled out of view.
 */
function drawnRows(from: number, to: number, selectedRow: number): number[] {
  const drawn = Array.from({ length: to - from }, (_, index) => from + index);
  if (selectedRow >= 0 && selectedRow < from) {
    return [selectedRow, ...drawn];
  }
  return selectedRow >= to ? [...drawn, selectedRow] : drawn;
}

function seqsOf(rows: Rows, drawn: readonly number[]): number[] {
  return drawn.map((row) => rows.seqAt(row)).filter((seq) => seq !== undefined);
}

/** The widths that differ from those of the style sheets. */
function columnStyle({ widths, timeMode }: ColumnsModel): Record<string, string> {
  const { time = timeMode.value === 'clock' ? 13 : undefined, ...others } = widths.value;
  const all = { ...others, ...(time === undefined ? {} : { time }) };
  return Object.fromEntries(
    columnIds
      .map((id, place) => [`--w${place}`, all[id]] as const)
      .filter(([, width]) => width !== undefined)
      .map(([name, width]) => [name, `calc(16px + ${width}ch)`]),
  );
}
