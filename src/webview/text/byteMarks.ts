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
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (marks[middle]!.to <= place) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const mark = marks[low];
  return mark && mark.from <= place ? mark : undefined;
}
