import { useLayoutEffect, useRef } from 'preact/hooks';
import { firstIndex } from '../../common/search.js';
import type { ViewModel } from '../state/view.js';

export interface PlaceProps {
  view: ViewModel;
  /** The room for the rows is known. */
  isOpen: boolean;
  /** The end is in view and stays there. */
  isFollowing: boolean;
  /** Of the selected record; -1 while it is not among the rows. */
  selectedRow: number;
  /** The first row in view, and the one behind the last. */
  first: number;
  end: number;
  rows: { seqAt(row: number): number | undefined; rowOf(seq: number): number };
  count: number;
  /** By which filter the rows are chosen; null where they are in another order than that of their numbers. */
  filter: string | null;
  /** What it shows are the newest records, as a lesson makes them: they are followed, and so is the end behind them. */
  isNewest: boolean;
  /** All rows are known: the filter has looked at every record. */
  isFound: boolean;
  /** Scrolls so that a row is the first one in view. */
  show: (row: number) => void;
  /** Scrolls as little as brings a row into view. */
  reveal: (row: number) => void;
}

/**
 * Keeps in view what is looked at where lanes and table take turns and where a filter is set or cleared, and brings there
 * what is selected: also a call that was just made and is not among the rows yet.
 * @returns Where the user has scrolled, what was selected before needs not come into view any more; who wants the end needs
 * nothing else either.
 */
export function usePlace(props: PlaceProps): (isToEnd?: boolean) => void {
  const { view, isOpen, isFollowing, selectedRow, first, end, rows } = props;
  const seq = view.selectedSeq.value;
  const before = useRef(view.place);
  const isDue = useRef(false);
  const last = useRef<number | null>(null);
  const leaveFiltered = useFilteredPlace(props, seq);
  useLayoutEffect(() => {
    if (!isOpen) {
      return;
    }
    const place = before.current;
    before.current = null;
    if (seq !== last.current) {
      last.current = seq;
      isDue.current = seq !== null && seq !== place?.unseenSeq;
    }
    const placeRow = place && !isFollowing ? rows.rowOf(place.firstSeq) : -1;
    if (placeRow >= 0) {
      props.show(placeRow);
    }
    if (isDue.current && selectedRow >= 0) {
      isDue.current = false;
      props.reveal(selectedRow);
    }
    if (!place) {
      const firstSeq = rows.seqAt(first);
      const isSeen = isDue.current || (selectedRow >= first && selectedRow < end);
      view.place = firstSeq === undefined ? null : { firstSeq, unseenSeq: isSeen ? null : seq };
    }
  });
  return (isToEnd = false) => {
    isDue.current = false;
    if (isToEnd) {
      leaveFiltered();
    }
  };
}

/**
 * Where other records are shown, those around the same place are. Few rows end in view, while they are looked for or for
 * good: that is no place where anybody has gone, and whoever clears the filter is back where they were before it.
 * @returns Forgets that place.
 */
function useFilteredPlace(props: PlaceProps, seq: number | null): () => void {
  const { view, isOpen, isFollowing, selectedRow, first, end, rows, count, filter, isFound } = props;
  /** The filter that was set last, and what was selected then. */
  const set = useRef({ filter, seq });
  /** The first record in view, where the end is not; and the one that is gone back to. */
  const seen = useRef<number | null>(null);
  const kept = useRef<number | null>(null);
  const isDue = useRef(false);
  useLayoutEffect(() => {
    if (!isOpen) {
      return;
    }
    if (filter !== set.current.filter) {
      const isOtherSelected = seq !== set.current.seq && selectedRow >= 0;
      set.current = { filter, seq };
      kept.current = seen.current ?? kept.current;
      isDue.current = kept.current !== null && filter !== null;
      if (props.isNewest) {
        kept.current = null;
        seen.current = null;
        isDue.current = false;
        view.isFollowing.value = true;
      }
      if (filter === '' && isOtherSelected) {
        // What was found and chosen is looked at among the others.
        kept.current = null;
        isDue.current = false;
        props.reveal(selectedRow);
      }
    }
    const row =
      kept.current === null
        ? -1
        : firstIndex(0, count, (one) => (rows.seqAt(one) ?? Infinity) >= kept.current!);
    if (!isDue.current) {
      // As long as nobody has moved the rows, the place is the one of before: else it would wander with each filter.
      const isFree = filter !== null && !isFollowing && end < count && first !== row;
      seen.current = isFree ? (rows.seqAt(first) ?? null) : null;
      return;
    }
    const isRestInView = row + (end - first) >= count;
    if (isFound || !isRestInView) {
      isDue.current = false;
      view.isFollowing.value = isRestInView;
      props.show(row);
      if (filter === '') {
        kept.current = null;
      }
    }
  });
  return () => {
    kept.current = null;
    isDue.current = false;
    set.current.seq = seq;
  };
}
