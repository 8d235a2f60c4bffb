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

/** What is not said of it follows from the rest. */
type GivenChange = Pick<StateChange, 'ns' | 'seq' | 'source' | 'state'> & Partial<StateChange>;

function wholeOf(change: GivenChange): StateChange {
  const tone = change.state === null ? 'none' : tcpTones[change.state];
  return { tone, isEnd: false, isDissolved: false, ...change };
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

/**
 * Whether the kernel says so of a socket in that state: a connection in TIME_WAIT is kept apart from its socket, which is
 * closed.
 */
export function isSaidIn(state: TcpState | null, said: TcpState | null): boolean {
  return said === state || (said === 'CLOSE' && state === 'TIME_WAIT');
}

/** The states that each socket went through, in order of time: a few entries a socket. */
export class StateChanges {
  private readonly lists = new Map<SocketId, StateChange[]>();
  /** Where the connection came to that a socket had left by then. */
  private readonly left = new Map<SocketId, StateChange>();
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

  note(id: SocketId, change: GivenChange): void {
    const { state } = change;
    const full = wholeOf(change);
    let list = this.lists.get(id);
    if (!list) {
      list = [];
      this.lists.set(id, list);
    }
    if (list.some((one) => one.seq === full.seq && one.source === full.source && one.state === state)) {
      return;
    }
    if (!isTold(full)) {
      this.putSamplesBefore(list, full);
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
    if (next?.source === 'sampled' && isSaidIn(state, next.state)) {
      cut.push(...list.splice(at + 1, 1));
    }
    if (isTold(full) || cut.some(isTold)) {
      this.told = null;
    }
  }

  /** The connection of a socket came into TIME_WAIT when the socket was closed, or its descriptor. */
  noteLeft(id: SocketId, { ns, seq }: Pick<StateChange, 'ns' | 'seq'>): void {
    this.left.set(id, wholeOf({ ns, seq, source: 'inferred', state: 'TIME_WAIT' }));
  }

  /** When the connection of a socket came into TIME_WAIT, which the kernel does not say of a socket. */
  timeWaitOf(id: SocketId): StateChange | undefined {
    const last = this.of(id).findLast(({ isEnd }) => !isEnd);
    const left = this.left.get(id);
    return last?.state === 'TIME_WAIT' ? last : left && left.ns >= (last?.ns ?? 0) ? left : undefined;
  }

  /** The page's clock, which dates samples, is not the host's: what was told after a call was not so before it. */
  putSamplesBehind(id: SocketId, seq: number, ns: number): void {
    const list = this.lists.get(id) ?? [];
    const early = list.filter(
      (change) => change.source === 'sampled' && change.seq >= seq && change.ns <= ns,
    );
    this.date(list, early, ns + 1);
  }

  /** What was told before a call had begun was so before it, however late the page has heard of it. */
  private putSamplesBefore(list: StateChange[], { seq, ns }: StateChange): void {
    const late = list.filter((change) => change.source === 'sampled' && change.seq < seq && change.ns >= ns);
    this.date(list, late, ns - 1);
  }

  private date(list: StateChange[], some: readonly StateChange[], ns: number): void {
    if (some.length > 0) {
      this.told = null;
      some.forEach((change) => (change.ns = ns));
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
    const left = this.left.get(id);
    if (left && isWrong(left)) {
      this.left.delete(id);
    }
  }

  forget(id: SocketId): void {
    this.told = null;
    this.lists.delete(id);
    this.left.delete(id);
  }

  clear(): void {
    this.told = null;
    this.lists.clear();
    this.left.clear();
  }
}
