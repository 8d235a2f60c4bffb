import * as vscode from 'vscode';
import { lostHostText } from '../../common/hostText.js';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { SocketId } from '../../common/socket.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import type { Playground } from '../../playground/playground.js';
import { byProtocol, byScenario, endedGroup, type GroupBy, type Grouping } from './socketGroups.js';
import { SocketMakers } from './socketMakers.js';
import { setContextKey } from '../contextKeys.js';
import { rowText, rowTooltip, selectCommand, socketRow } from './socketRow.js';
import { type SocketNode, SocketTree } from './socketTree.js';

const openSocketsViewId = 'socketPlayground.openSockets';

/** Of the last row of a group that shows a part of its sockets. Not in the palette: it is about that row. */
const showMoreCommand = 'socketPlayground.showMoreSockets';
/** What the user chose to group by is kept here. */
const groupByKey = 'socketPlayground.groupBy';

/** At most one update of the tree in this time, in ms: a frame, and with many rows as often as anybody can read them. */
const frame = 16;
const manyRowsFrame = 200;
const manyRows = 100;

/** The tree of open sockets: by protocol or by scenario, accepted sockets below their listener, live while it is shown. */
export class OpenSocketsView implements vscode.TreeDataProvider<SocketNode>, Disposable {
  private readonly store = new DisposableStore();
  private readonly changeEmitter = new vscode.EventEmitter<SocketNode | SocketNode[] | undefined>();
  private readonly selectEmitter = new vscode.EventEmitter<SocketId>();
  private readonly makers: SocketMakers;
  private grouping: Grouping = byProtocol;
  private tree = new SocketTree();
  private readonly view: vscode.TreeView<SocketNode>;
  private readonly watcher;
  /** Sockets that have changed since the last update. */
  private readonly dirty = new Set<SocketId>();
  /** What was selected when VS Code last told of it. */
  private selected: readonly SocketId[] = [];
  /** What each row showed last, so that a change that does not show updates nothing. */
  private readonly shown = new Map<SocketId, string>();
  /** What is to be shown as selected once what is being shown now is. */
  private wanted: SocketId | undefined;
  private isRevealing = false;
  /** Listeners whose accepted sockets have been shown. */
  private readonly expanded = new Set<SocketId>();
  private timer: NodeJS.Timeout | undefined;

  readonly onDidChangeTreeData = this.changeEmitter.event;
  /** The user selected a socket. */
  readonly onDidSelect = this.selectEmitter.event;

  constructor(
    private readonly playground: Playground,
    private readonly memento: vscode.Memento,
  ) {
    this.watcher = this.store.add(playground.createWatcher());
    this.makers = this.store.add(new SocketMakers(playground));
    this.setGrouping(memento.get(groupByKey) === 'scenario' ? 'scenario' : 'protocol');
    this.view = this.store.add(
      vscode.window.createTreeView(openSocketsViewId, {
        treeDataProvider: this,
        showCollapseAll: true,
        canSelectMany: true,
      }),
    );
    this.store.add(this.makers.onDidLearn((ids) => this.changed(ids)));
    this.store.add(this.changeEmitter);
    this.store.add(this.selectEmitter);
    this.store.add(
      playground.onDidChange(({ sockets, removed }) => {
        this.changed(sockets.map(({ id }) => id));
        this.changed(removed);
      }),
    );
    this.store.add(playground.onDidChangeStatus(() => this.showStatus()));
    this.store.add(this.view.onDidChangeVisibility(() => this.watch()));
    this.store.add(
      this.view.onDidChangeSelection(({ selection }) => {
        this.selected = socketIdsOf(selection);
      }),
    );
    // Not by the tree's selection: that changes too, now or later, when the panel's does.
    this.store.add(
      vscode.commands.registerCommand(selectCommand, (socketId: SocketId) =>
        this.selectEmitter.fire(socketId),
      ),
    );
    this.store.add(
      vscode.commands.registerCommand(showMoreCommand, (node: SocketNode & { kind: 'more' }) =>
        this.showMore(node),
      ),
    );
    this.store.add({ dispose: () => clearTimeout(this.timer) });
    this.showCount();
  }

  getChildren(node?: SocketNode): SocketNode[] {
    return [...(node ? this.tree.children(node) : this.tree.roots)];
  }

  getParent(node: SocketNode): SocketNode | undefined {
    return this.tree.parent(node);
  }

  getTreeItem(node: SocketNode): vscode.TreeItem {
    switch (node.kind) {
      case 'group':
        return this.groupItem(node);
      case 'more':
        return this.moreItem(node);
      case 'socket':
        return this.socketItem(node);
    }
  }

