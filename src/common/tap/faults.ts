import { t } from '../l10n.js';
import { nearest } from '../notation/nearest.js';

/** What can be done to what a tap passes on, by the name that is typed. */
export type FaultName =
  | 'delay'
  | 'jitter'
  | 'slice'
  | 'coalesce'
  | 'drop'
  | 'duplicate'
  | 'reorder'
  | 'reset'
  | 'half-close';

/** Kinds of sockets: a stream has no datagrams to lose, a datagram socket no stream to end. */
export type TapKind = 'stream' | 'datagram';

/** A fault, and the numbers that it takes. */
export interface FaultRow {
  name: FaultName;
  kinds: readonly TapKind[];
  unit: 'ms' | 'bytes' | '%';
  largest: number;
  /** One sentence; evaluated late, when the language is known. */
  description(): string;
}

/** The faults of one direction; what is not there is off. */
export type DirectionFaults = Readonly<Partial<Record<FaultName, number>>>;

/** What a tap does to what it passes on. */
export interface TapFaults {
  /** What is random is the same for the same seed. */
  seed: number;
  toServer: DirectionFaults;
  toClient: DirectionFaults;
}

export type TapDirection = 'toServer' | 'toClient';

export const noFaults: TapFaults = { seed: 1, toServer: {}, toClient: {} };

const both = ['stream', 'datagram'] as const;
const stream = ['stream'] as const;
const datagram = ['datagram'] as const;
const minute = 60_000;
const largestPosition = 2 ** 40;

export const faultRows: readonly FaultRow[] = [
  {
    name: 'delay',
    kinds: both,
    unit: 'ms',
    largest: minute,
    description: () => t('Delays everything by this time; the order stays.'),
  },
  {
    name: 'jitter',
    kinds: both,
    unit: 'ms',
    largest: minute,
    description: () => t('Adds a random delay of at most this time.'),
  },
  {
    name: 'slice',
    kinds: stream,
    unit: 'bytes',
    largest: 65_536,
    description: () => t('Sends in random pieces of at most this many bytes.'),
  },
  {
    name: 'coalesce',
    kinds: stream,
    unit: 'ms',
    largest: minute,
    description: () => t('Collects what comes within this time and sends it at once.'),
  },
  {
    name: 'drop',
    kinds: datagram,
    unit: '%',
    largest: 100,
    description: () => t('Drops this percentage of the datagrams.'),
  },
  {
    name: 'duplicate',
    kinds: datagram,
    unit: '%',
    largest: 100,
    description: () => t('Sends this percentage of the datagrams twice.'),
  },
  {
    name: 'reorder',
    kinds: datagram,
    unit: '%',
    largest: 100,
    description: () => t('Sends this percentage of the datagrams after the next one.'),
  },
  {
    name: 'reset',
    kinds: stream,
    unit: 'bytes',
    largest: largestPosition,
    description: () => t('Resets both connections when this many bytes have been passed on.'),
  },
  {
    name: 'half-close',
    kinds: stream,
    unit: 'bytes',
    largest: largestPosition,
    description: () => t('Ends this direction after this many bytes; what comes later is thrown away.'),
  },
];

const rowsByName = new Map<string, FaultRow>(faultRows.map((row) => [row.name, row]));
/** How a direction is written before a fault; without it both are meant. */
const directions: Readonly<Record<string, TapDirection>> = {
  'to-server': 'toServer',
  'to-client': 'toClient',
};

/** What is wrong with the text of faults. */
export class FaultTextError extends Error {}

/**
 * Reads faults as people type them: `delay=20 to-client.drop=10 seed=7`. Without a direction a fault is of both.
 * @throws FaultTextError
 */
