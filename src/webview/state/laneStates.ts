import type { SocketId, SocketInfo } from '../../common/socket.js';
import { Reading, type Span, spansOf, step, type Step } from './reading.js';
import { type Find, findRecords, type Found, statesOf } from './stateRecords.js';

export interface LaneStatesContext {
  find: Find;
  /** Reads at most {@link most} records. Whoever draws the lanes is told of each. */
  load(seqs: readonly number[]): Promise<unknown>;
}

/** Of a lane what its records need to be found. */
type Looked = Pick<SocketInfo, 'id' | 'openedSeq' | 'role' | 'domain'>;

/** The search is one of its own, apart from that of the display filter. */
const searchId = 2 ** 34 + 1;
/** Records that one look finds, and through which it looks. */
const [most, farthest] = [1000, 200_000];
/** Rather than to ask twice, the host looks at so many between two records that have changed. */
const fewRecords = 1000;
/** New records are looked through so often at most, in ms. */
const restMs = 100;

/**
 * Reads the records that made the states of the sockets in the lanes also where they are not in view: above it, or because
 * the display filter leaves them out. A life-line is drawn from all records.
 */
export class LaneStates {
  /** What is drawn now, and what was when the reading began that goes on: it rests, however much comes meanwhile. */
  private shown: { lanes: readonly Looked[]; to: number } = { lanes: [], to: 0 };
  private wanted = this.shown;
  private isResting = true;
  /** Up to which record each socket's were found. */
  private read = new Map<SocketId, number>();
  /** Up to which record no send of a socket was found that may have bound it; infinite where one was. */
  private unsent = new Map<SocketId, number>();
  /** The last record that was looked at for any of them. */
  private last = 0;
  private readonly reading = new Reading({
    isRead: (seq) => seq <= this.last,
    next: (changed) => this.next(changed),
    rest: () => {
      this.isResting = true;
      if (this.shown !== this.wanted) {
        this.reading.update();
      }
    },
    restMs,
  });

  constructor(private readonly context: LaneStatesContext) {}

  /** These lanes are drawn, up to that record. */
  show(lanes: readonly Looked[], to: number): void {
    this.shown = { lanes, to };
    this.reading.update();
  }

  /** Records have changed: what waited when it was passed may have its answer now. */
  update(changedSeqs: readonly number[]): void {
    this.reading.update(changedSeqs);
  }

  /** The store was cleared. */
  clear(): void {
    this.reading.reset();
    this.isResting = true;
    this.shown = { lanes: [], to: 0 };
    this.forget();
  }

  private forget(): void {
    this.read.clear();
    this.unsent.clear();
    this.last = 0;
  }

  /** What has changed, what is new, and then the sends that gave sockets their ports. */
  private next(changed: readonly number[]): Step | null {
    if (this.isResting) {
      this.isResting = false;
      this.wanted = this.shown;
    }
    const { lanes, to } = this.wanted;
    if (lanes.length === 0) {
      this.forget();
      return null;
    }
    if (changed.length > 0) {
      // What has changed of others is found when they are drawn again.
      const drawn = new Set(lanes.map(({ id }) => id));
      this.read = new Map([...this.read].filter(([id]) => drawn.has(id)));
      return this.look(spansOf(changed, fewRecords), {
        filter: statesOf([...drawn]),
        changed,
        // More of them may come for ever: what is new comes after a rest.
        goesOn: false,
      });
    }
    const unread = lanes.filter((lane) => nextOf(this.read, lane) <= to);
    if (unread.length > 0) {
      const from = Math.min(...unread.map((lane) => nextOf(this.read, lane)));
      // Also what changes while it is looked at.
      this.last = Math.max(this.last, Math.min(to, from + farthest));
      return this.look([{ from, to: Math.min(to, from + farthest) }], {
        filter: statesOf(lanes.map(({ id }) => id)),
        note: ({ next }) => {
          for (const { id } of unread) {
            this.read.set(id, Math.max(this.read.get(id) ?? 0, next - 1));
          }
        },
      });
    }
    const silent = lanes.find((lane) => isBoundBySending(lane) && nextOf(this.unsent, lane) <= to);
    if (!silent) {
      return null;
    }
    const from = nextOf(this.unsent, silent);
    return this.look([{ from, to: Math.min(to, from + farthest) }], {
      filter: `stream == ${silent.id} && direction == out`,
      count: 1,
      note: ({ seqs, next }) => this.unsent.set(silent.id, seqs.length > 0 ? Infinity : next - 1),
    });
  }

  private look(
    spans: readonly Span[],
    look: {
      filter: string;
      count?: number;
      changed?: readonly number[];
      goesOn?: boolean;
      note?: (found: Found) => void;
    },
  ): Step {
    const { filter, count = most, changed = [], goesOn = true, note } = look;
    return step({
      changed,
      ask: async (isLeft) => {
        const all: Found[] = [];
        for (const { from, to } of spans) {
          const found = await findRecords(
            this.context.find,
            { id: searchId, filter, from, to, count },
            isLeft,
          );
          await this.context.load(found.seqs);
          all.push(found);
        }
        return all;
      },
      take: (all: readonly Found[]) => {
        all.forEach((found) => note?.(found));
        if (!goesOn) {
          this.reading.update();
          return false;
        }
        // A host that does not get on is asked again when something is drawn anew.
        return all.every(({ next }, index) => next > spans[index]!.from);
      },
    });
  }
}

function nextOf(read: ReadonlyMap<SocketId, number>, { id, openedSeq }: Looked): number {
  return Math.max(openedSeq, (read.get(id) ?? 0) + 1);
}

/** Whether the kernel may have given a socket its port with its first send. */
export function isBoundBySending({ role, domain }: Pick<SocketInfo, 'role' | 'domain'>): boolean {
  return role === 'datagram' && (domain === 'AF_INET' || domain === 'AF_INET6');
}
