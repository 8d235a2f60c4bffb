import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SocketPlaygroundApi } from '../../src/extension/extension.js';
import { activate, reset, until } from './support.js';

describe('lessons', () => {
  let api: SocketPlaygroundApi;
  before(async () => {
    api = await activate();
  });
  afterEach(async () => {
    await api.lessons.act({ kind: 'close' });
    await reset(api);
  });

  async function idOf(name: string): Promise<string> {
    const files = await api.scenarios.list();
    return files.find(({ id, isBuiltIn }) => isBuiltIn && id.endsWith(`/${name}.sockets`))!.id;
  }

  const score = (id: string) => api.scenarios.summaries()?.find((each) => each.id === id)?.score;

  it('open without a call, go call by call to their end, and are remembered', async () => {
    const id = await idOf('two-sends-one-recv');
    const before = api.playground.lastSeq;
    assert.equal(await api.lessons.open(id), true);
    assert.equal(api.lessons.state?.phase, 'ready');
    assert.equal(api.playground.lastSeq, before);
    assert.equal(api.lessons.state.following?.title, 'Text is bytes');
    await api.lessons.act({ kind: 'step' });
    await until(api.lessons.onDidChange, () => api.lessons.state?.next === 1);
    await api.lessons.act({ kind: 'answer', line: 9, given: 1 });
    await api.lessons.act({ kind: 'runToEnd' });
    await until(api.lessons.onDidChange, () => api.lessons.state?.phase === 'done');
    await until(api.scenarios.onDidChange, () => score(id)?.right === 1);
    await api.lessons.act({ kind: 'next' });
    assert.equal(api.lessons.state?.title, 'Text is bytes');
    await until(api.playground.onDidChange, () => api.playground.openSockets.length === 0);
  });

  it('with blanks open as a text to fill in, its first blank selected, and can be handed in from there', async () => {
    assert.equal(await api.lessons.open(await idOf('first-server')), false);
    assert.equal(api.lessons.state, null);
    const { document, selection } = vscode.window.activeTextEditor!;
    assert.ok(document.isUntitled);
    assert.equal(document.getText(selection), '___');
    assert.equal(
      selection.start.line,
      document
        .getText()
        .split('\n')
        .findIndex((line) => /^[^#]*___/.test(line)),
    );
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
    );
    assert.deepEqual(
      lenses.map(({ command }) => command?.title),
      ['$(edit) 7 blanks to fill', '$(mail) Hand In'],
    );
    await vscode.commands.executeCommand('socketPlayground.nextBlank');
    assert.equal(vscode.window.activeTextEditor!.selection.start.line, selection.start.line + 1);
  });

  it('are links in the index of their course', async () => {
    const file = vscode.Uri.parse(await idOf('echo'));
    const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(file, '../course.md'));
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      'vscode.executeLinkProvider',
      document.uri,
    );
    const link = links.find(({ range }) => document.getText(range) === 'echo.sockets');
    assert.equal(link?.tooltip, 'Open Lesson');
    const { path: command, query } = link.target!;
    await vscode.commands.executeCommand(command, ...(JSON.parse(query) as unknown[]));
    assert.equal(api.lessons.state?.title, 'Echo server');
  });
});
