import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { SocketAddress } from '../../src/common/socket.js';
import type { SocketPlaygroundApi } from '../../src/extension/extension.js';
import {
  accept,
  activate,
  call,
  complaint,
  created,
  goBack,
  leave,
  Peer,
  quickInput,
  reset,
  start,
} from './support.js';

/** The address that a getsockname record holds. */
async function addressOf(socketId: number): Promise<SocketAddress & { port: number }> {
  const record = await call('getsockname', { socketId });
  return record.args[1] as SocketAddress & { port: number };
}

const tcp = { family: 'AF_INET SOCK_STREAM' };

describe('calls by command', () => {
  let api: SocketPlaygroundApi;
  before(async () => {
    api = await activate();
  });
  afterEach(() => reset(api));

  it('make the whole life of a connection, one real call each', async () => {
    const server = created(await call('socket', { ...tcp, name: 'server' }));
    assert.equal((await call('bind', { socketId: server, addr: '127.0.0.1:0' })).result, 0);
    assert.equal((await call('listen', { socketId: server, backlog: '5' })).result, 0);
    const { port } = await addressOf(server);
    const waiting = await start('accept', { socketId: server });
    assert.equal(waiting.record, undefined, 'accept waits');

    const client = created(await call('socket', tcp));
    assert.equal((await call('connect', { socketId: client, addr: `localhost:${port}` })).result, 0);
    const peer = created(await waiting.returned);
    assert.equal((await call('send', { socketId: client, buf: 'GET /a\\n' })).result, 7);
    const received = await call('recv', { socketId: peer, len: '4096' });
    assert.equal(received.result, 7);
    assert.equal(new TextDecoder().decode(await api.playground.readData(received.seq, 0, 100)), 'GET /a\n');
    assert.equal(
      (await call('setsockopt', { socketId: client, option: 'IPPROTO_TCP TCP_NODELAY', optval: '1' })).result,
      0,
    );
    assert.equal(
      (await call('getsockopt', { socketId: client, option: 'IPPROTO_TCP TCP_NODELAY' })).result,
      0,
    );
    assert.equal((await call('shutdown', { socketId: client, how: 'SHUT_WR' })).result, 0);
    assert.equal((await call('recv', { socketId: peer, len: '10' })).result, 0);
    for (const socketId of [peer, client, server]) {
      assert.equal((await call('close', { socketId })).result, 0);
    }
    assert.equal(api.playground.openSockets.length, 0);
  });

  it('exchange datagrams', async () => {
    const started = await start('newUdpSocket');
    const receiver = (await started.returned).socketId ?? 0;
    const { port } = await addressOf(receiver);
    const sender = created(await call('socket', { family: 'AF_INET SOCK_DGRAM' }));
    assert.equal(
      (await call('sendto', { socketId: sender, buf: 'hex("00 ff")', dest_addr: `127.0.0.1:${port}` }))
        .result,
      2,
    );
    const received = await call('recvfrom', { socketId: receiver, len: '100' });
    assert.equal(received.result, 2);
    assert.deepEqual([...(await api.playground.readData(received.seq, 0, 10))], [0, 255]);
  });

  it('work on pairs, pipes and several descriptors at once', async () => {
    const pair = await call('socketpair', { family: 'AF_UNIX SOCK_STREAM' });
    const [a, b] = pair.createdIds;
    assert.equal((await call('write', { socketId: a!, buf: 'hi\\n' })).result, 3);
    assert.equal((await call('poll', { polled: `${a}|${b}`, events: 'POLLIN', timeout: '0' })).result, 1);
    assert.equal((await call('ioctl', { socketId: b!, request: 'FIONREAD' })).result, 0);
    assert.equal((await call('read', { socketId: b!, count: '10' })).result, 3);
    assert.equal((await call('fcntl', { socketId: b!, cmd: 'F_SETFL', arg: 'O_NONBLOCK' })).result, 0);
    assert.equal((await call('read', { socketId: b!, count: '10' })).errno, 'EAGAIN');
    const copy = (await call('dup', { socketId: b! })).createdIds[0]!;
    assert.deepEqual(api.playground.sockets.get(copy)?.sharedWith, [b]);

    const [reader, writer] = (await call('pipe')).createdIds;
    assert.equal((await call('write', { socketId: writer!, buf: 'through' })).result, 7);
    assert.equal((await call('read', { socketId: reader!, count: '100' })).result, 7);
    const file = path.join(tmpdir(), `socket-playground-unlink-${process.pid}.sock`);
    const unix = created(await call('socket', { family: 'AF_UNIX SOCK_DGRAM' }));
    await call('bind', { socketId: unix, addr: `unix:${file}` });
    assert.equal((await call('unlink', { pathname: file })).result, 0);
    assert.equal((await call('unlink', { pathname: file })).errno, 'ENOENT');
  });

  it('talk with ncat in both directions', async () => {
    const accepting = await start('newTcpServer');
    const [server] = api.playground.openSockets;
    const { port } = await addressOf(server!.id);
    const ncat = new Peer('ncat', '127.0.0.1', String(port));
    const peer = created(await accepting.returned);
    ncat.write('hello\n');
    const received = await call('recv', { socketId: peer, len: '4096' });
    assert.equal(received.result, 6);
    await call('send', { socketId: peer, buf: 'and back\\n' });
    await ncat.read(/and back\n/);
    ncat.finish();
    assert.equal((await call('recv', { socketId: peer, len: '10' })).result, 0);
    await call('close', { socketId: peer });
    assert.equal(await ncat.ended, 0);
  });

  it('fetch a page from a Python server', async () => {
    const python = new Peer('python3', '-u', '-m', 'http.server', '0', '--bind', '127.0.0.1');
    const port = /port (\d+)/.exec(await python.read(/port \d+/))?.[1];
    const connected = await call('newTcpClient', { addr: `127.0.0.1:${port}` });
    assert.equal(connected.errno, null);
    const client = connected.socketId ?? 0;
    await call('send', { socketId: client, buf: 'GET / HTTP/1.0\\r\\n\\r\\n' });
    const received = await call('recv', { socketId: client, len: '4096' });
    assert.match(
      new TextDecoder().decode(await api.playground.readData(received.seq, 0, 4096)),
      /^HTTP\/1\.0 200 OK/,
    );
  });

  it('show the kernel’s answer to what it refuses', async () => {
    const first = created(await call('socket', tcp));
    await call('bind', { socketId: first, addr: '127.0.0.1:0' });
    const { port } = await addressOf(first);
    const second = created(await call('socket', tcp));
    assert.equal((await call('bind', { socketId: second, addr: `127.0.0.1:${port}` })).errno, 'EADDRINUSE');
    assert.equal(
      (await call('connect', { socketId: second, addr: `127.0.0.1:${port}` })).errno,
      'ECONNREFUSED',
    );
    assert.equal((await call('listen', { socketId: first, backlog: '-1' })).errno, null);
    const family = await call('connect', { socketId: second, addr: '[::1]:80' });
    assert.equal(family.result, -1);
  });

  it('take a Unix path of 108 bytes', async () => {
    const folder = path.join(tmpdir(), 'socket-playground');
    const pad = (length: number) => `${folder}${'x'.repeat(length - folder.length)}`;
    const unix = { family: 'AF_UNIX SOCK_STREAM' };
    const fits = created(await call('socket', unix));
    try {
      assert.equal((await call('bind', { socketId: fits, addr: `unix:"${pad(108)}"` })).result, 0);
    } finally {
      await rm(pad(108), { force: true });
    }
  });

  it('can be cancelled while they wait', async () => {
    const accepting = await start('newTcpServer');
    await vscode.commands.executeCommand('socketPlayground.cancel');
    const record = await accepting.returned;
    assert.equal(record.status, 'cancelled');
    assert.equal(record.result, null);
  });
});

