import { signal } from '@preact/signals';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import { noSocketLane } from './columns.js';
import { laneOrder, type Ordered } from './order.js';
import { lineHeight } from './rowHeights.js';

/** A lane comes when a record of it is so near to the view, and goes when all are farther: never to and fro, in px. */
const [comes, goes] = [lineHeight, 2 * lineHeight];

type Sockets = ReadonlyMap<SocketId, SocketInfo>;

/** Where something happens in some rows. */
export interface Living {
  ids: ReadonlySet<SocketId>;
  /** None of the rows is still being read: nothing happens elsewhere. */
  areAll: boolean;
}

interface Parts {
  sockets: Sockets | null;
  open: SocketInfo[];
  closed: SocketInfo[];
}

/**
 * Which sockets have lanes: open ones that have a record which fits the filter, those that live in view, and of what a lesson or
 * scenario found there those it uses.
 */
export class ShownLanes {
  /** What a lesson or a scenario has opened came behind this record; 0 where there is none. */
  private readonly since = signal(0);
  /** Whether what a record has opened since then is none of its own all the same. */
  private isForeign: (openedSeq: number) => boolean = () => false;
  private living: ReadonlySet<SocketId> = new Set();
  private known: Parts = { sockets: null, open: [], closed: [] };
  /** The open sockets of before, and those without a record that fits the filter, have lanes, too. */
  readonly areOthersShown = signal(false);
  /** Those of them in which nothing happens here. */
  others: readonly SocketId[] = [];
  private folded: ReadonlySet<SocketId> = new Set();
  /** The socket that was looked at last. */
  private selected: SocketId | null = null;

  /**
   * @param sockets As they are told of.
   * @param fitting Those that have a record which fits the filter; null for all.
   */
  constructor(
    private readonly sockets: () => Sockets,
    private readonly fitting: () => ReadonlySet<SocketId> | null,
  ) {}

  /** A lesson or a scenario begins: its own lanes are what is looked at, until somebody wants the others. */
  begin(since: number, isForeign: (openedSeq: number) => boolean = () => false): void {
    this.since.value = since;
    this.isForeign = isForeign;
    this.areOthersShown.value = false;
  }

  /** A lane is wanted that may be one of those. */
  reveal(id: SocketId): void {
    this.areOthersShown.value ||= this.folded.has(id);
  }

  /** Whether an open socket has no lane for now. */
  isFolded(id: SocketId): boolean {
    return !this.areOthersShown.value && id !== this.selected && this.folded.has(id);
  }

  /**
   * The lanes from left to right: of a lesson or scenario first.
   * @param livingWithin Those in which something happens in view, or so far around it.
   * @param selected The socket that is looked at has its lane.
   */
  of(livingWithin: (margin: number) => Living, selected: SocketId | null): SocketId[] {
    const sockets = this.sockets();
    const living = new Set(livingWithin(comes).ids);
    const { ids: going, areAll } = livingWithin(goes);
    // What nobody knows yet takes no lane away.
    for (const id of this.living) {
      if (!areAll || going.has(id)) {
        living.add(id);
      }
    }
    this.living = living;
    const { open } = this.parts;
    const fitting = this.fitting();
    const ends = [...living].flatMap((id) => sockets.get(id) ?? []);
    // Both ends of a connection come and go together.
    for (const { peerId } of [...ends]) {
      const peer = peerId === null || living.has(peerId) ? undefined : sockets.get(peerId);
      if (peer && (!fitting || fitting.has(peer.id))) {
        ends.push(peer);
      }
    }
    const closed = ends.filter((one) => !isOpenSocket(one));
    const before = this.foundBy([...open, ...closed]);
    const unfit = fitting ? open.filter(({ id }) => !fitting.has(id)) : [];
    const others = new Set([...before, ...unfit.map(({ id }) => id)]);
    this.others = [...others].filter((id) => !living.has(id));
    this.folded = new Set(this.others);
    this.selected = selected;
    const shown: Ordered[] = [...open.filter(({ id }) => !this.isFolded(id)), ...closed];
    for (const id of living) {
      if (!sockets.has(id) && id !== noSocketLane) {
        // All that is left of it are its records.
        shown.push({ id, openedSeq: id, role: 'new', listenerId: null, peerId: null });
      }
    }
    const isShown = new Set(shown.map(({ id }) => id));
    // Where a lane stands follows from others, also from those that are not shown: none changes its place when they go.
    const order = laneOrder(withLinked(shown, sockets)).filter((id) => isShown.has(id));
    return [
      ...(living.has(noSocketLane) ? [noSocketLane] : []),
      ...order.filter((id) => !before.has(id)),
      ...order.filter((id) => before.has(id)),
    ];
  }

  /** Those that have ended and are still known: far more than are open after many connections. */
  get closed(): readonly SocketInfo[] {
    return this.parts.closed;
  }

  /** Looked through when something is told of a socket, not with every frame. */
  private get parts(): Parts {
    const sockets = this.sockets();
    if (this.known.sockets !== sockets) {
      const parts: Parts = { sockets, open: [], closed: [] };
      sockets.forEach((socket) => parts[isOpenSocket(socket) ? 'open' : 'closed'].push(socket));
      this.known = parts;
    }
    return this.known;
  }

  /** The sockets that a lesson or scenario found there, or that others open meanwhile, and that none of its own is connected to. */
  private foundBy(all: readonly SocketInfo[]): ReadonlySet<SocketId> {
    const since = this.since.value;
    const isFound = ({ openedSeq }: SocketInfo) =>
      (since > 0 && openedSeq <= since) || this.isForeign(openedSeq);
    const found = all.filter(isFound);
    if (found.length === 0) {
      return new Set();
    }
    const own = all.filter((socket) => !isFound(socket));
    const linked = new Set(own.flatMap(({ listenerId, peerId, tap }) => [listenerId, peerId, tap?.otherId]));
    return new Set(found.filter(({ id }) => !linked.has(id)).map(({ id }) => id));
  }
}

/** Sockets with those that decide where they stand. */
function withLinked(some: readonly Ordered[], sockets: ReadonlyMap<SocketId, Ordered>): Iterable<Ordered> {
  const all = new Map(some.map((socket) => [socket.id, socket]));
  // A map goes on with what is added to it.
  for (const { listenerId, peerId, tap } of all.values()) {
    for (const id of [listenerId, peerId, tap?.otherId]) {
      const linked = id == null || all.has(id) ? undefined : sockets.get(id);
      if (linked) {
        all.set(linked.id, linked);
      }
    }
  }
  return all.values();
}
