import { describe, expect, test } from 'vitest';
import type { SocketAddress } from '../../src/common/socket.js';
import { unmetNeed } from '../../src/playground/needs.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { Peer, startListener, startNcat, startPythonServer } from '../support/peers.js';
import { any, data, loopback6, n, TestHost, text, unixPath } from './testHost.js';

function portOf(address: SocketAddress): number {
  if (!('port' in address)) {
    throw new Error('The address has no port.');
  }
  return address.port;
}

/** Receives until the end of the stream. */
async function receiveAll(host: TestHost, fd: number): Promise<string> {
  let all = '';
  for (;;) {
    const record = await host.call('recv', fd, any, 65_536);
    if (record.result === 0) {
      return all;
    }
    const bytes = await host.process.readData({ seq: record.seq, offset: 0, length: 65_536 });
    all += new TextDecoder().decode(bytes);
  }
}

async function connectTo(host: TestHost, port: number): Promise<number> {
  const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
  await host.ok('connect', fd, { family: 'AF_INET', address: '127.0.0.1', port });
  return fd;
}

describe('with programs that are not ours', () => {
  test('ncat connects to our listener, and both sides talk', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    const accept = await host.waits('accept', fd);
    const ncat = untilTestEnds(await startNcat(portOf(address)));
    const { result, peerId } = await accept.returned;
    expect(peerId).toBeNull();
    ncat.write('hello\n');
    expect(text(await host.call('recv', result, any, 100))).toBe('hello\n');
    await host.ok('send', result, data('world\n'));
    await ncat.waitForText(/world\n/);
    ncat.endInput();
    expect(await host.ok('recv', result, any, 100)).toBe(0);
    await host.ok('close', result);
    expect(await ncat.waitForEnd()).toBe(0);
  });

  test('a GET that is typed by hand is answered by a Python server', async () => {
    const host = TestHost.start();
    const folder = untilTestEnds(await tempDir());
    const server = untilTestEnds(await startPythonServer(folder.path));
    const fd = await connectTo(host, server.port);
    await host.ok('send', fd, data('GET / HTTP/1.0\r\nHost: localhost\r\n\r\n'));
    const answer = await receiveAll(host, fd);
    expect(answer).toMatch(/^HTTP\/1\.0 200 OK\r\n/);
    expect(answer).toContain('</html>');
  });

  test('curl gets an answer that is typed by hand', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    const curl = untilTestEnds(
      await Peer.start('curl', ['-s', '-S', '--noproxy', '*', `http://127.0.0.1:${portOf(address)}/x`]),
    );
    const peer = await host.ok('accept', fd);
    expect(text(await host.call('recv', peer, any, 4096))).toMatch(/^GET \/x HTTP\/1\.1\r\n/);
    await host.ok('send', peer, data('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi\n'));
    await curl.waitForText(/hi\n/);
    expect(await curl.waitForEnd()).toBe(0);
  });

  test('socat takes what we send', async () => {
    const host = TestHost.start();
    const socat = untilTestEnds(await startListener());
    const fd = await connectTo(host, socat.port);
    await host.ok('send', fd, data('to socat\n'));
    await socat.waitForText(/to socat\n/);
    socat.write('from socat\n');
    expect(text(await host.call('recv', fd, any, 100))).toBe('from socat\n');
  });

  test.skipIf(unmetNeed(['ipv6']))('ncat over IPv6', async () => {
    const host = TestHost.start();
    const server = await host.ok('socket', n('AF_INET6'), n('SOCK_STREAM'), 0);
    await host.ok('bind', server, loopback6);
    await host.ok('listen', server, 1);
    const ncat = untilTestEnds(await startNcat(portOf(await host.nameOf(server)), '::1'));
    const peer = await host.call('accept', server);
    expect(peer.args[1]).toMatchObject({ family: 'AF_INET6', address: '::1' });
    ncat.write('six\n');
    expect(text(await host.call('recv', peer.result, any, 100))).toBe('six\n');
  });

  test('ncat over a socket file', async () => {
    const host = TestHost.start();
    const folder = untilTestEnds(await tempDir());
    const unix = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    await host.ok('bind', unix, unixPath(`${folder.path}/s`));
    await host.ok('listen', unix, 1);
    const local = untilTestEnds(await Peer.start('ncat', ['-U', `${folder.path}/s`]));
    const accepted = await host.ok('accept', unix);
    local.write('file\n');
    expect(text(await host.call('recv', accepted, any, 100))).toBe('file\n');
  });
});
