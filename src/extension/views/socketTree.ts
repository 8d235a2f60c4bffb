import type { SocketId, SocketInfo } from '../../common/socket.js';
import { byProtocol, endedGroup, type Grouping } from './socketGroups.js';

/** A row of the tree; equal rows are the same object, so that VS Code updates them in place. */
export type SocketNode =
  | { readonly kind: 'group'; readonly key: string; readonly group: string }
  | { readonly kind: 'socket'; readonly key: string; readonly socketId: SocketId }
  | { readonly kind: 'more'; readonly key: string; readonly parentKey: string };

/** Rows under one parent at first; the rest is one row that says how many, and shows as many more. */
export const visibleSockets = 200;

/** What stands under one parent. */
class Branch {
  /** In the order in which they were made, which is that of their ids. */
  socketIds: SocketId[] = [];
  /** What is shown of them. */
  nodes: SocketNode[] = [];
  limit = visibleSockets;
  private readonly added = new Set<SocketId>();
  private readonly removed = new Set<SocketId>();

  /** @param key The same text for all that stand here. */
  constructor(readonly key: string) {}

  /** Its rows are those of its sockets: mostly others than the first ones have come or gone. */
  get isShown(): boolean {
    const { socketIds, nodes, limit } = this;
    const hasMore = socketIds.length > limit;
    return (
      nodes.length === Math.min(socketIds.length, limit) + (hasMore ? 1 : 0) &&
      nodes.every(
        (node, row) =>
          node.kind === (row < limit ? 'socket' : 'more') &&
          (node.kind !== 'socket' || node.socketId === socketIds[row]),
      )
    );
  }

  /** Where {@link settle} is yet to come, what has come counts and what has gone does not. */
  ids(): SocketId[] {
    return [...this.socketIds.filter((id) => !this.removed.has(id)), ...this.added];
  }

  add(id: SocketId): void {
    if (!this.removed.delete(id)) {
      this.added.add(id);
    }
  }

  remove(id: SocketId): void {
    if (!this.added.delete(id)) {
      this.removed.add(id);
    }
  }

  /** Takes over what has come and gone. */
  settle(): void {
    if (this.removed.size > 0) {
      this.socketIds = this.socketIds.filter((id) => !this.removed.has(id));
      this.removed.clear();
    }
    if (this.added.size > 0) {
      const last = this.socketIds.at(-1) ?? 0;
      const isInOrder = [...this.added].every((id) => id > last);
      this.socketIds.push(...[...this.added].sort((a, b) => a - b));
      if (!isInOrder) {
        this.socketIds.sort((a, b) => a - b);
      }
      this.added.clear();
    }
  }
}

/**
 * Which sockets stand where: groups, listeners with their accepted sockets below them. An update costs what has
 * changed, not what there is.
 */
export class SocketTree {
  private readonly nodes = new Map<string, SocketNode>();
  private groups: SocketNode[] = [];
  private readonly branches = new Map<string, Branch>();
  private readonly parents = new Map<SocketId, string>();
  private readonly groupsById = new Map<SocketId, string>();
  private readonly counts = new Map<string, number>();

  constructor(private readonly grouping: Grouping = byProtocol) {}

  /**
   * Takes the sockets as they are now.
   * @param changedIds Those that may have come, gone or changed; all where they are left out.
   * @returns The rows whose children have changed; undefined stands for the root.
   */
  update(
    sockets: ReadonlyMap<SocketId, SocketInfo>,
    changedIds: Iterable<SocketId> = [...this.parents.keys(), ...sockets.keys()],
  ): (SocketNode | undefined)[] {
    const touched = new Set<string>();
    for (const id of changedIds) {
      this.place(id, sockets, touched);
    }
    return this.settle(touched);
  }

  get roots(): readonly SocketNode[] {
    return this.groups;
  }

  children(node: SocketNode): readonly SocketNode[] {
    return this.branches.get(node.key)?.nodes ?? [];
  }

  /** How many sockets a group has, those below listeners too. */
  count(node: SocketNode & { kind: 'group' }): number {
    return this.counts.get(node.group) ?? 0;
  }

  /** How many sockets a row of kind `more` stands for. */
  hiddenCount(parentKey: string): number {
    const branch = this.branches.get(parentKey);
    return branch ? Math.max(0, branch.socketIds.length - branch.limit) : 0;
  }

  /** Shows as many more sockets as are shown at first. The row to draw again. */
  showMore({ parentKey }: SocketNode & { kind: 'more' }): SocketNode | undefined {
    const branch = this.branches.get(parentKey);
    if (!branch) {
      return undefined;
    }
    branch.limit += visibleSockets;
    this.show(parentKey, branch);
    return this.nodes.get(parentKey);
  }

