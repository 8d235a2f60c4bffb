import type { SortKey } from '../protocol/socketHost.js';
import { errnoNames } from '../tables/errnos.js';
import { signatures } from '../tables/signatures.js';
import { type FilterRow, tookNs } from './row.js';

const calls = new Map(
  [...signatures.keys()].toSorted().map((name, index): [string, number] => [name, index]),
);
const errnos = new Map(errnoNames().map((name, index) => [name, index]));

function place(row: FilterRow): number | null {
  const { errno, result } = row;
  if (errno === null) {
    return result;
  }
  // Failed calls come before the others, those with the same error together.
  return -1 - (typeof errno === 'number' ? errno : (errnos.get(errno) ?? 0));
}

/** What records are sorted by, as a number; null where a record has none. */
const sortValues: Readonly<Record<SortKey, (row: FilterRow) => number | null>> = {
  time: ({ startNs }) => startNs,
  took: tookNs,
  fd: ({ fd }) => fd,
  call: ({ name }) => calls.get(name) ?? null,
  len: ({ length }) => length,
  result: place,
};

/** The number by which a record is sorted from the smallest on; those without a value are last in either direction. */
export function sortNumber(row: FilterRow, by: SortKey, isDescending: boolean): number {
  const value = sortValues[by](row);
  return value === null ? Infinity : isDescending ? -value : value;
}