export function parseFaults(text: string, kind: TapKind): TapFaults {
  let { seed } = noFaults;
  const found: Record<TapDirection, Partial<Record<FaultName, number>>> = { toServer: {}, toClient: {} };
  for (const word of text.split(/[\s,]+/).filter((each) => each !== '')) {
    const match = /^(?:([a-z-]+)\.)?([a-z-]+)=(\d+)(%|ms)?$/.exec(word);
    if (!match) {
      throw new FaultTextError(
        t('{0} is no fault: write NAME=NUMBER, as in delay=20.', JSON.stringify(word)),
      );
    }
    const [, prefix, name = '', number] = match;
    const value = Number(number);
    if (name === 'seed' && prefix === undefined) {
      seed = checkedSeed(value);
      continue;
    }
    const row = rowsByName.get(name);
    const direction = prefix === undefined ? undefined : directions[prefix];
    if (!row) {
      const close = nearest(name, [...rowsByName.keys(), 'seed']);
      throw new FaultTextError(
        close === undefined
          ? t('There is no fault {0}.', JSON.stringify(name))
          : t('There is no fault {0}. Did you mean {1}?', JSON.stringify(name), close),
      );
    }
    if (prefix !== undefined && !direction) {
      throw new FaultTextError(
        t('{0} is no direction: it is to-server or to-client.', JSON.stringify(prefix)),
      );
    }
    checkFault(row, value, kind);
    for (const each of direction ? [direction] : (['toServer', 'toClient'] as const)) {
      found[each][row.name] = value;
    }
  }
  return { seed, toServer: withoutNothing(found.toServer), toClient: withoutNothing(found.toClient) };
}

/** The text that {@link parseFaults} reads again; empty where there are none. */
export function printFaults({ seed, toServer, toClient }: TapFaults): string {
  const words: string[] = [];
  for (const { name } of faultRows) {
    const [out, back] = [toServer[name], toClient[name]];
    if (out !== undefined && out === back) {
      words.push(`${name}=${out}`);
    } else {
      words.push(...(out === undefined ? [] : [`to-server.${name}=${out}`]));
      words.push(...(back === undefined ? [] : [`to-client.${name}=${back}`]));
    }
  }
  return words.length === 0 ? '' : [...words, `seed=${seed}`].join(' ');
}

/** Takes faults that came from elsewhere: known names, whole numbers within their limits. @throws FaultTextError */
export function checkedFaults({ seed, toServer, toClient }: TapFaults, kind: TapKind): TapFaults {
  const check = (faults: DirectionFaults) => {
    for (const [name, value] of Object.entries(faults)) {
      const row = rowsByName.get(name);
      if (!row) {
        throw new FaultTextError(t('There is no fault {0}.', JSON.stringify(name)));
      }
      checkFault(row, value, kind);
    }
    return withoutNothing(faults);
  };
  return { seed: checkedSeed(seed), toServer: check(toServer), toClient: check(toClient) };
}

/** What is wrong with the value of a fault, for people; undefined when nothing is. */
export function faultComplaint({ name, unit, largest }: FaultRow, value: number): string | undefined {
  return Number.isInteger(value) && value >= 0 && value <= largest
    ? undefined
    : t('{0} is a whole number of {1} from 0 to {2}.', name, unit, largest);
}

/** What is wrong with a seed, for people; undefined when nothing is. */
export function seedComplaint(seed: number): string | undefined {
  return Number.isInteger(seed) && seed >= 0 && seed <= 0xffff_ffff
    ? undefined
    : t('The seed is a whole number of 32 bits.');
}

function checkFault(row: FaultRow, value: number, kind: TapKind): void {
  const complaint = faultComplaint(row, value);
  if (complaint !== undefined) {
    throw new FaultTextError(complaint);
  }
  if (!row.kinds.includes(kind) && value > 0) {
    throw new FaultTextError(
      kind === 'stream'
        ? t('{0} is a fault of datagrams: this is a stream.', row.name)
        : t('{0} is a fault of streams: these are datagrams.', row.name),
    );
  }
}

function checkedSeed(seed: number): number {
  const complaint = seedComplaint(seed);
  if (complaint !== undefined) {
    throw new FaultTextError(complaint);
  }
  return seed;
}

/** 0 switches a fault off. */
function withoutNothing(faults: DirectionFaults): DirectionFaults {
  return Object.fromEntries(Object.entries(faults).filter(([, value]) => value > 0));
}
