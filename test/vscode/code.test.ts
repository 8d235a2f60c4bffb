import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { SocketPlaygroundApi } from '../../src/extension/extension.js';
import { accept, activate, call, created, quickInput, reset, start } from './support.js';

const tcp = { family: 'AF_INET SOCK_STREAM' };
const cli = path.resolve(__dirname, '../../dist/cli.js');

/** How a program in each language is made and run, and what VS Code calls it. */
const programs = [
  { language: 'c', editorId: 'c', file: 'a.c', build: ['gcc', '-pthread', '-o', 'a', 'a.c'], run: ['./a'] },
  { language: 'python', editorId: 'python', file: 'a.py', run: ['python3', 'a.py'] },
  { language: 'node', editorId: 'javascript', file: 'a.js', run: ['node', 'a.js'] },
];

describe('calls made by hand', () => {
  let api: SocketPlaygroundApi;
  let folder: string;
  before(async () => {
    api = await activate();
    folder = await mkdtemp(path.join(tmpdir(), 'socket-playground-code-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  afterEach(async () => {
    await reset(api);
    while (vscode.window.activeTextEditor) {
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
  });

  /** What stands in the editor that a command has opened. */
  async function opened(command: string, argument?: unknown): Promise<vscode.TextDocument> {
    await vscode.commands.executeCommand(`socketPlayground.${command}`, argument);
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document, `${command} opened no editor`);
    return document;
  }

  /** A server that waits for its client, which sends. */
  async function converse(): Promise<void> {
    const server = created(await call('socket', tcp));
    await call('bind', { socketId: server, addr: '127.0.0.1:0' });
    await call('listen', { socketId: server, backlog: '5' });
    const { args } = await call('getsockname', { socketId: server });
    const { port } = args[1] as { port: number };
    const accepting = await start('accept', { socketId: server });
    const client = created(await call('socket', tcp));
    await call('connect', { socketId: client, addr: `127.0.0.1:${port}` });
    const peer = created(await accepting.returned);
    await call('send', { socketId: client, buf: '"hello"', flags: '0' });
    await call('recv', { socketId: peer, len: '100', flags: '0' });
  }

  it('become a scenario that runs, and programs that run', async () => {
    await converse();
    const opening = opened('makeScenario');
    await accept(await quickInput(api));
    const scenario = await opening;
    assert.equal(scenario.languageId, 'sockets');
    assert.equal(scenario.isUntitled, true);
    const text = scenario.getText();
    assert.match(text, /\n\[server\] server_peer = accept\(server\)\n/);
    assert.match(text, /\nconnect\(client, getsockname\(server\)\) = 0\n/);
    assert.match(text, /recv\(server_peer, "hello", 100, 0\) = 5\n/);
    const file = path.join(folder, 'made.sockets');
    await writeFile(file, text);
    const environment = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
    execFileSync(process.execPath, [cli, 'run', file], { env: environment });
    const document = await vscode.workspace.openTextDocument(file);
    for (const { language, editorId, file: name, build, run } of programs) {
      await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
      const program = await opened('exportCode', { language });
      assert.equal(program.languageId, editorId);
      await writeFile(path.join(folder, name), program.getText());
      for (const [command, ...args] of [build, run].filter((each) => each !== undefined)) {
        const told = execFileSync(command!, args, { cwd: folder, encoding: 'utf8' });
        assert.ok(command === 'gcc' || /: recv = 5$/m.test(told), told);
      }
    }
  });

  it('become a scenario without expectations where that is wished', async () => {
    await converse();
    const text = (await opened('makeScenario', { expectations: false })).getText();
    assert.match(text, /\nconnect\(client, getsockname\(server\)\)\n/);
    assert.match(text, /recv\(server_peer, _, 100, 0\)\n/);
  });

  it('become a program right away where no scenario is in front, in the language that is chosen', async () => {
    await call('socket', tcp);
    const opening = opened('exportCode');
    await accept(await quickInput(api));
    const program = await opening;
    assert.equal(program.languageId, 'c');
    assert.match(program.getText(), /socket\(AF_INET, SOCK_STREAM, 0\)/);
  });
});
