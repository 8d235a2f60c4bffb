import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { isData } from '../../src/common/call.js';
import type { SocketPlaygroundApi } from '../../src/extension/extension.js';
import { accept, activate, call, created, quickInput, reset, start } from './support.js';

describe('the selection of a text editor', () => {
  let api: SocketPlaygroundApi;

  before(async () => {
    api = await activate();
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await reset(api);
  });

  /** An editor with a text in lines that end in CRLF. */
  async function open(...selections: vscode.Selection[]): Promise<void> {
    const document = await vscode.workspace.openTextDocument({ content: 'eins\n안녕\n$(x)\n' });
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((builder) => builder.setEndOfLine(vscode.EndOfLine.CRLF));
    if (selections.length > 0) {
      editor.selections = selections;
    }
  }

  async function received(socketId: number): Promise<string> {
    const record = await call('recv', { socketId, len: '100' });
    const [, data] = record.args;
    assert.ok(isData(data));
    return new TextDecoder().decode(data.bytes);
  }

  it('is sent as its exact bytes, with the line ends of the document', async () => {
    const { record } = await start('socketpair', { family: 'AF_UNIX SOCK_STREAM' });
    const [one, other] = record!.createdIds;
    await open(new vscode.Selection(0, 2, 1, 1));
    const sent = await call('sendSelection', { socketId: one });
    assert.equal(sent.result, 7);
    assert.equal(await received(other!), 'ns\r\n안');
  });

  it('is the whole document where nothing is selected, and several are lines', async () => {
    const { record } = await start('socketpair', { family: 'AF_UNIX SOCK_STREAM' });
    const [one, other] = record!.createdIds;
    await open();
    await call('sendSelection', { socketId: one });
    assert.equal(await received(other!), 'eins\r\n안녕\r\n$(x)\r\n');
    vscode.window.activeTextEditor!.selections = [
      new vscode.Selection(1, 0, 1, 2),
      new vscode.Selection(0, 0, 0, 1),
    ];
    await call('sendSelection', { socketId: one });
    assert.equal(await received(other!), 'e\r\n안녕');
  });

  it('asks for the socket, of those that are connected', async () => {
    const { record } = await start('socketpair', { family: 'AF_UNIX SOCK_STREAM' });
    const [one, other] = record!.createdIds;
    const unconnected = created((await start('socket', { family: 'AF_INET SOCK_STREAM' })).record!);
    await open(new vscode.Selection(0, 0, 0, 4));
    const sending = vscode.commands.executeCommand('socketPlayground.sendSelection');
    const input = await quickInput(api);
    assert.deepEqual(
      input.items
        .map(({ answer }) => Number(answer))
        .filter((id) => id > 0)
        .toSorted((a, b) => a - b),
      [one, other],
    );
    assert.ok(!input.items.some(({ answer }) => Number(answer) === unconnected));
    input.activeItems = input.items.filter(({ answer }) => Number(answer) === one);
    await accept(input);
    await sending;
    assert.equal(await received(other!), 'eins');
  });
});
