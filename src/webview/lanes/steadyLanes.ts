import type { SocketId, SocketInfo } from '../../common/socket.js';
import { isOpenSocket } from '../../common/usualArguments.js';

type Sockets = ReadonlyMap<SocketId, SocketInfo>;

/**
 * Where lanes stand while somebody scrolls: none moves for those that come or go. What has come into view takes the
 * place of something that is out of view, which is empty until then.
 */
export class SteadyLanes {
  private lanes: readonly SocketId[] = [];

  /** Other rows: each lane stands where it belongs. */
  reset(lanes: readonly SocketId[] = []): readonly SocketId[] {
    this.lanes = lanes;
    return lanes;
  }

  /**
   * The lanes from left to right.
   * @param wanted Those that there must be, in the order in which they belong.
   */
  keep(wanted: readonly SocketId[], sockets: Sockets): readonly SocketId[] {
    const isWanted = new Set(wanted);
    const before = new Set(this.lanes);
    const came = wanted.filter((id) => !before.has(id));
    const kept = this.lanes.filter((id) => isWanted.has(id) || isClosed(sockets.get(id)));
    const idle = kept.length - (wanted.length - came.length);
    // Little is left of what was read, or most of it would be empty.
    if (2 * came.length > wanted.length || idle > wanted.length) {
      return this.reset(wanted);
    }
    if (came.length > 0 || kept.length < this.lanes.length) {
      this.lanes = placed(came, wanted, kept, sockets);
    }
    return this.lanes;
  }
}

/** Connections take the places of connections; what finds none stands where it belongs. */
function placed(
  came: readonly SocketId[],
  wanted: readonly SocketId[],
  kept: readonly SocketId[],
  sockets: Sockets,
): SocketId[] {
  const lanes = [...kept];
  const isWanted = new Set(wanted);
  const isNew = new Set(came);
  const free = connectionsIn(kept, sockets).filter((ids) => !ids.some((id) => isWanted.has(id)));
  const connections = connectionsIn(wanted, sockets);
  for (const ids of connections) {
    const isWhole = ids.every((id) => isNew.has(id));
    const at = isWhole ? free.findIndex(({ length }) => length === ids.length) : -1;
    if (at >= 0) {
      const [gone] = free.splice(at, 1);
      lanes.splice(lanes.indexOf(gone![0]!), ids.length, ...ids);
      continue;
    }
    ids.forEach((id, index) => {
      if (isNew.has(id)) {
        const after = ids.slice(index + 1).find((other) => lanes.includes(other));
        const previous = wanted[wanted.indexOf(id) - 1];
        lanes.splice(after === undefined ? lanes.indexOf(previous ?? 0) + 1 : lanes.indexOf(after), 0, id);
      }
    });
  }
  return lanes;
}

/** Lanes side by side that belong together. */
function connectionsIn(lanes: readonly SocketId[], sockets: Sockets): SocketId[][] {
  const connections: SocketId[][] = [];
  for (const id of lanes) {
    const last = connections.at(-1);
    if (last && isLinked(sockets.get(last.at(-1)!), sockets.get(id))) {
      last.push(id);
    } else {
      connections.push([id]);
    }
  }
  return connections;
}

function isLinked(one: SocketInfo | undefined, other: SocketInfo | undefined): boolean {
  const linksOf = ({ peerId, tap }: SocketInfo) => [peerId, tap?.otherId];
  return (
    one !== undefined &&
    other !== undefined &&
    (linksOf(one).includes(other.id) || linksOf(other).includes(one.id))
  );
}

function isClosed(socket: SocketInfo | undefined): boolean {
  return socket !== undefined && !isOpenSocket(socket);
}
