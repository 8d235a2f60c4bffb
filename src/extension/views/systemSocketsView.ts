import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { SystemSocket, SystemSocketsAnswer } from '../../common/system/systemSocket.js';
import { commandLineText, isConnectable, systemTupleText } from '../../common/system/systemSocketText.js';
import type { Playground } from '../../playground/playground.js';
import { setContextKey } from '../contextKeys.js';
import { escapeMarkdown } from './markdown.js';
import {
  ownerText,
  systemDescription,
  systemGroupLabel,
  systemLabel,
  type SystemNode,
  type SystemSocketNode,
  SystemSocketTree,
} from './systemSocketTree.js';

const systemSocketsViewId = 'socketPlayground.systemSockets';

/** How long after an answer the kernel is asked again, while the view is shown, in ms. */
const interval = 2000;
/** Rows of a group. */
const shownSockets = 200;

/** The tree of all sockets of the machine: asked for while it is shown, and at no other time. */
export class SystemSocketsView implements vscode.TreeDataProvider<SystemNode>, Disposable {
  private readonly store = new DisposableStore();
  private readonly changeEmitter = new vscode.EventEmitter<undefined>();
  private readonly view: vscode.TreeView<SystemNode>;
  private tree = new SystemSocketTree();
  private shown = '';
  private filterText = '';
  private timer: NodeJS.Timeout | undefined;
  private asking: Promise<void> | undefined;
  private isDisposed = false;

  readonly onDidChangeTreeData = this.changeEmitter.event;

