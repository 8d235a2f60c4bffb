import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TapInfo } from '../../src/common/tap/tap.js';
import type { SocketPlaygroundApi } from '../../src/extension/extension.js';
import { activate, call, created, Peer, reset, start, until } from './support.js';

describe('a tap', () => {
  let api: SocketPlaygroundApi;

  before(async () => {
    api = await activate();
  });
  afterEach(() => reset(api));

  const shows = (pattern: RegExp) =>
    until(
      (listener) =>
        vscode.Disposable.from(
          api.openSockets.onDidChangeTreeData(listener),
          api.playground.onDidChange(listener),
        ),
      () => api.openSockets.describe().some((text) => pattern.test(text)),
    );

  /** An echo server of our own, with its port. */
  async function echoServer(): Promise<{ socketId: number; port: number }> {
    const { record } = await start('socket', { family: 'AF_INET SOCK_STREAM' });
    const socketId = created(record!);
    await call('bind', { socketId, addr: '127.0.0.1:0' });
    await call('listen', { socketId, backlog: '5' });
    await vscode.commands.executeCommand('socketPlayground.echo', { socketId });
    await call('getsockname', { socketId });
    await until(api.playground.onDidChange, () => api.playground.sockets.get(socketId)!.local !== null);
    return { socketId, port: (api.playground.sockets.get(socketId)!.local as { port: number }).port };
  }

  it('starts from a listening socket, is seen in the tree, takes faults while it runs, and stops', async () => {
    const { socketId, port } = await echoServer();
    const info = await vscode.commands.executeCommand<TapInfo>('socketPlayground.tap', {
      target: `stream 127.0.0.1:${port}`,
      listen: '127.0.0.1:0',
    });
    assert.ok(info);
    await shows(new RegExp(`tap to 127\\.0\\.0\\.1:${port}`));
    const peer = new Peer('ncat', '127.0.0.1', String((info.listen as { port: number }).port));
    peer.write('through');
    await peer.read(/through/);

    assert.equal(api.playground.hasTap, true);
    await vscode.commands.executeCommand('socketPlayground.tapFaults', {
      socketId: info.listenerId,
      faults: 'to-server.slice=1',
    });
    await shows(/faults: to-server\.slice=1 seed=1/);

    const before = api.playground.lastSeq;
    peer.write('abc');
    await peer.read(/abc/);
    const records = await api.playground.readRecords(before + 1, 100);
    const sliced = records.filter(
      ({ madeBy, name }) => name === 'send' && madeBy?.endsWith('injected slice'),
    );
    assert.deepEqual(
      sliced.map(({ result }) => result),
      [1, 1, 1],
    );

    await vscode.commands.executeCommand('socketPlayground.stopTap', { socketId: info.listenerId });
    await until(
      api.playground.onDidChange,
      () => !api.playground.openSockets.some(({ tap }) => tap !== undefined),
    );
    assert.equal(api.playground.hasTap, false);
    assert.ok(
      api.playground.openSockets.some(({ id }) => id === socketId),
      'the server is not the tap’s',
    );
  });
});
