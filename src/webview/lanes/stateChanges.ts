import { firstIndex } from '../../common/search.js';
import { t } from '../../common/l10n.js';
import type { SocketId, TcpState } from '../../common/socket.js';
import { type SocketTone, tcpTones } from '../../common/socketText.js';

/** Who says that a socket came into a state. */
type StateSource =
  /** A call made it so, or has found it so. */
  | 'call'
  /** It follows from a call on the other end: the kernel was not asked. */
  | 'inferred'
  /** The kernel said so when it was asked, and no call of ours made it so. */
  | 'sampled'
  /** The process that owned the socket has ended: nothing of it can be known any more. */
  | 'lost';

/** A socket came into a state. */
export interface StateChange {
  ns: number;
  /** The record that it belongs to; of a sample the last one there was. */
  seq: number;
  source: StateSource;
  tone: SocketTone;
  /** What TCP calls it; null for other sockets. */
  state: TcpState | null;
  isEnd: boolean;
  /** The connection was dissolved. */
  isDissolved: boolean;
}

/** Whether no record tells of it. */
function isTold({ source }: StateChange): boolean {
  return source === 'sampled' || source === 'lost';
}

/** What is said beside the life-line; null where a state has no name. */
export function stateName({ state, source }: StateChange): string | null {
  return source === 'lost' ? t('lost') : state;
}

const none: readonly StateChange[] = [];
/** What comes from the other end: before, a receiving call can find nothing and wait; afterwards it is answered. */
export const endedByPeer: ReadonlySet<TcpState> = new Set(['CLOSE_WAIT', 'TIME_WAIT', 'CLOSE']);

/** The states that each socket went through, in order of time: a few entries a socket. */
export class StateChanges {
  private readonly lists = new Map<SocketId, StateChange[]>();
  /** See {@link toldBetween}; null when it may have changed. */
  private told: { id: SocketId; ns: number }[] | null = null;

  /** All that is known of a socket's states, in order. */
  of(id: SocketId): readonly StateChange[] {
    return this.lists.get(id) ?? none;
  }

  latest(id: SocketId): StateChange | undefined {
    return this.of(id).at(-1);
  }

  lastBefore(id: SocketId, ns: number): StateChange | undefined {
    return this.of(id).findLast((change) => change.ns <= ns);
  }

  /** When states came that no record tells of, of the sockets whose lanes say so, in order. */
  toldBetween(from: number, to: number, isSaid: (id: SocketId) => boolean): number[] {
    this.told ??= [...this.lists]
      .flatMap(([id, list]) => list.filter(isTold).map(({ ns }) => ({ id, ns })))
      .sort((one, other) => one.ns - other.ns);
    const { told } = this;
    const firstFrom = (ns: number) => firstIndex(0, told.length, (index) => told[index]!.ns >= ns);
    return told
      .slice(firstFrom(from), firstFrom(to))
      .filter(({ id }) => isSaid(id))
      .map(({ ns }) => ns);
  }

  note(
    id: SocketId,
    change: Pick<StateChange, 'ns' | 'seq' | 'source' | 'state'> & Partial<StateChange>,
  ): void {
    const { state } = change;
    const full: StateChange = {
      tone: state === null ? 'none' : tcpTones[state],
      isEnd: false,
      isDissolved: false,
      ...change,
    };
    let list = this.lists.get(id);
    if (!list) {
      list = [];
      this.lists.set(id, list);
    }
    if (list.some((one) => one.seq === full.seq && one.source === full.source && one.state === state)) {
      return;
    }
    const end = list.at(-1);
    if (end?.isEnd && full.ns > end.ns) {
      // A descriptor has no state after its end.
      return;
    }
    const cut = full.isEnd ? list.splice(list.findLastIndex(({ ns }) => ns <= full.ns) + 1) : [];
    let at = list.length;
    while (at > 0 && (list[at - 1]!.ns > full.ns || list[at - 1]!.isEnd)) {
      at -= 1;
    }
    list.splice(at, 0, full);
    // The kernel was asked before the record was read that made it so.
    const next = list[at + 1];
    if (next?.source === 'sampled' && next.state === state) {
      cut.push(...list.splice(at + 1, 1));
    }
    if (isTold(full) || cut.some(isTold)) {
      this.told = null;
    }
  }

  /** The page's clock, which dates samples, is not the host's: what was told after a call was not so before it. */
  putSamplesBehind(id: SocketId, seq: number, ns: number): void {
    const list = this.lists.get(id) ?? [];
    const early = list.filter(
      (change) => change.source === 'sampled' && change.seq >= seq && change.ns <= ns,
    );
    if (early.length > 0) {
      this.told = null;
      early.forEach((change) => (change.ns = ns + 1));
      list.sort((one, other) => Number(one.isEnd) - Number(other.isEnd) || one.ns - other.ns);
    }
  }

  /** A record tells the moment better than the sample did. */
  unsample(id: SocketId, fromNs: number, toNs: number): void {
    const list = this.lists.get(id) ?? [];
    const index = list.findIndex(({ ns, source, state }) => {
      return source === 'sampled' && ns >= fromNs && ns <= toNs && endedByPeer.has(state ?? 'LISTEN');
    });
    if (index >= 0) {
      this.told = null;
      list.splice(index, 1);
    }
  }

  /** A datagram socket was bound or connected by then: a later send has not made it so, wherever its record was read first. */
  dropBindingAfter(id: SocketId, ns: number): void {
    const list = this.lists.get(id) ?? [];
    const index = list.findIndex((change) => change.ns > ns);
    if (list[index]?.tone === 'listen' && !list[index].isDissolved) {
      list.splice(index, 1);
    }
  }

  /** What was concluded from records has turned out to be otherwise; what the kernel said stays. */
  takeBack(id: SocketId, isWrong: (change: StateChange) => boolean): void {
    const list = this.lists.get(id) ?? [];
    this.lists.set(
      id,
      list.filter((change) => isTold(change) || !isWrong(change)),
    );
  }

  forget(id: SocketId): void {
    this.told = null;
    this.lists.delete(id);
  }

  clear(): void {
    this.told = null;
    this.lists.clear();
  }
}
