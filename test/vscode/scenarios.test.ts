import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { SocketPlaygroundApi } from '../../src/extension/extension.js';
import type { ScenarioFile } from '../../src/extension/scenarios/scenarioFiles.js';
import { hasFixedNames, reserveAddresses } from '../support/addresses.js';
import { activate, reset, until } from './support.js';

describe('scenarios', () => {
  let api: SocketPlaygroundApi;
  let folder: string;
  before(async () => {
    api = await activate();
    folder = await mkdtemp(path.join(tmpdir(), 'socket-playground-scenarios-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  afterEach(() => reset(api));

  async function add(name: string, text: string | Uint8Array): Promise<string> {
    const file = path.join(folder, name);
    await writeFile(file, text);
    return api.scenarios.add(vscode.Uri.file(file));
  }

  /** Where names stand in a file, another window that runs it now would meet it. */
  async function alone<T>(uri: vscode.Uri, run: () => Thenable<T>): Promise<T> {
    if (!hasFixedNames(await readFile(uri.fsPath, 'utf8'))) {
      return run();
    }
    const held = await reserveAddresses();
    try {
      return await run();
    } finally {
      // A run leaves its sockets, and with them their names.
      await vscode.commands.executeCommand('socketPlayground.closeAll');
      await held.dispose();
    }
  }

  it('list the built-in ones in their order, with their calls', async () => {
    const builtIn = (await api.scenarios.list()).filter(({ isBuiltIn }) => isBuiltIn);
    const files = builtIn.filter(({ blankCount }) => blankCount === 0);
    assert.equal(builtIn.length - files.length, 4, 'the exercises');
    const folder = path.dirname(files[0]!.uri.fsPath);
    const course = await readFile(path.join(folder, 'course.md'), 'utf8');
    const listed = [...course.matchAll(/^- (.*\.sockets)$/gm)].map(([, name]) => name);
    assert.deepEqual(
      files.map(({ uri }) => path.basename(uri.path)),
      listed,
    );
    for (const { title, description, callCount, errorCount } of files) {
      assert.ok(callCount >= 5 && description.length > 10 && errorCount === 0, title);
    }
  });

  it('run and pass, with their progress', async () => {
    // None of them asks: all stay on loopback.
    const runnable = ({ isBuiltIn, obstacle, blankCount }: ScenarioFile) =>
      isBuiltIn && obstacle === undefined && blankCount === 0;
    for (const { id, title, uri } of (await api.scenarios.list()).filter(runnable)) {
      const steps: (number | undefined)[] = [];
      const subscription = api.scenarios.onDidChange((changed) => {
        if (changed === id) {
          steps.push(api.scenarios.get(id)?.run.step);
        }
      });
      const run = await alone(uri, () =>
        vscode.commands.executeCommand('socketPlayground.runScenario', { scenarioId: id }),
      );
      subscription.dispose();
      assert.deepEqual(run, { state: 'passed' }, title);
      assert.ok(steps.includes(1) && steps.includes(api.scenarios.get(id)?.callCount), title);
    }
  });

  it('say where an expectation did not hold', async () => {
    const id = await add(
      'wrong.sockets',
      '# Wrong\ns = socket(AF_INET, SOCK_STREAM, 0)\nbind(s, 127.0.0.1:0) = -1 EINVAL\n',
    );
    const run = await api.scenarios.run(id);
    assert.equal(run?.state, 'failed');
    assert.equal(run?.line, 3);
    assert.match(run?.message ?? '', /EINVAL.*0/);
  });

  it('do not run with errors in them, whatever they are', async () => {
    const noise = Uint8Array.from({ length: 1_000_000 }, (_, index) => (index * 7919 + (index >> 3)) & 255);
    const run = await api.scenarios.run(await add('noise.sockets', noise));
    assert.equal(run?.state, 'failed');
    assert.equal(api.playground.openSockets.length, 0);
  });

  it('underline in the editor what cannot be read', async () => {
    const document = await vscode.workspace.openTextDocument({
      language: 'sockets',
      content: 's = socket(AF_INET, SOCK_STREAM, 0)\nbind(s, 127.0.0.1:65536)\n',
    });
    const diagnostics = () => vscode.languages.getDiagnostics(document.uri);
    await until(vscode.languages.onDidChangeDiagnostics, () => diagnostics().length > 0);
    const [first] = diagnostics();
    assert.equal(first?.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(first?.range.start.line, 1);
    assert.equal(document.getText(first?.range), '65536');
  });
});
