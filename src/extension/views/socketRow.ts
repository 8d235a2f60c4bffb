import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { menuWords } from '../../common/menuWords.js';
import type { SocketInfo } from '../../common/socket.js';
import {
  descriptorSentence,
  roleText,
  socketIcon,
  type SocketTone,
  socketTone,
} from '../../common/socketText.js';
import { escapeMarkdown } from './markdown.js';
import { socketDescription, socketLabel, tooltipRows } from './socketText.js';

/** Of a socket's row. Not in the palette: it is about that row. */
export const selectCommand = 'socketPlayground.selectSocket';

const colors: Record<SocketTone, string> = {
  none: 'editorLineNumber.foreground',
  listen: 'charts.blue',
  handshake: 'socketPlayground.connecting',
  open: 'charts.green',
  closing: 'socketPlayground.closing',
};

/** The row of a socket in the tree. */
export function socketRow(socket: SocketInfo, hasAccepted: boolean): vscode.TreeItem {
  const item = new vscode.TreeItem(
    socketLabel(socket),
    hasAccepted ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None,
  );
  item.description = socketDescription(socket);
  item.iconPath = new vscode.ThemeIcon(socketIcon(socket), new vscode.ThemeColor(colors[socketTone(socket)]));
  item.contextValue = menuWords(socket);
  item.accessibilityInformation = {
    label: `${roleText(socket)}, ${socketLabel(socket)}, ${socketDescription(socket)}`,
  };
  item.command = { command: selectCommand, title: t('Select'), arguments: [socket.id] };
  return item;
}

/** All that a row shows, to see whether it has changed. */
export function rowText(socket: SocketInfo): string {
  return [
    socketLabel(socket),
    socketDescription(socket),
    socketIcon(socket),
    socketTone(socket),
    menuWords(socket),
  ].join('\n');
}

/** What is shown when the pointer rests on a row. */
export function rowTooltip(socket: SocketInfo): vscode.MarkdownString {
  const rows = tooltipRows(socket).map(
    ([name, value]) => `${escapeMarkdown(name)}: ${escapeMarkdown(value)}`,
  );
  return new vscode.MarkdownString(
    [
      `**${escapeMarkdown(socketLabel(socket))}** ${escapeMarkdown(roleText(socket))}  `,
      rows.join('  \n'),
      '\n---\n',
      escapeMarkdown(descriptorSentence()),
    ].join('\n'),
  );
}