  /** The text of the rows, as a screen reader would walk them: for tests. */
  describe(): string[] {
    const lines: string[] = [];
    const walk = (nodes: readonly SocketNode[], indent: string) => {
      for (const node of nodes) {
        const { label = '', description = '' } = this.getTreeItem(node);
        lines.push(`${indent}${typeof label === 'string' ? label : label.label} | ${description}`);
        walk(this.tree.children(node), `${indent}  `);
      }
    };
    walk(this.tree.roots, '');
    return lines;
  }

  get badge(): vscode.ViewBadge | undefined {
    return this.view.badge;
  }

  get message(): string | undefined {
    return this.view.message;
  }

  /** The sockets that the user has selected. */
  get selectedIds(): SocketId[] {
    const ids = socketIdsOf(this.view.selection);
    // While VS Code reads the tree anew, it knows none of the rows that it shows as selected.
    return ids.length > 0 ? ids : this.selected.filter((id) => this.tree.find(id));
  }

  /** Groups the rows anew, and in the windows to come. */
  async groupBy(groupBy: GroupBy): Promise<void> {
    this.setGrouping(groupBy);
    this.changeEmitter.fire(undefined);
    this.watch();
    await this.memento.update(groupByKey, groupBy);
  }

  /** Brings a socket's row into view, with the focus on it; opens the view for it. */
  async show(socketId: SocketId): Promise<void> {
    const changed = this.tree.showUntil(socketId);
    if (changed.length > 0) {
      this.changeEmitter.fire(changed);
    }
    if (this.tree.find(socketId)) {
      await this.selectRow(socketId, true);
    } else {
      await vscode.commands.executeCommand(`${openSocketsViewId}.focus`);
    }
  }

  /**
   * Shows a socket as selected, when the tree is visible; does not take the focus.
   * Not one that is closed: its group would open, and move those that are open out of sight.
   */
  async reveal(socketId: SocketId): Promise<void> {
    this.wanted = socketId;
    if (this.isRevealing) {
      return;
    }
    this.isRevealing = true;
    while (this.wanted !== undefined) {
      const next: SocketId = this.wanted;
      this.wanted = undefined;
      await this.select(next);
    }
    this.isRevealing = false;
  }

  dispose(): void {
    this.store.dispose();
  }

  private async select(socketId: SocketId): Promise<void> {
    if (this.view.visible && !this.selectedIds.includes(socketId)) {
      try {
        await this.selectRow(socketId, false);
      } catch {
        // Its row has gone meanwhile.
      }
    }
  }

  /**
   * VS Code does nothing, and does not say so, while it reads the tree anew: until the row is selected it is asked again.
   * Not where another row is wanted meanwhile, nor where somebody has left the view: it would come back.
   */
  private async selectRow(socketId: SocketId, focus: boolean): Promise<void> {
    for (let tries = 0; tries < 10; tries++) {
      const node = this.tree.find(socketId);
      const isLeft = tries > 0 && (!this.view.visible || this.wanted !== undefined);
      const isUnasked = !focus && !this.isOpen(socketId);
      if (!node || isLeft || isUnasked) {
        return;
      }
      await this.view.reveal(node, { select: true, focus });
      if (await this.isSelectedSoon(socketId)) {
        return;
      }
    }
  }

  private isOpen(socketId: SocketId): boolean {
    const socket = this.playground.sockets.get(socketId);
    return socket !== undefined && isOpenSocket(socket);
  }

