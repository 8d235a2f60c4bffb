import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cli } from './commandLine.js';

/** A server in a thread and a client, and datagrams between Unix sockets; each answer is what the recording holds. */
const program = `
import socket, threading
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 0))
server.listen(5)
def serve():
    peer, _ = server.accept()
    peer.sendall(peer.recv(100).upper())
    peer.close()
thread = threading.Thread(target=serve)
thread.start()
client = socket.create_connection(server.getsockname())
client.sendall('hello 안'.encode())
assert client.recv(100) == 'HELLO 안'.encode() and client.recv(10) == b''
client.close()
thread.join()
server.close()
inbox, outbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
inbox.bind('\\0sp-recorded-program-%d' % __import__('os').getpid())
outbox.sendto(b'x' * 10, inbox.getsockname())
inbox.recvfrom(100)
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sp-recording-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each([
  ['one file for all threads', '-o "$2"'],
  ['standard error, where processes have no number while there is only one', '2>"$2"'],
])('runs what strace recorded of a Python program: %s', async (_form, into) => {
  const script = path.join(folder, 'program.py');
  const recording = path.join(folder, 'program.strace');
  writeFileSync(script, program);
  const record = `strace -f -s 1000000 -e trace=network,desc /usr/bin/python3 "$1" >/dev/null`;
  const command = into.startsWith('-o') ? record.replace('strace', `strace ${into}`) : `${record} ${into}`;
  execFileSync('sh', ['-c', command, 'sh', script, recording]);
  const { status, stdout, stderr } = await cli(['run', recording]);
  const others = stderr.split('\n').filter((line) => line !== '' && !line.endsWith('the line is skipped.'));
  expect(others).toEqual([]);
  expect(status).toBe(0);
  expect(stdout).toContain('"HELLO 안", 9, 0');
  expect(stdout).toContain('"xxxxxxxxxx", 10, 0');
});
