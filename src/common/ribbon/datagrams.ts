import { isSame, type Run } from './runs.js';

/** What calls received, by the number of the receiving record. */
export interface DatagramMatch {
  /** Where it can be known. */
  certain: ReadonlyMap<number, Run>;
  /** The first that it can be: a later receive is of a later one. */
  earliest: ReadonlyMap<number, Run>;
}

/**
 * Which datagram each call received: the sends and receives between two sockets, each in order. The kernel keeps their order,
 * and may drop some unless `isReliable`.
 *
 * A receive that could have been answered by more than one of the sends is not certain: the earliest and the latest
 * choice that fit all receives differ there.
 */
export function matchDatagrams(
  sends: readonly Run[],
  receives: readonly Run[],
  isReliable: boolean,
): DatagramMatch {
  const earliest = match(sends, receives);
  if (isReliable) {
    return { certain: earliest, earliest };
  }
  const latest = match(sends.toReversed(), receives.toReversed());
  const certain = new Map([...earliest].filter(([seq, send]) => latest.get(seq) === send));
  return { certain, earliest };
}

/** Takes for each receive the first send that fits and lies behind the one before. */
function match(sends: readonly Run[], receives: readonly Run[]): Map<number, Run> {
  const byContent = new Map<string, number[]>();
  sends.forEach((send, index) => {
    const key = keyOf(send);
    const places = byContent.get(key);
    if (places) {
      places.push(index);
    } else {
      byContent.set(key, [index]);
    }
  });
  const everywhere = sends.map((_send, index) => index);
  const found = new Map<number, Run>();
  const nextOf = new Map<string, number>();
  let next = 0;
  for (const receive of receives) {
    // A buffer this small may have cut anything.
    const isShort = receive.room < keyLength;
    const key = isShort ? undefined : keyOf(receive);
    const places = key === undefined ? everywhere : (byContent.get(key) ?? []);
    let at = key === undefined ? next : (nextOf.get(key) ?? 0);
    while (at < places.length && (places[at]! < next || !fits(sends[places[at]!]!, receive))) {
      at += 1;
    }
    const index = places[at];
    if (index !== undefined) {
      found.set(receive.seq, sends[index]!);
      if (key !== undefined) {
        nextOf.set(key, at + 1);
      }
      next = index + 1;
    }
  }
  return found;
}

/** By so many bytes of their beginning the sends are found. */
const keyLength = 8;

function keyOf({ preview }: Run): string {
  return String.fromCharCode(...preview.subarray(0, keyLength));
}

function fits(send: Run, receive: Run): boolean {
  const isWhole = receive.length === send.length;
  const isCut = receive.length < send.length && receive.length === receive.room;
  return (
    (isWhole || isCut) &&
    send.startNs <= (receive.endNs ?? Infinity) &&
    isSame(send, 0, receive, 0, receive.length)
  );
}