  /** VS Code tells of the selection after it has answered. */
  private isSelectedSoon(socketId: SocketId): Promise<boolean> {
    const isSelected = () => this.selectedIds.includes(socketId);
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        subscription.dispose();
        resolve(isSelected());
      };
      const timer = setTimeout(end, 200);
      const subscription = this.view.onDidChangeSelection(() => {
        if (isSelected()) {
          end();
        }
      });
      if (isSelected()) {
        end();
      }
    });
  }

  private showMore(node: SocketNode & { kind: 'more' }): void {
    const parent = this.tree.showMore(node);
    if (parent) {
      this.changeEmitter.fire(parent);
      this.watch();
    }
  }

  private setGrouping(groupBy: GroupBy): void {
    setContextKey('groupBy', groupBy);
    this.grouping = groupBy === 'scenario' ? byScenario(this.makers.of) : byProtocol;
    this.tree = new SocketTree(this.grouping);
    this.tree.update(this.playground.sockets);
    this.shown.clear();
  }

  private changed(ids: readonly SocketId[]): void {
    for (const id of ids) {
      this.dirty.add(id);
    }
    this.schedule();
  }

  private schedule(): void {
    this.timer ??= setTimeout(
      () => {
        this.timer = undefined;
        this.update();
      },
      this.shown.size > manyRows ? manyRowsFrame : frame,
    );
  }

  private update(): void {
    const changed = new Set(this.tree.update(this.playground.sockets, this.dirty));
    for (const socketId of this.dirty) {
      const node = this.tree.find(socketId);
      const socket = this.playground.sockets.get(socketId);
      if (!node || !socket) {
        this.shown.delete(socketId);
      } else if (rowText(socket) !== this.shown.get(socketId)) {
        changed.add(node);
      }
    }
    this.dirty.clear();
    if (changed.has(undefined)) {
      this.changeEmitter.fire(undefined);
    } else if (changed.size > 0) {
      this.changeEmitter.fire([...changed].filter((node) => node !== undefined));
    }
    this.showCount();
    this.watch();
    this.expandListeners(changed);
  }

  /** VS Code keeps a row closed that once had nothing below it: the first accepted socket opens it. */
  private expandListeners(changed: Iterable<SocketNode | undefined>): void {
    for (const node of changed) {
      if (
        node?.kind === 'socket' &&
        this.view.visible &&
        this.tree.children(node).length > 0 &&
        !this.expanded.has(node.socketId)
      ) {
        this.expanded.add(node.socketId);
        this.view.reveal(node, { select: false, focus: false, expand: true }).then(undefined, () => {
          // The row is gone already.
        });
      }
    }
  }

  private watch(): void {
    this.watcher.watch(this.view.visible ? [...this.tree.shownIds()] : []);
  }

  private showCount(): void {
    const count = this.playground.openCount;
    if ((this.view.badge?.value ?? 0) !== count) {
      this.view.badge =
        count === 0
          ? undefined
          : { value: count, tooltip: count === 1 ? t('1 open socket') : t('{0} open sockets', count) };
    }
  }

  private showStatus(): void {
    const { status } = this.playground;
    switch (status.kind) {
      case 'lost':
        this.view.message = lostHostText(status);
        break;
      case 'unsupported':
        this.view.message = status.reason;
        break;
      default:
        this.view.message = '';
    }
  }

  private groupItem(node: SocketNode & { kind: 'group' }): vscode.TreeItem {
    const item = new vscode.TreeItem(
      this.grouping.label(node.group),
      node.group === endedGroup
        ? vscode.TreeItemCollapsibleState.Collapsed
        : vscode.TreeItemCollapsibleState.Expanded,
    );
    const count = this.tree.count(node);
    item.id = node.key;
    item.description = String(count);
    item.contextValue = node.group === endedGroup ? 'group ended' : 'group';
    item.accessibilityInformation = {
      label:
        count === 1
          ? t('{0}, 1 socket', this.grouping.label(node.group))
          : t('{0}, {1} sockets', this.grouping.label(node.group), count),
    };
    return item;
  }

  private moreItem(node: SocketNode & { kind: 'more' }): vscode.TreeItem {
    const count = this.tree.hiddenCount(node.parentKey).toLocaleString(vscode.env.language);
    const item = new vscode.TreeItem(t('{0} more…', count));
    item.id = node.key;
    item.contextValue = 'more';
    item.command = { command: showMoreCommand, title: t('Show More Sockets'), arguments: [node] };
    item.tooltip = t('Shows 200 more sockets. The playground shows the calls of all.');
    return item;
  }

  private socketItem(node: SocketNode & { kind: 'socket' }): vscode.TreeItem {
    const socket = this.playground.sockets.get(node.socketId);
    if (!socket) {
      return new vscode.TreeItem('');
    }
    const item = socketRow(socket, this.tree.children(node).length > 0);
    item.id = node.key;
    this.shown.set(socket.id, rowText(socket));
    return item;
  }

  /** Made when the pointer rests on a row, so that the row itself stays cheap. */
  resolveTreeItem(item: vscode.TreeItem, node: SocketNode): vscode.TreeItem {
    const socket = node.kind === 'socket' ? this.playground.sockets.get(node.socketId) : undefined;
    if (socket) {
      item.tooltip = rowTooltip(socket);
    }
    return item;
  }
}

function socketIdsOf(nodes: readonly SocketNode[]): SocketId[] {
  return nodes.flatMap((node) => (node.kind === 'socket' ? [node.socketId] : []));
}
