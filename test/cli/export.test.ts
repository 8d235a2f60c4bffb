import { execFileSync } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dataValue } from '../../src/common/call.js';
import { Playground } from '../../src/playground/playground.js';
import { SocketHostProcess } from '../../src/playground/socketHostProcess.js';
import { modulePath } from '../socketHost/testHost.js';
import { type Held, tempDir } from '../support/disposal.js';
import { complaintsAbout, fieldsOf } from '../support/tshark.js';
import { cli, run } from './commandLine.js';

let held: Held | undefined;
let folder: string;
let recording: string;
/** The numbers of the client and of the socket that was accepted. */
let ids: { client: number; peer: number };

beforeAll(async () => {
  const made = await tempDir();
  held = made;
  folder = made.path;
  recording = path.join(folder, 'a.sockrec');
  const host = new SocketHostProcess(modulePath);
  const playground = new Playground(host);
  const call = (name: Parameters<typeof playground.call>[0]['name'], ...args: unknown[]) =>
    playground.call({ name, args: args as never }).returned;
  const text = (value: string) => dataValue(new TextEncoder().encode(value));
  try {
    const server = (await call('socket', 2, 1, 0)).result;
    await call('bind', server, { family: 'AF_INET', address: '127.0.0.1', port: 0 });
    await call('listen', server, 5);
    const [, address] = (await call('getsockname', server)).args;
    const client = await call('socket', 2, 1, 0);
    await call('connect', client.result, address);
    const accepted = await call('accept', server);
    await call('send', client.result, text('ping '));
    await call('send', client.result, text('pong'));
    await call('recv', accepted.result, { kind: 'any' }, 100);
    await call('send', accepted.result, text('answer'));
    const last = await call('recv', client.result, { kind: 'any' }, 100);
    await playground.whenKnown(last.seq);
    ids = { client: client.createdIds[0]!, peer: accepted.createdIds[0]! };
    await host.saveRecording({ file: recording });
  } finally {
    await host.end();
    playground.dispose();
  }
});

afterAll(() => held?.dispose());

it('writes a capture, JSON lines and a transcript, by the ending of the file', async () => {
  const capture = path.join(folder, 'a.pcapng');
  expect(await cli(['export', recording, '-o', capture])).toMatchObject({
    status: 0,
    stdout: '',
    stderr:
      '8 packets.\nLeft out: 0 records of sockets other than TCP and UDP, 5 calls that moved nothing.\n',
  });
  expect(complaintsAbout(capture)).toBe('');
  expect(fieldsOf(capture, ['tcp.payload'], 'tcp.len > 0')).toEqual([
    ['70696e6720'],
    ['706f6e67'],
    ['616e73776572'],
  ]);
  const lines = path.join(folder, 'a.jsonl');
  await cli(['export', recording, '-o', lines]);
  const records = (await readFile(lines, 'utf8')).trimEnd().split('\n');
  expect(JSON.parse(records.at(-1)!)).toMatchObject({ call: 'recv', result: 6, socketId: ids.client });
  const { stdout } = await cli(['export', recording]);
  expect(stdout.split('\n')).toHaveLength(13);
  expect(await readdir(folder)).toEqual(['a.jsonl', 'a.pcapng', 'a.sockrec']);
});

it('writes what fits a filter, one connection, and the bytes of one direction', async () => {
  const { stdout } = await cli(['export', recording, '--filter', 'call == send && len < 6']);
  expect(stdout).toMatch(/^send\(\d+, "ping ", 5, 0\) = 5\nsend\(\d+, "pong", 4, 0\) = 4\n$/);
  const connection = await cli(['export', recording, '--socket', String(ids.peer)]);
  expect(connection.stdout).toMatch(/^accept/);
  const bytes = path.join(folder, 'bytes');
  await cli(['export', recording, '-f', 'raw', '--socket', String(ids.peer), '-o', bytes]);
  expect(await readFile(bytes, 'utf8')).toBe('ping pong');
  await cli([
    'export',
    recording,
    '-f',
    'raw',
    '--socket',
    String(ids.peer),
    '--direction',
    'out',
    '-o',
    bytes,
  ]);
  expect(await readFile(bytes, 'utf8')).toBe('answer');
});

it.each([
  [[], 'Exactly one recording'],
  [['x', '-f', 'pcapng'], 'needs a file'],
  [['x', '-f', 'raw', '-o', 'y'], '--socket N'],
  [['x', '--filter', 'len ='], 'Try '],
  [['/dev/null'], 'cannot be opened'],
])('says what is wrong with %j', async (args, message) => {
  const { status, stdout, stderr } = await cli(['export', ...args]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(message);
});

it('names the sockets that there are, and leaves nothing behind where it cannot write', async () => {
  const unknown = await cli(['export', recording, '--socket', '99']);
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain(`  ${ids.client} client`);
  const nowhere = await cli(['export', recording, '-o', path.join(folder, 'no', 'a.pcapng')]);
  expect(nowhere.status).toBe(2);
  expect(nowhere.stderr).toContain('cannot be written');
});

it('makes a scenario of it, with names and the answers to expect, that runs', async () => {
  const { status, stdout, stderr } = await cli(['scenario', recording]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('\nserver = socket(AF_INET, SOCK_STREAM, 0)\n');
  expect(stdout).toContain('\nconnect(client, getsockname(server)) = 0\n');
  expect(stdout).toContain('\nrecv(server_peer, "ping pong", 100, 0) = 9\n');
  expect(await run(stdout)).toMatchObject({ status: 0 });
  const plain = await cli(['scenario', '--no-expect', recording]);
  expect(plain.stdout).toContain('\nconnect(client, getsockname(server))\n');
  expect(plain.stdout).not.toContain('ping pong", 100');
  expect(plain.stdout).not.toMatch(/\) = /);
  expect(await run(plain.stdout)).toMatchObject({ status: 0 });
  const filtered = await cli(['scenario', '--filter', 'call == socket', recording]);
  expect(filtered.stdout.trimEnd().split('\n').slice(2)).toEqual([
    'server = socket(AF_INET, SOCK_STREAM, 0)',
    'client = socket(AF_INET, SOCK_STREAM, 0)',
  ]);
});

it('makes a program of it that makes the calls and finds the same answers', async () => {
  const { status, stdout, stderr } = await cli(['code', '--lang', 'c', recording]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const source = path.join(folder, 'a.c');
  await writeFile(source, stdout);
  execFileSync('gcc', ['-Wall', '-Werror', '-pthread', '-o', path.join(folder, 'a'), source]);
  const told = execFileSync(path.join(folder, 'a'), { encoding: 'utf8' });
  expect(told).toContain(': recv = 9\n');
});

it('says what is wrong where there is no scenario to make', async () => {
  const missing = await cli(['scenario', path.join(folder, 'missing.sockrec')]);
  expect(missing).toMatchObject({ status: 2, stdout: '' });
  expect(missing.stderr).toContain('missing.sockrec cannot be opened: ');
  expect((await cli(['scenario', '--filter', 'call ==', recording])).status).toBe(2);
  expect((await cli(['scenario'])).stderr).toContain('Exactly one recording is needed.');
});