  /**
   * Shows as many sockets as it takes until this one has a row, and so has what it stands below.
   * @returns The rows to draw again.
   */
  showUntil(socketId: SocketId): SocketNode[] {
    const parentKey = this.parents.get(socketId);
    const branch = parentKey === undefined ? undefined : this.branches.get(parentKey);
    if (parentKey === undefined || !branch) {
      return [];
    }
    const listenerId = socketIdOf(parentKey);
    const changed = listenerId === undefined ? [] : this.showUntil(listenerId);
    const needed = branch.socketIds.indexOf(socketId) + 1;
    if (needed > branch.limit) {
      branch.limit = Math.ceil(needed / visibleSockets) * visibleSockets;
      this.show(parentKey, branch);
      changed.push(...[this.nodes.get(parentKey)].filter((node) => node !== undefined));
    }
    return changed;
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
    return this.nodes.get(socketKey(socketId));
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

  /** Puts a socket where it belongs now. */
  private place(id: SocketId, sockets: ReadonlyMap<SocketId, SocketInfo>, touched: Set<string>): void {
    const socket = sockets.get(id);
    const parentKey = socket && this.parentKeyOf(socket, sockets);
    const before = this.parents.get(id);
    if (parentKey !== before) {
      if (before !== undefined) {
        this.branchOf(before).remove(id);
        this.parents.delete(id);
        touched.add(before);
      }
      if (parentKey !== undefined) {
        const branch = this.branchOf(parentKey);
        branch.add(id);
        this.parents.set(id, branch.key);
        touched.add(parentKey);
      }
      // What it has accepted may stand elsewhere now.
      for (const child of this.branches.get(socketKey(id))?.ids() ?? []) {
        this.place(child, sockets, touched);
      }
    }
    this.countIn(id, socket && this.grouping.groupOf(socket), touched);
  }

  private countIn(id: SocketId, group: string | undefined, touched: Set<string>): void {
    const before = this.groupsById.get(id);
    if (group === before) {
      return;
    }
    if (before !== undefined) {
      this.counts.set(before, (this.counts.get(before) ?? 0) - 1);
      this.groupsById.delete(id);
      touched.add(groupKey(before));
    }
    if (group !== undefined) {
      this.counts.set(group, (this.counts.get(group) ?? 0) + 1);
      this.groupsById.set(id, group);
      touched.add(groupKey(group));
    }
  }

  private settle(touched: ReadonlySet<string>): (SocketNode | undefined)[] {
    const hidden: SocketNode[] = [];
    for (const key of touched) {
      const branch = this.branches.get(key);
      if (branch) {
        branch.settle();
        hidden.push(...this.show(key, branch));
        if (branch.socketIds.length === 0) {
          this.branches.delete(key);
        }
      }
    }
    const before = this.groups;
    this.groups = this.grouping
      .inOrder([...this.counts.keys()].filter((group) => this.branches.has(groupKey(group))))
      .map((group) => this.intern({ kind: 'group', key: groupKey(group), group }));
    hidden.push(...before.filter((node) => !this.groups.includes(node)));
    for (const node of hidden) {
      if (!this.isShown(node)) {
        this.nodes.delete(node.key);
      }
    }
    if (!isSame(this.groups, before)) {
      return [undefined];
    }
    return [...touched].flatMap((key) => this.nodes.get(key) ?? []);
  }

  /** Makes the rows of a branch. Those that it had before and has no more. */
  private show(key: string, branch: Branch): SocketNode[] {
    if (branch.isShown) {
      return [];
    }
    const before = branch.nodes;
    branch.nodes = branch.socketIds
      .slice(0, branch.limit)
      .map((socketId) => this.intern({ kind: 'socket', key: socketKey(socketId), socketId }));
    if (branch.socketIds.length > branch.limit) {
      branch.nodes.push(this.intern({ kind: 'more', key: `more:${key}`, parentKey: key }));
    }
    const now = new Set(branch.nodes);
    return before.filter((node) => !now.has(node));
  }

  /** A row may have left one branch for another. */
  private isShown(node: SocketNode): boolean {
    switch (node.kind) {
      case 'group':
        return this.groups.includes(node);
      case 'more':
        return this.branches.get(node.parentKey)?.nodes.at(-1) === node;
      case 'socket': {
        const parentKey = this.parents.get(node.socketId);
        return parentKey !== undefined && (this.branches.get(parentKey)?.nodes.includes(node) ?? false);
      }
    }
  }

  private parentKeyOf(socket: SocketInfo, sockets: ReadonlyMap<SocketId, SocketInfo>): string {
    const group = this.grouping.groupOf(socket);
    const listener = socket.listenerId === null ? undefined : sockets.get(socket.listenerId);
    return listener && group !== endedGroup && this.grouping.groupOf(listener) === group
      ? socketKey(listener.id)
      : groupKey(group);
  }

  private branchOf(key: string): Branch {
    let branch = this.branches.get(key);
    if (!branch) {
      branch = new Branch(key);
      this.branches.set(key, branch);
    }
    return branch;
  }

  private intern(node: SocketNode): SocketNode {
    const known = this.nodes.get(node.key);
    if (known) {
      return known;
    }
    this.nodes.set(node.key, node);
    return node;
  }
}

function groupKey(group: string): string {
  return `group:${group}`;
}

function socketKey(socketId: SocketId | ''): string {
  return `socket:${socketId}`;
}

/** The socket whose row has this key. */
function socketIdOf(key: string): SocketId | undefined {
  return key.startsWith(socketKey('')) ? Number(key.slice(socketKey('').length)) : undefined;
}

function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
