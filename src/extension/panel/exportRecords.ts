import * as vscode from 'vscode';
import { type CallRecord, isData } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { printRecord } from '../../common/notation/printer.js';
import { base64, jsonValue } from '../../playground/export/jsonValue.js';
import type { Playground } from '../../playground/playground.js';
import { showInformation } from '../notify.js';
import { platform } from '../platform.js';

/** Records that are read at a time. */
const pageSize = 500;

type Format = 'transcript' | 'json';

/** Asks for a file and writes all records into it: as a scenario that checks itself, or as JSON lines. */
export async function exportRecords(playground: Playground): Promise<void> {
  if (playground.lastSeq < playground.firstSeq) {
    void showInformation(t('There are no records to export.'));
    return;
  }
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    title: t('Export Records'),
    filters: { [t('Transcript')]: ['sockets', 'txt'], [t('JSON Lines')]: ['jsonl', 'json'] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, 'recording.sockets') } : {}),
  });
  if (!uri) {
    return;
  }
  const format: Format = /\.jsonl?$/i.test(uri.path) ? 'json' : 'transcript';
  const count = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: t('Exporting records') },
    () => writeRecords(playground, uri, format),
  );
  const open = t('Open File');
  const message = count === 1 ? t('Exported 1 record.') : t('Exported {0} records.', count);
  if ((await showInformation(message, open)) === open) {
    await vscode.window.showTextDocument(uri);
  }
}

/** Writes all records that are kept, in the order in which they returned, and resolves with their number. */
export async function writeRecords(playground: Playground, uri: vscode.Uri, format: Format): Promise<number> {
  const records: CallRecord[] = [];
  for (let from = playground.firstSeq; from <= playground.lastSeq;) {
    const page = await playground.readRecords(from, pageSize);
    const last = page.at(-1);
    if (!last) {
      break;
    }
    records.push(...page);
    from = last.seq + 1;
  }
  records.sort((a, b) => (a.endNs ?? Infinity) - (b.endNs ?? Infinity) || a.seq - b.seq);
  const lines: string[] = [];
  for (const record of records) {
    const payload = await payloadOf(playground, record);
    lines.push(format === 'json' ? jsonLine(record, payload) : printRecord(withData(record, payload), print));
  }
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(`${lines.join('\n')}\n`));
  return records.length;
}

const print = { style: 'short', platform, maxData: Infinity } as const;

async function payloadOf(
  playground: Playground,
  { seq, payload }: CallRecord,
): Promise<Uint8Array | undefined> {
  return payload && payload.captured > 0 ? playground.readData(seq, 0, payload.captured) : undefined;
}

/** The record with the whole of its data, of which it carries the beginning. */
function withData(record: CallRecord, payload: Uint8Array | undefined): CallRecord {
  return {
    ...record,
    args: record.args.map((value) =>
      payload && isData(value) && value.bytes.length < payload.length ? { ...value, bytes: payload } : value,
    ),
  };
}

function jsonLine(record: CallRecord, payload: Uint8Array | undefined): string {
  const { seq, thread, name, args, status, result, errno, startNs, endNs } = record;
  return JSON.stringify({
    seq,
    thread: thread ?? 'main',
    call: name,
    args: args.map((value) => (payload && isData(value) ? { length: value.length } : jsonValue(value))),
    text: printRecord(withData(record, payload), print),
    status,
    result,
    errno,
    startNs,
    endNs,
    data: payload ? base64(payload) : null,
  });
}
