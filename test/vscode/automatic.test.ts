import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SocketPlaygroundApi } from '../../src/extension/extension.js';
import { activate, call, created, Peer, reset, start, until } from './support.js';

describe('automatic modes', () => {
  let api: SocketPlaygroundApi;

  before(async () => {
    api = await activate();
  });
  afterEach(() => reset(api));

  const line = (pattern: RegExp) => api.openSockets.describe().find((text) => pattern.test(text));
  const shows = (pattern: RegExp) =>
    until(
      (listener) =>
        vscode.Disposable.from(
          api.openSockets.onDidChangeTreeData(listener),
          api.playground.onDidChange(listener),
        ),
      () => line(pattern) !== undefined,
    );

  it('make an echo server of a listener by one command, and are stopped by another', async () => {
    const { record } = await start('socket', { family: 'AF_INET SOCK_STREAM' });
    const socketId = created(record!);
    await call('bind', { socketId, addr: '127.0.0.1:0' });
    await call('listen', { socketId, backlog: '5' });
    await vscode.commands.executeCommand('socketPlayground.echo', { socketId });
    await shows(/automatic accept → echo/);
    await call('getsockname', { socketId });
    const { port } = api.playground.sockets.get(socketId)!.local as { port: number };

    const peer = new Peer('ncat', '127.0.0.1', String(port));
    peer.write('hello');
    await peer.read(/hello/);
    await shows(/automatic echo/);
    assert.equal(api.playground.hasAutomatic, true);

    await vscode.commands.executeCommand('socketPlayground.stopAutomatic', { socketId });
    await until(api.playground.onDidChange, () => api.playground.sockets.get(socketId)!.automatic === null);
    // What was accepted goes on until it is stopped too, or ends.
    assert.notEqual(line(/automatic echo/), undefined);
  });
});
