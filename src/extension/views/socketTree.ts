import type { SocketId, SocketInfo } from '../../common/socket.js';
import { groupOf, type SocketGroup, socketGroups } from './socketText.js';

/** A row of the tree; equal rows are the same object, so that VS Code updates them in place. */
export type SocketNode =
  | { readonly kind: 'group'; readonly key: string; readonly group: SocketGroup }
  | { readonly kind: 'socket'; readonly key: string; readonly socketId: SocketId }
  | { readonly kind: 'more'; readonly key: string; readonly parentKey: string };

/** Rows under one parent, at most; the rest is one row that says how many. */
export const visibleSockets = 200;

interface Branch {
  /** All sockets under this parent, in the order in which they were made. */
  socketIds: SocketId[];
  /** What is shown of them. */
  nodes: SocketNode[];
}

/** Which sockets stand where: groups, listeners with their accepted sockets below them. */
export class SocketTree {
  private readonly nodes = new Map<string, SocketNode>();
  private groups: SocketNode[] = [];
  private branches = new Map<string, Branch>();
  private parents = new Map<SocketId, string>();

  /**
   * Takes the sockets as they are now.
   * @returns The rows whose children have changed; undefined stands for the root.
   */
  update(sockets: ReadonlyMap<SocketId, SocketInfo>): (SocketNode | undefined)[] {
    const lists = new Map<string, SocketId[]>();
    const parents = new Map<SocketId, string>();
    for (const socket of sockets.values()) {
      const parentKey = parentOf(socket, sockets);
      parents.set(socket.id, parentKey);
      const list = lists.get(parentKey);
      if (list) {
        list.push(socket.id);
      } else {
        lists.set(parentKey, [socket.id]);
      }
    }
    this.parents = parents;
    return this.replace(lists);
  }

  get roots(): readonly SocketNode[] {
    return this.groups;
  }

  children(node: SocketNode): readonly SocketNode[] {
    return this.branches.get(node.key)?.nodes ?? [];
  }

  /** How many sockets stand below a row, at any depth. */
  count(node: SocketNode): number {
    const socketIds = this.branches.get(node.key)?.socketIds ?? [];
    return socketIds.reduce(
      (sum, id) => sum + (this.branches.get(socketKey(id))?.socketIds.length ?? 0),
      socketIds.length,
    );
  }

  /** How many sockets a row of kind `more` stands for. */
  hiddenCount(parentKey: string): number {
    return Math.max(0, (this.branches.get(parentKey)?.socketIds.length ?? 0) - visibleSockets);
  }

  parent(node: SocketNode): SocketNode | undefined {
    switch (node.kind) {
      case 'group':
        return undefined;
      case 'more':
        return this.nodes.get(node.parentKey);
      case 'socket': {
        const parentKey = this.parents.get(node.socketId);
        return parentKey === undefined ? undefined : this.nodes.get(parentKey);
      }
    }
  }

  /** The row of a socket, where it is shown. */
  find(socketId: SocketId): SocketNode | undefined {
    const parentKey = this.parents.get(socketId);
    const nodes = parentKey === undefined ? undefined : this.branches.get(parentKey)?.nodes;
    return nodes?.find((node) => node.kind === 'socket' && node.socketId === socketId);
  }

  /** The sockets that have a row. */
  *shownIds(): Iterable<SocketId> {
    for (const { nodes } of this.branches.values()) {
      for (const node of nodes) {
        if (node.kind === 'socket') {
          yield node.socketId;
        }
      }
    }
  }

  private replace(lists: Map<string, SocketId[]>): (SocketNode | undefined)[] {
    const before = this.branches;
    const groupsBefore = this.groups;
    this.branches = new Map([...lists].map(([key, ids]) => [key, this.branch(key, ids, before.get(key))]));
    this.groups = socketGroups
      .filter((group) => lists.has(groupKey(group)))
      .map((group) => this.group(group));
    this.forgetUnused();

    if (!isSame(this.groups, groupsBefore)) {
      return [undefined];
    }
    const changed: SocketNode[] = [];
    for (const key of new Set([...before.keys(), ...this.branches.keys()])) {
      const node = this.nodes.get(key);
      if (node && this.branches.get(key) !== before.get(key)) {
        changed.push(node);
        // A group says how many sockets it has, those below listeners too.
        const parent = this.parent(node);
        if (parent && !changed.includes(parent)) {
          changed.push(parent);
        }
      }
    }
    return changed;
  }

  private branch(key: string, socketIds: SocketId[], before: Branch | undefined): Branch {
    if (before && isSame(before.socketIds, socketIds)) {
      return before;
    }
    const nodes = socketIds.slice(0, visibleSockets).map((id) => this.socket(id));
    if (socketIds.length > visibleSockets) {
      nodes.push(this.intern({ kind: 'more', key: `more:${key}`, parentKey: key }));
    }
    return { socketIds, nodes };
  }

  private group(group: SocketGroup): SocketNode {
    return this.intern({ kind: 'group', key: groupKey(group), group });
  }

  private socket(socketId: SocketId): SocketNode {
    return this.intern({ kind: 'socket', key: socketKey(socketId), socketId });
  }

  private intern(node: SocketNode): SocketNode {
    const known = this.nodes.get(node.key);
    if (known) {
      return known;
    }
    this.nodes.set(node.key, node);
    return node;
  }

  private forgetUnused(): void {
    const used = new Set(this.groups.map(({ key }) => key));
    for (const { nodes } of this.branches.values()) {
      for (const { key } of nodes) {
        used.add(key);
      }
    }
    for (const key of this.nodes.keys()) {
      if (!used.has(key)) {
        this.nodes.delete(key);
      }
    }
  }
}

function parentOf(socket: SocketInfo, sockets: ReadonlyMap<SocketId, SocketInfo>): string {
  const group = groupOf(socket);
  const listener = socket.listenerId === null ? undefined : sockets.get(socket.listenerId);
  return listener && group !== 'Ended' && groupOf(listener) === group
    ? socketKey(listener.id)
    : groupKey(group);
}

function groupKey(group: SocketGroup): string {
  return `group:${group}`;
}

function socketKey(socketId: SocketId): string {
  return `socket:${socketId}`;
}

function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
