import path from 'node:path';
import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import type { SocketInfo } from '../../common/socket.js';
import { numberedTitle } from '../../common/socketText.js';
import {
  connectionOf,
  exportRecords,
  type ExportFormat,
  exportStream,
  type ExportSummary,
  leftOutText,
  type Sink,
} from '../../playground/export/exportRecords.js';
import { writeFileWhole } from '../../playground/export/fileSink.js';
import { type ReadOptions, type RecordScope, RecordSource } from '../../playground/export/recordSource.js';
import type { Playground } from '../../playground/playground.js';
import { escapeIcons } from '../icons.js';
import { showDetail, showError, showInformation } from '../notify.js';

/** What can be exported beside everything. */
export interface ExportChoices {
  /** The display filter that the page shows; empty for none. */
  filter: string;
  socket: SocketInfo | undefined;
}

/** Asks which records, in which format and for a file, and writes it: the file's ending decides, where it says another format. */
export async function askAndExport(playground: Playground, choices: ExportChoices): Promise<void> {
  if (playground.lastSeq < playground.firstSeq) {
    void showInformation(t('There are no records to export.'));
    return;
  }
  const scope = await chooseScope(t('Export Records'), choices);
  const socket = scope?.socketIds && choices.socket;
  const chosen = scope && (await chooseFormat(socket));
  if (chosen === 'raw') {
    await askAndSaveStream(playground, socket!);
    return;
  }
  const uri = chosen && (await chooseFile(chosen));
  if (!uri) {
    return;
  }
  const format = formatOf(uri, chosen);
  const summary = await writeWithProgress(playground, uri, (source, sink) =>
    exportRecords(source, scope, format, sink),
  );
  if (summary) {
    await tellExported(uri, format, summary);
  }
}

/** The palette gives the focus back when a question may be open already, which would end it unanswered. */
const ignoreFocusOut = true;

/** Asks for a direction and a file, and writes the bytes that a socket received or sent. */
export async function askAndSaveStream(playground: Playground, socket: SocketInfo): Promise<void> {
  const choices = [
    { label: t('Received Bytes'), direction: 'in' },
    { label: t('Sent Bytes'), direction: 'out' },
  ] as const;
  const choice = await vscode.window.showQuickPick(choices, {
    title: t('Save the Bytes of {0}', numberedTitle(socket)),
    placeHolder: t('Which direction?'),
    ignoreFocusOut,
  });
  const uri =
    choice && (await vscode.window.showSaveDialog({ title: choice.label, ...inWorkspace('stream.bin') }));
  if (!uri) {
    return;
  }
  const written = await writeWithProgress(playground, uri, (source, sink) =>
    exportStream(source, socket.id, choice.direction, sink),
  );
  if (written) {
    const { bytes, missingBytes } = written;
    const missing = missingBytes > 0 ? t('{0} bytes of data were no longer kept.', missingBytes) : '';
    void showInformation(`${t('Saved {0} bytes.', bytes)} ${missing}`.trim());
  }
}

/** Writes records into a file, in the format that its ending says. */
export function writeRecords(
  playground: Playground,
  uri: vscode.Uri,
  scope: RecordScope = {},
  options: ReadOptions = {},
): Promise<ExportSummary> {
  const source = new RecordSource(playground, options);
  return writeFileWhole(uri.fsPath, (sink) => exportRecords(source, scope, formatOf(uri), sink));
}

/** Undefined when the user dismisses it; with nothing to choose from there is no question. */
export async function chooseScope(
  title: string,
  { filter, socket }: ExportChoices,
): Promise<RecordScope | undefined> {
  const items: (vscode.QuickPickItem & { scope: RecordScope })[] = [
    { label: t('All Records'), scope: {} },
    ...(filter === ''
      ? []
      : [{ label: t('Records That Fit the Filter'), description: escapeIcons(filter), scope: { filter } }]),
    ...(socket
      ? [
          {
            label: t('The Selected Connection'),
            description: escapeIcons(numberedTitle(socket)),
            scope: { socketIds: connectionOf(socket) },
          },
        ]
      : []),
  ];
  if (items.length === 1) {
    return items[0]!.scope;
  }
  const choice = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: t('Which records?'),
    ignoreFocusOut,
  });
  return choice?.scope;
}

