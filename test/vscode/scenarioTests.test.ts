import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { SocketPlaygroundApi } from '../../src/extension/extension.js';
import { activate } from './support.js';

describe('the Test Explorer', () => {
  let api: SocketPlaygroundApi;
  let folder: string;
  before(async () => {
    api = await activate();
    folder = await mkdtemp(path.join(tmpdir(), 'socket-playground-tests-'));
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(folder, { recursive: true, force: true });
  });

  it('has the files that expect something, without the built-in ones, and runs them', async () => {
    const file = path.join(folder, 'explored.sockets');
    await writeFile(file, '# Explored\n\na = socket(AF_INET, SOCK_DGRAM, 0)\nclose(a) = 0\n');
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file));
    const id = vscode.Uri.file(file).toString();
    await vscode.commands.executeCommand('testing.refreshTests');
    const item = api.tests.items.get(id);
    assert.equal(item?.label, 'explored');
    assert.equal(item.description, 'Explored');
    assert.equal(item.range?.start.line, 2);
    const ids: string[] = [];
    api.tests.items.forEach((each) => ids.push(each.id));
    assert.deepEqual(
      ids.filter((each) => each.includes('/scenarios/')),
      [],
    );
    const source = new vscode.CancellationTokenSource();
    await api.tests.run(new vscode.TestRunRequest([item]), source.token);
    source.dispose();
  });

  it('tells a translated file from the original of the same name', async () => {
    const file = path.join(folder, 'ko', 'explored.sockets');
    await mkdir(path.dirname(file));
    await writeFile(file, '# 탐색\n\na = socket(AF_INET, SOCK_DGRAM, 0)\nclose(a) = 0\n');
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file));
    await vscode.commands.executeCommand('testing.refreshTests');
    assert.equal(api.tests.items.get(vscode.Uri.file(file).toString())?.label, 'ko/explored');
  });
});
