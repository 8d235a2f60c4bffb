import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { SocketPlaygroundApi } from '../../src/extension/extension.js';
import { writeRecords } from '../../src/extension/panel/exportRecords.js';
import { activate, call, created, reset } from './support.js';

const tcp = { family: 'AF_INET SOCK_STREAM' };

describe('the panel', () => {
  let api: SocketPlaygroundApi;
  before(async () => {
    api = await activate();
  });
  afterEach(async () => {
    await reset(api);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('opens as an editor tab whose page loads and connects', async () => {
    await vscode.commands.executeCommand('socketPlayground.open');
    const panel = api.panels.open;
    assert.ok(panel);
    await panel.whenReady;
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    assert.ok(tab?.input instanceof vscode.TabInputWebview);
    assert.match(tab.input.viewType, /socketPlayground\.panel$/);
    await vscode.commands.executeCommand('socketPlayground.open');
    assert.equal(api.panels.open, panel, 'there is one panel');
  });

  it('is told of by inspect, with the socket selected', async () => {
    const socketId = created(await call('socket', tcp));
    await vscode.commands.executeCommand('socketPlayground.inspect', { socketId });
    const panel = api.panels.open;
    assert.ok(panel);
    await panel.whenReady;
  });

  it('exports what the kernel answered, as a scenario and as JSON lines', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'socket-playground-export-'));
    try {
      const socketId = created(await call('socket', tcp));
      await call('connect', { socketId, addr: '127.0.0.1:1' });
      const transcript = path.join(folder, 'a.sockets');
      assert.equal((await writeRecords(api.playground, vscode.Uri.file(transcript))).written, 2);
      assert.match(
        await readFile(transcript, 'utf8'),
        /^socket\(AF_INET, SOCK_STREAM, 0\) = \d+\nconnect\(\d+, 127\.0\.0\.1:1\) = -1 ECONNREFUSED .*\n$/,
      );
      const json = path.join(folder, 'a.jsonl');
      await writeRecords(api.playground, vscode.Uri.file(json));
      const lines = (await readFile(json, 'utf8')).trim().split('\n');
      const second = JSON.parse(lines[1]!) as { call: string; errno: string };
      assert.equal(second.call, 'connect');
      assert.equal(second.errno, 'ECONNREFUSED');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
