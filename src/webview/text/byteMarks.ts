import { firstIndex } from '../../common/search.js';

/** A part of a payload that looks different. */
export interface ByteMark {
  from: number;
  /** Behind the last byte. */
  to: number;
  className: string;
}

/** Marks of one kind, in order and apart. */
export type Marks = readonly ByteMark[];

/** What a byte looks like, by the marks of all kinds. */
export function classAt(kinds: readonly Marks[], place: number): string {
  return kinds
    .map((marks) => markAt(marks, place)?.className ?? '')
    .filter((name) => name !== '')
    .join(' ');
}

function markAt(marks: Marks, place: number): ByteMark | undefined {
  const mark = marks[firstIndex(0, marks.length, (index) => marks[index]!.to > place)];
  return mark && mark.from <= place ? mark : undefined;
}