  constructor(private readonly playground: Playground) {
    this.store.add(this.changeEmitter);
    this.view = this.store.add(
      vscode.window.createTreeView(systemSocketsViewId, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.store.add(this.view.onDidChangeVisibility(() => this.follow()));
    this.store.add(playground.system.onDidChange(() => this.follow()));
    this.store.add({
      dispose: () => {
        this.isDisposed = true;
        clearTimeout(this.timer);
      },
    });
  }

  get filter(): string {
    return this.filterText;
  }

  /** @param text As ss(8) has it, and known to be right; empty for none. */
  setFilter(text: string): Promise<void> {
    this.filterText = text;
    this.view.description = text;
    setContextKey('hasSystemFilter', text !== '');
    return this.refresh();
  }

  /** Asks the kernel now. */
  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    // An answer on its way may be to another filter.
    await this.asking;
    this.asking = this.ask().finally(() => {
      this.asking = undefined;
    });
    await this.asking;
    clearTimeout(this.timer);
    if (this.view.visible && !this.isDisposed) {
      this.timer = setTimeout(() => void this.refresh(), interval);
    }
  }

  getChildren(node?: SystemNode): SystemNode[] {
    return [...(node ? this.tree.childrenOf(node) : this.tree.roots)];
  }

  getTreeItem(node: SystemNode): vscode.TreeItem {
    switch (node.kind) {
      case 'systemGroup': {
        const isOpen = node.group === 'listening' || node.group === 'connected' || node.group === 'udp';
        const item = new vscode.TreeItem(
          systemGroupLabel(node.group),
          isOpen ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
        );
        item.id = node.key;
        item.description = node.count.toLocaleString(vscode.env.language);
        item.contextValue = 'systemGroup';
        return item;
      }
      case 'systemMore': {
        const item = new vscode.TreeItem(t('{0} more…', node.count.toLocaleString(vscode.env.language)));
        item.id = node.key;
        item.contextValue = 'systemMore';
        item.tooltip = t(
          'The tree shows the first {0} sockets of a group. A filter finds the others.',
          shownSockets,
        );
        item.command = { command: 'socketPlayground.filterSystemSockets', title: t('Filter System Sockets') };
        return item;
      }
      case 'systemSocket':
        return socketItem(node);
    }
  }

  resolveTreeItem(item: vscode.TreeItem, node: SystemNode): vscode.TreeItem {
    if (node.kind === 'systemSocket') {
      item.tooltip = tooltipOf(node);
    }
    return item;
  }

  dispose(): void {
    this.store.dispose();
  }

  private follow(): void {
    clearTimeout(this.timer);
    if (this.view.visible) {
      void this.refresh();
    }
  }

  private async ask(): Promise<void> {
    try {
      const answer = await this.playground.system.list({
        ...(this.filterText === '' ? {} : { filter: this.filterText }),
        withOwners: true,
        limitPerGroup: shownSockets,
      });
      this.take(answer);
    } catch (error) {
      if (!this.isDisposed) {
        this.view.message = t('The sockets cannot be listed: {0}', (error as Error).message);
      }
    }
  }

  private take(answer: SystemSocketsAnswer): void {
    if (this.isDisposed) {
      return;
    }
    this.view.message = messageOf(answer);
    const tree = new SystemSocketTree(answer);
    const shown = describe(tree);
    if (shown !== this.shown) {
      this.shown = shown;
      this.tree = tree;
      this.changeEmitter.fire(undefined);
    }
  }
}

/** What all rows say, so that an answer that changes none updates none. */
function describe(tree: SystemSocketTree): string {
  return tree.roots
    .flatMap((root) => [root, ...tree.childrenOf(root)])
    .map((node) =>
      node.kind === 'systemSocket'
        ? `${node.key} ${systemLabel(node.socket)} ${systemDescription(node)}`
        : `${node.key} ${node.count}`,
    )
    .join('\n');
}

function messageOf({ total, problems, hiddenProcesses }: SystemSocketsAnswer): string {
  const refused = problems.filter(({ errno }) => errno !== 'ENOENT');
  const messages = [
    ...(total === 0 ? [t('No socket matches.')] : []),
    ...refused.map(({ kind, errno }) =>
      t('The kernel does not list {0} sockets here: {1}.', kind, String(errno)),
    ),
    ...(hiddenProcesses === 0
      ? []
      : [t('{0} processes of other users do not show which sockets they hold.', hiddenProcesses)]),
  ];
  return messages.join(' ');
}

function socketItem(node: SystemSocketNode): vscode.TreeItem {
  const { socket, process } = node;
  const label = systemLabel(socket);
  const isOwn = socket.ownId !== null;
  const item = new vscode.TreeItem(
    // Own ones are marked by their weight too, not by the icon alone.
    isOwn ? { label, highlights: [[0, label.length]] } : label,
    vscode.TreeItemCollapsibleState.None,
  );
  item.id = node.key;
  item.description = systemDescription(node);
  item.iconPath = new vscode.ThemeIcon(iconOf(socket), new vscode.ThemeColor(colorOf(socket)));
  item.contextValue = [
    'systemSocket',
    ...(isOwn ? ['own'] : []),
    ...(process ? ['held'] : []),
    ...(process && process.role === null ? ['endable'] : []),
    ...(isConnectable(socket) ? ['connectable'] : []),
    ...(socket.local && 'port' in socket.local && socket.kind !== 'raw' ? ['port'] : []),
  ].join(' ');
  item.command = {
    command: 'socketPlayground.inspectSystemSocket',
    title: t('Inspect'),
    arguments: [node],
  };
  item.accessibilityInformation = { label: `${label}, ${item.description}` };
  return item;
}

function tooltipOf({ socket, process }: SystemSocketNode): vscode.MarkdownString {
  const queues: [string, string] =
    socket.state === 'LISTEN'
      ? [t('accept queue'), t('{0} of {1}', socket.receiveQueue ?? '?', socket.sendQueue ?? '?')]
      : ['Recv-Q / Send-Q', `${socket.receiveQueue ?? '?'} / ${socket.sendQueue ?? '?'}`];
  const rows: [string, string][] = [
    queues,
    [t('owner'), ownerText(socket, process)],
    ...(process
      ? ([
          [
            t('command line'),
            process.commandLine ? commandLineText(process).slice(0, 300) : t('not visible'),
          ],
          [t('directory'), process.directory ?? t('not visible')],
        ] as [string, string][])
      : []),
    ['inode', String(socket.inode ?? '–')],
  ];
  return new vscode.MarkdownString(
    [
      `**${escapeMarkdown(systemTupleText(socket))}**  `,
      rows.map(([name, value]) => `${escapeMarkdown(name)}: ${escapeMarkdown(value)}`).join('  \n'),
    ].join('\n'),
  );
}

function iconOf({ kind, state }: SystemSocket): string {
  switch (kind) {
    case 'unix':
      return 'file-symlink-file';
    case 'udp':
    case 'udplite':
      return 'radio-tower';
    case 'raw':
    case 'packet':
      return 'zap';
    case 'netlink':
      return 'circuit-board';
    default:
      return state === 'LISTEN' ? 'broadcast' : 'arrow-swap';
  }
}

function colorOf({ state, kind }: SystemSocket): string {
  switch (state) {
    case 'LISTEN':
      return 'charts.blue';
    case 'ESTABLISHED':
      return 'charts.green';
    case 'SYN_SENT':
    case 'SYN_RECV':
    case 'NEW_SYN_RECV':
      return 'socketPlayground.connecting';
    case 'CLOSE':
      return kind === 'udp' ? 'charts.blue' : 'editorLineNumber.foreground';
    case 'BOUND_INACTIVE':
      return 'editorLineNumber.foreground';
    default:
      return 'socketPlayground.closing';
  }
}
