import type { CallRecord } from '../../common/call.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { spansOf } from './reading.js';
import { type Find, findStateRecords } from './stateRecords.js';

export interface LaneStatesContext {
  find: Find;
  /** Whoever draws the lanes is told of what is read. */
  load(seq: number): Promise<CallRecord | undefined>;
}

/** Of a lane what its records need to be found. */
type Looked = Pick<SocketInfo, 'id' | 'openedSeq'>;

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
  private wanted: { lanes: readonly Looked[]; to: number } | null = null;
  /** Up to which record each socket's were found. */
  private readonly read = new Map<SocketId, number>();
  private readonly changed = new Set<number>();
  private isLooking = false;
  private generation = 0;

  constructor(private readonly context: LaneStatesContext) {}

  /** These lanes are drawn, up to that record. */
  show(lanes: readonly Looked[], to: number): void {
    this.wanted = { lanes, to };
    void this.look();
  }

  /** Records have changed: what waited when it was passed may have its answer now. */
  update(changedSeqs: readonly number[]): void {
    const last = Math.max(0, ...this.read.values());
    changedSeqs.filter((seq) => seq <= last).forEach((seq) => this.changed.add(seq));
  }

  /** The store was cleared. */
  clear(): void {
    this.generation++;
    this.wanted = null;
    this.read.clear();
    this.changed.clear();
  }

  private async look(): Promise<void> {
    if (this.isLooking) {
      return;
    }
    this.isLooking = true;
    try {
      for (let next = this.take(); next; next = this.take()) {
        await this.lookAt(next);
        await new Promise((resolve) => setTimeout(resolve, restMs));
      }
    } catch {
      // The host is gone: it is asked again when something is drawn anew.
    } finally {
      this.isLooking = false;
    }
  }

  private take() {
    const { wanted } = this;
    this.wanted = null;
    return wanted;
  }

  private async lookAt({ lanes, to }: NonNullable<LaneStates['wanted']>): Promise<void> {
    const { generation } = this;
    const unread = lanes.filter(({ id, openedSeq }) => openedSeq <= to && this.nextOf(id, openedSeq) <= to);
    const from = Math.min(...unread.map(({ id, openedSeq }) => this.nextOf(id, openedSeq)));
    const again = [...this.changed];
    this.changed.clear();
    const spans = [
      ...(unread.length > 0 ? [{ from, to: Math.min(to, from + farthest) }] : []),
      ...spansOf(
        again.filter((seq) => seq <= to),
        fewRecords,
      ),
    ];
    const ids = lanes.map(({ id }) => id);
    for (const span of ids.length > 0 ? spans : []) {
      const seqs = await findStateRecords(this.context.find, ids, { id: searchId, ...span, count: most });
      await Promise.all(seqs.map((seq) => this.context.load(seq)));
    }
    if (generation === this.generation) {
      unread.forEach(({ id }) => this.read.set(id, to));
    }
  }

  private nextOf(id: SocketId, openedSeq: number): number {
    return (this.read.get(id) ?? openedSeq - 1) + 1;
  }
}
