import type { Value } from '../call.js';
import { constantValue } from '../tables/constants.js';
import { numberOf } from './arguments.js';
import type { StraceField, StraceValue } from './values.js';

const events = (name: string) => constantValue(name, 'linux')!;
const [POLLIN, POLLOUT, POLLPRI] = [events('POLLIN'), events('POLLOUT'), events('POLLPRI')];

/** What a call waits for on a descriptor. */
interface Polled {
  fd: number;
  note: string | null;
  events: number;
}

/** What poll(2) and its like were asked. */
export interface Polling {
  /** What is printed of them; where that is cut, the first. */
  entries: Polled[];
  isCut: boolean;
  count: number;
  /** In ms; −1 without end. */
  timeout: Value;
}

/** `poll([{fd=3, events=POLLIN}], 1, 1000)`, and ppoll with a `timespec`. */
export function pollingOf(args: readonly StraceField[]): Polling {
  const list = args[0]?.value;
  const entries = itemsOf(list).flatMap((item): Polled[] => {
    const fields = item.kind === 'struct' ? item.fields : [];
    const fd = fields.find(({ name }) => name === 'fd')?.value;
    const wanted = fields.find(({ name }) => name === 'events')?.value;
    return fd?.kind === 'number'
      ? [{ fd: Number(fd.value), note: fd.note, events: numberOf(wanted) ?? 0 }]
      : [];
  });
  const isCut = list?.kind === 'list' && list.isCut;
  const count = numberOf(args[1]?.value) ?? entries.length;
  return { entries, isCut, count, timeout: timeoutOf(args[2]?.value) };
}

/** `select(4, [3], NULL, NULL, {tv_sec=1, tv_usec=0})`: amounts to a poll of these descriptors. */
export function selectionOf(args: readonly StraceField[]): Polling {
  const byFd = new Map<number, Polled>();
  [POLLIN, POLLOUT, POLLPRI].forEach((event, index) => {
    const set = args[index + 1]?.value;
    for (const item of itemsOf(set?.kind === 'change' ? set.before : set)) {
      if (item.kind === 'number') {
        const fd = Number(item.value);
        const known = byFd.get(fd) ?? { fd, note: item.note, events: 0 };
        byFd.set(fd, { ...known, events: known.events | event });
      }
    }
  });
  return { entries: [...byFd.values()], isCut: false, count: byFd.size, timeout: timeoutOf(args[4]?.value) };
}

/** What is ready, by descriptor: `([{fd=3, revents=POLLIN}])`. */
export function readinessOf(aside: StraceValue | null): Map<number, number> {
  const ready = new Map<number, number>();
  for (const item of itemsOf(aside ?? undefined)) {
    const fields = item.kind === 'struct' ? item.fields : [];
    const number = (wanted: string) => numberOf(fields.find(({ name }) => name === wanted)?.value);
    const [fd, revents] = [number('fd'), number('revents')];
    if (fd !== undefined && revents !== undefined) {
      ready.set(fd, revents);
    }
  }
  return ready;
}

/** `(in [3], out [4])`, as text behind the result of select(2). */
export function selectedReadiness(aside: string): Map<number, number> {
  const ready = new Map<number, number>();
  const sets: readonly (readonly [string, number])[] = [
    ['in', POLLIN],
    ['out', POLLOUT],
    ['except', POLLPRI],
  ];
  for (const [name, event] of sets) {
    const inside = new RegExp(String.raw`\b${name} \[((?:[^\]<]|<(?:[^>]|->)*>)*)\]`).exec(aside)?.[1] ?? '';
    for (const found of inside.matchAll(/(?:^|\s)(\d+)/g)) {
      const fd = Number(found[1]);
      ready.set(fd, (ready.get(fd) ?? 0) | event);
    }
  }
  return ready;
}

function itemsOf(value: StraceValue | undefined): readonly StraceValue[] {
  return value?.kind === 'list' ? value.items : [];
}

function timeoutOf(value: StraceValue | undefined): Value {
  if (value?.kind === 'null') {
    return -1;
  }
  const time = value?.kind === 'change' ? value.before : value;
  if (time?.kind === 'struct') {
    const number = (...names: string[]) =>
      numberOf(time.fields.find(({ name }) => names.includes(name))?.value) ?? 0;
    return Math.round(number('tv_sec') * 1000 + number('tv_usec') / 1e3 + number('tv_nsec') / 1e6);
  }
  return numberOf(time) ?? { kind: 'any' };
}
