import * as vscode from 'vscode';
import { dataValue } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { showError } from '../notify.js';
import type { CallFlow } from './callFlow.js';
import type { CallOutcome, Calls } from './calls.js';
import { type Answers, sayNothingToDo } from './flow.js';

/** Bytes in one call, at most: what the host takes. */
const maxBytes = 64 * 1024 * 1024;

/**
 * Sends what is selected in the text editor, or the whole document where nothing is: its UTF-8 bytes, with the line ends
 * of the document. Several selections are sent as one, each on a line of its own.
 */
export async function sendSelection(
  flow: CallFlow,
  calls: Calls,
  answers: Answers,
  selected: SocketId | undefined,
): Promise<(CallOutcome & { kind: 'started' }) | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    sayNothingToDo(t('No text editor is open: there is nothing to send.'));
    return undefined;
  }
  const bytes = new TextEncoder().encode(selectedText(editor));
  if (bytes.length > maxBytes) {
    void showError(t('The text has {0} bytes; a call takes at most {1}.', bytes.length, maxBytes));
    return undefined;
  }
  const socket = await flow.chooseSocket(t('Send the Selection'), answers, selected, {
    fits: canSend,
    missing: t('Nothing is connected that could send. Create a pair, or connect a socket.'),
    command: 'socketPlayground.socketpair',
  });
  if (!socket) {
    return undefined;
  }
  const { fd } = socket;
  const data = dataValue(bytes);
  const outcome = await calls.make(
    socket.kind === 'socket'
      ? { name: 'send', args: [fd, data, bytes.length, 0] }
      : { name: 'write', args: [fd, data, bytes.length] },
    { socketId: socket.id },
  );
  if (outcome.kind === 'refused') {
    void showError(outcome.message);
  }
  return outcome.kind === 'started' ? outcome : undefined;
}

function canSend({ kind, role, state }: SocketInfo): boolean {
  return kind === 'socket' ? state === 'connected' : role === 'writer';
}

function selectedText({ document, selections }: vscode.TextEditor): string {
  const parts = selections.filter(({ isEmpty }) => !isEmpty).toSorted((a, b) => a.start.compareTo(b.start));
  const end = document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
  return parts.length === 0 ? document.getText() : parts.map((part) => document.getText(part)).join(end);
}
