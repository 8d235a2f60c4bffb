import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SocketPlaygroundApi } from '../../src/extension/extension.js';
import { activate, call, created, hostPid, reset, socketHosts, start, until } from './support.js';

const tcp = { family: 'AF_INET SOCK_STREAM' };

describe('the tree of open sockets', () => {
  let api: SocketPlaygroundApi;

  before(async () => {
    api = await activate();
    await vscode.commands.executeCommand('socketPlayground.openSockets.focus');
  });
  afterEach(() => reset(api));

  /** The tree is told of a change of the model, at once or with the next frame. */
  const anyChange = (listener: () => void) =>
    vscode.Disposable.from(
      api.openSockets.onDidChangeTreeData(listener),
      api.playground.onDidChange(listener),
    );

  /** Resolves when the tree shows lines that match, one after another among others. */
  async function shows(...patterns: RegExp[]): Promise<string[]> {
    const matches = () => {
      const lines = api.openSockets.describe();
      let at = -1;
      return patterns.every((pattern) => {
        at = lines.findIndex((line, index) => index > at && pattern.test(line));
        return at >= 0;
      });
    };
    try {
      await Promise.race([
        until(anyChange, matches),
        new Promise((_, reject) => {
          setTimeout(() => reject(new Error('timeout')), 20_000).unref();
        }),
      ]);
    } catch {
      assert.fail(`the tree shows\n${api.openSockets.describe().join('\n')}`);
    }
    return api.openSockets.describe();
  }

  it('shows listeners with their accepted sockets, states, descriptors, queue and bytes', async () => {
    const accepting = await start('newTcpServer');
    await shows(/^TCP \| 1$/, /^ {2}server 127\.0\.0\.1:\d+ \| LISTEN · accept waits · fd \d+ · 0\/128$/);
    const server = api.playground.openSockets[0]!;
    const address = server.local as { port: number };
    const connected = await call('newTcpClient', { addr: `127.0.0.1:${address.port}` });
    const peer = created(await accepting.returned);
    await call('send', { socketId: connected.socketId, buf: 'hello' });
    await call('recv', { socketId: peer, len: '100' });
    await shows(
      /^TCP \| 3$/,
      /^ {2}server 127\.0\.0\.1:\d+ \| LISTEN · fd \d+ · 0\/128$/,
      /^ {4}server_peer ← 127\.0\.0\.1:\d+ \| ESTABLISHED · fd \d+ · ↓5 B$/,
      /^ {2}client 127\.0\.0\.1:\d+ → :\d+ \| ESTABLISHED · fd \d+ · ↑5 B$/,
    );
    assert.equal(api.openSockets.badge?.value, 3);
    await call('close', { socketId: connected.socketId });
    await shows(/CLOSE_WAIT · fd/, /^Closed or lost \| 1$/);
  });

  it('groups by protocol', async () => {
    await call('socket', { family: 'AF_INET6 SOCK_DGRAM' });
    await call('socket', { family: 'AF_UNIX SOCK_STREAM' });
    await start('newUdpSocket');
    const lines = await shows(
      /^UDP \| 2$/,
      /^ {2}datagram UDP socket \| open · fd/,
      /127\.0\.0\.1:\d+ \| bound · fd/,
      /^Unix \| 1$/,
      /^ {2}Unix socket \| open · fd/,
    );
    assert.equal(lines.length, 5);
  });

  it('gives menus the calls that fit the state, and a tooltip with the 5-tuple', async () => {
    const socketId = created(await call('socket', tcp));
    await call('bind', { socketId, addr: '127.0.0.1:0' });
    await shows(/127\.0\.0\.1:\d+ \| bound/);
    const node = api.openSockets.getChildren(api.openSockets.getChildren()[0])[0]!;
    const item = api.openSockets.resolveTreeItem(api.openSockets.getTreeItem(node), node);
    assert.match(item.contextValue ?? '', /^socket( \w+)* listen\b/);
    assert.doesNotMatch(item.contextValue ?? '', /\baccept\b/);
    const { value } = item.tooltip as vscode.MarkdownString;
    assert.match(value, /local: 127\\\.0\\\.0\\\.1\\:\d+/);
    assert.match(value, /Node process/);
    assert.match(item.accessibilityInformation?.label ?? '', /bound/);
  });

  it('shows the name that a socket is given, and copies its 5-tuple', async () => {
    const socketId = created(await call('socket', tcp));
    await call('bind', { socketId, addr: '127.0.0.1:0' });
    await vscode.commands.executeCommand('socketPlayground.rename', { socketId, name: 'mine' });
    await shows(/^ {2}mine 127\.0\.0\.1:\d+ \| bound/);
    const { local } = api.playground.sockets.get(socketId)!;
    assert.ok(local && 'port' in local);
    await vscode.commands.executeCommand('socketPlayground.copyFiveTuple', { socketId });
    assert.equal(await vscode.env.clipboard.readText(), `TCP 127.0.0.1:${local.port}`);
  });

  it('closes all rows that are selected, each by a call of its own', async () => {
    const ids: number[] = [];
    for (let count = 0; count < 3; count++) {
      ids.push(created(await call('socket', tcp)));
    }
    await shows(/^TCP \| 3$/);
    const [group] = api.openSockets.getChildren();
    const rows = api.openSockets.getChildren(group).slice(0, 2);
    await vscode.commands.executeCommand('socketPlayground.copyFiveTuple', rows[0], rows);
    // The kernel may not have been asked yet for the address of the second.
    assert.match(await vscode.env.clipboard.readText(), /^TCP \S+\nTCP \S+$/);
    await vscode.commands.executeCommand('socketPlayground.close', rows[0], rows);
    await shows(/^TCP \| 1$/, /^Closed or lost \| 2$/);
    assert.deepEqual(
      api.playground.openSockets.map(({ id }) => id),
      [ids[2]],
    );
    const { firstSeq, lastSeq } = api.playground;
    const records = await api.playground.readRecords(firstSeq, lastSeq - firstSeq + 1);
    assert.deepEqual(
      records.filter(({ name }) => name === 'close').map(({ socketId, errno }) => [socketId, errno]),
      [
        [ids[1], null],
        [ids[0], null],
      ],
    );
  });

  it('shows and hides the number of open sockets in the status bar', async () => {
    assert.equal(api.statusBar.text, '');
    await call('socket', tcp);
    await until(api.playground.onDidChange, () => api.statusBar.text === '$(plug) 1');
    await vscode.commands.executeCommand('socketPlayground.closeAll');
    await until(api.playground.onDidChange, () => api.statusBar.text === '');
  });

  it('shows the socket of the panel', async () => {
    const first = created(await call('socket', tcp));
    const second = created(await call('socket', { family: 'AF_UNIX SOCK_STREAM' }));
    await shows(/^TCP \| 1$/, /^Unix \| 1$/);
    for (const socketId of [first, second, first, second]) {
      // VS Code reveals nothing while it reads the tree anew.
      const isRead = vscode.commands.executeCommand('socketPlayground.groupByProtocol');
      await vscode.commands.executeCommand('socketPlayground.revealInSocketsView', { socketId });
      await isRead;
      assert.deepEqual(api.openSockets.selectedIds, [socketId]);
    }
  });

  it('groups by scenario when asked', async () => {
    await vscode.commands.executeCommand('socketPlayground.groupByScenario');
    try {
      await call('socket', tcp);
      const { result } = await api.playground.call(
        { name: 'socket', args: [2, 1, 0] },
        { madeBy: 'Echo', socketName: 'server' },
      ).returned;
      assert.ok(result !== null && result > 0);
      await shows(/^By hand \| 1$/, /^Echo \| 1$/, /^ {2}server TCP socket \| open/);
    } finally {
      await vscode.commands.executeCommand('socketPlayground.groupByProtocol');
    }
    await shows(/^TCP \| 2$/);
  });

  it('is emptied by Close All', async () => {
    for (let count = 0; count < 5; count++) {
      await call('socket', tcp);
    }
    assert.equal(api.playground.openSockets.length, 5);
    await vscode.commands.executeCommand('socketPlayground.closeAll');
    await shows(/^Closed or lost \| 5$/);
    assert.equal(api.openSockets.badge, undefined);
  });

  it('tells that the host was killed; the next call starts a fresh one', async () => {
    const waiting = await start('newTcpServer');
    const pid = hostPid(api);
    process.kill(pid, 'SIGKILL');
    await assert.rejects(waiting.returned);
    await shows(/^Closed or lost \| 1$/, /\| lost · fd/);
    assert.match(api.openSockets.message ?? '', /SIGKILL/);
    assert.equal(api.openSockets.badge, undefined);

    const socketId = created(await call('socket', tcp));
    assert.equal(api.openSockets.message, '');
    await shows(/^TCP \| 1$/, /TCP socket \| open/);
    assert.notEqual(hostPid(api), pid);
    assert.ok(socketId > 1, 'ids go on');
  });

  it('loses the sockets of a host that is stuck and stopped by the command', async () => {
    await call('socket', tcp);
    // The tree knows of the socket before the host falls silent.
    await shows(/TCP socket \| open/);
    const pid = hostPid(api);
    process.kill(pid, 'SIGSTOP');
    await vscode.commands.executeCommand('socketPlayground.stopHost');
    await shows(/^Closed or lost \| \d+$/, /\| lost · fd/);
    assert.match(api.openSockets.message ?? '', /it was stopped/);
    assert.ok(!socketHosts().includes(pid));
  });

  it('forgets the lost sockets when the host is restarted', async () => {
    await call('socket', tcp);
    // The tree knows of the socket before the host falls silent.
    await shows(/TCP socket \| open/);
    const pid = hostPid(api);
    process.kill(pid, 'SIGKILL');
    await shows(/^Closed or lost \| \d+$/, /\| lost · fd/);
    await vscode.commands.executeCommand('socketPlayground.restart');
    assert.equal(api.playground.status.kind, 'running');
    assert.equal(api.openSockets.message, '');
    assert.deepEqual([...api.playground.sockets.keys()], []);
  });
});
