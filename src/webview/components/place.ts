import { useLayoutEffect, useRef } from 'preact/hooks';
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
  /** Scrolls so that a row is the first one in view. */
  show: (row: number) => void;
  /** Scrolls as little as brings a row into view. */
  reveal: (row: number) => void;
}

/**
 * Keeps in view what is looked at where lanes and table take turns, and brings there what is selected: also a call that
 * was just made and is not among the rows yet.
 * @returns Where the user has scrolled, what was selected before needs not come into view any more.
 */
export function usePlace(props: PlaceProps): () => void {
  const { view, isOpen, isFollowing, selectedRow, first, end, rows } = props;
  const seq = view.selectedSeq.value;
  const before = useRef(view.place);
  const isDue = useRef(false);
  const last = useRef<number | null>(null);
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
  return () => {
    isDue.current = false;
  };
}
