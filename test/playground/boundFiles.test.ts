import { existsSync } from 'node:fs';
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CallRecord } from '../../src/common/call.js';
import { BoundFiles } from '../../src/playground/boundFiles.js';
import { untilTestEnds } from '../support/disposal.js';
import { untilFilesAreYounger } from '../support/files.js';
import { startUnixHolder } from '../support/peers.js';
import { record } from './scriptedHost.js';

let folder: string;
let servers: Server[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sp-bound-'));
  servers = [];
});

afterEach(async () => {
  servers.forEach((server) => server.close());
  await rm(folder, { recursive: true });
});

async function bind(file: string): Promise<void> {
  const server = createServer().listen(file);
  servers.push(server);
  await once(server, 'listening');
}

function bound(file: string, fields: Partial<CallRecord> = {}): CallRecord {
  const name = new TextEncoder().encode(`${file}\0rest`);
  return record(1, {
    name: 'bind',
    args: [20, { family: 'AF_UNIX', name, isAbstract: false }],
    result: 0,
    ...fields,
  });
}

it('removes the socket files that were bound', async () => {
  const file = path.join(folder, 'a.sock');
  await bind(file);
  const files = new BoundFiles();
  await files.note(bound(file));
  await files.remove();
  expect(existsSync(file)).toBe(false);
});

it('leaves a file whose socket another process may hold, until the kernel has it no more', async () => {
  const file = path.join(folder, 'a.sock');
  const holder = untilTestEnds(await startUnixHolder(file));
  const files = new BoundFiles();
  await files.note(bound(file));
  await files.removeLeft();
  expect(existsSync(file)).toBe(true);
  holder.endInput();
  await holder.waitForEnd();
  await files.removeLeft();
  expect(existsSync(file)).toBe(false);
});

it('leaves what a failed bind met, and what is no socket', async () => {
  const socket = path.join(folder, 'theirs.sock');
  await bind(socket);
  const plain = path.join(folder, 'plain');
  await writeFile(plain, '');
  const files = new BoundFiles();
  await files.note(bound(socket, { result: -1, errno: 'EADDRINUSE' }));
  await files.note(bound(plain));
  await files.remove();
  expect(existsSync(socket)).toBe(true);
  expect(existsSync(plain)).toBe(true);
});

it('leaves a file that somebody else has put in its place', async () => {
  const file = path.join(folder, 'a.sock');
  await bind(file);
  const files = new BoundFiles();
  await files.note(bound(file));
  // The number of a removed file may be given to the next one: keep it in use.
  await bind(path.join(folder, 'other.sock'));
  await unlink(file);
  await writeFile(file, '');
  await files.remove();
  expect(existsSync(file)).toBe(true);
});

it('leaves a socket that was bound there later, whatever its number', async () => {
  const file = path.join(folder, 'a.sock');
  await bind(file);
  const files = new BoundFiles();
  await files.note(bound(file));
  await untilFilesAreYounger(file);
  // It removes its file, and with it the number becomes free.
  await new Promise((resolve) => servers.pop()!.close(resolve));
  await bind(file);
  await files.remove();
  expect(existsSync(file)).toBe(true);
});

it('forgets a file that somebody has removed, though its socket is still open', async () => {
  const file = path.join(folder, 'a.sock');
  await bind(file);
  const files = new BoundFiles();
  await files.note(bound(file));
  await unlink(file);
  await files.removeLeft();
  expect(files.count).toBe(0);
});