describe('the questions of a call', () => {
  let api: SocketPlaygroundApi;
  let socketId: number;
  before(async () => {
    api = await activate();
  });
  beforeEach(async () => {
    socketId = created(await call('socket', tcp));
  });
  afterEach(() => reset(api));

  const cases: { title: string; command: string; key: string; text: string; complaint: RegExp }[] = [
    {
      title: 'port 65536',
      command: 'bind',
      key: 'addr',
      text: '127.0.0.1:65536',
      complaint: /^Column 11: .*65535/,
    },
    {
      title: 'a port that is no number',
      command: 'connect',
      key: 'addr',
      text: '127.0.0.1:http',
      complaint: /^Column 11: /,
    },
    {
      title: 'a Unix path of 109 bytes',
      command: 'bind',
      key: 'addr',
      text: `unix:/${'x'.repeat(108)}`,
      complaint: /^Column 1: .*108 bytes.*109/,
    },
    {
      title: 'hex with an odd digit',
      command: 'send',
      key: 'buf',
      text: 'hex("48 6")',
      complaint: /^Column 9: .*two hexadecimal digits/,
    },
    {
      title: 'an escape without digits',
      command: 'send',
      key: 'buf',
      text: 'say "hi" \\xZZ',
      complaint: /^Column 10: /,
    },
    { title: 'a negative length', command: 'recv', key: 'len', text: '-1', complaint: /^len is at most / },
  ];
  for (const { title, command, key, text, complaint: expected } of cases) {
    it(`complain about ${title} where it is`, async () => {
      const made = vscode.commands.executeCommand(`socketPlayground.${command}`, { socketId, [key]: text });
      const input = await quickInput(api);
      input.value = text;
      assert.match(complaint(input), expected);
      await leave(input);
      assert.equal(await made, undefined);
    });
  }

  it('lead back to a name that does not resolve', async () => {
    const made = vscode.commands.executeCommand('socketPlayground.connect', {
      socketId,
      addr: 'no-such-host.invalid:80',
    });
    const input = await quickInput(api);
    assert.equal(input.value, 'no-such-host.invalid:80');
    assert.match(complaint(input), /no-such-host\.invalid/);
    await leave(input);
    assert.equal(await made, undefined);
  });

  it('make the call once the answer is right', async () => {
    const made = start('bind', { socketId });
    const input = await quickInput(api);
    assert.equal(input.value, '127.0.0.1:0');
    await accept(input);
    const { returned } = await made;
    assert.equal((await returned).errno, null);
  });

  it('lead through a socket of any kind and back', async () => {
    const made = start('socket');
    const kinds = await quickInput(api);
    assert.equal(kinds.items.length, 9);
    kinds.activeItems = [kinds.items.at(-1)!];
    await accept(kinds);
    const domains = await quickInput(api, kinds);
    assert.equal(domains.step, 2);
    await goBack(domains);
    const again = await quickInput(api, domains);
    assert.equal(again.items.length, 9);
    again.activeItems = again.items.filter(({ answer }) => answer === 'AF_INET6 SOCK_DGRAM');
    await accept(again);
    const { returned } = await made;
    const socket = api.playground.sockets.get(created(await returned));
    assert.equal(socket?.domain, 'AF_INET6');
    assert.equal(socket?.type, 'SOCK_DGRAM');
  });

  it('offer the sockets for which the call is usual first', async () => {
    await call('bind', { socketId, addr: '127.0.0.1:0' });
    const fresh = created(await call('socket', tcp));
    const made = vscode.commands.executeCommand('socketPlayground.accept');
    const input = await quickInput(api);
    assert.equal(input.items[0]?.kind, vscode.QuickPickItemKind.Separator);
    assert.deepEqual(
      input.items.slice(1).map(({ answer }) => answer),
      [String(fresh), String(socketId)],
    );
    await leave(input);
    await made;
  });
});
