import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { activate, socketHosts } from './support.js';

describe('activation', () => {
  it('starts no process and takes little time', async () => {
    const api = await activate();
    console.info(`activation: ${api.activationTime.toFixed(1)} ms`);
    assert.deepEqual(socketHosts(), []);
    assert.equal(api.playground.status.kind, 'idle');
  });

  it('registers every command of the manifest', async () => {
    const extension = vscode.extensions.getExtension('socket-playground.socket-playground');
    assert.ok(extension);
    const { contributes } = extension.packageJSON as { contributes: { commands: { command: string }[] } };
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = contributes.commands.map(({ command }) => command).filter((id) => !registered.has(id));
    assert.deepEqual(missing, []);
    assert.ok(contributes.commands.length > 30);
  });

  it('knows .sockets files', async () => {
    const document = await vscode.workspace.openTextDocument({ language: 'sockets', content: '# empty\n' });
    assert.equal(document.languageId, 'sockets');
  });
});