/** How a format is called, and the endings of its files, the first of which is proposed. */
const formats = {
  transcript: { label: () => t('Transcript'), endings: ['sockets', 'txt'] },
  pcapng: { label: () => t('Wireshark Capture'), endings: ['pcapng'] },
  jsonl: { label: () => t('JSON Lines'), endings: ['jsonl', 'json'] },
} as const;

/** @param socket The one whose raw bytes can be saved, where its connection is chosen. */
async function chooseFormat(socket: SocketInfo | undefined): Promise<ExportFormat | 'raw' | undefined> {
  const details: Record<ExportFormat, string> = {
    transcript: t('A scenario: the calls with what they answered, to read and to run.'),
    pcapng: t('pcapng: the TCP and UDP traffic as packets with synthetic headers.'),
    jsonl: t('One object a record, for programs.'),
  };
  const order = ['transcript', 'pcapng', 'jsonl'] as const;
  const items: (vscode.QuickPickItem & { format: ExportFormat | 'raw' })[] = [
    ...order.map((format) => ({
      label: formats[format].label(),
      description: `.${formats[format].endings[0]}`,
      detail: details[format],
      format,
    })),
    ...(socket
      ? [
          {
            label: t('Raw Bytes'),
            description: escapeIcons(numberedTitle(socket)),
            detail: t('What this socket received or sent, and nothing else.'),
            format: 'raw' as const,
          },
        ]
      : []),
  ];
  const choice = await vscode.window.showQuickPick(items, {
    title: t('Export Records'),
    placeHolder: t('Which format?'),
    ignoreFocusOut,
  });
  return choice?.format;
}

function chooseFile(format: ExportFormat): Thenable<vscode.Uri | undefined> {
  const { label, endings } = formats[format];
  return vscode.window.showSaveDialog({
    title: t('Export Records'),
    filters: { [label()]: [...endings] },
    ...inWorkspace(`recording.${endings[0]}`),
  });
}

function inWorkspace(name: string): { defaultUri?: vscode.Uri } {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {};
}

/** @param otherwise Where the ending says nothing. */
function formatOf(uri: vscode.Uri, otherwise: ExportFormat = 'transcript'): ExportFormat {
  const [ending] = /[^.]*$/.exec(uri.path.toLowerCase())!;
  const known = Object.entries(formats).find(([, { endings }]) => endings.some((one) => one === ending));
  return known ? (known[0] as ExportFormat) : otherwise;
}

/** Writes a file with a notification that shows how far it is and can end it. Undefined when it was ended, or failed. */
async function writeWithProgress<T>(
  playground: Playground,
  uri: vscode.Uri,
  write: (source: RecordSource, sink: Sink) => Promise<T>,
): Promise<T | undefined> {
  const controller = new AbortController();
  try {
    return await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: t('Exporting records'), cancellable: true },
      (progress, token) => {
        token.onCancellationRequested(() => controller.abort());
        let shown = 0;
        const source = new RecordSource(playground, {
          signal: controller.signal,
          onDidProgress: (share) => {
            const percent = Math.floor(100 * share);
            if (percent > shown) {
              progress.report({ increment: percent - shown });
              shown = percent;
            }
          },
        });
        return writeFileWhole(uri.fsPath, (sink) => write(source, sink));
      },
    );
  } catch (error) {
    if (!controller.signal.aborted) {
      void showError(t('{0} cannot be written: {1}', uri.fsPath, (error as Error).message));
    }
    return undefined;
  }
}

/** A short notice that names the file; what is not in it, a press away. */
async function tellExported(uri: vscode.Uri, format: ExportFormat, summary: ExportSummary): Promise<void> {
  const name = path.basename(uri.fsPath);
  const { written, packets } = summary;
  if (format === 'pcapng') {
    const text =
      packets === 1 ? t('Exported 1 packet to {0}.', name) : t('Exported {0} packets to {1}.', packets, name);
    const details = t('What Is Left Out');
    if ((await showInformation(text, details)) === details) {
      await showDetail(text, leftOutText(summary));
    }
    return;
  }
  const open = t('Open File');
  const text =
    written === 1 ? t('Exported 1 record to {0}.', name) : t('Exported {0} records to {1}.', written, name);
  if ((await showInformation(text, open)) === open) {
    await vscode.window.showTextDocument(uri);
  }
}
