import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SocketPlaygroundApi } from '../../src/extension/extension.js';
import { activate, type OpenedScenario, openScenario, reset, until } from './support.js';

const text = `# Editor
a = socket(AF_INET, SOCK_DGRAM, 0)
bind(a, 127.0.0.1:0) = 0

# Then
bind(a, 127.0.0.1:0) = 0
close(a) = 0
`;

const whole = ['0 $(play) Run', '0 $(debug-alt) Debug'];

describe('a scenario in the editor', () => {
  let api: SocketPlaygroundApi;
  let opened: OpenedScenario;
  let document: vscode.TextDocument;
  before(async () => {
    api = await activate();
    opened = await openScenario('editor.sockets', text);
    ({ document } = opened);
  });
  after(() => opened.close());
  afterEach(() => reset(api));

  const lenses = async () =>
    (await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
    )) ?? [];
  const titles = async () =>
    (await lenses()).map(({ command, range }) => `${range.start.line} ${command?.title}`);
  const press = async (title: string) => {
    const command = (await lenses()).find((lens) => lens.command?.title.endsWith(title))?.command;
    assert.ok(command, title);
    return vscode.commands.executeCommand(command.command, ...((command.arguments ?? []) as unknown[]));
  };
  const shown = () =>
    [...api.lineResults.resultsOf(document.uri)].map(([line, { kind }]) => `${line} ${kind}`);

  it('runs by its lens, with the results behind the lines', async () => {
    assert.deepEqual(await titles(), [...whole, '4 Run to Here', '4 Debug to Here']);
    await press('Run');
    assert.deepEqual(shown(), ['1 plain', '2 passed', '5 failed', '6 passed']);
    assert.match(api.lineResults.resultsOf(document.uri).get(5)?.text ?? '', /^✗ expected 0, got -1 EINVAL/);
    assert.equal(api.playground.lastSeq >= api.playground.firstSeq, true);
  });

  it('takes a result away when its line is edited, and moves those below', async () => {
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), '# above\n');
    edit.insert(document.uri, new vscode.Position(2, 'bind(a'.length), ' ');
    await vscode.workspace.applyEdit(edit);
    assert.deepEqual(shown(), ['2 plain', '6 failed', '7 passed']);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), text);
  });

  it('runs to a line, and goes on from there', async () => {
    await press('Run to Here');
    assert.deepEqual(shown(), ['1 plain', '2 passed']);
    await until(api.playground.onDidChange, () => api.playground.openSockets.length === 1);
    assert.deepEqual(await titles(), [...whole, '4 Run to Here', '4 Debug to Here', '4 Run from Here']);
    await press('Run from Here');
    assert.deepEqual(shown(), ['5 failed', '6 passed']);
    assert.deepEqual(await titles(), [...whole, '4 Run to Here', '4 Debug to Here']);
  });

  it('does not run with errors, and goes to the first of them, not to a warning', async () => {
    const edit = new vscode.WorkspaceEdit();
    // A warning, and two errors below it.
    edit.insert(document.uri, new vscode.Position(2, 0), 'bind(a, [::1]:0)\nclose(\nlisten(\n');
    await vscode.workspace.applyEdit(edit);
    const editor = vscode.window.activeTextEditor!;
    const start = new vscode.Position(0, 0);
    editor.selection = new vscode.Selection(start, start);
    assert.deepEqual(await titles(), ['0 $(warning) Does not run: 2 errors']);
    await press('Does not run: 2 errors');
    const { document: shownThen, selection } = vscode.window.activeTextEditor!;
    assert.equal(shownThen, document);
    assert.equal(selection.active.line, 3);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), text);
  });

  it('runs again when it is saved, where that is wanted', async () => {
    const settings = vscode.workspace.getConfiguration('socketPlayground.scenarios');
    await settings.update('runOnSave', true, vscode.ConfigurationTarget.Global);
    try {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, document.lineAt(document.lineCount - 1).range.end, '# saved\n');
      await vscode.workspace.applyEdit(edit);
      const id = document.uri.toString();
      let hasRun = false;
      const subscription = api.scenarios.onDidRun(() => (hasRun = true));
      await document.save();
      await until(api.scenarios.onDidChange, () => hasRun && !api.scenarios.isRunning(id));
      subscription.dispose();
      assert.equal(api.scenarios.get(id)?.run.state, 'failed');
    } finally {
      await settings.update('runOnSave', undefined, vscode.ConfigurationTarget.Global);
    }
  });
});
