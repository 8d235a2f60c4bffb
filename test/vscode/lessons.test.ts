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

  it('with blanks open as a text to fill in', async () => {
    assert.equal(await api.lessons.open(await idOf('first-server')), false);
    assert.equal(api.lessons.state, null);
    assert.ok(vscode.window.activeTextEditor?.document.isUntitled);
  });
});
