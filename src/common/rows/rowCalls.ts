import { signatures } from '../tables/signatures.js';

/** Calls by the number that rows have for them. A recording's header holds the list that its rows were written with. */
export const callNames = [...signatures.keys()];

const callIds = new Map(callNames.map((name, id) => [name, id]));

/** The number that rows have for a call. */
export function callIdOf(name: string): number {
  return callIds.get(name)!;
}

/** The calls whose rows are written without an object each: their arguments are a descriptor, data, its length and flags. */
export const movedCalls: ReadonlyMap<string, { isOut: boolean; hasFlags: boolean; hasAddress: boolean }> =
  new Map([
    ['recv', { isOut: false, hasFlags: true, hasAddress: false }],
    ['read', { isOut: false, hasFlags: false, hasAddress: false }],
    ['recvfrom', { isOut: false, hasFlags: true, hasAddress: true }],
    ['send', { isOut: true, hasFlags: true, hasAddress: false }],
    ['write', { isOut: true, hasFlags: false, hasAddress: false }],
    ['sendto', { isOut: true, hasFlags: true, hasAddress: true }],
  ]);

/** What is asked of {@link movedCalls} with every row that is written. */
export enum movedBit {
  isOut = 1,
  hasAddress = 2,
}

/** {@link movedCalls} by number, as {@link movedBit}. */
export const movedBits = Uint8Array.from(callNames, (name) => {
  const moved = movedCalls.get(name);
  return (moved?.isOut ? movedBit.isOut : 0) | (moved?.hasAddress ? movedBit.hasAddress : 0);
});
