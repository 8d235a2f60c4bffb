import { once } from 'node:events';
import { execFile } from 'node:child_process';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { Follower } from '../../src/cli/tapCommand.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { Emitter } from '../../src/common/event.js';
import type { Playground } from '../../src/playground/playground.js';
import { record } from '../playground/scriptedHost.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { startPythonServer } from '../support/peers.js';
import { complaintsAbout, fieldsOf } from '../support/tshark.js';
import { childrenOf, cli, startCli } from './commandLine.js';

const curl = promisify(execFile);

/** Starts the tap and waits until it says where it listens. */
async function startTap(args: readonly string[]) {
  const child = startCli(['tap', ...args]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { text: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output.text += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output.errors += chunk));
  while (!output.errors.includes('→')) {
    await once(child.stderr, 'data');
  }
  const port = /Tap: 127\.0\.0\.1:(\d+)/.exec(output.errors)![1]!;
  return { child, output, port };
}

it('relays curl to a Python server, prints each call, and keeps a recording that Wireshark can be shown', async () => {
  const folder = untilTestEnds(await tempDir()).path;
  const server = untilTestEnds(await startPythonServer(folder));
  const recording = path.join(folder, 'a.sockrec');
  const { child, output, port } = await startTap([
    '-o',
    recording,
    '-',
    String(server.port),
    'to-server.slice=5',
  ]);
  const { stdout } = await curl('curl', ['-s', `http://127.0.0.1:${port}/`]);
  expect(stdout).toContain('Directory listing');
  while (!/close\(\d+\) = 0\nclose/.test(output.text)) {
    await once(child.stdout, 'data');
  }
  child.kill('SIGINT');
  await once(child, 'close');
  expect(output.text).toMatch(/accept\(\d+, 127\.0\.0\.1:\d+\) = \d+\n/);
  expect(output.text).toMatch(/send\(\d+, "GET? ?\/?.*= [1-5] {2}# injected slice\n/);
  const capture = path.join(folder, 'a.pcapng');
  expect(await cli(['export', recording, '-o', capture])).toMatchObject({ status: 0 });
  expect(complaintsAbout(capture)).toBe('');
  const answers = fieldsOf(capture, ['tcp.stream', 'http.response.code'], 'http.response');
  // Of the tap and the server, then of the client and the tap.
  expect(answers.toSorted(([a], [b]) => Number(a) - Number(b))).toEqual([
    ['0', '200'],
    ['1', '200'],
  ]);
});

it.each([
  [[], 'needs an address'],
  [['-', 'nonsense:'], '"nonsense:"'],
  [['-', '80', 'dely=3'], 'Did you mean delay?'],
  [['-u', '-', '80', 'slice=3'], 'datagrams'],
])('says what is wrong with %j', async (args, message) => {
  const { status, stderr } = await cli(['tap', ...args]);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});

it('says where its recording cannot be written, before it begins or at its end, with its last calls', async () => {
  const folder = untilTestEnds(await tempDir()).path;
  const nowhere = path.join(folder, 'none', 'a.sockrec');
  const { status, stderr } = await cli(['tap', '-o', nowhere, '-', '80']);
  expect([status, stderr]).toEqual([2, expect.stringMatching(/a\.sockrec cannot be written: ENOENT: .*\n$/)]);
  // There is a folder in its place.
  const { child, output } = await startTap(['-o', folder, '-', '80']);
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([2, null]);
  expect(output.errors).toContain(`${folder} cannot be written: EISDIR: `);
  expect(output.text).toMatch(/listen\(\d+, \d+\) = 0\n[^]*close\(\d+\) = 0\n/);
  const other = await startTap(['-', '80']);
  other.child.kill('SIGTERM');
  expect(await once(other.child, 'close')).toEqual([143, null]);
});

it('ends at the second signal where its reader does not read', async () => {
  const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const child = startCli(['tap', '--json', '-', String(port), 'to-server.slice=1']);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [told] = (await once(child.stderr.setEncoding('utf8'), 'data')) as [string];
  const client = connect(Number(/:(\d+) →/.exec(told)![1]), '127.0.0.1');
  onTestFinished(() => void client.destroy());
  client.on('error', () => {});
  // Each byte becomes a line, and so many lines fit into no pipe.
  client.write(Buffer.alloc(4000, 'x'));
  const [socket] = (await once(server, 'connection')) as [Socket];
  await expect.poll(() => socket.bytesRead).toBe(4000);
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  // Its socket host is gone: it has only to write what it has read.
  await expect.poll(() => childrenOf(child.pid!), { timeout: 30_000 }).toEqual([]);
  child.kill('SIGINT');
  expect(await ended).toEqual([null, 'SIGINT']);
});

it('prints no call twice that is told of while the last ones are read', async () => {
  const told = new Emitter<{ changedSeqs: number[] }>();
  const records = [record(1, { name: 'close', args: [3], result: 0 })];
  const playground = {
    platform: 'linux',
    onDidChange: told.event,
    readRecords: (from: number) => Promise.resolve(records.filter(({ seq }) => seq >= from)),
  } as unknown as Playground;
  const lines: string[] = [];
  const terminal = { print: (line: string) => lines.push(line) } as unknown as Terminal;
  const end = new Follower(playground, terminal, false).end();
  told.fire({ changedSeqs: [] });
  await end;
  await setImmediate();
  expect(lines).toEqual(['close(3) = 0']);
});

it('ends with what the kernel answered where it cannot listen', async () => {
  const { status, stderr } = await cli(['tap', '192.0.2.1:0', '80']);
  expect(status).toBe(3);
  expect(stderr).toContain('EADDRNOTAVAIL');
});
